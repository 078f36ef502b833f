from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from designata.errors import UnreadableFile, UnusableShapes, UsageError
from designata.validation.command import validate_command
from designata.validation.shapes_command import shapes_command

HEAD = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = (
    "ex:C-p a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:maxCount 2 ;"
    ' sh:severity {} ; sh:message "At most two."@en .'
)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "c.ttl").write_text(HEAD + SHAPES.format("sh:Violation"))
    (tmp_path / "warning.ttl").write_text(HEAD + SHAPES.format("sh:Warning"))
    (tmp_path / "good.ttl").write_text(HEAD + "ex:a a ex:C ; ex:p 1 .")
    (tmp_path / "bad.ttl").write_text(HEAD + "ex:a a ex:C ;\n ex:p 1, 2, 3 .")
    (tmp_path / "nothing.ttl").write_text(HEAD + "ex:a a ex:D .")
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(validate_command, arguments)


CODES = {
    "a good file": (("-s", "c.ttl", "good.ttl"), 0),
    "a violation": (("-s", "c.ttl", "bad.ttl"), 1),
    "a violation for pySHACL": (("-s", "c.ttl", "bad.ttl", "--engine", "pyshacl"), 1),
    "a warning": (("-s", "warning.ttl", "bad.ttl"), 1),
    "an allowed warning": (("-s", "warning.ttl", "bad.ttl", "-w"), 0),
    "violations that -w does not allow": (("-s", "c.ttl", "bad.ttl", "-w"), 1),
    "no focus node": (("-s", "c.ttl", "nothing.ttl"), 0),
    "no focus node where one is required": (
        ("-s", "c.ttl", "nothing.ttl", "--require-focus"),
        1,
    ),
    "two files of which one is bad": (("-s", "c.ttl", "good.ttl", "bad.ttl"), 1),
    "an extra file": (("-s", "c.ttl", "-e", "bad.ttl", "good.ttl"), 1),
    "two shapes files": (("-s", "c.ttl", "-s", "nothing.ttl", "good.ttl"), 0),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("arguments", "code"), CODES.values(), ids=CODES)
def test_exit_code(files, arguments, code):
    assert run(*arguments).exit_code == code


REASONS = {
    "a good file": (("-s", "c.ttl", "good.ttl"), ""),
    "a violation": (("-s", "c.ttl", "bad.ttl"), ""),
    "a warning": (
        ("-s", "warning.ttl", "bad.ttl"),
        "there are warnings or infos, but no violations: -w (--allow-warnings) allows them",
    ),
    "an allowed warning": (("-s", "warning.ttl", "bad.ttl", "-w"), ""),
    "no focus node where one is required": (
        ("-s", "c.ttl", "nothing.ttl", "--require-focus"),
        "a shape found no node to check, and --require-focus asks for one",
    ),
}


@pytest.mark.parametrize(("arguments", "reason"), REASONS.values(), ids=REASONS)
def test_a_failure_without_a_violation_says_why(files, arguments, reason):
    expected = f"designata: exit code 1: {reason}\n" if reason else ""
    assert run(*arguments).stderr == expected


def test_a_report_for_programs_has_nothing_beside_it(files):
    arguments = ("-s", "warning.ttl", "bad.ttl", "-f", "turtle")
    assert run(*arguments).stderr == ""
    assert run(*arguments, "-o", "report.ttl").stderr.startswith("designata: exit code 1: ")


def test_an_info_fails_like_a_warning_and_is_allowed_like_one(files):
    (files / "info.ttl").write_text(HEAD + SHAPES.format("sh:Info"))
    arguments = ("-s", "info.ttl", "bad.ttl")
    assert (run(*arguments).exit_code, run(*arguments, "-w").exit_code) == (1, 0)


def test_a_missing_file_is_an_error_of_its_own(files):
    assert isinstance(run("-s", "c.ttl", "missing.ttl").exception, UnreadableFile)
    assert (UnreadableFile.exit_code, UnusableShapes.exit_code) == (3, 2)


def test_a_folder_without_rdf_files_is_an_error_and_not_our_own_dataset(files):
    (files / "empty").mkdir()
    outcome = run("-s", "c.ttl", "empty")
    assert isinstance(outcome.exception, UnreadableFile)
    assert str(outcome.exception) == "empty: there are no RDF files in this folder"
    with pytest.raises(UnusableShapes, match="no shapes"):
        CliRunner().invoke(validate_command, ["-s", "empty", "good.ttl"], catch_exceptions=False)


def test_a_baseline_that_is_missing_is_named_once(files):
    outcome = run("-s", "c.ttl", "good.ttl", "--baseline", "none.jsonl")
    assert str(outcome.exception) == "none.jsonl: No such file or directory"


