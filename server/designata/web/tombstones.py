"""Things that were withdrawn or merged into others: their addresses still say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from flask import Response
from pyoxigraph import Literal, NamedNode
from werkzeug.wrappers import Response as AnyResponse

from designata.vocabulary import BASE, term
from designata.web.asking import ask_text
from designata.web.description import Description
from designata.web.graph import Term, plain
from designata.web.links import href, is_here

_TRUE: Final = ("true", "1")
_DAY: Final = 86_400
_QUERY: Final = """SELECT DISTINCT ?property ?value WHERE {{
  VALUES ?property {{ {deprecated} {replaced} }}
  {thing} ?property ?value
}}"""


def is_withdrawn(description: Description) -> bool:
    """Whether the release says of a thing that it is no more."""
    return _withdrawn(description.own.objects(description.iri, "owl:deprecated"))


def successor(description: Description) -> str | None:
    """The IRI of the one thing that a withdrawn one was merged into in the end, or None."""
    replaced = description.own.objects(description.iri, "dcterms:isReplacedBy")
    survivors = [plain(one) for one in replaced]
    if not is_withdrawn(description):
        return None
    return _last(description.iri, _only(survivors, description.iri))


def find_successor(thing: str) -> str | None:
    """The same for a thing of which nothing else is to be known."""
    return _last(thing, _next(thing))


def _last(thing: str, survivor: str | None) -> str | None:
    """Where all the mergers end that begin with this one; None where they go round."""
    seen = {thing}
    while survivor and survivor not in seen:
        seen.add(survivor)
        following = _next(survivor)
        if not following:
            return survivor
        survivor = following
    return None


def _next(thing: str) -> str | None:
    """What a thing was merged into, be that what it may."""
    deprecated, replaced = term("owl:deprecated"), term("dcterms:isReplacedBy")
    text = _QUERY.format(deprecated=deprecated, replaced=replaced, thing=NamedNode(thing))
    rows = ask_text(text)
    if not _withdrawn([row["value"] for row in rows if row["property"] == deprecated]):
        return None
    return _only([plain(row["value"]) for row in rows if row["property"] == replaced], thing)


def moved(survivor: str, suffix: str | None = None) -> AnyResponse:
    """A lasting redirect to what a thing was merged into, in the same form where one is named."""
    address = "/" + survivor.removeprefix(BASE) if is_here(survivor) else survivor
    if suffix and address.startswith(("/id/", "/code/")):
        address = f"/doc/{address.removeprefix('/').removeprefix('id/')}.{suffix}"
    response = Response(status=308)
    response.headers["Location"] = address
    response.cache_control.public, response.cache_control.max_age = True, _DAY
    return response


def _only(found: Sequence[str], thing: str) -> str | None:
    """The one that has replaced a thing, if another has; nothing leads to itself."""
    return found[0] if len(found) == 1 and found[0] != thing and href(found[0]) else None


def _withdrawn(values: Iterable[Term]) -> bool:
    return any(isinstance(value, Literal) and value.value in _TRUE for value in values)
