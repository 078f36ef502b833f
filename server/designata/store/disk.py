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
        store = Store(unfinished)
        load_into(store, files)
        store.optimize()
        store.flush()
        del store
        sums = {file.name: _digest(file) for file in unfinished.glob("*.sst")}
        (unfinished / _SUMS).write_text(json.dumps(sums), encoding="utf-8")
        for file in unfinished.iterdir():
            _sync(file, os.O_RDONLY)
        _sync(unfinished, os.O_RDONLY | os.O_DIRECTORY)
        unfinished.rename(path)
        _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def _problem(path: Path) -> str:
    """Why a store cannot be read; empty where it can.

    The engine looks at a block when it needs it, and does not end where that is damaged.
    """
    try:
        for name, digest in json.loads((path / _SUMS).read_text(encoding="utf-8")).items():
            if _digest(path / name) != digest:
                return f"{name} has changed"
        next(iter(Store.read_only(str(path))), None)
        return ""
    except (OSError, ValueError, RuntimeError) as error:
        return str(error)


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "blake2b").hexdigest()


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
