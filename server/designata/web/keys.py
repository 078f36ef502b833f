"""Which replies may be given again, and to whom."""

from __future__ import annotations

from typing import Any, Final

from designata.web.cache import Reply
from designata.web.exchange import Environ

Key = tuple[Any, ...]

SAFE: Final = ("GET", "HEAD")
_STATUSES: Final = (200, 303)
_VARIES: Final = frozenset(("accept", "accept-encoding", "accept-language"))
_SPECIAL: Final = (
    "HTTP_RANGE",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_AUTHORIZATION",
)


def key_of(environ: Environ) -> Key | None:
    """Under which key the reply to a request may be remembered; None: under none."""
    if environ["REQUEST_METHOD"] not in SAFE:
        return None
    get = environ.get
    for name in _SPECIAL:
        if name in environ:
            return None
    return (
        # As it was sent: an escape may make a difference.
        environ["REQUEST_URI"].partition("?")[0],
        environ["QUERY_STRING"],
        get("HTTP_ACCEPT"),
        get("HTTP_ACCEPT_ENCODING"),
        get("HTTP_ACCEPT_LANGUAGE"),
        get("HTTP_HOST"),
        get("wsgi.url_scheme"),
    )


def is_lasting(reply: Reply) -> bool:
    """Whether the same may be answered to the next who asks so: never an error."""
    if reply.status not in _STATUSES:
        return False
    found = {name.lower(): value for name, value in reply.all_headers}
    varies = {name.strip().lower() for name in found.get("vary", "").split(",") if name.strip()}
    return "public" in found.get("cache-control", "") and varies <= _VARIES


def fitting(environ: Environ, reply: Reply) -> Reply:
    """The reply as this client gets it: nothing where it has it already, or wants the header."""
    tags = environ.get("HTTP_IF_NONE_MATCH")
    safe = environ["REQUEST_METHOD"] in (*SAFE, "QUERY")
    if tags is not None and safe and reply.unchanged_for(tags):
        return reply.unchanged
    if environ["REQUEST_METHOD"] == "HEAD":
        return reply.bare
    return reply
