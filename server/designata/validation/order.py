"""How SPARQL's `<` orders two literals; no answer where they cannot be compared."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from designata.validation.lexical import CHECKS, INTEGERS
from designata.validation.terms import STRING, XSD, Node, iri, is_literal, split_literal

_ZONE_SLACK: Final = 14 * 3600
_LONGEST: Final = 4_000
_STARTS: Final = ((1696, 9), (1697, 2), (1903, 3), (1903, 7))


class _Instant(NamedTuple):
    """Seconds since year 0, in UTC where the zone is known."""

    seconds: Fraction
    zoned: bool


class _Duration(NamedTuple):
    months: int
    seconds: Fraction


class _Value(NamedTuple):
    """A literal's value and the family inside which it can be compared."""

    family: str
    value: float | Decimal | int | str | bool | _Instant | _Duration


def compare(left: Node, right: Node) -> int | None:
    """-1, 0 or 1, or None for values that SPARQL cannot compare."""
    first, second = _value(left), _value(right)
    if first is None or second is None or first.family != second.family:
        return None
    one, other = first.value, second.value
    if isinstance(one, _Instant) and isinstance(other, _Instant):
        return _instants(one, other)
    if isinstance(one, _Duration) and isinstance(other, _Duration):
        return _durations(one, other)
    if isinstance(one, float) or isinstance(other, float):
        one, other = float(one), float(other)  # type: ignore[arg-type]
        if one != one or other != other:
            return None
    return (one > other) - (one < other)  # type: ignore[operator]


def _instants(one: _Instant, other: _Instant) -> int | None:
    gap = one.seconds - other.seconds
    if one.zoned != other.zoned and abs(gap) <= _ZONE_SLACK:
        return None
    return (gap > 0) - (gap < 0)


def _durations(one: _Duration, other: _Duration) -> int | None:
    """The order in which they come after each of four days (XML Schema, section 3.3.6.2)."""
    gaps = (_after(start, one) - _after(start, other) for start in _STARTS)
    signs = {(gap > 0) - (gap < 0) for gap in gaps}
    return signs.pop() if len(signs) == 1 else None


def _after(start: tuple[int, int], duration: _Duration) -> Fraction:
    months = start[0] * 12 + start[1] - 1 + duration.months
    return _days(months // 12, months % 12 + 1, 1) * 86400 + duration.seconds


@lru_cache(maxsize=200_000)
def _value(node: Node) -> _Value | None:
    if not is_literal(node) or len(node) > _LONGEST:
        return None
    text, datatype, language = split_literal(node)
    if language:
        return None
    if datatype == STRING:
        return _Value("string", text)
    reader, check = _READERS.get(datatype), CHECKS.get(datatype)
    if reader is None or check is None or not check(text):
        return None
    return reader(text)


_PARTS: Final = re.compile(
    r"(?:(?P<year>-?\d{4,})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?)?T?"
    r"(?:(?P<hour>\d\d):(?P<minute>\d\d):(?P<second>\d\d(?:\.\d+)?))?"
    r"(?P<zone>Z|[+-]\d\d:\d\d)?"
)


def _instant(family: str) -> Callable[[str], _Value | None]:
    def read(text: str) -> _Value | None:
        found = _PARTS.fullmatch(text)
        if not found:
            return None
        year, month, day = (int(found[name] or 1) for name in ("year", "month", "day"))
        seconds = Fraction(_days(year, month, day) * 86400)
        if found["hour"]:
            seconds += int(found["hour"]) * 3600 + int(found["minute"]) * 60
            seconds += Fraction(found["second"])
        zone = found["zone"]
        if zone and zone != "Z":
            offset = int(zone[1:3]) * 3600 + int(zone[4:6]) * 60
            seconds -= offset if zone[0] == "+" else -offset
        return _Value(family, _Instant(seconds, zone is not None))

    return read


def _days(year: int, month: int, day: int) -> int:
    """Days since the first of March of year 0 (proleptic Gregorian calendar)."""
    year -= month <= 2
    month = (month + 9) % 12
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day - 1


_DURATION: Final = re.compile(
    r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?"
)


def _duration(text: str) -> _Value | None:
    found = _DURATION.fullmatch(text)
    if not found:
        return None
    sign = -1 if found[1] else 1
    years, months, days, hours, minutes = (int(found[number] or 0) for number in range(2, 7))
    seconds = days * 86400 + hours * 3600 + minutes * 60 + Fraction(found[7] or 0)
    return _Value("duration", _Duration(sign * (years * 12 + months), sign * seconds))


def _float(text: str) -> _Value:
    return _Value("number", float(text.replace("INF", "inf")))


def _whole(text: str) -> _Value:
    return _Value("number", int(text))


_READERS: Final[Mapping[Node, Callable[[str], _Value | None]]] = {
    iri(XSD + "decimal"): lambda text: _Value("number", Decimal(text)),
    iri(XSD + "float"): _float,
    iri(XSD + "double"): _float,
    iri(XSD + "boolean"): lambda text: _Value("boolean", text in ("true", "1")),
    iri(XSD + "dateTime"): _instant("dateTime"),
    iri(XSD + "dateTimeStamp"): _instant("dateTime"),
    **{iri(XSD + name): _instant(name) for name in ("date", "time", "gYear", "gYearMonth")},
    **{iri(XSD + name): _duration for name in ("duration", "dayTimeDuration", "yearMonthDuration")},
    **{iri(XSD + name): _whole for name in INTEGERS},
}
