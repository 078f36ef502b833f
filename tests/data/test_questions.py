"""Each published question runs as it stands and gives rows that are known."""

import csv
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode

from designata.store.pool import Pool
from designata.store.question import fill
from designata.store.rows import rows
from designata.vocabulary import PREFIXES, split

HERE = Path(__file__).parent
EXPECTED = HERE / "questions"
PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


def published(pool: Pool) -> dict[str, str]:
    found = rows(
        pool,
        PROLOGUE + "SELECT ?q ?text { ?q a sh:SPARQLExecutable ; sh:select ?text ; "
        "dcterms:title ?title ; dcterms:description ?description }",
    )
    return {row["q"].value.rpartition("/")[2]: row["text"].value for row in found}


def test_every_query_file_is_published_with_title_and_description(
    pool: Pool, checkout: Path
) -> None:
    files = {
        path.stem: path.read_text(encoding="utf-8") for path in checkout.glob("data/queries/*.rq")
    }
    assert len(files) >= 17
    assert published(pool) == files


def test_every_parameter_is_a_line_of_the_query_and_has_a_default(pool: Pool) -> None:
    texts = published(pool)
    found = rows(
        pool,
        PROLOGUE
        + "SELECT ?q ?name ?default { ?q sh:parameter ?p . ?p sh:name ?name ; sh:description ?d . "
        "OPTIONAL { ?p sh:defaultValue ?default } }",
    )
    assert len(found) >= 15
    for row in found:
        text = texts[row["q"].value.rpartition("/")[2]]
        default = row.get("default")
        assert default is None or isinstance(default, NamedNode | Literal)
        name = row["name"].value
        same = fill(text, {name: default})
        assert rows(pool, same) == rows(pool, text)


def shown(term: object) -> str:
    if isinstance(term, NamedNode):
        parts = split(term.value)
        return ":".join(parts) if parts else term.value
    return term.value if isinstance(term, Literal) else ""


def in_order(name: str, text: str) -> str:
    """The sources of a row in one order; SPARQL leaves it open in which GROUP_CONCAT joins them."""
    return " ".join(sorted(text.split(" "))) if name == "sources" else text


FILES = sorted(EXPECTED.glob("*.tsv"))


def test_every_question_has_expected_rows(pool: Pool) -> None:
    assert {path.stem for path in FILES} == set(published(pool))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_question_gives_the_expected_rows(pool: Pool, path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        expected = list(csv.DictReader(file, delimiter="\t"))
    assert expected
    found = rows(pool, published(pool)[path.stem])
    columns = list(expected[0])
    assert [[in_order(name, shown(row.get(name))) for name in columns] for row in found] == [
        [in_order(name, row[name]) for name in columns] for row in expected
    ]
