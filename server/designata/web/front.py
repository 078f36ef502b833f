"""What stands in front of the application: it answers what is remembered, unchanged or a query.

It runs in the one loop of the process and never waits there: what takes time is done by threads,
of which the pages have their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from io import BytesIO
from typing import Any, Final

from designata.errors import DesignataError
from designata.settings import Settings
from designata.web import endpoint, preconditions, probes
from designata.web.accounts import By, Log
from designata.web.cache import Headers, Reply
from designata.web.clients import Budgets, Proxies
from designata.web.coding import packed
from designata.web.current import Serving, Source
from designata.web.endpoint import STATE
from designata.web.exchange import CLIENT, KEY, STRETCH, Environ, Exchange
from designata.web.flights import Flights
from designata.web.inquiries import Inquiries
from designata.web.keys import SAFE, fitting, is_lasting, key_of
from designata.web.places import Crew, Shares
from designata.web.refusal import refusal
from designata.web.serving import SERVING
from designata.web.spool import filed

Conclusion = Callable[[], None]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

# What these addresses give is asked of the query processes, which may be at work for long.
_GRAPHS: Final = ("/ldf", "/rdf-graph-store")
_PAGE_THREADS: Final = 8
_PAGES_WAITING: Final = 1_000
_PAGES_OF_A_CLIENT: Final = 3
_GRAPH_THREADS: Final = 4
_GRAPHS_WAITING: Final = 64
_PROBE_THREADS: Final = 2


class Front:
    """Answers what it can, and has the application, which speaks WSGI, answer the rest."""

    def __init__(self, inner: Application, source: Source, settings: Settings) -> None:
        self._inner = inner
        self._source = source
        self._proxies = Proxies(settings.trusted_proxies)
        self._budgets = Budgets.load(settings)
        self._page_shares = Shares(_PAGES_OF_A_CLIENT)
        self._pages = Crew("page", _PAGE_THREADS, _PAGES_WAITING)
        self._graphs = Crew("graph", _GRAPH_THREADS, _GRAPHS_WAITING)
        self._probes = Crew("probe", _PROBE_THREADS, _PROBE_THREADS)
        self._inquiries = Inquiries(settings, self._budgets, self._pages)
        self._replies: Flights[Reply] = Flights()
        self._log = Log(settings)

    def remembered(self, environ: Environ) -> Reply | None:
        """The reply, if it is known already; the client is introduced in any case."""
        started = time.perf_counter()
        client = environ[CLIENT] = self._proxies.introduce(environ)
        key = environ[KEY] = key_of(environ)
        known = self._source.now().cache.get(key) if key else None
        if known is None:
            return None
        reply = self._fitting(environ, known, client)
        self._log.write(environ, reply, time.perf_counter() - started, "memory")
        return reply

    async def answer(self, exchange: Exchange) -> tuple[Reply, Conclusion]:
        """The reply to a request, wholly from what is served when it begins.

        The conclusion is to be drawn when the reply is on its way, so that nobody waits for it.
        """
        started = time.perf_counter()
        environ = exchange.environ
        serving = self._source.acquire()
        try:
            reply, by = await self._find(exchange, serving)
        except Exception as error:
            reply, by = refusal(error, environ["PATH_INFO"]), "application"
        finally:
            self._source.release(serving)
        sent = self._sound(environ, reply)
        seconds = time.perf_counter() - started
        return sent, partial(self._conclude, environ, serving, reply, sent, seconds, by)

    def refuse(self, environ: Environ, error: DesignataError) -> Reply:
        """The reply to a request that nobody has to look at."""
        client = environ[CLIENT] = self._proxies.introduce(environ)
        reply = self._fitting(environ, refusal(error, environ["PATH_INFO"]), client)
        self._log.write(environ, reply, 0.0, "gate")
        return reply

    def _sound(self, environ: Environ, reply: Reply) -> Reply:
        """The reply as its client gets it; a refusal where it cannot be written as HTTP."""
        try:
            sent = self._fitting(environ, reply, environ[CLIENT])
            _ = sent.head
        except Exception as error:
            failed = refusal(error, environ["PATH_INFO"])
            return self._fitting(environ, failed, environ[CLIENT])
        return sent

    def _fitting(self, environ: Environ, reply: Reply, client: str | None) -> Reply:
        """The reply as this client gets it."""
        # Only what has no key may have such conditions.
        if environ.get(KEY) is None:
            try:
                preconditions.check(environ, reply)
            except DesignataError as error:
                reply = refusal(error, environ["PATH_INFO"])
        reply = fitting(environ, reply)
        if client is None or environ["PATH_INFO"] not in endpoint.PATHS:
            return reply
        headers = [*reply.headers, *self._budgets.headers(client)]
        return Reply(reply.status, headers, reply.body, reply.shared, reply.keeper)

    def _conclude(
        self,
        environ: Environ,
        serving: Serving,
        reply: Reply,
        sent: Reply,
        seconds: float,
        by: By,
    ) -> None:
        """Note what was sent, and remember a reply that may be given again.

        An answer of the store is remembered by its question. Only when it is asked for again, the
        words of the request are remembered too: many never are.
        """
        self._log.write(environ, sent, seconds, by)
        if by in ("memory", "application"):
            key = environ[KEY]
            if key and (endpoint.is_kept(reply) if by == "memory" else is_lasting(reply)):
                serving.cache.put(key, reply, sum(map(len, filter(None, key))))

    async def _find(self, exchange: Exchange, serving: Serving) -> tuple[Reply, By]:
        """The reply as for a client that has nothing yet, and who made it."""
        environ = exchange.environ
        key, path = environ[KEY], environ["PATH_INFO"]
        if path in probes.PATHS:
            return await self._probe(exchange, serving), "probe"
        if path in endpoint.PATHS and environ["REQUEST_METHOD"] in endpoint.METHODS:
            found = await self._inquiries.find(exchange, serving)
            if found:
                return found
        shared = None if STATE in environ or not key else (serving.name, key)
        reply = await self._replies.join(
            shared, lambda _: self._ask(environ, serving, key is not None), exchange.leaving
        )
        return reply, "application"

    async def _probe(self, exchange: Exchange, serving: Serving) -> Reply:
        """The reply to a probe; all that ask at the same time get the same."""
        path, method = exchange.environ["PATH_INFO"], exchange.environ["REQUEST_METHOD"]
        if path == probes.ALIVE or method not in SAFE:
            return probes.answer(method, path, serving)
        work = partial(probes.answer, method, path, serving)
        return await self._replies.join(
            (serving.name, path), lambda _: self._probes.do(work), exchange.leaving
        )

    async def _ask(self, environ: Environ, serving: Serving, whole: bool) -> Reply:
        """The reply of the application; the whole, whatever the client has already."""
        environ = {**environ, SERVING: serving, "wsgi.input": BytesIO()}
        if whole:
            environ["REQUEST_METHOD"] = "GET"
        if whole or "HTTP_IF_UNMODIFIED_SINCE" in environ:
            # That comes first (RFC 9110, section 13.2.2), and here.
            environ.pop("HTTP_IF_NONE_MATCH", None)
            environ.pop("HTTP_IF_MODIFIED_SINCE", None)
        crew = self._graphs if environ["PATH_INFO"].startswith(_GRAPHS) else self._pages
        async with self._page_shares.taken(environ[CLIENT]):
            return await crew.do(partial(self._run, environ, serving))

    def _run(self, environ: Environ, serving: Serving) -> Reply:
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
        # When it is sent is said then: a reply may be remembered for long.
        dateless = (field for field in headers if field[0].lower() != "date")
        headers = [*dateless, serving.release_header]
        reply = Reply(int(status[:3]), headers, environ.get(STRETCH, body))
        return filed(packed(reply, environ.get("HTTP_ACCEPT_ENCODING")))
