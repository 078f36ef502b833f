"""Where an IRI leads on this server: ours to local paths, others to the web."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, unquote, urlencode

from designata.vocabulary import BASE, KEY, ONTOLOGY, SHAPES, is_iri

_EXTERNAL: Final = re.compile(r"https?://[^\s\"<>]+")
_PLAIN: Final = re.compile(rf"{KEY.pattern}(?:/{KEY.pattern})*")
_KEPT: Final = "!$&'()*+,/:;=@~%"
_ESCAPES: Final = re.compile("%[0-9a-fA-F]{2}")
_NOT_IN_IRIS: Final = re.compile(r"[\x00-\x20\x7f<>\"{}|\\^`%]")


def local(iri: str) -> str:
    """The path of an IRI of ours on this server, in ASCII; another IRI unchanged."""
    if not is_here(iri):
        return iri
    rest = iri.removeprefix(BASE)
    if rest.startswith(("id/", "code/")):
        return f"/doc/{quote(rest.removeprefix('id/'), safe=_KEPT)}"
    return f"/{quote(rest, safe=_KEPT + '#?')}"


def is_here(iri: str) -> bool:
    """Whether an IRI is ours; what begins with two slashes after the host leads to another host."""
    return iri.startswith(BASE) and not iri.startswith(BASE + "/")


def href(iri: str) -> str | None:
    """What a page links to for an IRI, or None where a link could do harm."""
    if is_here(iri):
        return local(iri)
    return iri if _EXTERNAL.fullmatch(iri) else None


def things_of(path: str) -> Sequence[str]:
    """The IRIs that `/doc/<path>` may describe, by its path as it was sent: at most four.

    What is escaped there may be escaped in the IRI, or not.
    """
    start = BASE if path.startswith("code/") else BASE + "id/"
    if _PLAIN.fullmatch(path):
        return (start + path,)
    as_it_is = _NOT_IN_IRIS.sub(lambda one: f"%{ord(one[0]):02X}", unquote(path))
    escaped = quote(as_it_is, safe=_KEPT)
    sent = () if path == escaped else (path, _ESCAPES.sub(lambda one: one[0].upper(), path))
    names = dict.fromkeys((*sent, as_it_is, escaped))
    return [start + name for name in names if is_iri(start + name)]


def kind_of(iri: str) -> str | None:
    """The kind of thing that an IRI names: `organization`, …, `code`, `term`, `shape`."""
    if iri.startswith(ONTOLOGY + "#") and not iri.endswith("#"):
        return "term"
    if iri.startswith(SHAPES + "#"):
        return "shape"
    rest = iri.removeprefix(BASE).split("/") if iri.startswith(BASE) else ()
    match rest:
        case ["id", kind, _]:
            return kind
        case ["code", _]:
            return "scheme"
        case ["code", _, _]:
            return "code"
    return None


def query_page(text: str, dataset: Sequence[tuple[str, str]] = ()) -> str:
    """The query page with a query filled in, and the graphs that it is asked of."""
    return "/query?" + urlencode([("query", text), *dataset])


def sparql(text: str, dataset: Sequence[tuple[str, str]] = (), **more: str) -> str:
    """The address that answers a query, of the graphs in the parameters `dataset` if any."""
    return "/sparql?" + urlencode([("query", text), *dataset, *more.items()])
