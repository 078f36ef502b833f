"""Where an IRI leads on this server: ours to local paths, others to the web."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

from designata.vocabulary import BASE, KEY, ONTOLOGY, SHAPES

_EXTERNAL: Final = re.compile(r"https?://[^\s\"<>]+")
_DOCUMENT: Final = re.compile(
    rf"(?:code/{KEY.pattern}(?:/{KEY.pattern})?|{KEY.pattern}/{KEY.pattern})"
)


def local(iri: str) -> str:
    """The path of an IRI of ours on this server; another IRI unchanged."""
    if not iri.startswith(BASE):
        return iri
    rest = iri.removeprefix(BASE)
    return f"/doc/{rest.removeprefix('id/')}" if rest.startswith(("id/", "code/")) else f"/{rest}"


def href(iri: str) -> str | None:
    """What a page links to for an IRI, or None where a link could do harm."""
    if iri.startswith(BASE):
        return local(iri)
    return iri if _EXTERNAL.fullmatch(iri) else None


def thing_of(path: str) -> str | None:
    """The IRI that `/doc/<path>` describes, or None where no IRI of ours is so built."""
    if not _DOCUMENT.fullmatch(path):
        return None
    return BASE + (path if path.startswith("code/") else f"id/{path}")


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


def query_page(text: str) -> str:
    """The query page with a query filled in."""
    return "/query?" + urlencode({"query": text})


def sparql(text: str, **more: str) -> str:
    """The address that answers a query."""
    return "/sparql?" + urlencode({"query": text, **more})
