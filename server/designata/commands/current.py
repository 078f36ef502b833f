"""The release that a command asks: the current one, built first where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from designata.commands.progress import progress
from designata.release.build import build
from designata.settings import Settings
from designata.store.directory import Release, current
from designata.store.opening import open_store
from designata.store.pool import Pool


def current_release(settings: Settings) -> Release:
    """The current release, whatever its age."""
    found = current(settings.releases)
    return found or build(settings.source, settings.releases, progress).release


@contextmanager
def asking(settings: Settings) -> Iterator[Pool]:
    """Processes that answer queries about the current release, as few as a command needs."""
    release = current_release(settings)
    with open_store(release, replace(settings, query_workers=1, page_workers=1)) as pool:
        yield pool
