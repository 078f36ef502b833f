"""What an operator has set and others should know: the limits, and where to report a weakness."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, NamedTuple

from designata.errors import UsageError
from designata.settings import Settings, table
from designata.web import heads
from designata.web.sparql import SHOWN_ROWS

DEVIATIONS: Final = (
    "A triple that stands in more than one graph is found once in each of them where a query has "
    "no FROM, or names these graphs with FROM. DISTINCT, or a single FROM, finds it once.",
)
_NUMBERS: Final = ("int", "float")
_PRIVATE: Final = ("port",)
_VALID_DAYS: Final = 180
_ADDRESS: Final = re.compile(r"[^\s@:/<>]+@[^\s@:/<>]+")
_CONTACT: Final = re.compile(r"(?:https://|mailto:|tel:)[!-~]+")


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
    Limit("shown_rows", SHOWN_ROWS, "most rows of a result that a page shows"),
)


def limits(settings: Settings) -> Iterator[Limit]:
    """The settings that are numbers, as they are here, and what is the same everywhere."""
    for row in table():
        if row.type in _NUMBERS and row.name not in _PRIVATE:
            yield Limit(row.name, getattr(settings, row.name), row.purpose)
    yield from _FIXED


def limits_as_json(settings: Settings) -> str:
    """The limits with their meaning, and where answers are not quite what SPARQL says."""
    found = {one.name: {"value": one.value, "meaning": one.purpose} for one in limits(settings)}
    return json.dumps({**found, "deviations": DEVIATIONS}, indent=1, ensure_ascii=False) + "\n"


def contact_uri(contact: str) -> str:
    """Where reports go, as a URI (RFC 9116, section 2.5.3); UsageError where it can be none."""
    found = f"mailto:{contact}" if _ADDRESS.fullmatch(contact) else contact
    if not _CONTACT.fullmatch(found):
        raise UsageError(
            f"DESIGNATA_SECURITY_CONTACT={contact!r}: this takes a mail address, an address that "
            "begins with https:, or a number as in tel:+1-201-555-0123"
        )
    return found


def security(contact: str, host: str, today: date) -> str:
    """Where to report a weakness (RFC 9116)."""
    expires = today + timedelta(days=_VALID_DAYS)
    return "\n".join(
        [
            f"Contact: {contact_uri(contact)}",
            f"Expires: {expires.isoformat()}T00:00:00Z",
            "Preferred-Languages: en",
            f"Canonical: {host}.well-known/security.txt",
            "",
        ]
    )