def test_a_baseline_accepts_what_is_known(files):
    (files / "known.jsonl").write_text(run("-s", "c.ttl", "-f", "jsonl", "bad.ttl").output)
    assert run("-s", "c.ttl", "--baseline", "known.jsonl", "bad.ttl").exit_code == 0
    (files / "bad.ttl").write_text(HEAD + "ex:a a ex:C ; ex:p 1,2,3 .\nex:b a ex:C ; ex:p 4,5,6 .")
    outcome = run("-s", "c.ttl", "--baseline", "known.jsonl", "bad.ttl")
    assert outcome.exit_code == 1
    assert "bad.ttl:3: violation: ex:b ex:p: At most two." in outcome.output


def test_a_report_can_go_to_a_file(files):
    assert run("-s", "c.ttl", "-f", "turtle", "-o", "report.ttl", "good.ttl").output == ""
    assert "sh:conforms true" in (files / "report.ttl").read_text()


def test_one_run_writes_several_reports(files):
    also = ("--also", "sarif=report.sarif", "--also", "junit=report.xml")
    outcome = run("-s", "c.ttl", "-f", "github", *also, "bad.ttl")
    assert outcome.exit_code == 1
    assert outcome.output.startswith("::error file=bad.ttl,line=3,")
    assert '"version": "2.1.0"' in (files / "report.sarif").read_text()
    assert 'failures="1"' in (files / "report.xml").read_text()


@pytest.mark.parametrize("text", ("sarif", "sarif=", "xml=report.xml"))
def test_another_report_needs_a_format_and_a_file(files, text):
    found = run("-s", "c.ttl", "--also", text, "good.ttl").exception
    assert isinstance(found, UsageError)
    assert "sarif=report.sarif" in str(found)


def test_abort_stops_at_the_first_shape_that_fails(files):
    more = HEAD + SHAPES.format("sh:Violation").replace("ex:C-p", "ex:D-p")
    (files / "more.ttl").write_text(more)
    arguments = ("-s", "c.ttl", "-s", "more.ttl", "-f", "jsonl", "bad.ttl")
    assert len(run(*arguments).output.splitlines()) == 2
    assert len(run("--abort", *arguments).output.splitlines()) == 1


def shapes(*arguments: str) -> Result:
    return CliRunner().invoke(shapes_command, arguments)


def test_lint_names_what_shapes_leave_out(files):
    poor = "ex:S a sh:NodeShape ; sh:property [ sh:path ex:p ; sh:minCount 1 ] ."
    (files / "poor.ttl").write_text(HEAD + poor)
    found = shapes("lint", "-s", "poor.ttl").output
    assert "ex:S: nothing applies it" in found
    assert "it has no IRI" in found
    assert "it has no severity" in found
    assert "it has no message" in found
    assert shapes("lint", "-s", "c.ttl").exit_code == 0


def test_coverage_counts_focus_nodes_and_names_idle_constraints(files):
    outcome = shapes("coverage", "-s", "c.ttl", "nothing.ttl")
    assert outcome.output.splitlines() == [
        "       0  ex:C-p",
        "ex:C-p: it found no focus node",
        "ex:C-p: MaxCount never saw a value",
    ]
    assert outcome.exit_code == 1
    assert shapes("coverage", "-s", "c.ttl", "good.ttl").exit_code == 0


@pytest.fixture
def fixtures(files: Path) -> Path:
    for kind, name, values in (("valid", "one", "1"), ("invalid", "p.maxCount", "1, 2, 3")):
        file = files / "fixtures" / "c" / kind / f"{name}.ttl"
        file.parent.mkdir(parents=True)
        file.write_text(f"{HEAD}ex:a a ex:C ; ex:p {values} .")
    return files / "fixtures"


def test_fixtures_are_run_by_their_paths(fixtures):
    outcome = shapes("test", str(fixtures), "-s", "c.ttl")
    assert (outcome.output, outcome.exit_code) == ("2 fixtures, 0 problems\n", 0)
    (fixtures / "c/invalid/p.maxCount.ttl").rename(fixtures / "c/invalid/p.minCount.ttl")
    outcome = shapes("test", str(fixtures), "-s", "c.ttl")
    assert "only p minCount expected, found C-p maxCount" in outcome.output
    assert outcome.exit_code == 1


def test_mutation_names_a_constraint_whose_loss_nobody_notices(fixtures):
    assert shapes("test", str(fixtures), "-s", "c.ttl", "--mutate").exit_code == 0
    (fixtures / "c/invalid/p.maxCount.ttl").unlink()
    found = shapes("test", str(fixtures), "-s", "c.ttl", "--mutate").output
    assert "c: nobody notices that ex:C-p sh:maxCount is deleted" in found
    assert "c: nobody notices that ex:C-p sh:maxCount is made" in found
