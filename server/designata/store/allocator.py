"""An allocator that gives memory back and scales with threads, for the processes we start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from designata.errors import CannotServe

_VARIABLE: Final = "LD_PRELOAD"
_LARGE_PAGES: Final[Mapping[str, str]] = {
    "MIMALLOC_LARGE_OS_PAGES": "1",
    "MIMALLOC_ALLOW_LARGE_OS_PAGES": "1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}
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


def with_large_pages(environment: Mapping[str, str]) -> Mapping[str, str]:
    """An environment in which either allocator asks for pages of 2 MB, where nothing else is said.

    Queries jump through the whole store: with small pages the processor looks up more addresses
    than it reads data. (mimalloc renamed its setting in version 2.1.)
    """
    return {**_LARGE_PAGES, **environment}


def _find() -> Path | None:
    found = (path for place in _FOLDERS for name in _NAMES for path in Path(place).glob(name))
    return next(iter(sorted(found)), None)
