"""What goes wrong around a server at night: it goes on, mends itself, or ends and says why."""

import fcntl
import http.client
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from processes import kill, nurseries, web_processes, zygotes

from designata.release.publish import LOCK, File, publish
from designata.web.clients import Budgets

SERVE = """
import os
from designata.settings import Settings
from designata.store.directory import current
from designata.web import switching
from designata.web.server import serve
switching._AGAIN_SECONDS = switching._MOST_SECONDS = 0.5
settings = Settings.load(os.environ)
serve(settings, release=current(settings.releases))
"""
WHOLE = '<urn:s> <urn:p> "{}" .\n'
QUERY = "/sparql?query=SELECT%20*%20%7B%3Fs%20%3Fp%20%3Fo%7DLIMIT%20"
PATIENCE = 20.0


def put(releases: Path, number: int) -> Path:
    content = WHOLE.format(number).encode()
    facts = {"id": f"1.0.{number}-{number:012x}", "triples": 1, "quads": 1}
    return publish(releases, {"designata.nq": File("application/n-quads", content)}, facts).path


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder for temporary files that is the server's alone."""
    (tmp_path / "temporary").mkdir()
    return tmp_path


@contextmanager
def serving(place: Path, *command: str, **options: object) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "DESIGNATA_RELEASES": str(place / "releases"),
        "DESIGNATA_PORT": "0",
        "TMPDIR": str(place / "temporary"),
    }
    given: dict[str, object] = {"stdout": subprocess.PIPE, "text": True, **options}
    whole = command or (sys.executable, "-c", SERVE)
    with subprocess.Popen(whole, env=environment, **given) as process:  # type: ignore[call-overload]
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout
    return int(process.stdout.readline().rstrip("/\n").rpartition(":")[2])


def ask(port: int, path: str = "") -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    try:
        # No answer from memory.
        target = path or f"{QUERY}{time.monotonic_ns()}"
        connection.request("GET", target, headers={"Accept": "text/csv"})
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    except (OSError, http.client.HTTPException) as error:
        return 0, repr(error)
    finally:
        connection.close()


