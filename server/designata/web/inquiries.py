"""The queries of clients, on their way to the store: each within its client's budget."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from designata.errors import ClientLeft, DesignataError
from designata.settings import Settings
from designata.store.departure import Departure
from designata.store.query import Answer
from designata.web import endpoint
from designata.web.accounts import By
from designata.web.bodies import Bodies
from designata.web.cache import Reply
from designata.web.clients import Budgets
from designata.web.current import Serving
from designata.web.endpoint import STATE, Pending, State
from designata.web.exchange import CLIENT, Exchange
from designata.web.flights import Flights
from designata.web.places import Crew, Shares, capacity, places, share
from designata.web.refusal import is_brief, refusal
from designata.web.spool import LARGE

_SHORT_TEXT: Final = 4_096
_SHORT_BODY: Final = 16_384


class Inquiries:
    """The queries of one process; all that ask the same at the same time wait for one answer."""

    def __init__(self, settings: Settings, budgets: Budgets, readers: Crew) -> None:
        """The readers look at long queries, which would hold the loop up."""
        self._budgets = budgets
        self._readers = readers
        self._bodies = Bodies()
        self._places = places(capacity(settings))
        self._shares = Shares(share(settings))
        self._crew = Crew("query", capacity(settings), 0)
        self._answers: Flights[Reply | Answer] = Flights()

    async def find(self, exchange: Exchange, serving: Serving) -> tuple[Reply, By] | None:
        """The reply to a query, and who made it; None where it is to be a page or a refusal.

        The application finds what it needs for that in the STATE of the request.
        """
        environ = exchange.environ
        state = environ[STATE] = State()
        try:
            pending = await self._begin(exchange, serving)
            if not isinstance(pending, Pending):
                return (pending, "memory") if pending else None
            client = environ[CLIENT]
            work = partial(self._work, pending, client, serving)
            with self._budgets.asking(client):
                async with self._shares.taken(client):
                    outcome = await self._answers.join(pending.key, work, exchange.leaving)
            if isinstance(outcome, Reply):
                return outcome, "store"
            state.answer, state.etag = outcome, pending.etag
        except ClientLeft:
            raise
        except DesignataError as error:
            if is_brief(error, environ.get("HTTP_ACCEPT")):
                found = refusal(error, environ["PATH_INFO"])
                return replace(found, headers=[*found.headers, serving.release_header]), "store"
            state.refusal = error
        return None

    async def _begin(self, exchange: Exchange, serving: Serving) -> Reply | Pending | None:
        """Read the question, and look for its answer in memory."""
        environ, body = exchange.environ, b""
        if endpoint.takes_body(environ):
            largest = endpoint.largest_body(serving.served.settings)
            body = await self._bodies.read(exchange, largest)
        begin = partial(endpoint.begin, environ, serving, body)
        if len(body) + len(environ["QUERY_STRING"]) <= _SHORT_TEXT:
            return begin()
        return await self._readers.do(begin)

    async def _work(
        self, pending: Pending, client: str | None, serving: Serving, departure: Departure
    ) -> Reply | Answer:
        """Ask the store, on the client's account."""
        query, pool = pending.asked.query, serving.served.pool
        async with self._places:
            with self._budgets.spending(client):
                answer = await pool.ask(query, departure, self._crew.threads)
        finish = partial(endpoint.finish, pending, serving, answer)
        # To pack it, or to write it into a file, takes time.
        quick = len(answer.body) <= (_SHORT_BODY if pending.packed else LARGE)
        return finish() if quick else await self._crew.do(finish)
