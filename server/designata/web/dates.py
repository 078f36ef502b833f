"""Dates and periods in words, with their uncertainty said, never smoothed over."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from designata.errors import UsageError
from designata.web.graph import Graph

FIRST, LAST = date(1900, 1, 1), date(2099, 12, 31)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"(\d{4})-(\d\d)")


def parse(text: str | None) -> date | None:
    """A day written as YYYY-MM-DD, or None for anything else."""
    try:
        return date.fromisoformat(text) if text and _DAY.fullmatch(text) else None
    except ValueError:
        return None


def asked(text: str) -> date:
    """A day that somebody asks about; UsageError where it is none or too far away."""
    when = parse(text)
    if when is None:
        raise UsageError(f"{text!r} is not a day written as YYYY-MM-DD")
    if not FIRST <= when <= LAST:
        raise UsageError(f"{text} is too far away: ask for a day from {FIRST} to {LAST}")
    return when


def day(when: date) -> str:
    """`5 December 2024`."""
    return f"{when.day} {calendar.month_name[when.month]} {when.year}"


def words(text: str) -> str:
    """A day, month or year of XML Schema in words; anything else unchanged."""
    when = parse(text)
    if when:
        return day(when)
    month = _MONTH.fullmatch(text)
    if month and 1 <= int(month[2]) <= 12:
        return f"{calendar.month_name[int(month[2])]} {month[1]}"
    return text


def between(first: date, last: date) -> str:
    """Two bounds in as few words as they need: `in May 2014`, `between 14 and 15 May 2014`."""
    if first == last:
        return f"on {day(first)}"
    month = calendar.month_name[first.month]
    same_year = first.year == last.year
    if same_year and (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"in {first.year}"
    if same_year and first.month == last.month:
        if first.day == 1 and last.day == calendar.monthrange(last.year, last.month)[1]:
            return f"in {month} {first.year}"
        return f"between {first.day} and {day(last)}"
    return f"between {first.day} {month}{'' if same_year else f' {first.year}'} and {day(last)}"


def shifted(when: date, days: int) -> date:
    """So many days later, as far as there are dates."""
    return date.fromordinal(min(max(1, when.toordinal() + days), date.max.toordinal()))


@dataclass(frozen=True, slots=True)
class Period:
    """The four bounds of a period and what kind of knowledge they are; end bounds are exclusive."""

    start_earliest: date | None = None
    start_latest: date | None = None
    end_earliest: date | None = None
    end_latest: date | None = None
    start_kind: str = "unknown"
    end_kind: str = "unknown"
    as_of: date | None = None
    occurrence: bool = False

    @classmethod
    def read(cls, graph: Graph, iri: str, *, occurrence: bool = False) -> Self:
        """The period as the graph states it; of an occurrence rather than of a state or not."""
        bounds = ("startEarliest", "startLatest", "endEarliest", "endLatest")
        a, b, c, d = (parse(graph.text(iri, f"dsg:{name}")) for name in bounds)
        kinds = [(graph.text(iri, f"dsg:{end}Kind") or "unknown") for end in ("start", "end")]
        start_kind, end_kind = (kind.rsplit("/", 1)[-1] for kind in kinds)
        seen = parse(graph.text(iri, "dsg:asOf"))
        return cls(a, b, c, d, start_kind, end_kind, seen, occurrence)

    @property
    def start(self) -> str:
        """When it began."""
        first, last = self.start_earliest, self.start_latest
        if self.start_kind == "first-observed" and last:
            seen = f"first seen on {day(last)}"
            return f"{seen}, not before {day(first)}" if first else seen
        if first and last:
            return f"began {between(first, last)}"
        if last:
            return f"began on or before {day(last)}"
        return f"began on or after {day(first)}" if first else "start unknown"

    @property
    def end(self) -> str:
        """When it ended, or what is known of its going on."""
        first, last = self.end_earliest, self.end_latest
        if self.end_kind == "ongoing":
            return f"still held when last checked on {day(self.as_of)}" if self.as_of else "ongoing"
        if self.end_kind == "last-observed" and first:
            seen = f"last seen on {day(shifted(first, -1))}"
            return f"{seen}, ended before {day(last)}" if last else f"{seen}, end unknown"
        return self._ended(first, last)

    def _ended(self, first: date | None, last: date | None) -> str:
        """Of a state the first day without it, of an occurrence its last day."""
        if self.occurrence:
            first, last = (when and shifted(when, -1) for when in (first, last))
        if first and last:
            return f"ended {between(first, last)}"
        if last:
            return f"ended on or before {day(last)}"
        return f"ended on or after {day(first)}" if first else "end unknown"

    @property
    def words(self) -> str:
        """The whole period; one day is said as one."""
        if self.single_day and self.start_earliest and self.start_latest:
            uncertain = "" if self.start_earliest == self.start_latest else "on a day "
            return uncertain + between(self.start_earliest, self.start_latest)
        if (self.start, self.end) == ("start unknown", "end unknown"):
            return "dates unknown"
        if self.occurrence and self.end == "end unknown":
            return self.start
        if self.occurrence and self.moment == self.end.removeprefix("ended "):
            return self.moment
        return f"{self.start}; {self.end}"

    @property
    def moment(self) -> str:
        """When something happened that takes no time."""
        return self.start.removeprefix("began ")

    @property
    def single_day(self) -> bool:
        """Whether it is known to have lasted one day, whichever day that was."""
        first, last = self.start_earliest, self.start_latest
        return bool(
            first
            and last
            and self.start_kind == self.end_kind == "exact"
            and (self.end_earliest, self.end_latest) == (shifted(first, 1), shifted(last, 1))
        )

    @property
    def order(self) -> tuple[date, date]:
        """A key that sorts periods by what is known of their start, then of their end."""
        start = self.start_earliest or self.start_latest or date.max
        return start, self.end_latest or self.end_earliest or self.as_of or date.max
