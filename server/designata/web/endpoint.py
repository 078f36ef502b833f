"""Queries over the SPARQL 1.1 Protocol, answered without a framework.

Only what is quick and common is answered here: results in the types that the engine writes. Pages,
refusals and the description of the service are left to the application, which finds in the
environment of the request what is known already.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from designata import __version__
from designata.errors import AddressTooLong, DesignataError
from designata.settings import Settings
from designata.store.normal import is_repeatable, normalise
from designata.store.query import Answer
from designata.web import protocol
from designata.web.cache import Headers, Reply, matches
from designata.web.coding import SMALLEST, pack, takes_gzip
from designata.web.current import Serving
from designata.web.exchange import TAG, Environ
from designata.web.keys import SAFE
from designata.web.protocol import HTML, Asked, Described
from designata.web.spool import filed

PATHS: Final = ("/sparql", "/sparql/")
STATE: Final = "designata.sparql"
MAX_AGE: Final = 300

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
METHODS: Final = ("GET", "HEAD", "POST", "QUERY")


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


class Pending(NamedTuple):
    """A query that the store is to be asked, and the validator of the answer."""

    asked: Asked
    etag: str | None
    packed: bool

    @property
    def key(self) -> Hashable | None:
        """What is the same for the same answer; None where the next one may differ."""
        return (self.etag, self.packed) if self.etag else None


def largest_body(settings: Settings) -> int:
    """How many bytes a request may have: a query may be escaped, and have parameters beside it."""
    return settings.query_bytes * _FORM_FACTOR + _FORM_BYTES


def takes_body(environ: Environ) -> bool:
    """Whether the protocol reads the body of such a request."""
    return environ["REQUEST_METHOD"] in ("POST", "QUERY")


def begin(environ: Environ, serving: Serving, body: bytes) -> Reply | Pending | None:
    """The reply where it is known, else what is to be asked.

    None where the application is to answer, from the state left to it.
    """
    state: State = environ[STATE]
    state.asked = asked = protocol.read(_plain_request(environ, serving.served.settings, body))
    if isinstance(asked, Described):
        return None
    packed = takes_gzip(environ.get("HTTP_ACCEPT_ENCODING"))
    text = asked.query.text
    small = len(text.encode("utf-8", "replace")) <= serving.served.settings.query_bytes
    etag = _etag(serving, asked) if small and is_repeatable(text) else None
    environ[TAG] = etag
    pending = Pending(asked, etag, packed)
    return (_known(environ, serving, etag, packed) if etag else None) or pending


def finish(pending: Pending, serving: Serving, answer: Answer) -> Reply | Answer:
    """The reply to a query from the answer of the store; that itself where a page shows it."""
    asked, etag, packed = pending
    if asked.media_types[answer.form] == HTML:
        return answer
    reply = filed(_reply(serving, answer, etag, packed))
    if etag:
        serving.cache.put((etag, packed), reply)
    return reply


def _plain_request(environ: Environ, settings: Settings, body: bytes) -> protocol.Request:
    """The request as plain values."""
    query_string: str = environ.get("QUERY_STRING", "")
    largest = largest_body(settings)
    if len(query_string) > largest:
        raise AddressTooLong(
            f"an address may have {largest:,} bytes; send the query in the body of a POST"
        )
    return protocol.Request(
        environ["REQUEST_METHOD"],
        query_string.encode("latin-1"),
        environ.get("HTTP_ACCEPT"),
        environ.get("CONTENT_TYPE"),
        environ.get("HTTP_CONTENT_ENCODING"),
        body,
    )


def _known(environ: Environ, serving: Serving, etag: str, packed: bool) -> Reply | None:
    """What can be answered without asking the store: 304, or the same as before."""
    reply = serving.cache.get((etag, packed))
    tags = environ.get("HTTP_IF_NONE_MATCH")
    # Where nobody knows whether there is an answer at all, `*` says nothing.
    if reply is None and tags and "*" not in tags and environ["REQUEST_METHOD"] in SAFE:
        for candidate in (_of_packed(etag), etag) if packed else (etag,):
            if matches(tags, candidate):
                return Reply(304, validators(candidate), b"", serving.common_headers)
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
    return Reply(200, headers, body, serving.common_headers)


def validators(etag: str | None) -> Headers:
    """How long an answer may be kept; one that depends on the moment may not be kept at all."""
    return [_UNKEPT] if etag is None else [("ETag", etag), _KEPT]


def is_kept(reply: Reply) -> bool:
    """Whether a reply of this module may be given again to who asks the same."""
    return reply.status == 200 and _KEPT in reply.headers


def _of_packed(etag: str) -> str:
    return f'{etag[:-1]}-gzip"'


def _etag(serving: Serving, asked: Asked) -> str:
    """The entity tag of an answer that nobody has asked the store for yet."""
    query, kinds = asked.query, asked.media_types.values()
    # A page shows the text as it was written.
    text = query.text if HTML in kinds else normalise(query.text)
    # How long the text is says where it ends; no other part can have such a line in it.
    rest = (query.default_graphs, query.named_graphs, *kinds)
    content = f"{__version__}\n{serving.served.identity}\n{len(text)}\n{text}\n{rest}"
    digest = hashlib.blake2b(content.encode("utf-8", "surrogatepass"), digest_size=16)
    return f'"{digest.hexdigest()}"'
