"""Every setting in one table: its name in the environment, its default, what it does.

The command line's help and the README's section are made from the same table.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
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
_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "int": int,
    "float": float,
    "bool": lambda text: _BOOLEANS[text.strip().lower()],
    "Path": Path,
    "str": str,
}
# The least number that makes sense, and the least length of a text.
_LEAST: Final[Mapping[str, float]] = {"int": 1, "float": 0.01, "bool": 0, "Path": 1, "str": 0}
_MOST: Final = 2**48
_DAY: Final = 86_400
_PROCESSES: Final = 1_000
_NEAR: Final = 0.7


def _in_checkout() -> bool:
    return (CHECKOUT / "ontology" / "designata.ttl").is_file()


def _default_source() -> Path:
    return CHECKOUT if _in_checkout() else PACKAGE / "dataset"


def _default_releases() -> Path:
    if _in_checkout():
        return CHECKOUT / "build" / "releases"
    state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(state) / "designata" / "releases"


def _setting(default: Any, purpose: str, *, least: float | None = None, most: float = _MOST) -> Any:
    metadata = {"purpose": purpose, "least": least, "most": most}
    if callable(default):
        return field(default_factory=default, metadata=metadata)
    return field(default=default, metadata=metadata)


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
    host: str = _setting("127.0.0.1", "address to listen on", least=1)
    port: int = _setting(8000, "port to listen on", least=0, most=65_535)
    query_seconds: float = _setting(10.0, "a query is stopped after so many seconds", most=_DAY)
    query_bytes: int = _setting(32_768, "largest query text, in bytes", most=200_000)
    query_depth: int = _setting(40, "deepest nesting of brackets in a query")
    query_tokens: int = _setting(4_000, "most words and signs in a query")
    result_bytes: int = _setting(64 * 1024 * 1024, "largest result, in bytes", least=65_536)
    query_workers: int = _setting(
        3, "processes that answer queries at the same time", most=_PROCESSES
    )
    page_workers: int = _setting(1, "processes kept free for the pages", most=_PROCESSES)
    queue: int = _setting(
        32,
        "queries that may wait for a query process; some more wait a second for a place there",
        least=0,
        most=10_000,
    )
    worker_bytes: int = _setting(
        2 * 1024**3,
        "memory that a query process may use above the release, in bytes",
        least=16 * 1024**2,
    )
    memory_quads: int = _setting(
        2_000_000,
        "a release with more quads is read from a store on disk, made beside it once",
        least=0,
    )
    sandbox: bool = _setting(
        True, "refuse to start where queries cannot be cut off from the network"
    )
    web_processes: int = _setting(
        2, "processes that answer requests, each with a cache of its own", most=_PROCESSES
    )
    cache_bytes: int = _setting(
        64 * 1024 * 1024,
        "memory for remembered replies in each of these processes, in bytes",
        least=0,
    )
    trusted_proxies: str = _setting(
        "127.0.0.1, ::1", "hosts and networks that are believed when they say whom they ask for"
    )
    client_seconds: float = _setting(
        120.0,
        "seconds of query that one client may use at once; each process that answers has a share",
    )
    client_refill: float = _setting(
        1.0, "seconds of query that it gets back each second, in the same shares", least=0
    )
    client_queries: int = _setting(16, "queries of one client at the same time, in the same shares")
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
    least: float
    most: float


def table() -> Iterator[Row]:
    """The settings, in the order in which they are documented."""
    for entry in fields(Settings):
        least = entry.metadata["least"]
        yield Row(
            entry.name,
            PREFIX + entry.name.upper(),
            str(entry.type),
            _default_of(entry),
            entry.metadata["purpose"],
            _LEAST[str(entry.type)] if least is None else least,
            entry.metadata["most"],
        )


def misspelt(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """The variables that are no setting but nearly one, and which."""
    from difflib import get_close_matches

    names = [row.variable.removeprefix(PREFIX) for row in table()]
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX)
        if name != variable and name not in names:
            for near in get_close_matches(name, names, 1, _NEAR):
                yield variable, PREFIX + near


def _default_of(entry: Field[Any]) -> object:
    if entry.default is not MISSING:
        return entry.default
    assert entry.default_factory is not MISSING
    return entry.default_factory()


def _convert(row: Row, text: str) -> object:
    try:
        value = _READERS[row.type](text)
    except (ValueError, KeyError):
        value = None
    size = value if isinstance(value, int | float) else len(text)
    if value is None or not row.least <= size <= row.most:
        raise UsageError(f"{row.variable}={text!r}: this setting takes {_wanted(row)}")
    return value


def _wanted(row: Row) -> str:
    """What a setting takes, for whoever gave something else."""
    match row.type:
        case "bool":
            return "yes or no"
        case "int" | "float":
            number = "a whole number" if row.type == "int" else "a number"
            return f"{number}, at least {row.least} and at most {row.most}"
        case _:
            return "something; leave it out for the default"
