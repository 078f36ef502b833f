"""Where a release is asked: query processes here, or the engine that the settings name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from designata.settings import Settings
from designata.store.directory import DATASET, Release
from designata.store.pool import Pool, open_pool


@contextmanager
def open_store(release: Release, settings: Settings) -> Iterator[Pool]:
    """One of the two, as long as the context lasts; NoRelease where the engine has not got it."""
    if settings.store:
        # What an engine needs is loaded where there is one.
        from designata.store.remote import open_remote

        with open_remote(release.id, settings) as remote:
            yield remote
    else:
        with open_pool([(release.file(DATASET), None)], settings) as pool:
            yield pool
