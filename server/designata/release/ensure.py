"""The release of a source tree: the one that is there, or a new one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from designata.errors import DesignataError, NoRelease
from designata.release.derive import rules
from designata.release.sources import input_digest
from designata.store.directory import Release, current

if TYPE_CHECKING:
    # What it takes to build is loaded where that is done.
    from designata.release.build import Built, Progress


def ensure(
    source: Path,
    releases: Path,
    progress: Progress,
    make: Callable[[Path, Path, Progress], Built],
) -> tuple[Release, str | None]:
    """The release of this source, built where it is missing or damaged; `make` does that.

    Where that build fails and there is a whole former release: that one, and what went wrong.
    """
    former = _whole(releases)
    if former is not None and former.manifest.get("input") == input_digest(source, rules()):
        return former, None
    try:
        return make(source, releases, progress).release, None
    except DesignataError as error:
        if former is None:
            raise
        return former, error.detail


def _whole(releases: Path) -> Release | None:
    """The current release if all of it is there."""
    try:
        found = current(releases)
        if found is not None:
            found.verify()
    except NoRelease:
        return None
    return found
