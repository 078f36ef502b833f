"""Making the documents of a release that is small enough, in processes of their own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import Final

from designata.commands.apart import in_processes
from designata.commands.progress import progress, warn
from designata.errors import DesignataError
from designata.settings import Settings
from designata.store.directory import Release
from designata.web.stock import Entry, is_whole, put

LARGEST: Final = 50_000
_MOST_PROCESSES: Final = 4


def documents(settings: Settings) -> Callable[[Release], bool]:
    """What puts the documents of a release of at most so many quads beside its files.

    False where it is larger, where they are there already, and where they cannot be made or written
    here: then they are made when they are asked for.
    """
    return partial(_stock, settings)


def are_missing(release: Release) -> bool:
    """Whether this version of the program would put documents beside the files of a release."""
    return release.manifest.get("quads", LARGEST + 1) <= LARGEST and not is_whole(release)


def _stock(settings: Settings, release: Release) -> bool:
    if not are_missing(release):
        return False
    progress("writing documents")
    try:
        put(release, _entries(settings, release))
    except (DesignataError, OSError) as error:
        warn(f"documents will be made when they are asked for: {error}")
        return False
    return True


def _entries(settings: Settings, release: Release) -> Iterator[Entry]:
    """All documents, made when the first is asked for."""
    parts = min(os.cpu_count() or 1, _MOST_PROCESSES)
    calls = [(release, settings, part, parts) for part in range(parts)]
    yield from sorted(chain.from_iterable(in_processes(_part, calls)))


def _part(release: Release, settings: Settings, part: int, parts: int) -> list[Entry]:
    """What that takes is loaded where it is done."""
    from designata.web import stocking

    return stocking.documents(release, settings, part, parts)
