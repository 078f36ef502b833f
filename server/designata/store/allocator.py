"""An allocator that gives memory back and scales with threads, for the processes we start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from designata.errors import CannotServe

_VARIABLE: Final = "LD_PRELOAD"
_LARGE_PAGES: Final[Mapping[str, str]] = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
# The second is what version 2.1 made of the first.
_LARGE_PAGES_OF_MIMALLOC: Final[Mapping[str, str]] = {
    "MIMALLOC_LARGE_OS_PAGES": "1",
    "MIMALLOC_ALLOW_LARGE_OS_PAGES": "1",
}
RESERVED: Final = Path("/sys/kernel/mm/hugepages/hugepages-2048kB")
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


def with_large_pages(
    environment: Mapping[str, str], reserved: Path = RESERVED
) -> Mapping[str, str]:
    """An environment in which either allocator asks for pages of 2 MB, where nothing else is said.

    Queries jump through the whole store: with small pages the processor looks up more addresses
    than it reads data. Where somebody has reserved such pages, mimalloc would take those, and a
    forked process would die for want of one more: there it does without.
    """
    more = {} if _are_some(reserved) else _LARGE_PAGES_OF_MIMALLOC
    return {**_LARGE_PAGES, **more, **environment}


def _are_some(reserved: Path) -> bool:
    """Whether large pages are set aside for programs that ask for them, as far as one can know."""
    try:
        return any(
            int((reserved / name).read_text())
            for name in ("nr_hugepages", "nr_overcommit_hugepages")
        )
    except (OSError, ValueError):
        return True


def _find() -> Path | None:
    found = (path for place in _FOLDERS for name in _NAMES for path in Path(place).glob(name))
    return next(iter(sorted(found)), None)
