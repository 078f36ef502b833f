"""Reading RDF files with lines, and the normal form of Turtle."""

import random
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import UnreadableFile
from designata.turtle import format_turtle, normalise, read
from designata.vocabulary import compact, split, term

SAMPLE = """@prefix ex: <http://example.org/> .
@prefix dsg: <https://w3id.org/designata/ontology#> .
# a comment
<https://w3id.org/designata/id/organization/b> dsg:hasName ex:x, "1.50"^^<http://www.w3.org/2001/XMLSchema#decimal> ;
  a dsg:Organization ; dsg:note '''two
lines, a "quote" and a \\\\ stroke''' , "été"@fr , true .
<https://w3id.org/designata/id/organization/a> dsg:note 5 .
"""  # noqa: E501
NORMAL = '''@prefix dsg: <https://w3id.org/designata/ontology#> .
@prefix organization: <https://w3id.org/designata/id/organization/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

organization:b
    a dsg:Organization ;
    dsg:hasName
        "1.50"^^xsd:decimal,
        <http://example.org/x> ;
    dsg:note
        """two
lines, a \\"quote\\" and a \\\\ stroke""",
        "été"@fr,
        true
.

organization:a
    dsg:note "5"^^xsd:integer
.
'''


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    path = tmp_path / "sample.ttl"
    path.write_text(SAMPLE, encoding="utf-8")
    return path


def test_normal_form_keeps_the_first_subject_first_and_the_lexical_forms(sample: Path) -> None:
    assert normalise(sample) == NORMAL


def test_normal_form_is_stable(sample: Path) -> None:
    sample.write_text(NORMAL, encoding="utf-8")
    assert normalise(sample) == NORMAL


def test_order_of_triples_does_not_matter(sample: Path) -> None:
    quads = [statement.quad for statement in read(sample)]
    main = quads[0].subject
    shuffler = random.Random(7)
    for _ in range(20):
        shuffler.shuffle(quads)
        assert format_turtle(quads, main) == NORMAL


def test_each_statement_has_the_line_on_which_it_ends(sample: Path) -> None:
    assert [statement.line for statement in read(sample)] == [4, 4, 5, 6, 6, 6, 7]


def test_long_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "long.nt"
    path.write_text(
        f'<http://a/b> <http://a/c> "{"x" * 100_000}" .\n<http://a/b> <http://a/c> "y" .\n'
    )
    assert [statement.line for statement in read(path)] == [1, 2]


def test_control_characters_survive_a_round_trip(tmp_path: Path) -> None:
    value = Literal("".join(map(chr, range(32))) + '"""\\\x7f')
    triple = Triple(NamedNode("http://a/b"), NamedNode("http://a/c"), value)
    path = tmp_path / "control.ttl"
    path.write_text(format_turtle([triple]), encoding="utf-8", newline="")
    assert [statement.quad.object for statement in read(path)] == [value]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"<http://a> <http://b>\n  zz:c .\n", "bad.ttl:2: The prefix zz: has not been declared"),
        (b'<http://a> <http://b> "\xff" .\n', "bad.ttl:1: Invalid UTF-8"),
        (b"<http://a> <http://b> [] .\n", "bad.ttl:1: a blank node: give it an IRI"),
    ],
    ids=["prefix", "encoding", "blank-node"],
)
def test_bad_file_is_refused_with_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "bad.ttl"
    path.write_bytes(content)
    with pytest.raises(UnreadableFile, match=r"bad\.ttl") as caught:
        normalise(path)
    assert message in caught.value.detail


def test_missing_file_and_unknown_suffix_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        list(read(tmp_path / "none.ttl"))
    with pytest.raises(UnreadableFile, match="must end in one of"):
        list(read(tmp_path / "list.xml"))


def test_terms_are_written_with_our_prefixes() -> None:
    hts = term("organization:hayat-tahrir-al-sham")
    assert hts.value == "https://w3id.org/designata/id/organization/hayat-tahrir-al-sham"
    assert compact(hts.value) == "organization:hayat-tahrir-al-sham"
    assert split("http://example.org/x") is None
    assert compact(hts.value + ".ttl") == hts.value + ".ttl"
