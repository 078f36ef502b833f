"""Queries over the SPARQL 1.1 Protocol, answered without a framework.

Only what is quick and common is answered here: results in the types that the engine writes. Pages,
refusals and the description of the service are left to the application, which finds in the
environment of the request what is known already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from designata import __version__
from designata.errors import AddressTooLong, DesignataError
from designata.settings import Settings
from designata.store.normal import is_repeatable, normalise
from designata.store.query import Answer, Form
from designata.web import protocol
from designata.web.bodies import Bodies
from designata.web.cache import Headers, Reply, matches
from designata.web.clients import Budgets
from designata.web.coding import SMALLEST, pack, takes_gzip
from designata.web.current import Serving
from designata.web.places import Places
from designata.web.protocol import HTML, Asked, Described

PATHS: Final = ("/sparql", "/sparql/")
STATE: Final = "designata.sparql"
CLIENT: Final = "designata.client"
MAX_AGE: Final = 300
Environ = dict[str, Any]

_FORM_FACTOR: Final = 3
_FORM_BYTES: Final = 16_384
_PARAMETERS: Final = {
    "text/csv": "; charset=utf-8; header=present",
    "text/tab-separated-values": "; charset=utf-8",
    "text/turtle": "; charset=utf-8",
    HTML: "; charset=utf-8",
}
_KEPT: Final = ("Cache-Control", f"public, max-age={MAX_AGE}")
_UNKEPT: Final = ("Cache-Control", "no-store")
_METHODS: Final = ("GET", "HEAD", "POST", "QUERY")


@dataclass(slots=True)
class State:
    """What is known of a request when it is left to the application."""

    asked: Asked | Described | None = None
    answer: Answer | None = None
    refusal: DesignataError | None = None
    etag: str | None = None


def content_type(media_type: str) -> str:
    """A media type with the parameters that belong to it."""
    return media_type + _PARAMETERS.get(media_type, "")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client may use, and all of them together."""

    budgets: Budgets
    places: Places
    bodies: Bodies


def respond(environ: Environ, serving: Serving, limits: Limits) -> Reply | None:
    """The reply to a query; None where the application is to answer, from the state left to it."""
    if environ["REQUEST_METHOD"] not in _METHODS:
        return None
    state = environ[STATE] = State()
    try:
        state.asked = asked = protocol.read(
            _plain_request(environ, serving.served.settings, limits.bodies)
        )
        if isinstance(asked, Described):
            return None
        return _answer(environ, serving, limits, asked)
    except DesignataError as error:
        state.refusal = error
        return None


def _plain_request(environ: Environ, settings: Settings, bodies: Bodies) -> protocol.Request:
    """The request as plain values; a refusal before a byte too many is read."""
    largest = settings.query_bytes * _FORM_FACTOR + _FORM_BYTES
    query_string: str = environ.get("QUERY_STRING", "")
    if len(query_string) > largest:
        raise AddressTooLong(
            f"an address may have {largest:,} bytes; send the query in the body of a POST"
        )
    method = environ["REQUEST_METHOD"]
    return protocol.Request(
        method,
        query_string.encode("latin-1"),
        environ.get("HTTP_ACCEPT"),
        environ.get("CONTENT_TYPE"),
        environ.get("HTTP_CONTENT_ENCODING"),
        bodies.read(environ, largest, environ.get(CLIENT)) if method in ("POST", "QUERY") else b"",
    )


def _answer(environ: Environ, serving: Serving, limits: Limits, asked: Asked) -> Reply | None:
    packed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING"))
    text = asked.query.text
    small = len(text) <= serving.served.settings.query_bytes
    etag = _etag(serving, asked) if small and is_repeatable(text) else None
    if etag:
        known = _known(environ, serving, etag, packed)
        if known:
            return known
    answer = _ask(environ, serving, limits, asked)
    if asked.media_types[answer.form] == HTML:
        environ[STATE].answer, environ[STATE].etag = answer, etag
        return None
    reply = _reply(serving, answer, etag, packed)
    if etag:
        serving.cache.put((etag, packed), reply)
    return reply


def _ask(environ: Environ, serving: Serving, limits: Limits, asked: Asked) -> Answer:
    """The answer of the store, on the client's account."""
    with limits.budgets.spending(environ.get(CLIENT)), limits.places.taken():
        return serving.served.pool.query(asked.query)


def _known(environ: Environ, serving: Serving, etag: str, packed: bool) -> Reply | None:
    """What can be answered without asking the store: 304, or the same as before."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    reply = serving.cache.get((etag, packed))
    if reply is None and tags:
        for candidate in (_of_packed(etag), etag) if packed else (etag,):
            if matches(tags, candidate) and tags != "*":
                return Reply("200 OK", validators(candidate), b"", serving.common_headers)
    return reply


def _reply(serving: Serving, answer: Answer, etag: str | None, packed: bool) -> Reply:
    body = answer.body
    packed = packed and len(body) >= SMALLEST
    if packed:
        body = pack(body)
        etag = _of_packed(etag) if etag else None
    headers = [
        ("Content-Type", content_type(answer.media_type)),
        ("Content-Length", str(len(body))),
        *validators(etag),
    ]
    if packed:
        headers.append(("Content-Encoding", "gzip"))
    return Reply("200 OK", headers, body, serving.common_headers)


def validators(etag: str | None) -> Headers:
    """How long an answer may be kept; one that depends on the moment may not be kept at all."""
    return [_UNKEPT] if etag is None else [("ETag", etag), _KEPT]


def _of_packed(etag: str) -> str:
    return f'{etag[:-1]}-gzip"'


def _etag(serving: Serving, asked: Asked) -> str:
    """The entity tag of an answer that nobody has asked the store for yet."""
    query = asked.query
    parts: tuple[object, ...] = (
        __version__,
        serving.served.identity,
        normalise(query.text),
        query.default_graphs,
        query.named_graphs,
        _types(asked.media_types),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _types(media_types: Mapping[Form, str | None]) -> tuple[str | None, ...]:
    return tuple(media_types.get(form) for form in ("select", "ask", "graph"))
