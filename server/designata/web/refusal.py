"""Refusals without the application, which has not been asked, is too busy, or has failed."""

from __future__ import annotations

import json
import logging
from functools import lru_cache
from typing import Final
from urllib.parse import quote

from designata.errors import ClientLeft, DesignataError, OverBudget, StoreBusy, UnsupportedBody
from designata.vocabulary import BASE
from designata.web.cache import Reply
from designata.web.guardrails import HEADERS
from designata.web.negotiation import best
from designata.web.protocol import HTML

PROBLEM: Final = "application/problem+json"
TEXT: Final = "text/plain"
RETRY_SECONDS: Final = "5"
_ALIASES: Final = {
    PROBLEM: ("application/json", "application/ld+json", "application/sparql-results+json"),
    HTML: ("application/xhtml+xml",),
}
_MORE: Final = ("line", "available", "length")
_LOG: Final = logging.getLogger(__name__)


@lru_cache(maxsize=512)
def form_for(accept: str | None) -> str | None:
    """The media type of a refusal for a client: a problem, a page or text."""
    return best(accept, (PROBLEM, TEXT, HTML), _ALIASES)


def is_brief(error: DesignataError, accept: str | None) -> bool:
    """Whether all of a refusal is in its members, and the client reads them as they are.

    A flood of refusals is no work then.
    """
    more = error.status == UnsupportedBody.status or any(hasattr(error, name) for name in _MORE)
    return not more and form_for(accept) == PROBLEM


def refusal(error: Exception, path: str = "") -> Reply:
    """A reply without the application; the path is that of the request as WSGI has it."""
    if isinstance(error, ClientLeft):
        return Reply(ClientLeft.status, [])
    if not isinstance(error, DesignataError):
        _LOG.error("a request failed", exc_info=error)
        error = DesignataError("an error on our side; it has been logged")
    members: dict[str, object] = {
        "type": f"{BASE}problem/{error.slug}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
    }
    if path:
        members["instance"] = quote(path, encoding="latin-1")
    body = json.dumps(members, indent=2).encode() + b"\n"
    headers = [
        ("Content-Type", PROBLEM),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Vary", "Accept"),
    ]
    if error.status == StoreBusy.status:
        headers.append(("Retry-After", RETRY_SECONDS))
    if isinstance(error, OverBudget):
        headers.append(("Retry-After", str(error.wait)))
    return Reply(error.status, headers, body, tuple(HEADERS.items()))
