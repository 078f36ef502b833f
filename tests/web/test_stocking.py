"""The commands that make a release current make its documents too."""

from __future__ import annotations

import errno
import os
import signal
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from designata.cli import run
from designata.commands.documents import documents
from designata.release.build import build
from designata.settings import Settings
from designata.store.directory import Release, current
from designata.vocabulary import BASE
from designata.web.stock import find, place_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from conftest import Site

SOURCE = Path(__file__).parents[1] / "release" / "source"
PATH = "organization/example"
THING = f"{BASE}id/{PATH}"


def stock_in(releases: Path) -> tuple[Release, Path]:
    """The current release, whole, and the file with its documents."""
    release = current(releases)
    assert release
    release.verify()
    assert find(release, THING, "ttl", ())
    return release, place_of(release)


def test_build_makes_them_also_of_a_release_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    for _ in range(2):
        assert run(["build", "--out", str(tmp_path)]) == 0
        stock_in(tmp_path)[1].unlink()


def test_pull_makes_the_same_and_serve_gives_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    serving: Callable[..., AbstractContextManager[Site]],
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    environment = {"DESIGNATA_SOURCE": str(SOURCE), "DESIGNATA_RELEASES": str(there)}
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    assert run(["build", "--out", str(there)]) == 0
    with serving(environment=environment) as site:
        release, origin = stock_in(there)
        monkeypatch.setenv("DESIGNATA_RELEASES", str(here))
        assert run(["pull", site.url]) == 0
        pulled, copy = stock_in(here)
        assert pulled.id == release.id
        assert copy.read_bytes() == origin.read_bytes()
        found = find(release, THING, "nt", ())
        assert found
        reply = site.send(f"/doc/{PATH}.nt")
        assert reply.status == 200
        assert reply.headers["ETag"] == f'"{found[0].etag}"'
        assert reply.body == found[0].body


def test_serve_makes_them_where_it_builds(
    tmp_path: Path, serving: Callable[..., AbstractContextManager[Site]]
) -> None:
    environment = {"DESIGNATA_SOURCE": str(SOURCE), "DESIGNATA_RELEASES": str(tmp_path)}
    with serving(environment=environment):
        stock_in(tmp_path)


def test_where_a_process_that_makes_them_is_killed_it_is_said_and_there_are_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    monkeypatch.setattr("designata.commands.documents._part", _killed)
    assert run(["build", "--out", str(tmp_path)]) == 0
    release = current(tmp_path)
    assert release and not find(release, THING, "ttl", ())
    said = capsys.readouterr().err
    assert "documents will be made when they are asked for" in said
    assert "ended by signal 9" in said


def test_what_is_interrupted_is_not_current_and_is_finished_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("designata.commands.documents.put", _interrupted)
        build(SOURCE, tmp_path, id, documents(Settings()))
    assert current(tmp_path) is None
    assert run(["build", "--out", str(tmp_path)]) == 0
    stock_in(tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir())[:2] == [".lock", stock_in(tmp_path)[0].id]


def test_where_no_process_can_be_started_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    monkeypatch.setattr(SpawnProcess, "start", _refused)
    assert run(["build", "--out", str(tmp_path)]) == 0
    assert current(tmp_path)
    assert "no process can be started: Resource temporarily" in capsys.readouterr().err


def _refused(_: object) -> None:
    raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _killed(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
