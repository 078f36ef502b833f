"""Byte ranges of HTTP (RFC 9110, section 14): one range is served, anything else is ignored."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from werkzeug.http import parse_date

_RANGE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE | re.ASCII)

_SECOND: Final = timedelta(seconds=1)


class Unsatisfiable(ValueError):
    """The range starts beyond the end."""


def requested(header: str | None, length: int) -> range | None:
    """The bytes that a Range header asks for, or None where the whole is to be sent."""
    found = _RANGE.fullmatch(header or "")
    if not found or found[1] == found[2] == "":
        return None
    if not found[1]:
        if int(found[2]) == 0 or length == 0:
            raise Unsatisfiable
        return range(max(0, length - int(found[2])), length)
    first = int(found[1])
    last = int(found[2]) if found[2] else length - 1
    if found[2] and last < first:
        return None
    if first >= length:
        raise Unsatisfiable
    return range(first, min(last, length - 1) + 1)


def unchanged(if_range: str | None, etag: str, modified: datetime | None = None) -> bool:
    """Whether a range may be served: no If-Range, or a strong validator of these very bytes.

    A date is one where nothing can have changed since in the same second (section 8.8.2.2).
    """
    if if_range is None or if_range.strip() == f'"{etag}"':
        return True
    is_strong = modified is not None and modified + _SECOND < datetime.now(UTC)
    return is_strong and parse_date(if_range) == modified
