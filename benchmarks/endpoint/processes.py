"""Servers as processes: a free port, waiting for the first answer, memory, the end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

END_SECONDS = 15
PAUSE_SECONDS = 0.02


class NotStarted(Exception):
    """The server has ended, or does not answer."""


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


def start(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """A process in a group of its own, what it says going to a file."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            cwd=log.parent,
            start_new_session=True,
        )


def await_port(process: subprocess.Popen[bytes], port: int, seconds: float) -> None:
    """Return when somebody listens there; NotStarted where the process ends or is too slow."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NotStarted(f"it ended with {process.returncode}")
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(PAUSE_SECONDS)
    raise NotStarted(f"nobody listens after {seconds:g} s")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all of its group."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_SECONDS)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def memory(process: subprocess.Popen[bytes]) -> float:
    """The memory of a process and its descendants in MB; shared pages are counted once."""
    return sum(_share(number) for number in _family(process.pid)) / 1024


def _family(root: int) -> set[int]:
    parents = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            parents[int(folder.name)] = int(
                (folder / "stat").read_text().rpartition(")")[2].split()[1]
            )
    family = {root}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def _share(number: int) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{number}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0
