"""The main process's side of what is served: starts it, goes over to a newer release, ends it."""

from __future__ import annotations

import fcntl
import logging
import os
import pickle
import shutil
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from designata.errors import CannotServe, DesignataError
from designata.settings import Settings
from designata.store.directory import DATASET, Release, open_release, target
from designata.store.opening import open_store
from designata.store.pool import Pool, open_pool
from designata.store.query import Query
from designata.web.layout import CONTENT, CURRENT, LOCK, shared_turn
from designata.web.served import Served

Files = Sequence[tuple[Path, str | None]]

_LOG: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 1.0
_DRAIN_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 15.0
_MOST_SECONDS: Final = 120.0
_SAMPLE: Final = Query("ASK { ?s ?p ?o }")


@dataclass(eq=False, slots=True)
class _Running:
    """Something that is served, or was: its folder, and what ends its processes."""

    served: Served
    folder: Path
    stack: ExitStack
    deadline: float = 0.0

    def is_unused(self) -> bool:
        """Whether no request is answered from it, and none can be any more."""
        with (self.folder / LOCK).open("rb") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return time.monotonic() > self.deadline
        return True

    def end(self) -> None:
        """End its processes."""
        self.stack.close()
        shutil.rmtree(self.folder, ignore_errors=True)


class Switch:
    """Serves a release, or files, until the link of the releases names another or somebody asks.

    What is new is loaded and tried out first. Where that fails, the former stays, and the log says
    why. The former ends when the last request that uses it does.
    """

    def __init__(
        self, settings: Settings, root: Path, release: Release | None, files: Files
    ) -> None:
        self._root = root
        self._turns = shared_turn(root)
        self._settings = settings
        self._release = release
        self._files = files
        self._count = 0
        self._former: list[_Running] = []
        self._refused: Path | None = None
        self._again = self._pause = 0.0
        self._told = ""
        self._is_there = True
        # Why this cannot go on at all.
        self.lost = ""
        self._asked = threading.Event()
        self._ending = False
        self._thread = threading.Thread(target=self._watch, name="switch", daemon=True)

    def __enter__(self) -> Self:
        self._running = self._start(self._release)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending = True
        self._asked.set()
        self._thread.join()
        for one in (self._running, *self._former):
            one.end()

    def reload(self) -> None:
        """Look for something newer now; files are read again."""
        self._refused, self._again = None, 0.0
        self._asked.set()

    def _start(self, release: Release | None) -> _Running:
        """Load, try out, and let every request from now on be answered from it."""
        with ExitStack() as stack:
            if release:
                release.verify()
            files = ((release.file(DATASET), None),) if release else self._files
            pool = stack.enter_context(_open(release, files, self._settings))
            served = Served(self._settings, pool, release)
            if release and b"true" not in pool.query(_SAMPLE, lane="pages").body:
                raise CannotServe(f"release {release.id} holds nothing")
            folder = self._publish(served)
            return _Running(served, folder, stack.pop_all())

    def _publish(self, served: Served) -> Path:
        self._count += 1
        folder = self._root / str(self._count)
        folder.mkdir()
        (folder / LOCK).touch()
        (folder / CONTENT).write_bytes(pickle.dumps(served))
        link = self._root / f"{CURRENT}-next"
        link.symlink_to(folder.name)
        link.rename(self._root / CURRENT)
        self._turns[0] = self._count % 256
        return folder

    def _watch(self) -> None:
        while not self._ending:
            asked = self._asked.wait(_LOOK_SECONDS)
            self._asked.clear()
            if not self._root.exists():
                self.lost = f"the folder {self._root} was removed, without which nothing is served"
                os.kill(os.getpid(), signal.SIGTERM)
                return
            if not self._ending:
                self._follow(asked)
                self._look_after()
                # Whatever is wrong with a folder, somebody has to go on looking.
                with suppress(OSError):
                    self._bury()

    def _follow(self, asked: bool) -> None:
        """Go over to what is newer; whatever goes wrong, the former stays."""
        path: Path | None = None
        try:
            is_lost = not self._running.served.pool.directory.exists()
            if is_lost and (asked or time.monotonic() >= self._again):
                # Its processes cannot be asked any more, or do not hold what is on the disk.
                newer, release = True, self._running.served.release
            elif self._running.served.release is None:
                newer = asked
                release = None
            else:
                path = target(self._settings.releases)
                # What is refused may be mended, or an engine may come to hold it.
                refused = self._refused if time.monotonic() < self._again else None
                newer = path not in (self._running.served.release.path.resolve(), refused)
                release = open_release(path) if newer else None
            if newer:
                self._replace(self._start(release))
        except Exception as error:
            # Whatever is wrong with what is newer, somebody has to go on looking for what comes.
            self._refused = path
            # To read all of it takes long where it is large.
            self._pause = min(self._pause * 2, _MOST_SECONDS) if self._again else _AGAIN_SECONDS
            self._again = time.monotonic() + self._pause
            known = isinstance(error, DesignataError | OSError)
            told, self._told = self._told, f"{path}: {error!r}"
            if asked or told != self._told:
                now = self._running.served.identity
                text = "%s stays, because what is newer cannot be served: %s"
                _LOG.error(text, now, error, exc_info=None if known else error)

    def _look_after(self) -> None:
        """Say once that the files of what is served are not there any more."""
        release = self._running.served.release
        before, self._is_there = self._is_there, release is None or release.is_there()
        if before and not self._is_there:
            _LOG.error("the files of %s are not there any more", self._running.served.identity)

    def _replace(self, newer: _Running) -> None:
        self._again = 0.0
        former, self._running = self._running, newer
        former.deadline = time.monotonic() + _DRAIN_SECONDS
        self._former.append(former)
        _LOG.warning("%s is served now", newer.served.identity)

    def _bury(self) -> None:
        for one in [one for one in self._former if one.is_unused()]:
            self._former.remove(one)
            one.end()


def _open(
    release: Release | None, files: Files, settings: Settings
) -> AbstractContextManager[Pool]:
    """Where questions go: for a release perhaps to an engine, for files to processes here."""
    return open_store(release, settings) if release else open_pool(files, settings)
