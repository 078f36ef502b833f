"""A store on disk behind the same processes: the same answers, and the same walls."""

import errno
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from processes import children, kill, zygotes

from designata.errors import FederationRefused, QueryTimeout, StoreBusy, UnreadableFile
from designata.release.publish import File, publish
from designata.settings import Settings
from designata.store import disk
from designata.store.directory import Release
from designata.store.pool import Pool, open_pool
from designata.store.query import Query

pytestmark = pytest.mark.alone

SETTINGS = Settings(memory_quads=1, query_seconds=1.0, query_workers=1, page_workers=1)
EVERYTHING = Query("SELECT * { GRAPH ?g { ?s ?p ?o } } ORDER BY ?g ?s ?p ?o", "text/csv")
NEVER = Query(
    "SELECT (COUNT(*) AS ?n) { " + " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(14)) + "}"
)


@pytest.fixture
def tiny(tmp_path: Path) -> Release:
    lines = "".join(f'<urn:s> <urn:p> "{number}" <urn:g> .\n' for number in range(500))
    facts = {"id": "1.0.0-000000000001", "triples": 500, "quads": 500}
    return publish(tmp_path, {"designata.nq": File("application/n-quads", lines.encode())}, facts)


@pytest.fixture(scope="module")
def pools(towns: Path) -> Iterator[tuple[Pool, Pool]]:
    files = [(towns, None)]
    with open_pool(files, SETTINGS) as disk, open_pool(files, Settings()) as memory:
        yield disk, memory


def test_the_answers_are_those_from_memory(pools: tuple[Pool, Pool]) -> None:
    disk, memory = pools
    assert _workers(disk)
    assert not _workers(memory)
    assert disk.query(EVERYTHING).body == memory.query(EVERYTHING).body
    graph = Query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }", graph="application/n-triples")
    lines = [sorted(pool.query(graph).body.splitlines()) for pool in pools]
    assert lines[0] == lines[1]


def test_a_query_on_disk_is_stopped_and_the_next_is_answered(pools: tuple[Pool, Pool]) -> None:
    for _ in range(2):
        started = time.monotonic()
        with pytest.raises(QueryTimeout):
            pools[0].query(NEVER)
        assert time.monotonic() - started < 1.4
        started = time.monotonic()
        pools[0].query(EVERYTHING)
        assert time.monotonic() - started < 0.5


def test_service_reaches_nobody_from_a_store_on_disk(pools: tuple[Pool, Pool]) -> None:
    with pytest.raises(FederationRefused):
        pools[0].query(Query("SELECT * { SERVICE <http://127.0.0.1:9/> {} }"), lane="pages")


def test_the_store_is_made_once_beside_the_release(tiny: Release) -> None:
    place = tiny.path.with_name(f".{tiny.id}.store")
    inodes = set()
    for _ in range(2):
        with open_pool([(tiny.file("designata.nq"), None)], SETTINGS) as pool:
            count = pool.query(Query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }", "text/csv")).body
            assert count == b"n\r\n500\r\n"
            inodes.add(place.stat().st_ino)
    assert len(inodes) == 1
    assert not list(tiny.path.parent.glob("*-unfinished"))


def test_what_was_left_half_made_is_made_again(tiny: Release) -> None:
    half = tiny.path.with_name(f".{tiny.id}.store-unfinished")
    half.mkdir()
    (half / "CURRENT").write_text("nonsense")
    with open_pool([(tiny.file("designata.nq"), None)], SETTINGS) as pool:
        assert pool.query(EVERYTHING).body.count(b"urn:g") == 500
    assert not half.exists()


def pointless(store: Path) -> None:
    (store / "CURRENT").write_text("nonsense")


def cut(store: Path) -> None:
    for file in store.glob("*.sst"):
        os.truncate(file, 100)


def emptied(store: Path) -> None:
    for file in store.iterdir():
        file.unlink()


def bent(store: Path) -> None:
    """As long as it was, and still opened; only where it is read, it is found out."""
    largest = max(store.glob("*.sst"), key=lambda file: file.stat().st_size)
    with largest.open("r+b") as file:
        file.seek(100)
        file.write(b"\xff" * 10)


def no_folder(store: Path) -> None:
    emptied(store)
    store.rmdir()
    store.write_text("nonsense")


