"""The stages of a build, in order: read, derive, validate, describe, write, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from designata.errors import DesignataError, NoRelease
from designata.release.check import check
from designata.release.compose import compose
from designata.release.derive import derive, rules
from designata.release.packing import pack
from designata.release.publish import publish
from designata.release.sources import input_digest, read_source
from designata.store.directory import Release, current

Progress = Callable[[str], None]
Finish = Callable[[Release], object]


@dataclass(frozen=True, slots=True)
class Built:
    """A published release and what validation had to say about it."""

    release: Release
    warnings: int


Make = Callable[[Path, Path, Progress], Built]


def build(source: Path, releases: Path, progress: Progress, finish: Finish | None = None) -> Built:
    """Make the release of a source tree the current one; any error leaves the former one there.

    What finishes it may put more beside its files, which nobody needs.
    """
    digest = input_digest(source, rules())
    progress("reading")
    read = read_source(source)
    progress("deriving")
    derived = derive(read)
    progress("validating")
    checked = check(read, derived)
    progress("writing")
    files, facts = compose(read, derived, checked)
    packed = pack(files)
    progress("publishing")
    release = publish(releases, files, {**facts, "input": digest}, beside=packed)
    if finish is not None:
        progress("writing documents")
        finish(release)
    return Built(release, checked.warnings)


def ensure(
    source: Path, releases: Path, progress: Progress, make: Make = build
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
