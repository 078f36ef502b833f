"""Making the documents of a release, with what this takes loaded only then."""

from __future__ import annotations

from collections.abc import Callable

from designata.settings import Settings
from designata.store.directory import Release


def documents(settings: Settings) -> Callable[[Release], object]:
    """What puts the documents of a release beside its files."""

    def make(release: Release) -> object:
        from designata.web.stocking import stock

        return stock(release, settings)

    return make