def odd(store: Path) -> None:
    (store / "sums.json").write_text("null")


@pytest.mark.parametrize("damage", [pointless, cut, emptied, bent, no_folder, odd])
def test_a_damaged_store_is_made_anew(
    damage: Callable[[Path], None], tiny: Release, capfd: pytest.CaptureFixture[str]
) -> None:
    files = [(tiny.file("designata.nq"), None)]
    store = tiny.path.with_name(f".{tiny.id}.store")
    with open_pool(files, SETTINGS):
        pass
    damage(store)
    for _ in range(2):
        with open_pool(files, SETTINGS) as pool:
            assert pool.query(EVERYTHING).body.count(b"urn:g") == 500
    assert capfd.readouterr().err.count(f"{store} is made anew: ") == 1


def test_a_store_that_is_damaged_while_it_is_read_is_made_anew(
    tiny: Release, capfd: pytest.CaptureFixture[str]
) -> None:
    store = tiny.path.with_name(f".{tiny.id}.store")
    with open_pool([(tiny.file("designata.nq"), None)], SETTINGS) as pool:
        pool.query(EVERYTHING)
        cut(store)
        kill(_workers(pool, store))
        while True:
            try:
                assert pool.query(EVERYTHING).body.count(b"urn:g") == 500
                break
            except StoreBusy:
                continue
    assert f"{store} is made anew: " in capfd.readouterr().err


def test_nothing_stays_of_a_store_that_could_not_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        assert list(tmp_path.glob("store-unfinished/*.log"))
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "load_into", fail)
    with pytest.raises(OSError, match="No space"):
        disk.make(tmp_path / "store", [])
    assert [file.name for file in tmp_path.iterdir()] == ["store-lock"]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_store_whose_maker_is_killed_is_no_store(tmp_path: Path) -> None:
    data = tmp_path / "large.nt"
    data.write_text("".join(f'<http://e/{n}> <http://e/p> "{n}" .\n' for n in range(300_000)))
    command = [sys.executable, "-m", "designata", "serve", "--port", "0", "--load", str(data)]
    environment = {**os.environ, "DESIGNATA_MEMORY_QUADS": "1"}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        deadline = time.monotonic() + 30
        maker: list[int] = []
        while not maker:
            assert time.monotonic() < deadline
            # The first child tries the sandbox out.
            for zygote in zygotes(server.pid):
                maker = [one for one in children(zygote) if holds_store(one)]
        kill(maker)
        said, problem = server.communicate(timeout=30)
    assert (server.returncode, said) == (4, "")
    assert "what makes the store on disk was ended" in problem


def holds_store(process: int) -> bool:
    links = Path(f"/proc/{process}/fd")
    with suppress(OSError):
        return any("designata-store-" in os.readlink(link) for link in links.iterdir())
    return False


def test_two_servers_make_it_together(tiny: Release) -> None:
    found = []

    def ask() -> None:
        with open_pool([(tiny.file("designata.nq"), None)], SETTINGS) as pool:
            found.append(pool.query(EVERYTHING).body)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert found[0] == found[1]


def test_a_file_that_cannot_be_read_is_named_before_a_store_is_made(tmp_path: Path) -> None:
    path = tmp_path / "broken.nt"
    path.write_text("<urn:a> <urn:b> 1 .\n" * 20)
    with pytest.raises(UnreadableFile, match=r"broken\.nt:1"), open_pool([(path, None)], SETTINGS):
        pass


def test_killed_workers_on_disk_are_replaced(pools: tuple[Pool, Pool]) -> None:
    disk = pools[0]
    generous = replace(disk, settings=replace(disk.settings, query_seconds=5))
    for _ in range(3):
        kill(_workers(disk))
        generous.query(EVERYTHING)


def _workers(pool: Pool, store: Path | None = None) -> list[int]:
    """The processes of a pool that hold a store open."""
    board = str(pool.directory / "board")
    place = str(store or f"{tempfile.gettempdir()}/designata-store-")
    found = []
    for process in filter(str.isdecimal, os.listdir("/proc")):
        try:
            opened = {os.readlink(entry) for entry in Path(f"/proc/{process}/fd").iterdir()}
        except OSError:
            continue
        maps = Path(f"/proc/{process}/maps").read_text()
        if board in maps and any(name.startswith(place) for name in opened):
            found.append(int(process))
    return found
