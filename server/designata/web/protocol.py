"""The SPARQL 1.1 Protocol: from the plain values of an HTTP request to what it asks for."""

from __future__ import annotations

import binascii
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import islice
from types import MappingProxyType
from typing import Final, NamedTuple

from designata.errors import NotAcceptable, RequestRefused, UnsupportedBody, UpdateRefused
from designata.store.formats import FORMATS
from designata.store.query import JSON_RESULTS, XML_RESULTS, Form, Query
from designata.store.tokens import tokens
from designata.web.negotiation import best

METHODS: Final = ("GET", "HEAD", "OPTIONS", "POST", "QUERY")
FORM_BODY: Final = "application/x-www-form-urlencoded"
QUERY_BODY: Final = "application/sparql-query"
UPDATE_BODY: Final = "application/sparql-update"
HTML: Final = "text/html"
DEFAULT: Final = "default-graph-uri"
NAMED: Final = "named-graph-uri"
DATASET: Final = (DEFAULT, NAMED)

OFFERS: Final[Mapping[Form, tuple[str, ...]]] = {
    form: (*media_types, HTML) for form, media_types in FORMATS.items()
}
ALIASES: Final[Mapping[str, Sequence[str]]] = {
    JSON_RESULTS: ("application/json",),
    XML_RESULTS: ("application/xml", "text/xml"),
    "application/ld+json": ("application/json",),
    "application/rdf+xml": ("application/xml", "text/xml"),
    "text/turtle": ("application/x-turtle", "text/n3", "text/rdf+n3"),
    HTML: ("application/xhtml+xml",),
}
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "json": (JSON_RESULTS, "application/ld+json"),
    "xml": (XML_RESULTS, "application/rdf+xml"),
    "csv": ("text/csv",),
    "tsv": ("text/tab-separated-values",),
    "html": (HTML,),
    **dict.fromkeys(("ttl", "turtle", "n3"), ("text/turtle",)),
    **dict.fromkeys(("nt", "ntriples", "n-triples"), ("application/n-triples",)),
    **dict.fromkeys(("jsonld", "json-ld"), ("application/ld+json",)),
    **dict.fromkeys(("rdf", "rdfxml", "rdf+xml"), ("application/rdf+xml",)),
    "trig": ("application/trig",),
    **dict.fromkeys(("nq", "nquads", "n-quads"), ("application/n-quads",)),
}
_FORMS: Final[Mapping[str, Form]] = {
    "select": "select",
    "ask": "ask",
    "construct": "graph",
    "describe": "graph",
}
_PROLOGUE: Final = 300
_STRAY_PERCENT: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Request(NamedTuple):
    """What of an HTTP request matters here; header fields are None where absent."""

    method: str
    query_string: bytes = b""
    accept: str | None = None
    content_type: str | None = None
    content_encoding: str | None = None
    body: bytes = b""


class Asked(NamedTuple):
    """A query, and the media type of the answer for each form that it may turn out to have."""

    query: Query
    media_types: Mapping[Form, str | None]


class Described(NamedTuple):
    """No query: the service is to describe itself in a media type of RDF, or as a page."""

    media_type: str


def dataset(query: Query) -> Sequence[tuple[str, str]]:
    """The parameters that name the graphs a query is asked of, where the request named any."""
    graphs = ((DEFAULT, query.default_graphs), (NAMED, query.named_graphs))
    return [(name, one) for name, found in graphs for one in found]


def read(request: Request) -> Asked | Described:
    """What a request to the endpoint asks for; a refusal where it asks for nothing clear."""
    parameters = _parameters(request)
    if "update" in parameters:
        raise UpdateRefused("this endpoint answers queries; the dataset is read-only")
    texts = parameters.get("query", [])
    if len(texts) > 1:
        raise RequestRefused(f"one query at a time: this request has {len(texts)}")
    formats = parameters.get("format", [])
    if not texts:
        return _describe(request, formats)
    try:
        media_types, written, shown = _media_types(request.accept, tuple(formats))
    except NotAcceptable as refusal:
        form = None if formats else _form_of(texts[0])
        raise NotAcceptable(str(refusal), OFFERS[form]) if form else refusal from None
    select, ask, graph = written
    query = Query(
        texts[0],
        select,
        ask,
        graph,
        default_graphs=tuple(parameters.get(DEFAULT, ())),
        named_graphs=tuple(parameters.get(NAMED, ())),
        shown=shown,
    )
    return Asked(query, media_types)