def wait_for(port: int, done: Callable[[tuple[int, str]], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done(found := ask(port)):
        assert time.monotonic() < deadline, found
        time.sleep(0.05)


def holds(number: int) -> Callable[[tuple[int, str]], bool]:
    return lambda found: found[0] == 200 and found[1].endswith(f",{number}\r\n")


def fails(found: tuple[int, str]) -> bool:
    return found[0] == 503


@pytest.mark.parametrize("closed", ["0", "1", "2", "0 1 2"])
def test_closed_streams_are_no_reason_to_answer_nothing(place: Path, closed: str) -> None:
    put(place / "releases", 1)
    # Where its output is closed, a server cannot say at which port it is.
    closing = " ".join(f"{one}>&-" for one in closed.split())
    command = f'exec "$0" -m designata serve --no-build --port {(port := free())} {closing}'
    with serving(place, "sh", "-c", command, sys.executable, stderr=subprocess.DEVNULL) as process:
        wait_for(port, holds(1))
        process.terminate()
        assert process.wait(PATIENCE) == 0


def free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


def test_a_log_that_nobody_reads_holds_nobody_up(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.PIPE) as process:
        port = port_of(process)
        for _ in range(600):
            assert ask(port, "/healthz?" + "x" * 50)[0] == 200
        kill(web_processes(process.pid))
        wait_for(port, holds(1))
        for _ in range(20):
            assert ask(port)[0] == 200
        started = time.monotonic()
        process.terminate()
        assert process.wait(PATIENCE) == 0
        assert time.monotonic() - started < 8


def test_the_folder_of_the_query_processes_is_made_anew(place: Path) -> None:
    before = set(Path("/dev/shm").glob("designata-*"))
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        port = port_of(process)
        wait_for(port, holds(1))
        (zygote,) = zygotes(process.pid)
        mine = {
            path
            for path in set(Path("/dev/shm").glob("designata-*")) - before
            if str(path) in Path(f"/proc/{zygote}/maps").read_text()
        }
        if not mine:
            pytest.skip("there is no /dev/shm here")
        for path in mine:
            shutil.rmtree(path)
        wait_for(port, holds(1))
        wait_for(port, lambda _: ask(port, "/readyz")[0] == 200)


def test_without_its_folder_for_temporary_files_a_server_ends(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.PIPE) as process:
        port_of(process)
        for folder in (place / "temporary").iterdir():
            shutil.rmtree(folder)
        _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0
    assert "was removed, without which nothing is served" in said


def test_counts_have_room_before_a_disk_is_full(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        wait_for(port_of(process), holds(1))
        files = list((place / "temporary").glob("designata-web-*/counts/*.db"))
        assert {file.name.partition("_")[0] for file in files} == {"counter", "histogram"}
        for file in files:
            status = file.stat()
            assert status.st_blocks * 512 >= status.st_size


def loop(link: Path, _: Path) -> None:
    other = link.with_name("next")
    other.symlink_to("current")
    other.rename(link)


def manifest(text: str) -> Callable[[Path, Path], None]:
    def damage(link: Path, release: Path) -> None:
        copy = release.with_name("1.0.9-000000000009")
        shutil.copytree(release, copy)
        (copy / "manifest.json").write_text(text)
        other = link.with_name("next")
        other.symlink_to(copy.name)
        other.rename(link)

    return damage


@pytest.mark.parametrize(
    "damage",
    [
        loop,
        manifest('{"id": "1.0.9-000000000009", "files": null}'),
        manifest('{"id": "1.0.9-000000000009", "files": {}}'),
        manifest('{"id": "../x", "files": {"designata.nq": {}}}'),
        manifest('{"id": "1.0.9-000000000009", "files": {"designata.nq": {"bytes": 1}}}'),
        manifest("[" * 100_000),
        manifest("[]"),
    ],
)
def test_whatever_is_linked_somebody_looks_for_what_comes_after(
    place: Path, damage: Callable[[Path, Path], None]
) -> None:
    first = put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        port = port_of(process)
        damage(place / "releases" / "current", first)
        time.sleep(1.5)
        assert holds(1)(ask(port))
        (place / "releases" / "current").unlink()
        put(place / "releases", 2)
        wait_for(port, holds(2))


def test_a_release_that_is_mended_is_served(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        port = port_of(process)
        second = put(place / "elsewhere", 2)
        copy = place / "releases" / second.name
        copy.mkdir()
        shutil.copy(second / "manifest.json", copy)
        link = place / "releases" / "next"
        link.symlink_to(copy.name)
        link.rename(place / "releases" / "current")
        time.sleep(1.5)
        assert holds(1)(ask(port))
        shutil.copy(second / "designata.nq", copy)
        wait_for(port, holds(2))


def test_data_that_has_changed_is_not_served_under_its_old_name(place: Path) -> None:
    file = put(place / "releases", 1) / "designata.nq"
    with serving(place, stderr=subprocess.PIPE) as process:
        port = port_of(process)
        wait_for(port, holds(1))
        content = file.read_bytes()
        file.write_bytes(content.replace(b'"1"', b'"7"'))
        kill(zygotes(process.pid))
        wait_for(port, fails)
        for _ in range(4):
            assert ask(port)[0] == 503
        assert ask(port, "/readyz")[0] == 503
        file.write_bytes(content)
        wait_for(port, holds(1))
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
    assert "the process that holds the data ended (-9)" in said
    assert "have changed" in said
    assert "differs from the manifest" in said


def test_a_hangup_while_it_starts_does_not_end_a_server(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        handler = f"/proc/{process.pid}/status"
        deadline = time.monotonic() + PATIENCE
        while not ignores_hangup(Path(handler).read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.001)
        for _ in range(5):
            os.kill(process.pid, signal.SIGHUP)
        wait_for(port_of(process), holds(1))


def ignores_hangup(status: str) -> bool:
    ignored = status.partition("SigIgn:\t")[2].partition("\n")[0]
    return bool(int(ignored, 16) & 1 << signal.SIGHUP - 1)


def test_a_budget_that_never_comes_back_can_be_told() -> None:
    for refill in (0.0, 1e-320):
        budgets = Budgets(120, refill, 2)
        with budgets.asking("a"), budgets.spending("a"):
            pass
        assert dict(budgets.headers("a"))["RateLimit-Policy"].endswith(";w=86400")


def test_without_the_files_of_its_release_a_server_is_not_ready(place: Path) -> None:
    release = put(place / "releases", 1)
    with serving(place, stderr=subprocess.PIPE) as process:
        port = port_of(process)
        assert ask(port, "/readyz")[0] == 200
        release.rename(place / "aside")
        status, body = ask(port, "/readyz")
        assert (status, body) == (
            503,
            f"not ready: the files of release {release.name} are not there any more\n",
        )
        # Longer than somebody takes to look twice.
        time.sleep(2.5)
        (place / "aside").rename(release)
        wait_for(port, lambda _: ask(port, "/readyz")[0] == 200)
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
    assert said.count(f"the files of {release.name} are not there any more") == 1


def test_a_link_that_leads_to_itself_is_told_in_one_line(place: Path) -> None:
    first = put(place / "releases", 1)
    with serving(place, stderr=subprocess.PIPE) as process:
        port_of(process)
        loop(place / "releases" / "current", first)
        time.sleep(2.5)
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
    (line,) = [line for line in said.splitlines() if "stays, because" in line]
    assert line.endswith("current: this link leads to itself")
    assert "Traceback" not in said


def requests_counted(port: int) -> float:
    lines = ask(port, "/metrics")[1].splitlines()
    return sum(
        float(line.rpartition(" ")[2])
        for line in lines
        if line.startswith("designata_requests_total{") and 'kind="sparql"' in line
    )


def test_a_web_process_that_is_killed_leaves_its_counts_and_nothing_else(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.DEVNULL) as process:
        port = port_of(process)
        for _ in range(10):
            wait_for(port, holds(1))
        wait_for(port, lambda _: requests_counted(port) >= 10)
        counted = requests_counted(port)
        (root,) = (place / "temporary").glob("designata-web-*")
        (zygote,) = zygotes(process.pid)
        (board,) = {
            Path(line.rpartition(" ")[2])
            for line in Path(f"/proc/{zygote}/maps").read_text().splitlines()
            if line.endswith("/board")
        }
        former = web_processes(process.pid)
        for number in former:
            (root / "spool" / f"designata-reply-{number}-x").write_bytes(b"large")
        kill(former)
        deadline = time.monotonic() + PATIENCE
        while left := {
            path.name
            for path in (*(root / "counts").iterdir(), *(root / "spool").iterdir())
            if any(f"{number}" in path.name for number in former)
        } | {
            path.name
            for path in board.parent.iterdir()
            if any(path.name.startswith(f"{number << 10 >> 8:x}") for number in former)
        }:
            assert time.monotonic() < deadline, left
            time.sleep(0.05)
        wait_for(port, holds(1))
        assert requests_counted(port) >= counted


def test_where_a_process_cannot_count_it_answers_nevertheless(place: Path) -> None:
    put(place / "releases", 1)
    with serving(place, stderr=subprocess.PIPE) as process:
        port = port_of(process)
        (nursery,) = nurseries(process.pid)
        # As on a disk that is full.
        resource.prlimit(nursery, resource.RLIMIT_FSIZE, (1_000, 1_000))
        former = web_processes(process.pid)
        kill(former)
        deadline = time.monotonic() + PATIENCE
        while len(set(web_processes(process.pid)) - set(former)) < len(former):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for _ in range(10):
            wait_for(port, holds(1))
        assert ask(port, "/metrics")[0] == 200
        process.terminate()
        _, said = process.communicate(timeout=PATIENCE)
    assert said.count("requests to one process are not counted: File too large") == len(former)


@pytest.mark.parametrize("begun", ["folder", "zygote"])
def test_a_server_that_is_ended_while_it_begins_leaves_nothing(place: Path, begun: str) -> None:
    data = place / "large.nt"
    data.write_text("".join(f'<urn:s{n}> <urn:p> "{n}" .\n' for n in range(100_000)))
    temporary = place / "temporary"
    command = (sys.executable, "-m", "designata", "serve", "--load", str(data))
    with serving(place, *command, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + PATIENCE
        while not (list(temporary.iterdir()) if begun == "folder" else zygotes(process.pid)):
            assert time.monotonic() < deadline
        process.terminate()
        # Whatever still runs keeps this open.
        told, said = process.communicate(timeout=PATIENCE)
    assert (process.returncode, told, said) == (0, "", "")
    assert list(temporary.iterdir()) == []


def test_sighup_before_anything_is_served_changes_nothing(place: Path) -> None:
    releases = place / "releases"
    releases.mkdir()
    source = Path(__file__).parents[1] / "release" / "source"
    command = (
        *("env", f"DESIGNATA_SOURCE={source}"),
        *(sys.executable, "-m", "designata", "serve"),
    )
    with (releases / LOCK).open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with serving(place, *command, stderr=subprocess.PIPE) as process:
            assert process.stderr
            assert "waiting for another process" in process.stderr.readline()
            process.send_signal(signal.SIGHUP)
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert ask(port_of(process), "/readyz")[0] == 200


@pytest.mark.parametrize("room", ["size=16k", "size=1m,nr_inodes=5"])
def test_what_finds_no_room_in_memory_lies_among_temporary_files(room: str) -> None:
    program = shutil.which("unshare")
    alone = [program or "", "--mount", "mount", "-t", "tmpfs", "-o", room, "none", "/dev/shm"]
    if not program or subprocess.run(alone, capture_output=True, check=False).returncode:
        pytest.skip("no name space of one's own for mounts is given here")
    script = f'mount -t tmpfs -o {room} none /dev/shm && exec "$0" -m designata serve --no-build'
    command = (program, "--mount", "sh", "-c", script, sys.executable)
    # The address of a socket cannot be long.
    with tempfile.TemporaryDirectory(dir="/tmp") as short:
        place = Path(short)
        (place / "temporary").mkdir()
        put(place / "releases", 1)
        with serving(place, *command) as process:
            wait_for(port_of(process), holds(1))
            assert list((place / "temporary").glob("designata-*/board"))
