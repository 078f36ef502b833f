"""Every setting in one table: its name in the environment, its default, what it does.

The command line's help and the README's section are made from the same table.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Final, NamedTuple, Self

from designata.errors import UsageError

PREFIX: Final = "DESIGNATA_"
PACKAGE: Final = Path(__file__).resolve().parent
CHECKOUT: Final = PACKAGE.parents[1]
_BOOLEANS: Final = dict.fromkeys(("1", "true", "yes"), True) | dict.fromkeys(
    ("0", "false", "no"), False
)


def _in_checkout() -> bool:
    return (CHECKOUT / "ontology" / "designata.ttl").is_file()


def _default_source() -> Path:
    return CHECKOUT if _in_checkout() else PACKAGE / "dataset"


def _default_releases() -> Path:
    if _in_checkout():
        return CHECKOUT / "build" / "releases"
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "designata" / "releases"


def _setting(default: Any, purpose: str) -> Any:
    if callable(default):
        return field(default_factory=default, metadata={"purpose": purpose})
    return field(default=default, metadata={"purpose": purpose})


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of one process; made once, passed down, read nowhere else."""

    source: Path = _setting(_default_source, "folder that holds ontology/, shapes/ and data/")
    releases: Path = _setting(_default_releases, "folder that holds the built releases")
    store: str = _setting(
        "", "address of the SPARQL engine that holds the releases, instead of processes here"
    )
    store_user: str = _setting("", "name under which that engine is asked or filled")
    store_password: str = _setting("", "password for it")
    host: str = _setting("127.0.0.1", "address to listen on")
    port: int = _setting(8000, "port to listen on")
    query_seconds: float = _setting(10.0, "a query is stopped after so many seconds")
    query_bytes: int = _setting(32_768, "largest query text, in bytes")
    query_depth: int = _setting(40, "deepest nesting of brackets in a query")
    query_tokens: int = _setting(4_000, "most words and signs in a query")
    result_bytes: int = _setting(64 * 1024 * 1024, "largest result, in bytes")
    query_workers: int = _setting(3, "processes that answer queries at the same time")
    page_workers: int = _setting(1, "processes kept free for the pages")
    queue: int = _setting(32, "requests that may wait for a query process")
    worker_bytes: int = _setting(
        2 * 1024**3, "memory that a query process may use above the release, in bytes"
    )
    memory_quads: int = _setting(
        2_000_000, "a release with more quads is read from a store on disk, made beside it once"
    )
    sandbox: bool = _setting(
        True, "refuse to start where queries cannot be cut off from the network"
    )
    web_processes: int = _setting(2, "processes that answer requests, each with a cache of its own")
    cache_bytes: int = _setting(
        64 * 1024 * 1024, "memory for remembered replies in each of these processes, in bytes"
    )
    trusted_proxies: str = _setting(
        "127.0.0.1, ::1", "hosts and networks that are believed when they say whom they ask for"
    )
    client_seconds: float = _setting(120.0, "seconds of query that one client may use at once")
    client_refill: float = _setting(1.0, "seconds of query that it gets back each second")
    client_queries: int = _setting(16, "queries of one client at the same time")
    access_log: bool = _setting(True, "write a line of JSON for each request to standard error")
    log_queries: bool = _setting(False, "write queries into these lines, not only their digests")
    allocator: str = _setting(
        "auto", "library for memory that is loaded first: mimalloc where it is found, a path, or no"
    )
    security_contact: str = _setting(
        "", "mail address or page for reports of weaknesses, for /.well-known/security.txt"
    )

    @classmethod
    def load(cls, environ: Mapping[str, str], **given: object) -> Self:
        """The settings from the environment; what the command line gave (not None) wins."""
        values: dict[str, object] = {}
        for row in table():
            text = environ.get(row.variable)
            if text is not None:
                values[row.name] = _convert(row, text)
        values.update((name, value) for name, value in given.items() if value is not None)
        return cls(**values)  # type: ignore[arg-type]


class Row(NamedTuple):
    """One line of the table of settings."""

    name: str
    variable: str
    type: str
    default: object
    purpose: str


def table() -> Iterator[Row]:
    """The settings, in the order in which they are documented."""
    for entry in fields(Settings):
        yield Row(
            entry.name,
            PREFIX + entry.name.upper(),
            str(entry.type),
            _default_of(entry),
            entry.metadata["purpose"],
        )


def _default_of(entry: Field[Any]) -> object:
    if entry.default is not MISSING:
        return entry.default
    assert entry.default_factory is not MISSING
    return entry.default_factory()


def _convert(row: Row, text: str) -> object:
    try:
        match row.type:
            case "int":
                return int(text)
            case "float":
                return float(text)
            case "bool":
                return {
                    "1": True,
                    "true": True,
                    "yes": True,
                    "0": False,
                    "false": False,
                    "no": False,
                }[text.strip().lower()]
            case "Path":
                return Path(text)
            case _:
                return text
    except (ValueError, KeyError):
        kind = {"int": "a whole number", "float": "a number", "bool": "yes or no"}[row.type]
        raise UsageError(f"{row.variable}={text!r}: this setting takes {kind}") from None
