"""Keeps one zygote alive: starts it, starts it again when it dies, and ends it."""

from __future__ import annotations

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from designata.errors import CannotServe, DesignataError
from designata.settings import Settings
from designata.store import wire
from designata.store.allocator import preload, with_large_pages
from designata.store.disk import place_for
from designata.store.folders import Folder

_LOG: Final = logging.getLogger(__name__)
_END_SECONDS: Final = 5.0
_MEMORY: Final = Path("/dev/shm")  # noqa: S108
# What there is to be room for: the board, and the addresses of all who ask and answer.
_FILES: Final = 16
_FILE_BYTES: Final = 8_192
_PAUSE_SECONDS: Final = 0.2


class Supervisor:
    """A zygote, the private directory with its sockets, and a thread that watches over it."""

    def __init__(self, files: Sequence[tuple[Path, str | None]], settings: Settings) -> None:
        self._files = files
        self._state = _state_of(files)
        self._folders = [_in_memory()]
        self.directory = self._folders[0].path
        disk = place_for(files, settings.memory_quads, self._elsewhere)
        self._plan = {
            "directory": str(self.directory),
            "folders": [str(folder.path) for folder in self._folders],
            "disk": str(disk) if disk else None,
            "files": [(str(path), graph) for path, graph in files],
            "lanes": {"queries": settings.query_workers, "pages": settings.page_workers},
            "sandbox": settings.sandbox,
            "limits": {
                "seconds": settings.query_seconds,
                "result_bytes": settings.result_bytes,
                "memory": settings.worker_bytes,
            },
        }
        self._environment = {**os.environ, **preload(settings.allocator)}
        self._ending = threading.Event()
        self._zygote: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="zygote", daemon=True)

    def start(self) -> None:
        """Return when the data is loaded; the refusals of loading are raised here."""
        self._zygote = self._spawn()
        self._watcher.start()

    def end(self) -> None:
        """End every process and remove the directory."""
        self._ending.set()
        if self._zygote:
            _end(self._zygote)
        if self._watcher.is_alive():
            self._watcher.join(_END_SECONDS)
        for folder in self._folders:
            folder.remove()

    def _elsewhere(self) -> Path:
        """Where a store on disk can be made that belongs to no release."""
        folder = Folder("store-")
        self._folders.append(folder)
        return folder.path / "store"

    def _spawn(self) -> subprocess.Popen[bytes]:
        zygote = subprocess.Popen(
            [sys.executable, "-P", "-m", "designata.store.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=with_large_pages(self._environment),
        )
        assert zygote.stdin and zygote.stdout
        try:
            with suppress(BrokenPipeError):
                zygote.stdin.write(json.dumps(self._plan).encode() + b"\n")
                zygote.stdin.flush()
            line = zygote.stdout.readline()
        except (KeyboardInterrupt, SystemExit):
            os.killpg(zygote.pid, signal.SIGKILL)
            raise
        report = json.loads(line) if line else {}
        if report.get("ready"):
            for guard in report["missing"]:
                _LOG.warning("queries run without %s, which this system does not offer", guard)
            return zygote
        _end(zygote)
        raise _refusal(report, zygote.returncode)

    def _watch(self) -> None:
        told = ""
        while True:
            assert self._zygote
            status = self._zygote.wait()
            if self._ending.is_set():
                return
            if not told:
                _LOG.warning("the process that holds the data ended (%s)", status)
            _end(self._zygote)
            if _state_of(self._files) != self._state:
                # What is on the disk now is something else, and is not to be served as this.
                _LOG.error("the files of what is served have changed, or are gone")
                shutil.rmtree(self.directory, ignore_errors=True)
                return
            try:
                self._zygote = self._spawn()
                told = ""
            except (DesignataError, OSError) as error:
                if told != str(error):
                    told = str(error)
                    _LOG.error("the data cannot be loaded again: %s", told)
                time.sleep(_PAUSE_SECONDS)
            if self._ending.is_set():
                _end(self._zygote)


def _in_memory() -> Folder:
    """A private directory, on no disk where that can be had: the board is written all the time."""
    try:
        folder = Folder(place=_MEMORY)
    except OSError:
        return Folder()
    try:
        _try_room(folder.path)
    except OSError:
        folder.remove()
        return Folder()
    return folder


def _try_room(folder: Path) -> None:
    """OSError where a few small files find no room."""
    files = [folder / f"room-{number}" for number in range(_FILES)]
    for file in files:
        file.write_bytes(bytes(_FILE_BYTES))
    for file in files:
        file.unlink()


def _state_of(files: Sequence[tuple[Path, str | None]]) -> Sequence[tuple[int, ...]]:
    """What tells whether files are as they were."""
    found = []
    for path, _ in files:
        with suppress(OSError):
            status = path.stat()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _refusal(report: dict[str, object], status: int) -> DesignataError:
    if "error" in report:
        return wire.unpack_error(report)
    reason = f"signal {-status}" if status < 0 else f"status {status}"
    return CannotServe(f"the query processes ended while the data was loaded ({reason})")


def _end(zygote: subprocess.Popen[bytes]) -> None:
    assert zygote.stdin and zygote.stdout
    with suppress(OSError):
        zygote.stdin.close()
    try:
        zygote.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        zygote.kill()
        zygote.wait()
    zygote.stdout.close()
