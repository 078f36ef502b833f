"""Work in a process of its own gives what it gives here."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from processes import children

from designata import turtle
from designata.commands.apart import in_a_process_of_its_own, in_processes
from designata.errors import PublicationFailed, UnreadableFile
from designata.store.directory import Release


def test_its_result_comes_back() -> None:
    pid = in_a_process_of_its_own(os.getpid)
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_its_refusal_comes_back_whole() -> None:
    with pytest.raises(UnreadableFile) as here:
        turtle.format_of(Path("a.docx"))
    with pytest.raises(UnreadableFile) as there:
        in_a_process_of_its_own(turtle.format_of, Path("a.docx"))
    assert str(there.value) == str(here.value)
    assert there.value.path == Path("a.docx")


@pytest.mark.parametrize(
    ("work", "arguments", "said"),
    [
        (os._exit, (9,), "the build ended with status 9; start again"),
        (os.abort, (), "the build was ended by signal 6 (Aborted); start again"),
        (int, ("no number",), "the build ended with status 1; start again"),
    ],
)
def test_how_it_ended_is_said(work: Any, arguments: tuple[object, ...], said: str) -> None:
    with pytest.raises(PublicationFailed, match=re.escape(said)):
        in_a_process_of_its_own(work, *arguments)


def test_several_work_at_once_and_answer_in_turn() -> None:
    found = in_processes(_slower, [(0.2,), (0.0,)])
    assert [seconds for seconds, _ in found] == [0.2, 0.0]
    assert len({process for _, process in found} | {os.getpid()}) == 3


def _slower(seconds: float) -> tuple[float, int]:
    time.sleep(seconds)
    return seconds, os.getpid()


def test_none_goes_on_when_one_has_failed() -> None:
    with pytest.raises(PublicationFailed, match="status 9"):
        in_processes(_end_or_wait, [(0,), (600,)])
    assert not children(os.getpid(), "spawn_main")


def _end_or_wait(seconds: float) -> None:
    if not seconds:
        os._exit(9)
    time.sleep(seconds)


def test_a_key_ends_a_build_at_once_while_it_makes_documents(
    release: Release, tmp_path: Path
) -> None:
    # A server of another test may have made documents there.
    without = shutil.ignore_patterns("documents-*")
    path = Path(shutil.copytree(release.path, tmp_path / release.id, ignore=without))
    (tmp_path / "current").symlink_to(release.id)
    command = [sys.executable, "-m", "designata", "build", "--out", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as builder:
        _builder(builder.pid)
        # Of this process alone, not of its children, as a terminal would.
        builder.send_signal(signal.SIGINT)
        assert builder.wait(3) == 130
    assert not list(tmp_path.rglob("*documents*"))
    assert path.exists()


def test_whoever_ignores_a_key_is_not_stopped_by_it() -> None:
    former = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert in_a_process_of_its_own(_interrupted) == "goes on"
    finally:
        signal.signal(signal.SIGINT, former)


def _interrupted() -> str:
    os.kill(os.getpid(), signal.SIGINT)
    return "goes on"


@pytest.fixture
def building(
    tmp_path: Path, checkout: Path, release: Release
) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server that builds a release first, beside a former one, and the process that does so."""
    for name in ("ontology", "shapes", "data"):
        shutil.copytree(checkout / name, tmp_path / name)
    (tmp_path / "data" / "another.ttl").write_text("# nothing\n")
    places = {"SOURCE": str(tmp_path), "RELEASES": str(release.path.parent)}
    environment = {**os.environ, **{f"DESIGNATA_{key}": value for key, value in places.items()}}
    command = [sys.executable, "-m", "designata", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as server:
        yield server, _builder(server.pid)
        server.terminate()


def test_the_former_release_is_served_where_the_build_is_killed(
    building: tuple[subprocess.Popen[str], int], release: Release
) -> None:
    server, builder = building
    os.kill(builder, signal.SIGKILL)
    assert server.stderr is not None
    said = [server.stderr.readline() for _ in range(2)]
    assert f"{release.id} is served instead" in said[0]
    assert "the build was ended by signal 9" in said[1]


def test_a_server_that_is_ended_while_it_builds_ends_well_and_its_build_with_it(
    building: tuple[subprocess.Popen[str], int],
) -> None:
    server, builder = building
    server.terminate()
    _, said = server.communicate(timeout=3)
    assert (server.returncode, said) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.kill(builder, 0)


def _builder(parent: int) -> int:
    """The process that builds, as soon as there is one."""
    patience = time.monotonic() + 30
    while time.monotonic() < patience:
        if found := children(parent, "spawn_main"):
            return found[0]
        time.sleep(0.01)
    raise AssertionError("nothing is built")
