"""Put a finished release on disk and switch to it in one step.

A release is written beside the others under a name that nobody reads, synced, renamed, and then the
link `current` is replaced by a rename. Whatever stops this half-way (a kill, a full disk) leaves
the former release in place; the next publication clears away what was left behind.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from designata.errors import NoRelease, PublicationFailed
from designata.store.directory import CURRENT, MANIFEST, UNFINISHED, Release, current, open_release

_LOG: Final = logging.getLogger(__name__)
LOCK: Final = ".lock"
SUMS: Final = "SHA256SUMS"
# What is being fetched, or was when somebody ended that, lies in a folder that begins with that.
PARTIAL: Final = ".pull-"
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})
Finish = Callable[[Release], object]


class File(NamedTuple):
    """A file of a release, not yet on disk."""

    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest in hexadecimal."""
        return hashlib.sha256(self.content).hexdigest()


def publish(
    releases: Path,
    files: Mapping[str, File],
    facts: Mapping[str, Any],
    beside: Mapping[str, File] = NOTHING,
    finish: Finish | None = None,
) -> Release:
    """Make the files the current release; nothing is written where it already is.

    `facts` are the entries of the manifest other than the table of files; `id` names the release.
    Files beside them are written too, but the manifest does not name them. What finishes a release
    may put more there before it becomes the current one, also where it was there already.
    """
    try:
        releases.mkdir(parents=True, exist_ok=True)
        with _only_publisher(releases):
            _clear(releases)
            name = _place(releases, files, facts, beside)
            release = open_release(releases / name)
            if finish is not None:
                finish(release)
            release.verify()
            _switch(releases, name)
            return release
    except OSError as error:
        reason = error.strerror or str(error)
        raise PublicationFailed(
            f"{error.filename or releases}: {reason}; the former release stays"
        ) from None


@contextmanager
def held(folder: Path, how: int) -> Iterator[None]:
    """The folder is used, so that nobody clears it away; `how` is a kind of lock."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, how)
        yield
    finally:
        os.close(handle)


@contextmanager
def _only_publisher(releases: Path) -> Iterator[None]:
    with (releases / LOCK).open("wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            _LOG.warning("waiting for another process that writes a release into %s", releases)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _clear(releases: Path) -> None:
    """Remove what publishers that were stopped have left; only the holder of the lock may."""
    for path in releases.glob(UNFINISHED + "*"):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    for path in releases.glob(PARTIAL + "*"):
        with suppress(OSError), held(path, fcntl.LOCK_EX | fcntl.LOCK_NB):
            shutil.rmtree(path)


def _place(
    releases: Path,
    files: Mapping[str, File],
    facts: Mapping[str, Any],
    beside: Mapping[str, File],
) -> str:
    """Write the release unless it is there; the name of its directory."""
    for name in _names(facts["id"]):
        manifest = _manifest(files, {**facts, "id": name})
        path = releases / name
        if not path.exists():
            listed = File("application/json", manifest)
            _write(releases, name, {**files, **beside, MANIFEST: listed})
            return name
        if _is_intact(path, manifest):
            return name
    raise AssertionError("the names do not end")


def _names(identifier: str) -> Iterator[str]:
    """The id, then id-2, id-3 …: a damaged release, or another writer's, is never overwritten."""
    yield identifier
    number = 2
    while True:
        yield f"{identifier}-{number}"
        number += 1


def _is_intact(path: Path, manifest: bytes) -> bool:
    try:
        if (path / MANIFEST).read_bytes() != manifest:
            return False
        open_release(path).verify()
    except (OSError, NoRelease):
        return False
    return True


def _manifest(files: Mapping[str, File], facts: Mapping[str, Any]) -> bytes:
    table = {
        name: {"bytes": len(file.content), "mediaType": file.media_type, "sha256": file.sha256}
        for name, file in sorted(files.items())
    }
    text = json.dumps({**facts, "files": table}, ensure_ascii=False, indent=2, sort_keys=True)
    return (text + "\n").encode()


def _write(releases: Path, name: str, files: Mapping[str, File]) -> None:
    unfinished = releases / f"{UNFINISHED}{os.getpid()}"
    # All of them come at one moment, or a file would be newer packed than as it is.
    moment = time.time_ns()
    try:
        unfinished.mkdir()
        for entry, file in sorted(files.items()):
            _write_synced(unfinished / entry, file.content, moment)
        _sync(unfinished)
        unfinished.rename(releases / name)
        _sync(releases)
    except OSError:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise


def _write_synced(path: Path, content: bytes, moment: int) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.utime(path, ns=(moment, moment))
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _switch(releases: Path, name: str) -> None:
    """Point the link `current` to the release; a reader sees the former one or this one."""
    try:
        served = current(releases)
    except NoRelease:
        served = None
    if served is not None and served.path == (releases / name).resolve():
        return
    link = releases / f"{UNFINISHED}link-{os.getpid()}"
    link.symlink_to(name)
    link.rename(releases / CURRENT)
    _sync(releases)


def checksums(files: Mapping[str, File]) -> bytes:
    """The lines of SHA256SUMS, which `sha256sum --check` reads."""
    return "".join(f"{file.sha256}  {name}\n" for name, file in sorted(files.items())).encode()
