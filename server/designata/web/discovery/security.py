"""Where to report a weakness."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Final

from designata.errors import UsageError

_VALID_DAYS: Final = 180
_ADDRESS: Final = re.compile(r"[^\s@:/<>]+@[^\s@:/<>]+")
_CONTACT: Final = re.compile(r"(?:https://|mailto:|tel:)[!-~]+")


def contact_uri(contact: str) -> str:
    """Where reports go, as a URI (RFC 9116, section 2.5.3); UsageError where it can be none."""
    found = f"mailto:{contact}" if _ADDRESS.fullmatch(contact) else contact
    if not _CONTACT.fullmatch(found):
        raise UsageError(
            f"DESIGNATA_SECURITY_CONTACT={contact!r}: this takes a mail address, an address that "
            "begins with https:, or a number as in tel:+1-201-555-0123"
        )
    return found


def report_address(contact: str, host: str, today: date) -> str:
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
