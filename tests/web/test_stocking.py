"""The commands that make a release current make its documents too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from designata.cli import run
from designata.store.directory import Release, current
from designata.web.stock import Stock, stock_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from conftest import Site

SOURCE = Path(__file__).parents[1] / "release" / "source"


def stock_in(releases: Path) -> tuple[Release, Stock]:
    """The current release, whole, and its documents."""
    release = current(releases)
    assert release
    release.verify()
    stock = stock_of(release)
    assert stock and stock.things
    return release, stock


def test_build_makes_them_also_of_a_release_that_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESIGNATA_SOURCE", str(SOURCE))
    for _ in range(2):
        assert run(["build", "--out", str(tmp_path)]) == 0
        stock_in(tmp_path)[1].path.unlink()


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
        assert copy.path.read_bytes() == origin.path.read_bytes()
        thing = min(origin.things)
        found = origin.find(thing, "nt", ())
        assert found
        path = "/doc/" + thing.removeprefix("https://w3id.org/designata/").removeprefix("id/")
        reply = site.send(f"{path}.nt")
        assert reply.status == 200
        assert reply.headers["ETag"] == f'"{found.etag}"'
        assert reply.body == found.body
