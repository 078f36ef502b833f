"""The release that a command asks: the current one, built first where there is none."""

from __future__ import annotations

from designata.commands.progress import progress
from designata.release.build import build
from designata.settings import Settings
from designata.store.directory import Release, current


def current_release(settings: Settings) -> Release:
    """The current release, whatever its age."""
    found = current(settings.releases)
    return found or build(settings.source, settings.releases, progress).release
