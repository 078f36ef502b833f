import shutil
from pathlib import Path

import pytest
from pyoxigraph import Literal

from designata.errors import UnreadableFile
from designata.release.sources import input_digest, read_source
from designata.vocabulary import term


def refused(source: Path, name: str, text: str) -> str:
    (source / name).write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableFile) as error:
        read_source(source)
    return str(error.value)


def test_every_statement_has_its_file_and_line(source: Path) -> None:
    read = read_source(source)
    versions = [
        (place.path.relative_to(source).as_posix(), place.line)
        for quad, place in read.places.items()
        if quad.predicate == term("owl:versionInfo")
    ]
    assert versions == [("data/dataset.ttl", 14), ("ontology/designata.ttl", 8)]


def test_a_statement_that_stands_twice_counts_once(source: Path) -> None:
    shutil.copy(source / "data" / "dataset.ttl", source / "data" / "again.ttl")
    assert len(read_source(source).graph("data")) == 46


def test_a_question_carries_its_text(source: Path) -> None:
    read = read_source(source)
    text = (source / "data/queries/names.rq").read_text(encoding="utf-8")
    found = [t.object for t in read.graph("data") if t.predicate == term("sh:select")]
    assert found == [Literal(text)]


def test_a_question_without_description_is_refused(source: Path) -> None:
    (source / "data/queries/names.ttl").unlink()
    with pytest.raises(UnreadableFile, match=r"names\.rq:1: .*: write names\.ttl"):
        read_source(source)


def test_a_question_of_no_known_kind_is_refused(source: Path) -> None:
    message = refused(
        source,
        "data/queries/names.ttl",
        "<https://w3id.org/designata/id/query/names> a <http://example.org/Question> .",
    )
    assert "must say what query:names is" in message


def test_a_syntax_error_names_file_and_line(source: Path) -> None:
    message = refused(
        source, "data/broken.ttl", "@prefix e: <http://example.org/> .\n\ne:a e:b ;;\n"
    )
    assert message.startswith(f"{source}/data/broken.ttl:3: ")


def test_a_blank_node_is_refused(source: Path) -> None:
    message = refused(
        source, "data/blank.ttl", "\n<http://example.org/a> <http://example.org/b> [] ."
    )
    assert message.startswith(f"{source}/data/blank.ttl:2: a blank node")


def test_a_relative_iri_is_refused(source: Path) -> None:
    message = refused(source, "data/relative.ttl", "<x> <http://example.org/b> 1 .")
    assert message.startswith(f"{source}/data/relative.ttl:1: a relative IRI")


def test_a_folder_without_data_is_no_source(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no statements: is this the source folder"):
        read_source(tmp_path)


def test_the_digest_of_the_input_sees_every_change(source: Path) -> None:
    digests = {input_digest(source, {}), input_digest(source, {"rule.rq": "x"})}
    question = source / "data/queries/names.rq"
    question.write_text(question.read_text(encoding="utf-8") + "\n", encoding="utf-8")
    digests.add(input_digest(source, {}))
    question.rename(question.with_name("other.rq"))
    digests.add(input_digest(source, {}))
    assert len(digests) == 4
