"""The few lines in front of the application: what is remembered, unchanged or a plain query."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal

from designata.settings import Settings
from designata.web import endpoint, probes
from designata.web.accounts import Log
from designata.web.bodies import Bodies
from designata.web.cache import Headers, Reply
from designata.web.clients import Budgets, Proxies
from designata.web.current import Serving, Source
from designata.web.endpoint import CLIENT, Environ, Limits
from designata.web.places import Places, capacity
from designata.web.serving import SERVING

_UNCHANGED: Final = "304 Not Modified"
_STATUSES: Final = ("200 ", "303 ")
_VARIES: Final = frozenset(("accept", "accept-encoding", "accept-language"))
_SPECIAL: Final = (
    "HTTP_RANGE",
    "HTTP_IF_MODIFIED_SINCE",
    "HTTP_IF_MATCH",
    "HTTP_IF_UNMODIFIED_SINCE",
    "HTTP_AUTHORIZATION",
)
By = Literal["memory", "store", "application", "probe"]
Key = tuple[Any, ...]
Start = Callable[..., Any]
Application = Callable[[Environ, Start], Iterable[bytes]]


class Front:
    """A WSGI application that answers what it can, and has another answer the rest."""

    def __init__(self, inner: Application, source: Source, settings: Settings) -> None:
        self._inner = inner
        self._source = source
        self._proxies = Proxies(settings.trusted_proxies)
        self._limits = Limits(Budgets.load(settings), Places(capacity(settings)), Bodies())
        self._log = Log(settings)

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        """Answer a request, wholly from what is served when it begins."""
        started = time.perf_counter()
        client = environ[CLIENT] = self._proxies.client(environ)
        serving = self._source.acquire()
        try:
            reply, by = self._find(environ, serving)
        finally:
            self._source.release(serving)
        headers: Headers = []
        if client is not None and environ["PATH_INFO"] in endpoint.PATHS:
            headers = [*self._limits.budgets.headers(client)]
        status, content = _send(environ, reply, headers, start_response)
        size = sum(map(len, content))
        self._log.write(environ, status, size, time.perf_counter() - started, by)
        return content

    def _find(self, environ: Environ, serving: Serving) -> tuple[Reply, By]:
        """The reply, and who made it."""
        key = key_of(environ)
        known = serving.cache.get(key) if key else None
        if known is not None:
            return known, "memory"
        path, reply = environ["PATH_INFO"], None
        if key and path in probes.PATHS:
            return probes.answer(path, serving), "probe"
        if path in endpoint.PATHS:
            reply = endpoint.respond(environ, serving, self._limits)
        by: By = "store" if reply else "application"
        if reply is None:
            reply = self._whole(environ, serving) if key else self._ask(environ, serving)
        if key and environ["REQUEST_METHOD"] == "GET" and is_lasting(reply):
            serving.cache.put(key, reply, len(environ["QUERY_STRING"]))
        return reply, by

    def _whole(self, environ: Environ, serving: Serving) -> Reply:
        """The reply as for a client that has nothing yet; what it has is compared afterwards."""
        tags = environ.pop("HTTP_IF_NONE_MATCH", None)
        reply = self._ask(environ, serving)
        if tags is not None:
            environ["HTTP_IF_NONE_MATCH"] = tags
        return reply

    def _ask(self, environ: Environ, serving: Serving) -> Reply:
        """The reply of the application, whole."""
        environ[SERVING] = serving
        started: list[Any] = []

        def start(status: str, headers: Headers, exc_info: Any = None) -> None:
            started[:] = [status, headers]

        content = self._inner(environ, start)
        try:
            body = b"".join(content)
        finally:
            if hasattr(content, "close"):
                content.close()
        status, headers = started
        return Reply(status, [*headers, serving.release_header], body)


def key_of(environ: Environ) -> Key | None:
    """Under which key the reply to a request may be remembered; None: under none."""
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    get = environ.get
    for name in _SPECIAL:
        if name in environ:
            return None
    return (
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        get("HTTP_ACCEPT"),
        get("HTTP_ACCEPT_ENCODING"),
        get("HTTP_ACCEPT_LANGUAGE"),
        get("HTTP_HOST"),
        get("wsgi.url_scheme"),
    )


def is_lasting(reply: Reply) -> bool:
    """Whether the same may be answered to the next who asks so: never an error."""
    if not reply.status.startswith(_STATUSES):
        return False
    found = {name.lower(): value for name, value in reply.all_headers()}
    varies = {name.strip().lower() for name in found.get("vary", "").split(",") if name.strip()}
    return "public" in found.get("cache-control", "") and varies <= _VARIES


def _send(
    environ: Environ, reply: Reply, more: Headers, start_response: Start
) -> tuple[int, list[bytes]]:
    tags = environ.get("HTTP_IF_NONE_MATCH")
    if tags is not None and reply.unchanged_for(tags):
        start_response(_UNCHANGED, [*reply.kept_headers(), *more])
        return 304, []
    start_response(reply.status, [*reply.all_headers(), *more])
    content = [] if environ["REQUEST_METHOD"] == "HEAD" else [reply.body]
    return int(reply.status[:3]), content
