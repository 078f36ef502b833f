from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from designata.errors import UsageError
from designata.validation.changes import follow, validate_changes
from designata.validation.command import validate_command

HEAD = "@prefix ex: <http://example.org/> . @prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = (
    "ex:S a sh:NodeShape ; sh:targetClass ex:C ; sh:property [ sh:path ex:p ; sh:maxCount 1 ] ."
)
BAD = "ex:{0} a ex:C ;\n ex:p 1 , 2 .\n"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "shapes.ttl").write_text(HEAD + SHAPES)
    (tmp_path / "old.ttl").write_text(HEAD + BAD.format("old"))
    (tmp_path / "edited.ttl").write_text(HEAD + BAD.format("a") + "ex:b a ex:C ; ex:p 1 .\n")
    return tmp_path


def git(folder: Path, *arguments: str) -> None:
    name = ("-c", "user.name=test", "-c", "user.email=test@example.org")
    subprocess.run(["git", "-C", folder, *name, *arguments], check=True, capture_output=True)


@pytest.fixture
def repository(files: Path) -> Path:
    git(files, "init", "--quiet")
    git(files, "add", ".")
    git(files, "commit", "--quiet", "--message", "first")
    return files


def test_only_what_changed_since_a_revision_is_reported(repository: Path):
    data = [repository / "old.ttl", repository / "edited.ttl", repository / "new.ttl"]
    (repository / "new.ttl").write_text(HEAD + BAD.format("new"))
    text = (
        (repository / "edited.ttl").read_text().replace("ex:b a ex:C ; ex:p 1 .", BAD.format("b"))
    )
    (repository / "edited.ttl").write_text(text)
    report = validate_changes(data, [repository / "shapes.ttl"], "HEAD")
    assert [(each.file.name, each.line) for each in report.results if each.file] == [
        ("edited.ttl", 5),
        ("new.ttl", 3),
    ]


def test_a_change_of_nothing_reports_nothing(repository: Path):
    arguments = ["--changed-since", "HEAD", "-s", str(repository / "shapes.ttl")]
    outcome = CliRunner().invoke(validate_command, [*arguments, str(repository / "old.ttl")])
    assert outcome.exit_code == 0


def test_a_file_that_has_gone_changes_what_is_left(repository: Path):
    data = [repository / "old.ttl", repository / "edited.ttl"]
    (repository / "more.ttl").write_text(HEAD + "ex:old ex:p 3 .")
    report = validate_changes([*data, repository / "more.ttl"], [repository / "shapes.ttl"], "HEAD")
    assert [each.focus for each in report.results] == ["<http://example.org/old>"]


def test_an_unknown_revision_is_refused(repository: Path):
    with pytest.raises(UsageError, match="git knows no such revision"):
        validate_changes([repository / "old.ttl"], [repository / "shapes.ttl"], "nowhere")


def test_watching_reports_after_each_change(files: Path):
    data, shapes = files / "edited.ttl", files / "shapes.ttl"
    edits = [
        lambda: data.write_text(HEAD + "ex:a a ex:C ; ex:p 1 .\nex:b a ex:C ; ex:p 1 ."),
        lambda: None,
        lambda: data.write_text(HEAD + "ex:a a ex:C ; ex:p 1 .\nex:b a ex:C ;\n ex:p 1, 2, 3 ."),
        lambda: shapes.write_text(HEAD + SHAPES.replace("maxCount 1", "maxCount 5")),
    ]
    reports = follow([data], [shapes], lambda: edits.pop(0)())
    found = []
    for _ in range(4):
        found.append([(each.focus[20:-1], each.line) for each in next(reports).results])
    assert found == [[("a", 3)], [], [("b", 4)], []]
