"""Refusals without the application, which has not been asked, is too busy, or has failed."""

from __future__ import annotations

import json
import logging
from typing import Final
from urllib.parse import quote

from designata.errors import ClientLeft, DesignataError, OverBudget, StoreBusy
from designata.vocabulary import BASE
from designata.web.cache import Reply
from designata.web.guardrails import HEADERS

_LOG: Final = logging.getLogger(__name__)


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
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    if isinstance(error, StoreBusy | OverBudget):
        headers.append(("Retry-After", "5"))
    return Reply(error.status, headers, body, tuple(HEADERS.items()))
