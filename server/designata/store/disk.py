"""A store on disk, made once from the files of a release, and then only read."""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from pyoxigraph import Store

from designata.store.directory import MANIFEST
from designata.store.loading import Files, load_into

_LOG: Final = logging.getLogger(__name__)
_BYTES_A_QUAD: Final = 100
_SUMS: Final = "sums.json"


def place_for(
    files: Sequence[tuple[Path, str | None]], limit: int, other: Callable[[], Path]
) -> Path | None:
    """Where the store of these files belongs; None where they fit into memory.

    Beside the release that they are from, so that it is made once; else at the other place.
    """
    manifests = [_manifest(path) for path, _ in files]
    if sum(map(_size, manifests, files)) <= limit:
        return None
    if len(files) == 1 and manifests[0]:
        folder = files[0][0].resolve().parent
        if os.access(folder.parent, os.W_OK):
            return folder.with_name(f".{folder.name}.store")
    return other()


def _manifest(path: Path) -> Mapping[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((path.parent / MANIFEST).read_text(encoding="utf-8"))
        if path.name in found["files"]:
            return dict(found)
    return {}


def _size(manifest: Mapping[str, Any], file: tuple[Path, str | None]) -> int:
    """How many quads a file holds: said by its release, or guessed from its length."""
    if "quads" in manifest:
        return int(manifest["quads"])
    try:
        return file[0].stat().st_size // _BYTES_A_QUAD
    except OSError:
        return 0


def make(path: Path, files: Files) -> None:
    """Make the store unless it is there: whole or not at all, by one process at a time.

    One that is not as it was made is made anew.
    """
    with _only_maker(path):
        if path.exists():
            if not (problem := _problem(path)):
                return
            _LOG.warning("%s is made anew: %s", path, problem)
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        unfinished = path.with_name(f"{path.name}-unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        try:
            _fill(unfinished, files)
            unfinished.rename(path)
        except BaseException:
            # A disk that is full is not to stay so.
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def _fill(path: Path, files: Files) -> None:
    """Make the store at a place, on the disk when this returns."""
    store = Store(path)
    load_into(store, files)
    store.optimize()
    store.flush()
    del store
    (path / _SUMS).write_text(json.dumps(_sums(path)), encoding="utf-8")
    for file in path.iterdir():
        _sync(file, os.O_RDONLY)
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _problem(path: Path) -> str:
    """Why a store cannot be read; empty where it can.

    The engine looks at a block when it needs it, and does not end where that is damaged.
    """
    try:
        if json.loads((path / _SUMS).read_text(encoding="utf-8")) != _sums(path):
            return "its files have changed"
        next(iter(Store.read_only(str(path))), None)
        return ""
    except (OSError, ValueError, RuntimeError) as error:
        return str(error)


def _sums(path: Path) -> Mapping[str, str]:
    """The digest of each file with data."""
    found = {}
    for file in path.glob("*.sst"):
        with file.open("rb") as opened:
            found[file.name] = hashlib.file_digest(opened, "blake2b").hexdigest()
    return found


@contextmanager
def _only_maker(path: Path) -> Iterator[None]:
    with path.with_name(f"{path.name}-lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
