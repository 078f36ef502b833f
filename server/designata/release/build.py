"""The stages of a build, in order: read, derive, validate, describe, write, publish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from designata.release.check import check
from designata.release.compose import compose
from designata.release.derive import derive, rules
from designata.release.packing import pack
from designata.release.publish import Finish, publish
from designata.release.sources import input_digest, read_source
from designata.store.directory import Release

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A published release and what validation had to say about it."""

    release: Release
    warnings: int


def build(source: Path, releases: Path, progress: Progress, finish: Finish | None = None) -> Built:
    """Make the release of a source tree the current one; any error leaves the former one there.

    What finishes it may put more beside its files, which nobody needs, before it is current.
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
    release = publish(releases, files, {**facts, "input": digest}, packed, finish)
    return Built(release, checked.warnings)
