"""What an operator has set and others should know: the limits."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final, NamedTuple

from designata.settings import Settings, table
from designata.web import heads
from designata.web.sending import PACES
from designata.web.sparql import SHOWN_ROWS

DEVIATIONS: Final = (
    "A triple that stands in more than one graph is found once in each of them where a query has "
    "no FROM, or names these graphs with FROM. DISTINCT, or a single FROM, finds it once.",
    "Numbers, truth values and times are kept by what they mean, and languages in lower case: 1.50 "
    "comes back as 1.5, an xsd:int as an xsd:integer, what is too large for an xsd:double as INF. "
    "The files of a release have everything as it was written.",
)
_NUMBERS: Final = ("int", "float")
_PRIVATE: Final = ("port",)
_LEAST, _SECONDS = PACES[-1]


class Limit(NamedTuple):
    """A limit of this server."""

    name: str
    value: float
    purpose: str


_FIXED: Final = (
    Limit("address_bytes", heads.ADDRESS_BYTES, "longest address, in bytes; POST takes more"),
    Limit("fields", heads.FIELDS, "most fields in the header of a request"),
    Limit("field_bytes", heads.FIELD_BYTES, "all these fields together, in bytes"),
    Limit("arrival_seconds", heads.SECONDS, "time for a header, and for a body, to arrive"),
    Limit(
        "taken_bytes",
        _LEAST,
        f"what a client takes of a reply at least in {_SECONDS:g} seconds, in bytes",
    ),
    Limit("shown_rows", SHOWN_ROWS, "most rows of a result that a page shows"),
)


def listed(settings: Settings) -> Iterator[Limit]:
    """The settings that are numbers, as they are here, and what is the same everywhere."""
    for row in table():
        if row.type in _NUMBERS and row.name not in _PRIVATE:
            yield Limit(row.name, getattr(settings, row.name), row.purpose)
    yield from _FIXED


def as_json(settings: Settings) -> str:
    """The limits with their meaning, and where answers are not quite what SPARQL says."""
    found = {one.name: {"value": one.value, "meaning": one.purpose} for one in listed(settings)}
    return json.dumps({**found, "deviations": DEVIATIONS}, indent=1, ensure_ascii=False) + "\n"
