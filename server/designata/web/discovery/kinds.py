"""The kinds of refusals: where the type of a problem leads (RFC 9457, section 3.1.1)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from designata.errors import (
    ClientLeft,
    DesignataError,
    NoRelease,
    QueryRefused,
    RequestRefused,
    StoreBusy,
    StoreUnavailable,
)

_PARENTS: Final = (NoRelease, QueryRefused, RequestRefused, StoreBusy, StoreUnavailable)


class Kind(NamedTuple):
    """A kind of refusal: the end of its IRI, its title, its status, and when it is given."""

    slug: str
    title: str
    status: int
    meaning: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Those that a client may get, by their slugs."""
    found = {_kind(one) for parent in _PARENTS for one in _classes(parent) if one is not ClientLeft}
    return {one.slug: one for one in sorted((_OURS, *found))}


def _classes(parent: type[DesignataError]) -> Iterator[type[DesignataError]]:
    yield parent
    for one in parent.__subclasses__():
        yield from _classes(one)


def _kind(one: type[DesignataError]) -> Kind:
    meaning, _, _ = inspect.cleandoc(one.__doc__ or "").partition("\n\n")
    return Kind(one.slug, one.title, one.status, meaning)


_OURS: Final = Kind(
    DesignataError.slug,
    DesignataError.title,
    DesignataError.status,
    "An error on our side; its reason is in the log of the server.",
)
