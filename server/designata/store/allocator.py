"""An allocator that gives memory back and scales with threads, for the processes we start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from designata.errors import CannotServe

_VARIABLE: Final = "LD_PRELOAD"
_FOLDERS: Final = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_NAMES: Final = (
    "*/libmimalloc.so.[23]*",
    "libmimalloc.so.[23]*",
    "*/libmimalloc.so",
    "libmimalloc.so",
)


def preload(wanted: str) -> Mapping[str, str]:
    """What the environment of a process needs besides, to start with the allocator."""
    if wanted == "auto":
        found = _find()
        return {_VARIABLE: str(found)} if found else {}
    if wanted in ("", "no"):
        return {}
    if not Path(wanted).is_file():
        raise CannotServe(f"DESIGNATA_ALLOCATOR={wanted}: there is no such file")
    return {_VARIABLE: wanted}


def _find() -> Path | None:
    found = (path for place in _FOLDERS for name in _NAMES for path in Path(place).glob(name))
    return next(iter(sorted(found)), None)
