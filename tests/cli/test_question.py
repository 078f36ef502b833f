import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from designata.errors import UsageError
from designata.store.question import fill

TEXT = """SELECT ?date ?x {
  VALUES ?date { "2024-12-05" "2024-12-06" }
  VALUES ?x { UNDEF }
}"""


def rows(text: str) -> list[tuple[str, ...]]:
    found = Store().query(text)
    assert isinstance(found, QuerySolutions)
    return [tuple(str(value) for value in row) for row in found]


def test_only_the_named_line_changes() -> None:
    filled = fill(TEXT, {"date": Literal("2025-01-01")})
    assert filled == TEXT.replace('"2024-12-05" "2024-12-06"', '"2025-01-01"')


def test_nothing_means_any() -> None:
    assert fill(TEXT, {"date": None, "x": None}).count("{ UNDEF }") == 2


def test_several_terms_are_several_rows() -> None:
    terms = (NamedNode("urn:a"), Literal("b", language="en"))
    filled = fill(TEXT, {"date": Literal("d"), "x": terms})
    assert rows(filled) == [('"d"', "<urn:a>"), ('"d"', '"b"@en')]


@pytest.mark.parametrize(
    "text",
    ['" } #', "\\", "a\nVALUES ?date { 1 }", "} UNION { SELECT * { ?s ?p ?o }", r"\g<0>", "\x00é"],
)
def test_a_value_stays_a_value(text: str) -> None:
    filled = fill(TEXT, {"x": Literal(text), "date": Literal("d")})
    assert rows(filled) == [('"d"', str(Literal(text)))]


@pytest.mark.parametrize("name", ["y", "dat", "."])
def test_a_parameter_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="exactly one line VALUES"):
        fill(TEXT, {name: None})


def test_a_parameter_that_is_there_twice_is_refused() -> None:
    with pytest.raises(UsageError, match="exactly one line"):
        fill(TEXT + "\n" + TEXT, {"date": None})
