"""docs/validation.md shows what the program prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

DOCUMENT = Path(__file__).parents[2] / "docs/validation.md"
GIT = [
    "git",
    "-c",
    "user.name=n",
    "-c",
    "user.email=n@example.org",
    "-c",
    "core.hooksPath=/dev/null",
]


def test_the_commands_print_what_the_documentation_shows(tmp_path: Path):
    text = DOCUMENT.read_text(encoding="utf-8")
    project, programs = tmp_path / "project", tmp_path / "programs"
    project.mkdir()
    programs.mkdir()
    ours = programs / "designata"
    ours.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m designata "$@"\n')
    ours.chmod(0o755)
    for name, content in re.findall(r"`(\S+\.ttl)`:\n\n```turtle\n(.*?)```", text, re.S):
        (project / name).write_text(content, encoding="utf-8")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "Books"]):
        subprocess.run([*GIT, *arguments], cwd=project, check=True)
    blocks = re.findall(r"```console\n(.*?)\n```", text, re.S)
    assert len(blocks) > 5
    for block in blocks:
        commands = [line[2:] for line in block.splitlines() if line.startswith("$ ")]
        found = []
        for command in commands:
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=project,
                env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
            )
            found += [f"$ {command}", *done.stdout.rstrip("\n").splitlines()]
        assert found == block.splitlines()
    assert (project / "report.html").is_file()
