from pathlib import Path

import pytest

from designata.cli import run

LOOSE = '<urn:a> <http://www.w3.org/2004/02/skos/core#note> "b", "a" .\n'
TIDY = """@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

<urn:a>
    skos:note
        "a",
        "b"
.
"""
Captured = pytest.CaptureFixture[str]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "loose.ttl"
    path.parent.mkdir()
    path.write_text(LOOSE, encoding="utf-8")
    path.chmod(0o640)
    return path


def test_a_file_is_written_in_normal_form(file: Path, capfd: Captured) -> None:
    assert run(["format", str(file)]) == 0
    assert file.read_text(encoding="utf-8") == TIDY
    assert file.stat().st_mode & 0o777 == 0o640
    assert capfd.readouterr().out == f"{file}: written in normal form\n"
    assert [path.name for path in file.parent.iterdir()] == ["loose.ttl"]


def test_formatting_again_changes_nothing(file: Path, capfd: Captured) -> None:
    run(["format", str(file)])
    before = file.stat()
    capfd.readouterr()
    assert run(["format", str(file.parent)]) == 0
    assert (file.stat().st_mtime_ns, capfd.readouterr().out) == (before.st_mtime_ns, "")


def test_check_shows_the_difference_and_changes_nothing(file: Path, capfd: Captured) -> None:
    assert run(["format", "--check", str(file)]) == 1
    assert file.read_text(encoding="utf-8") == LOOSE
    said = capfd.readouterr()
    assert "+    skos:note\n" in said.out
    assert said.err == "1 not in normal form: run `designata format`\n"


def test_check_is_silent_where_all_is_well(file: Path, capfd: Captured) -> None:
    file.write_text(TIDY, encoding="utf-8")
    assert run(["format", "--check", str(file)]) == 0
    assert capfd.readouterr() == ("", "")


def test_a_syntax_error_names_the_line_and_changes_nothing(file: Path, capfd: Captured) -> None:
    file.write_text("<urn:a> <urn:b> .\n", encoding="utf-8")
    assert run(["format", str(file)]) == 3
    assert capfd.readouterr().err.startswith(f"designata: {file}:1: ")
    assert file.read_text(encoding="utf-8") == "<urn:a> <urn:b> .\n"


def test_only_turtle_has_a_normal_form(tmp_path: Path, capfd: Captured) -> None:
    (tmp_path / "x.nt").write_text("", encoding="utf-8")
    assert run(["format", str(tmp_path / "x.nt")]) == 2
    assert "only Turtle files (.ttl)" in capfd.readouterr().err


def test_the_source_tree_is_in_normal_form(capfd: Captured) -> None:
    assert run(["format", "--check"]) == 0, capfd.readouterr().out
