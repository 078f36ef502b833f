"""What no shape can see is refused with its file, its line and what to do."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from designata.commands.validate import command as validate
from designata.errors import InvalidDataset, UnreadableFile
from designata.release.build import Built, build
from designata.release.faults import faults
from designata.release.sources import read_source
from designata.settings import Settings
from designata.store.directory import current

RQ, TTL = "data/queries/names.rq", "data/queries/names.ttl"
PARAMETER = """
@prefix parameter: <https://w3id.org/designata/id/parameter/> .
query:names
    sh:parameter parameter:names--organization .

parameter:names--organization
    a sh:Parameter ;
    sh:name "{}" .
"""


def edit(source: Path, name: str, old: str, new: str) -> None:
    text = (source / name).read_text(encoding="utf-8")
    assert old in text
    (source / name).write_text(text.replace(old, new), encoding="utf-8")


def found(source: Path) -> list[tuple[str, int, str]]:
    return [
        (fault.place.path.relative_to(source).as_posix(), fault.place.line, fault.text)
        for fault in faults(read_source(source))
    ]


def test_a_sound_source_has_none(source: Path) -> None:
    edit(source, TTL, "\n.\n", "\n.\n" + PARAMETER.format("organization"))
    assert found(source) == []


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        (RQ, "?label .\n}", "?label .\n", (RQ, 4, "column 7: this { is never closed")),
        (RQ, "skosxl:literalForm", "skosx:literalForm", (RQ, 6, "column 29: the prefix skosx:")),
        (RQ, "?label .\n}", "SERVICE <http://a/> {} }", (RQ, 1, "SERVICE would make this")),
        (RQ, "ORDER BY ?label", "ORDER BY", (RQ, 8, "column 9: the query ends too early")),
        (TTL, "Select", "Ask", (RQ, 1, "its description names another kind of query")),
    ],
)
def test_a_broken_question_is_found(
    source: Path, name: str, old: str, new: str, fault: tuple[str, int, str]
) -> None:
    edit(source, name, old, new)
    ((path, line, text),) = found(source)
    assert (path, line, text[: len(fault[2])]) == fault


def test_a_parameter_needs_its_line(source: Path) -> None:
    edit(source, TTL, "\n.\n", "\n.\n" + PARAMETER.format("day"))
    assert found(source) == [
        (TTL, 18, "the query needs exactly one line VALUES ?day { … }"),
    ]


def test_a_parameter_needs_a_name(source: Path) -> None:
    edit(source, TTL, "\n.\n", "\n.\n" + PARAMETER.replace("sh:name", "sh:names"))
    assert found(source) == [
        (TTL, 14, "give this parameter one sh:name, the variable that it stands for")
    ]


def test_a_description_needs_its_query(source: Path) -> None:
    (source / RQ).unlink()
    assert found(source) == [
        (TTL, 7, "query:names: write its text, one query, to names.rq beside this")
    ]


def test_a_query_needs_its_description(source: Path) -> None:
    (source / TTL).unlink()
    with pytest.raises(UnreadableFile) as error:
        read_source(source)
    assert str(error.value) == (f"{source}/{RQ}:1: nothing describes this query: write names.ttl")


def test_a_thing_without_a_class_is_found_where_it_is_first_described(source: Path) -> None:
    (source / "data" / "bad.ttl").write_text(
        "@prefix organization: <https://w3id.org/designata/id/organization/> .\n\n"
        'organization:odd\n    <http://www.w3.org/2004/02/skos/core#note> "odd", "even" .\n',
        encoding="utf-8",
    )
    assert found(source) == [
        ("data/bad.ttl", 4, "organization:odd: say with `a` which class it has")
    ]


def test_a_term_of_the_ontology_needs_no_class_in_the_data(source: Path) -> None:
    (source / "data" / "more.ttl").write_text(
        "<https://w3id.org/designata/ontology#Organization> "
        '<http://www.w3.org/2004/02/skos/core#note> "A note." .\n',
        encoding="utf-8",
    )
    assert found(source) == []


def test_a_build_is_refused(source: Path, releases: Path, built: Built) -> None:
    edit(source, RQ, "?label .\n}", "?label .\n")
    with pytest.raises(InvalidDataset) as error:
        build(source, releases, lambda stage: None)
    assert str(error.value).splitlines() == [
        "1 fault in the source",
        f"{source}/{RQ}:4: column 7: this {{ is never closed",
    ]
    assert current(releases) == built.release


def test_a_class_that_nobody_knows_is_refused(checkout: Path, tmp_path: Path) -> None:
    source = tmp_path / "source"
    for folder in ("ontology", "shapes", "data"):
        shutil.copytree(checkout / folder, source / folder)
    (source / "data" / "bad.ttl").write_text(
        "@prefix dsg: <https://w3id.org/designata/ontology#> .\n"
        "@prefix organization: <https://w3id.org/designata/id/organization/> .\n\n"
        "organization:odd\n    a dsg:Organisation ;\n    dsg:hasname 1 .\n",
        encoding="utf-8",
    )
    dsg = "https://w3id.org/designata/ontology#"
    with pytest.raises(InvalidDataset) as error:
        build(source, tmp_path / "releases", lambda stage: None)
    assert str(error.value).splitlines() == [
        "2 violations, nothing was published",
        f"{source}/data/bad.ttl:5: organization:odd: Correct the class {dsg}Organisation: "
        "neither the ontology nor a vocabulary used here knows it.",
        f"{source}/data/bad.ttl:6: organization:odd dsg:hasname: Correct the property "
        f"{dsg}hasname: the ontology does not know it. "
        '(found "1"^^xsd:integer)',
    ]


@pytest.mark.parametrize("named", [False, True])
def test_validation_of_our_own_data_looks_at_them(source: Path, named: bool) -> None:
    edit(source, RQ, "?label .\n}", "?label .\n")
    arguments = [str(source / "data")] if named else []
    outcome = CliRunner().invoke(validate, arguments, obj=Settings.load({}, source=source))
    assert isinstance(outcome.exception, InvalidDataset)


def test_validation_of_other_data_does_not(source: Path) -> None:
    edit(source, RQ, "?label .\n}", "?label .\n")
    arguments = ["-s", str(source / "shapes"), str(source / "data" / "organization.ttl")]
    outcome = CliRunner().invoke(validate, arguments, obj=Settings.load({}, source=source))
    assert "1 result in 1 file." in outcome.output
