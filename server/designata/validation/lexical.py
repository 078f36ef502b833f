"""Whether a text is in the lexical space of a datatype (XML Schema 1.1, part 2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from designata.validation.terms import XSD, Node, iri

Check = Callable[[str], object]

_ZONE: Final = r"(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_YEAR: Final = r"-?(?:[1-9]\d{3,}|0\d{3})"
_MONTH: Final = r"(?:0[1-9]|1[0-2])"
_DAY: Final = r"(?:0[1-9]|[12]\d|3[01])"
_CLOCK: Final = r"(?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?|24:00:00(?:\.0+)?)"
_DAYS: Final = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_NAME: Final = r"[^\W\d][\w.\-\u00b7]*"


def _matches(pattern: str) -> Check:
    return re.compile(pattern, re.ASCII).fullmatch


def _integer(lowest: int | None, highest: int | None) -> Check:
    form = re.compile(r"[+-]?[0-9]+", re.ASCII)

    def check(text: str) -> bool:
        if not form.fullmatch(text):
            return False
        if lowest is None and highest is None:
            return True
        if len(text) > 4000:
            return False
        number = int(text)
        return (lowest is None or number >= lowest) and (highest is None or number <= highest)

    return check


def is_leap(year: int) -> bool:
    """Whether February has 29 days, in the proleptic Gregorian calendar."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def _dated(pattern: str) -> Check:
    """A check that the day exists in its month."""
    form = re.compile(pattern, re.ASCII)

    def check(text: str) -> bool:
        found = form.fullmatch(text)
        if not found:
            return False
        parts = found.groupdict()
        month, day = int(parts["month"]), int(parts["day"])
        if day > _DAYS[month - 1]:
            return False
        return month != 2 or day < 29 or "year" not in parts or is_leap(int(parts["year"][-4:]))

    return check


_DATE: Final = f"(?P<year>{_YEAR})-(?P<month>{_MONTH})-(?P<day>{_DAY})"
_DURATION: Final = (
    r"-?P(?=[\dT])(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?=\d)(?:\d+H)?(?:\d+M)?(?:\d+(?:\.\d+)?S)?)?"
)
_FLOAT: Final = r"(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|[+-]?INF|NaN)"
_BASE64: Final = r"(?:[A-Za-z0-9+/] ?)*(?:= ?)?(?:=)?"

INTEGERS: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "integer": (None, None),
    "long": (-(2**63), 2**63 - 1),
    "int": (-(2**31), 2**31 - 1),
    "short": (-(2**15), 2**15 - 1),
    "byte": (-128, 127),
    "nonNegativeInteger": (0, None),
    "positiveInteger": (1, None),
    "nonPositiveInteger": (None, 0),
    "negativeInteger": (None, -1),
    "unsignedLong": (0, 2**64 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedByte": (0, 255),
}

_CHECKS: Final[Mapping[str, Check]] = {
    "boolean": _matches("true|false|0|1"),
    "decimal": _matches(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"),
    "float": _matches(_FLOAT),
    "double": _matches(_FLOAT),
    "date": _dated(_DATE + _ZONE),
    "dateTime": _dated(f"{_DATE}T{_CLOCK}{_ZONE}"),
    "dateTimeStamp": _dated(f"{_DATE}T{_CLOCK}{_ZONE[:-1]}"),
    "time": _matches(_CLOCK + _ZONE),
    "gYear": _matches(_YEAR + _ZONE),
    "gYearMonth": _matches(f"{_YEAR}-{_MONTH}{_ZONE}"),
    "gMonthDay": _dated(f"--(?P<month>{_MONTH})-(?P<day>{_DAY}){_ZONE}"),
    "gDay": _matches(f"---{_DAY}{_ZONE}"),
    "gMonth": _matches(f"--{_MONTH}{_ZONE}"),
    "duration": _matches(_DURATION),
    "dayTimeDuration": _matches(_DURATION.replace(r"(?:\d+Y)?(?:\d+M)?", "")),
    "yearMonthDuration": _matches(r"-?P(?=\d)(?:\d+Y)?(?:\d+M)?"),
    "hexBinary": _matches(r"(?:[0-9a-fA-F]{2})*"),
    "base64Binary": _matches(_BASE64),
    "language": _matches(r"[a-zA-Z]{1,8}(?:-[a-zA-Z0-9]{1,8})*"),
    "normalizedString": re.compile(r"[^\r\n\t]*").fullmatch,
    "token": re.compile(r"(?:[^\s]+(?: [^\s]+)*)?").fullmatch,
    "NCName": re.compile(_NAME).fullmatch,
    "Name": re.compile(_NAME.replace(".", ".:").replace(r"[^\W\d]", r"(?:[^\W\d]|:)")).fullmatch,
    "NMTOKEN": re.compile(r"[\w.\-:\u00b7]+").fullmatch,
    **{name: _integer(*limits) for name, limits in INTEGERS.items()},
}
CHECKS: Final[Mapping[Node, Check]] = {iri(XSD + name): check for name, check in _CHECKS.items()}
