"""What runs in other people's CI is run here: the action, the hooks, the GitLab job."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

ROOT = Path(__file__).parents[2]
REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
SERVER = ("brotli", "flask", "httptools", "pyshacl", "rdflib", "urllib3", "werkzeug", "zstandard")
HEAD = "@prefix ex: <http://example.org/> .\n@prefix sh: <http://www.w3.org/ns/shacl#> .\n"
SHAPES = (
    "ex:C-p a sh:PropertyShape ; sh:targetClass ex:C ; sh:path ex:p ; sh:maxCount 1 ;"
    ' sh:severity sh:Violation ; sh:message "At most one."@en .\n'
)
GOOD = f"{HEAD}ex:a a ex:C ; ex:p 1 .\n"
BAD = f"{HEAD}ex:a a ex:C ;\n  ex:p 1,\n    2 .\n"
ANNOTATION = "::error file=data/it.ttl,line=5,title=ex%3AC-p::ex:a ex:p: At most one."
INPUTS = {"shapes": "shapes"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of somebody else: data/ with an error, shapes/."""
    place = tmp_path / "project"
    for name, content in (("shapes/c.ttl", HEAD + SHAPES), ("data/it.ttl", BAD)):
        file = place / name
        file.parent.mkdir(parents=True)
        file.write_text(content, encoding="utf-8")
    monkeypatch.chdir(place)
    return place


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with our command and a `pip` that only writes down what it is asked for."""
    folder = tmp_path / "designata" / "bin"
    folder.mkdir(parents=True)
    ours, pip = folder / "designata", folder / "pip"
    ours.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m designata "$@"\n')
    pip.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >>"{tmp_path}/pip"\n')
    for each in (ours, pip):
        each.chmod(0o755)
    return folder


def bash(script: str, folder: Path, variables: Mapping[str, str]) -> tuple[int, str]:
    """Run a script as GitHub and GitLab do; its exit code and what it printed."""
    command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def action() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    return found


def step(name: str, given: Mapping[str, str], temporary: Path) -> tuple[str, dict[str, str]]:
    """The script of a step of the action, and its variables for these inputs."""
    described = action()
    assert described["runs"]["using"] == "composite"
    assert set(given) <= set(described["inputs"])
    (found,) = (each for each in described["runs"]["steps"] if each["name"] == name)
    assert found["shell"] == "bash"
    assert "${{" not in found["run"], "an input in a script is run as a part of it"
    values = {key: each.get("default", "") for key, each in described["inputs"].items()}
    values.update(given)
    variables = {"RUNNER_TEMP": str(temporary), "GITHUB_ACTION_PATH": str(ROOT)}
    for variable, value in found["env"].items():
        for key, text in values.items():
            value = value.replace(f"${{{{ inputs.{key} }}}}", text)
        assert "${{" not in value, "an input that the action does not have"
        variables[variable] = value
    return found["run"], variables


def validate(given: Mapping[str, str], project: Path, programs: Path) -> tuple[int, str]:
    script, variables = step("Validate", given, programs.parents[1])
    return bash(script, project, variables)


def test_the_action_annotates_the_line(project, programs):
    code, output = validate({**INPUTS, "data": "data"}, project, programs)
    assert (code, output.splitlines()) == (1, [ANNOTATION])
    (project / "data/it.ttl").write_text(GOOD)
    assert validate({**INPUTS, "data": "data"}, project, programs) == (0, "")


def test_the_action_takes_several_paths_with_blanks(project, programs):
    (project / "data/it.ttl").rename(project / "some data.ttl")
    (project / "-more.ttl").write_text(GOOD)
    given = {**INPUTS, "data": "some data.ttl\n-more.ttl\n", "format": "text"}
    code, output = validate(given, project, programs)
    assert code == 1
    assert "some data.ttl:5: violation: ex:a ex:p: At most one." in output


def test_the_action_writes_sarif_beside_the_annotations(project, programs):
    code, output = validate({**INPUTS, "sarif": "report.sarif"}, project, programs)
    assert (code, ANNOTATION in output) == (1, True)
    (found,) = json.loads((project / "report.sarif").read_text())["runs"][0]["results"]
    assert found["locations"][0]["physicalLocation"]["region"] == {"startLine": 5}


def test_the_action_knows_a_baseline(project, programs):
    known = validate({**INPUTS, "format": "jsonl"}, project, programs)[1]
    (project / "known.jsonl").write_text(known)
    assert validate({**INPUTS, "baseline": "known.jsonl"}, project, programs)[0] == 0


def test_the_action_can_require_focus_nodes(project, programs):
    (project / "data/it.ttl").write_text(f"{HEAD}ex:a a ex:D .\n")
    assert validate({**INPUTS, "data": "data"}, project, programs)[0] == 0
    given = {**INPUTS, "data": "data", "require-focus": "true"}
    assert validate(given, project, programs)[0] == 1


@pytest.mark.slow
@pytest.mark.skipif(not REQUIRE_ALL, reason="installs packages: set DESIGNATA_REQUIRE_ALL=1")
def test_the_action_installs_what_it_needs_and_no_server(project, tmp_path):
    checkout = tmp_path / "checkout"
    folders = ("server", "ontology", "shapes", "data")
    for folder in folders:
        hidden = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, checkout / folder, ignore=hidden)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, checkout)
    script, variables = step("Install", INPUTS, tmp_path)
    code, output = bash(script, project, {**variables, "GITHUB_ACTION_PATH": str(checkout)})
    assert code == 0, output
    script, variables = step("Validate", {**INPUTS, "data": "data"}, tmp_path)
    code, output = bash(script, project, variables)
    assert (code, output.splitlines()) == (1, [ANNOTATION])
    installed = next((tmp_path / "designata/lib").glob("python*/site-packages"))
    assert not {each.name for each in installed.iterdir()} & set(SERVER)


def test_the_hooks_run(project, programs):
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    entries = {each["id"]: each["entry"] for each in hooks}
    assert set(entries) == {"designata-validate", "designata-format"}
    path = {"PATH": f"{programs}:{os.environ['PATH']}"}
    code, output = bash(f"{entries['designata-validate']} -s shapes data", project, path)
    assert (code, "data/it.ttl:5: violation: ex:a ex:p: At most one." in output) == (1, True)
    assert bash(f"{entries['designata-format']} --check data/it.ttl", project, path)[0] == 1
    assert bash(f"{entries['designata-format']} data/it.ttl", project, path)[0] == 0
    assert bash(f"{entries['designata-format']} --check data/it.ttl", project, path)[0] == 0


def test_the_gitlab_job_runs(project, programs):
    job = yaml.safe_load((ROOT / "docs/ci/gitlab-ci.yml").read_text(encoding="utf-8"))["shapes"]
    variables = {**job["variables"], "PATH": f"{programs}:{os.environ['PATH']}"}
    code, output = bash("\n".join(job["script"]), project, variables)
    assert (code, "data/it.ttl:5: violation" in output) == (1, True)
    suites = ElementTree.parse(project / job["artifacts"]["reports"]["junit"]).getroot()
    assert suites.get("failures") == "1"
    asked = (programs.parents[1] / "pip").read_text().splitlines()
    assert asked[-1] == job["variables"]["DESIGNATA_PACKAGE"]


def test_what_is_installed_for_ci_is_what_the_package_declares():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [each for each in project["dependencies"] if each.startswith(("click", "pyoxigraph"))]
    assert len(needed) == 2
    for name in ("action.yml", "docs/ci/gitlab-ci.yml"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert all(f'"{each}"' in text for each in needed), name


@pytest.mark.parametrize(
    "arguments",
    (["validate", "-s", "shapes", "data"], ["format", "--check", "data"], ["shapes", "lint"]),
    ids=lambda arguments: arguments[0],
)
def test_nothing_of_the_server_is_loaded(project, arguments):
    code = (
        "import sys; from designata.cli import run; run(sys.argv[1:]);"
        f"sys.exit(sorted(set(sys.modules) & {set(SERVER)!r}) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr.count("[")) == (0, 0), done.stderr
