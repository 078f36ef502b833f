"""What those who watch over the server ask: is it alive, can it answer, what has it done."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from designata.errors import DesignataError
from designata.store.query import Query
from designata.web.accounts import METRICS_TYPE, exposition
from designata.web.cache import Reply
from designata.web.current import Serving
from designata.web.guardrails import HEADERS, options_headers

_SECONDS: Final = 2.0
_SAMPLE: Final = Query("ASK { ?s ?p ?o }")
_METHODS: Final = ("GET", "HEAD", "OPTIONS")
_TEXT: Final = "text/plain; charset=utf-8"
ALIVE: Final = "/healthz"
PATHS: Final = (ALIVE, "/readyz", "/metrics")


def answer(method: str, path: str, serving: Serving) -> Reply:
    """The reply to a probe."""
    if method not in ("GET", "HEAD"):
        return _refuse(method)
    if path == "/metrics":
        return _reply(200, exposition(), METRICS_TYPE)
    if path == ALIVE:
        return _reply(200, b"alive\n")
    problem = _problem(serving)
    if problem:
        return _reply(503, f"not ready: {problem}\n".encode())
    return _reply(200, f"ready: {serving.served.identity}\n".encode())


def _refuse(method: str) -> Reply:
    if method == "OPTIONS":
        return Reply(204, options_headers(_METHODS), shared=tuple(HEADERS.items()))
    allow = ("Allow", ", ".join(_METHODS))
    found = _reply(405, f"{method} is not possible here; use GET\n".encode())
    return replace(found, headers=[*found.headers, allow])


def _problem(serving: Serving) -> str | None:
    """Why no query can be answered now; asked of the processes of the pages, within a moment."""
    release = serving.served.release
    if release and not release.is_there():
        return f"the files of release {release.id} are not there any more"
    try:
        full = b"true" in serving.served.pool.within(_SECONDS).query(_SAMPLE, lane="pages").body
    except DesignataError as error:
        return error.detail
    return None if full else "the dataset is empty"


def _reply(status: int, body: bytes, media_type: str = _TEXT) -> Reply:
    headers = [
        ("Content-Type", media_type),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    return Reply(status, headers, body, tuple(HEADERS.items()))
