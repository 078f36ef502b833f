"""Lines of the log beside other processes, and where there is no room for them."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from select import PIPE_BUF

import pytest

from designata.settings import Settings
from designata.web import accounts
from designata.web.cache import Reply
from designata.web.lines import Writer

MANY = """
import sys
from designata.web.lines import Writer
name = sys.argv[1]
lines = [f"{name}{number:06}{name * 200}\\n" for number in range(3_000)]
print(Writer().write(lines, sys.stderr))
"""


def test_lines_of_several_processes_stay_whole_in_a_pipe() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, encoding="utf-8") as reader:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", MANY, name], stderr=writing, stdout=subprocess.DEVNULL
            )
            for name in "abcd"
        ]
        os.close(writing)
        seen = Counter(
            line[0] for line in reader if line[1:7].isdecimal() and line[7:] == line[0] * 200 + "\n"
        )
    assert [process.wait() for process in processes] == [0] * 4
    assert seen == dict.fromkeys("abcd", 3_000)


def test_a_line_longer_than_a_pipe_takes_is_written_nevertheless(tmp_path: Path) -> None:
    lines = ["a" * PIPE_BUF * 3 + "\n", "b\n"]
    with (tmp_path / "log").open("w") as log:
        assert Writer().write(lines, log) == 2
    assert (tmp_path / "log").read_text() == "".join(lines)


@pytest.fixture
def room() -> Iterator[Callable[[int], None]]:
    """Lets files grow to so many bytes, as on a disk that is full."""
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, former[1]))
    resource.setrlimit(resource.RLIMIT_FSIZE, former)
    signal.signal(signal.SIGXFSZ, handler)


def test_after_a_line_that_was_cut_off_another_begins(
    room: Callable[[int], None], tmp_path: Path
) -> None:
    writer = Writer()
    with (tmp_path / "log").open("a") as log:
        room(25)
        assert writer.write(["first line\n", "second line\n", "third\n"], log) == 2
        room(-1)
        assert writer.write(["fourth\n"], log) == 1
        assert writer.write(["fifth\n"], log) == 1
    assert (tmp_path / "log").read_text() == "first line\nsecond line\nth\nfourth\nfifth\n"


def test_lines_for_which_there_is_no_room_are_counted(
    room: Callable[[int], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = {"PATH_INFO": "/", "QUERY_STRING": "", "REQUEST_METHOD": "GET"}
    notes = accounts.Log(Settings())
    notes._end()
    with (tmp_path / "log").open("a") as log:
        monkeypatch.setattr(sys, "stderr", log)
        for size in (500, 500, -1):
            room(size)
            for _ in range(10):
                notes.write(environ, Reply(200, [], b""), 0.1, "application")
            notes._flush()
        notes._flush()
    lines = (tmp_path / "log").read_text().splitlines()
    whole = [line for line in lines if line.endswith("}")]
    dropped = [json.loads(line).get("dropped", 0) for line in whole]
    assert len(lines) - len(whole) == 1
    assert len(whole) - 1 + sum(dropped) == 30