@lru_cache(maxsize=512)
def _media_types(
    accept: str | None, formats: Sequence[str]
) -> tuple[Mapping[Form, str | None], Sequence[str | None], tuple[Form, ...]]:
    """For each form the type that the client gets, and the one that the engine writes for it.

    Then the forms of which the client gets a page.
    """
    media_types = {form: choose(accept, formats, OFFERS[form]) for form in OFFERS}
    if not any(media_types.values()):
        known = tuple(dict.fromkeys(kind for offer in OFFERS.values() for kind in offer))
        raise NotAcceptable("none of the accepted media types can be produced", known)
    written = [_engine_type(form, media_type) for form, media_type in media_types.items()]
    shown = tuple(form for form, kind in media_types.items() if kind == HTML)
    return MappingProxyType(media_types), written, shown


def _form_of(text: str) -> Form | None:
    """What the text asks for if it is a query, by its first words."""
    for token in islice(tokens(text), _PROLOGUE):
        form = _FORMS.get(token.text.casefold()) if token.kind == "word" else None
        if form:
            return form
    return None


def _describe(request: Request, formats: Sequence[str]) -> Described:
    if request.method not in ("GET", "HEAD"):
        raise RequestRefused("the request has no query")
    media_type = choose(request.accept, formats, OFFERS["graph"])
    if media_type is None:
        raise RequestRefused("the parameter query is missing")
    return Described(media_type)


def choose(accept: str | None, formats: Sequence[str], offer: Sequence[str]) -> str | None:
    """The media type that `format=` names, a short name or a type, else the one of Accept."""
    wanted = formats[0].strip().lower().replace(" ", "+") if formats else ""
    if not wanted:
        return best(accept, offer, ALIASES)
    if "/" in wanted:
        return best(wanted, offer, ALIASES)
    if wanted not in NAMES:
        raise NotAcceptable(f"format={wanted!r} is not known", tuple(NAMES))
    return next((kind for kind in NAMES[wanted] if kind in offer), None)


def _engine_type(form: Form, media_type: str | None) -> str | None:
    """What the engine writes for a page that shows the result."""
    if media_type != HTML:
        return media_type
    return "application/n-triples" if form == "graph" else JSON_RESULTS


def _parameters(request: Request) -> dict[str, list[str]]:
    """The parameters of the address and of the body together."""
    found = decode_form(request.query_string)
    if request.method in ("GET", "HEAD"):
        return found
    if (request.content_encoding or "identity").lower() != "identity":
        raise UnsupportedBody("a compressed body is not read; send it without Content-Encoding")
    kind, _, rest = (request.content_type or "").partition(";")
    _check_charset(rest)
    match kind.strip().lower():
        case "application/x-www-form-urlencoded":
            for name, values in decode_form(request.body).items():
                found.setdefault(name, []).extend(values)
        case "application/sparql-query":
            found.setdefault("query", []).append(_text(request.body, "the body"))
        case "application/sparql-update":
            raise UpdateRefused("this endpoint answers queries; the dataset is read-only")
        case other:
            raise UnsupportedBody(
                f"a body of type {other or '(none)'} is not read; send {QUERY_BODY} or {FORM_BODY}"
            )
    return found


def _check_charset(parameters: str) -> None:
    found = re.search(r"charset\s*=\s*\"?([^\s;\"]+)", parameters, re.IGNORECASE)
    if found and found[1].lower() not in ("utf-8", "utf8", "us-ascii"):
        raise UnsupportedBody(f"a query is text in UTF-8, not in {found[1]}")


def decode_form(content: bytes) -> dict[str, list[str]]:
    """The parameters of a query string or form, in order; RequestRefused where not UTF-8."""
    found: dict[str, list[str]] = {}
    for pair in content.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            found.setdefault(_name(name), []).append(_decoded(value))
    return found


def _decoded(content: bytes) -> str:
    content = content.replace(b"+", b" ")
    if b"%" in content:
        if _STRAY_PERCENT.search(content):
            raise RequestRefused("a % in the parameters is not followed by two hexadecimal digits")
        content = _unquoted(content)
    return _text(content, "a parameter")


@lru_cache(maxsize=64)
def _name(content: bytes) -> str:
    """The name of a parameter, of which there are few."""
    return _decoded(content)


def _unquoted(content: bytes) -> bytes:
    """The same as `urllib.parse.unquote_to_bytes` where every % is followed by two digits.

    Quoted-printable differs from it only in its sign, and the standard library reads that in C.
    """
    return binascii.a2b_qp(content.replace(b"=", b"=3D").replace(b"%", b"="))


def _text(content: bytes, what: str) -> str:
    try:
        return content.decode("utf-8", "strict")
    except UnicodeDecodeError as error:
        raise RequestRefused(f"{what} is not text in UTF-8 (byte {error.start + 1})") from None
