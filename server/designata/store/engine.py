"""A SPARQL 1.1 engine at an address: asked with the guarded client, believed only when whole."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from designata.errors import (
    QueryFailed,
    QueryTimeout,
    ResultTooLarge,
    StoreBusy,
    StoreUnavailable,
)
from designata.settings import Settings
from designata.store.client import (
    Expired,
    Limits,
    Reply,
    TooLong,
    Unreachable,
    check_address,
    send,
    shown,
)
from designata.store.credentials import Credentials
from designata.store.query import JSON_RESULTS

N_TRIPLES: Final = "application/n-triples"
FORM: Final = "application/x-www-form-urlencoded"
_END_BYTES: Final = 300
_LATE: Final = ("timed out", "timeout", "time limit", "cancelled", "execution time")


@dataclass(frozen=True, slots=True)
class Dataset:
    """The graphs that a query sees, by their names in the engine; with none at all, every one."""

    default: Sequence[str]
    named: Sequence[str]


@dataclass(frozen=True, slots=True)
class Engine:
    """Where queries go, as whom, and what one may use."""

    url: str
    limits: Limits
    credentials: Credentials | None = None

    @property
    def name(self) -> str:
        """The address as everybody may read it."""
        return shown(self.url)

    def ask(self, text: str, dataset: Dataset, media_type: str) -> Reply:
        """The whole answer to a query in exactly this media type, else a refusal."""
        fields = [
            ("query", text),
            *(("default-graph-uri", name) for name in dataset.default),
            *(("named-graph-uri", name) for name in dataset.named),
        ]
        reply = self._send(fields, media_type)
        if reply.status != 200:
            raise _refusal(self.name, reply)
        if "x-sql-state" in reply.headers:
            raise QueryTimeout("the engine stopped the query and answered with a part only")
        if reply.media_type != media_type or reply.headers.get("content-encoding"):
            found = reply.headers.get("content-type", "no type")
            raise StoreUnavailable(f"{self.name} answered with {found} instead of {media_type}")
        if media_type == N_TRIPLES and not reply.is_delimited:
            # Where triples are left out, nobody can see it.
            raise StoreUnavailable(f"{self.name} does not say where its answer ends")
        return reply

    def rows(self, text: str, dataset: Dataset) -> list[Mapping[str, str]]:
        """The values of each row of a SELECT query, without their kinds."""
        try:
            found = document(self.ask(text, dataset, JSON_RESULTS))["results"]["bindings"]
            return [{name: str(term["value"]) for name, term in row.items()} for row in found]
        except (LookupError, TypeError, AttributeError):
            raise StoreUnavailable(f"{self.name} answered with rows that are none") from None

    def _send(self, fields: Sequence[tuple[str, str]], media_type: str) -> Reply:
        headers = {"Accept": media_type, "Content-Type": FORM}
        try:
            return send(
                "POST",
                self.url,
                self.limits,
                headers=headers,
                body=urlencode(fields).encode(),
                credentials=self.credentials,
            )
        except Expired:
            raise QueryTimeout(
                f"the query was given up after {self.limits.seconds:g} seconds; ask for less, "
                "for example with a tighter pattern or a LIMIT"
            ) from None
        except TooLong:
            raise ResultTooLarge(
                f"the result has more than {self.limits.body_bytes:,} bytes; "
                "ask for less with LIMIT, or download the whole dataset"
            ) from None
        except Unreachable as error:
            raise StoreUnavailable(f"{self.name} does not answer: {error}") from None


def engine_of(settings: Settings, url: str | None = None) -> Engine:
    """The engine that the settings name, or another address with the same credentials."""
    address = check_address(url or settings.store)
    limits = Limits(settings.query_seconds, settings.result_bytes)
    return Engine(address, limits, credentials_of(settings))


def credentials_of(settings: Settings) -> Credentials | None:
    """The name and password of the settings, or None."""
    if not settings.store_user:
        return None
    return Credentials(settings.store_user, settings.store_password)


def document(reply: Reply) -> Any:
    """The JSON document of an answer, whole and of the right form."""
    try:
        found = json.loads(reply.body)
        if "boolean" in found:
            assert isinstance(found["boolean"], bool)
        else:
            assert isinstance(found["results"]["bindings"], list)
    except (ValueError, LookupError, TypeError, AssertionError, RecursionError):
        # An engine that stops when it has begun to answer can say so at the end only.
        if _says_late(reply.body[-_END_BYTES:]):
            raise QueryTimeout("the engine stopped the query when it had begun to answer") from None
        raise StoreUnavailable("the engine's answer is not a whole result in JSON") from None
    return found


def refuse_cut(reply: Reply, rows: int, limit: int | None) -> None:
    """ResultTooLarge where the engine has cut a result, as Virtuoso says in a header only.

    It says so too where the result ends of itself with the last row that is let through.
    """
    most = reply.headers.get("x-sparql-maxrows")
    if most is not None and rows != limit:
        raise ResultTooLarge(
            f"the engine cuts results at {most} rows; ask for less with LIMIT, "
            "or let its operator raise the limit (ResultSetMaxRows)"
        )


def _says_late(text: bytes) -> bool:
    return any(words in text.decode("utf-8", "replace").lower() for words in _LATE)


def _refusal(url: str, reply: Reply) -> Exception:
    """The error that a status of the engine stands for."""
    late = _says_late(reply.body[:2_000])
    match reply.status:
        case 408 | 504:
            return QueryTimeout("the engine stopped the query")
        case 400 | 429 | 500 | 503 if late:
            return QueryTimeout(f"the engine stopped the query: {reply.line}")
        case 400 | 500 | 501:
            return QueryFailed(f"the engine refuses the query: {reply.line}")
        case 429 | 503:
            return StoreBusy("the engine is busy; try again soon")
        case 401 | 403:
            return StoreUnavailable(
                f"{url} refuses access; set DESIGNATA_STORE_USER and DESIGNATA_STORE_PASSWORD"
            )
        case 301 | 302 | 303 | 307 | 308:
            return StoreUnavailable(
                f"{url} redirects to {reply.headers.get('location')}; that is not followed: "
                "name the final address"
            )
        case status:
            return StoreUnavailable(f"{url} answered with status {status}: {reply.line}")
