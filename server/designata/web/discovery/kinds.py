"""The kinds of refusals: where the type of a problem leads (RFC 9457, section 3.1.1)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from typing import NamedTuple

from designata.errors import ClientLeft, DesignataError


class Kind(NamedTuple):
    """A kind of refusal: the end of its IRI, its title, its status, and when it is given."""

    slug: str
    title: str
    status: int
    meaning: str


@cache
def kinds() -> Mapping[str, Kind]:
    """Those that a client may get, by their slugs."""
    found = sorted({_kind(one) for one in _classes(DesignataError) if one is not ClientLeft})
    return {one.slug: one for one in found}


def _classes(parent: type[DesignataError]) -> Iterator[type[DesignataError]]:
    yield parent
    for one in parent.__subclasses__():
        yield from _classes(one)


def _kind(one: type[DesignataError]) -> Kind:
    return Kind(one.slug, one.title, one.status, inspect.cleandoc(one.__doc__ or ""))
