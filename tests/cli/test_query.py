import json
import subprocess
import sys
from pathlib import Path

import pytest

from designata.cli import run

Captured = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("here")
LABELS = """
PREFIX dsg: <https://w3id.org/designata/ontology#>
PREFIX skosxl: <http://www.w3.org/2008/05/skos-xl#>
SELECT ?name ?label { ?name a dsg:Alias ; skosxl:literalForm ?label } ORDER BY ?name
"""


def test_rows_are_a_table_for_people(capfd: Captured) -> None:
    assert run(["query", LABELS]) == 0
    assert capfd.readouterr().out.splitlines() == [
        "name                 label",
        "───────────────────  ─────────────────────",
        "name:example--front  Front <&> Alliance@en",
        "name:example--same   مثال@ar",
    ]


def test_rows_are_json_for_programs(capfd: Captured) -> None:
    assert run(["query", LABELS, "--format", "json"]) == 0
    bindings = json.loads(capfd.readouterr().out)["results"]["bindings"]
    assert [row["label"]["value"] for row in bindings] == ["Front <&> Alliance", "مثال"]


@pytest.mark.parametrize(
    ("syntax", "start"),
    [("csv", "name,label"), ("tsv", "?name\t?label"), ("xml", "<?xml")],
)
def test_rows_have_every_format(syntax: str, start: str, capfd: Captured) -> None:
    assert run(["query", LABELS, "--format", syntax]) == 0
    assert capfd.readouterr().out.startswith(start)


@pytest.mark.parametrize(
    ("syntax", "part"),
    [
        ("table", "dataset:designata"),
        ("turtle", "dataset:designata"),
        ("nt", "<https://w3id.org/designata/id/dataset/designata> "),
        ("jsonld", '"@id"'),
        ("rdf", "<rdf:RDF"),
    ],
)
def test_a_graph_has_every_syntax(syntax: str, part: str, capfd: Captured) -> None:
    text = "CONSTRUCT WHERE { ?s a <http://www.w3.org/ns/dcat#Dataset> }"
    assert run(["query", text, "--format", syntax]) == 0
    assert part in capfd.readouterr().out


def test_a_format_that_does_not_fit_the_query_is_refused(capfd: Captured) -> None:
    assert run(["query", "ASK { ?s ?p ?o }", "--format", "csv"]) == 2
    assert capfd.readouterr().err.startswith("designata: ")


def test_yes_or_no_is_one_word(capfd: Captured) -> None:
    assert run(["query", "ASK { ?s ?p ?o }"]) == 0
    assert run(["query", "ASK { ?s a ?s }"]) == 0
    assert capfd.readouterr().out == "true\nfalse\n"


def test_a_query_can_come_from_a_file(tmp_path: Path, capfd: Captured) -> None:
    file = tmp_path / "a query"
    file.with_suffix(".rq").write_text(LABELS, encoding="utf-8")
    assert run(["query", str(file.with_suffix(".rq")), "--format", "csv"]) == 0
    assert len(capfd.readouterr().out.splitlines()) == 3


def test_without_a_release_one_is_built(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Captured
) -> None:
    monkeypatch.setenv("DESIGNATA_RELEASES", str(tmp_path / "new"))
    assert run(["query", "ASK { ?s ?p ?o }"]) == 0
    assert capfd.readouterr().out == "true\n"
    assert (tmp_path / "new" / "current" / "manifest.json").is_file()


def test_stats_count_the_classes(capfd: Captured) -> None:
    assert run(["stats", "--format", "json"]) == 0
    stats = json.loads(capfd.readouterr().out)
    assert stats["release"].startswith("0.1.0-")
    assert stats["classes"]["dsg:Organization"] == 2
    assert stats["classes"]["dsg:Alias"] == 2
    assert run(["stats"]) == 0
    assert "dsg:Organization" in capfd.readouterr().out


def test_build_says_where_and_what(tmp_path: Path, capfd: Captured) -> None:
    assert run(["build", "--out", str(tmp_path)]) == 0
    said = capfd.readouterr()
    assert said.err == ""
    current = (tmp_path / "current").resolve()
    assert said.out.startswith(f"{current}: ")
    assert said.out.endswith(" triples, 1 warning\n")


def test_a_text_may_have_no_space(
    capfd: Captured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(["query", "ASK{?s?p?o}"]) == 0
    assert capfd.readouterr().out == "true\n"
    monkeypatch.chdir(tmp_path)
    Path("q{1}.txt").write_text("ASK { FILTER (false) }", encoding="utf-8")
    assert run(["query", "q{1}.txt"]) == 0
    assert capfd.readouterr().out == "false\n"


@pytest.mark.parametrize(
    ("text", "code", "out", "said"),
    [
        (b"ASK { ?s ?p ?o }", 0, b"true\n", b""),
        (b"ASK { ?s ?p '\xff' }", 3, b"", b"designata: -: the text is not UTF-8\n"),
    ],
)
def test_a_query_comes_from_standard_input(text: bytes, code: int, out: bytes, said: bytes) -> None:
    command = [sys.executable, "-m", "designata", "query", "-"]
    done = subprocess.run(command, input=text, capture_output=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, out, said)
