import re
import shlex
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from designata import __version__
from designata.cli import VERBS, run
from designata.settings import table
from designata.store.directory import Release

MAKE_VERBS = ("serve", "test", "lint", "format", "build", "bench", "check")


@pytest.fixture(scope="module")
def files(checkout: Path, require: Callable[[str], str]) -> dict[str, str]:
    """The text files that the repository holds, by their paths."""
    command = [require("git"), "ls-files", "-z"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("this is not a checkout")
    found = {}
    for name in filter(None, done.stdout.split("\0")):
        path = checkout / name
        if path.is_file() and b"\0" not in (content := path.read_bytes()):
            found[name] = content.decode("utf-8")
    assert len(found) > 50
    return found


@pytest.fixture(scope="module")
def readme(files: dict[str, str]) -> str:
    return files["README.md"]


def commands(text: str) -> list[list[str]]:
    """The commands in the console blocks of a page."""
    blocks = re.findall(r"^```(?:console|sh|shell|bash)\n(.*?)^```", text, re.M | re.S)
    lines = [line.removeprefix("$ ") for block in blocks for line in block.splitlines()]
    first = ("make", "designata")
    return [shlex.split(line, comments=True) for line in lines if line.split(" ")[0] in first]


def test_the_readme_documents_every_setting(readme: str) -> None:
    assert [row.variable for row in table() if row.variable not in readme] == []


def test_the_readme_names_no_setting_that_is_gone(readme: str) -> None:
    known = {row.variable for row in table()}
    # What tests and benchmarks read for themselves.
    others = {"DESIGNATA_REQUIRE_ALL", "DESIGNATA_FUSEKI", "DESIGNATA_RDFLIB_ENDPOINT"}
    assert set(re.findall(r"DESIGNATA_[A-Z_]+\b", readme)) <= known | others


def test_the_commands_of_the_pages_exist(files: dict[str, str]) -> None:
    found = [
        command for name in ("README.md", "CONTRIBUTING.md") for command in commands(files[name])
    ]
    assert ["make", "serve"] in found
    for program, *arguments in found:
        verb = arguments[0]
        assert verb in (VERBS if program == "designata" else MAKE_VERBS), (program, arguments)


def test_the_answers_in_the_readme_are_those_of_the_release(
    readme: str,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DESIGNATA_RELEASES", str(release.path.parent))
    shown = re.findall(
        r"^```console\n(designata .*)\n```\n\n```text\n(.*?)^```", readme, re.M | re.S
    )
    assert shown
    for command, answer in shown:
        assert run(shlex.split(command)[1:]) == 0, command
        assert capfd.readouterr().out == answer, command


def test_make_has_each_verb_in_one_line(files: dict[str, str]) -> None:
    rules = dict(re.findall(r"^(\w+):[^=\n]*\n((?:\t.*\n)*)", files["Makefile"], re.M))
    for verb in MAKE_VERBS:
        assert rules[verb].count("\n") <= 1, verb


def test_the_versions_agree(files: dict[str, str]) -> None:
    newest = re.search(r"^## \[(\d+\.\d+\.\d+)\]", files["CHANGELOG.md"], re.M)
    assert newest is not None
    assert newest[1] == __version__


def test_locks_have_hashes_and_name_no_host(files: dict[str, str]) -> None:
    for name in ("requirements.txt", "requirements-test.txt"):
        assert "://" not in files[name]
        entries = re.split(r"\n(?=\S)", files[name].strip())
        assert len(entries) > 20
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_test_lock_agrees_with_the_lock(files: dict[str, str]) -> None:
    pins = [
        dict(re.findall(r"^([\w.-]+)==(\S+)", files[name], re.M))
        for name in ("requirements.txt", "requirements-test.txt")
    ]
    assert pins[0].items() <= pins[1].items()


def test_no_file_holds_what_belongs_to_one_machine(files: dict[str, str]) -> None:
    forbidden = re.compile(
        r"/(?:work|root|home)/[a-z]|\bTO" + r"DO\b|\bFIX" + r"ME\b|py" + "pi[.]org"
    )
    found = [
        f"{name}:{number}: {line}"
        for name, text in files.items()
        for number, line in enumerate(text.splitlines(), 1)
        if forbidden.search(line)
    ]
    assert found == []


def test_a_module_is_short(files: dict[str, str]) -> None:
    modules = {
        name: text.count("\n")
        for name, text in files.items()
        if name.startswith("server/designata/") and name.endswith(".py")
    }
    assert {name: lines for name, lines in modules.items() if lines > 320} == {}


def test_every_layer_is_in_the_contracts(checkout: Path, files: dict[str, str]) -> None:
    contracts = tomllib.loads(files["pyproject.toml"])["tool"]["importlinter"]["contracts"]
    named = {part for layer in contracts[0]["layers"] for part in re.findall(r"[\w.]+", layer)}
    package = checkout / "server" / "designata"
    modules = {
        f"designata.{path.stem}"
        for path in package.iterdir()
        if (path.suffix == ".py" or (path / "__init__.py").is_file())
        and not path.name.startswith("__")
    }
    assert modules == named
