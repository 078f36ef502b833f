"""Periods as bars along an axis of years; lengths and places are percentages of its width."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from designata.web.dates import Period, day, parse, shifted
from designata.web.things import Thing
from designata.web.views.sections import moment

_MOST_TICKS: Final = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time; sure where it held on every day of it."""

    x: float
    width: float
    sure: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """An act on a day."""

    x: float
    title: str


@dataclass(frozen=True, slots=True)
class Line:
    """A claim with periods and what happened to it."""

    thing: Thing
    bars: Sequence[Bar]
    marks: Sequence[Mark]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The lines and the years marked on the axis."""

    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]]


def timeline(claims: Sequence[Thing]) -> Timeline | None:
    """The periods of claims side by side, or None where no day is known."""
    known = sorted({when for one in claims for when in _days(one)})
    if not known:
        return None
    axis = _Axis(date(known[0].year, 1, 1), shifted(known[-1], 180))
    lines = [
        Line(one, [bar for period in one.periods for bar in axis.bars(period)], axis.marks(one))
        for one in claims
    ]
    return Timeline(lines, axis.ticks())


def _days(claim: Thing) -> Iterator[date]:
    for one in claim.periods:
        bounds = (one.start_earliest, one.start_latest, one.end_earliest, one.end_latest, one.as_of)
        yield from (when for when in bounds if when)


@dataclass(frozen=True, slots=True)
class _Axis:
    first: date
    last: date

    def at(self, when: date) -> float:
        """Where a day stands."""
        return round((when - self.first) / (self.last - self.first) * 100, 3)

    def bars(self, period: Period) -> Iterator[Bar]:
        """What is certain of a period, and what is possible before and after it."""
        start = period.start_latest
        end = period.end_earliest
        if period.end_kind == "ongoing" and period.as_of:
            end = shifted(period.as_of, 1)
        sure = bool(start and end and start < end)
        if sure:
            yield from self._bar(start, end, sure=True)
        possible_from = period.start_earliest or start
        possible_to = period.end_latest or self.last
        yield from self._bar(possible_from, start if sure else possible_to, sure=False)
        if sure:
            yield from self._bar(end, possible_to, sure=False)

    def _bar(self, first: date | None, last: date | None, *, sure: bool) -> Iterator[Bar]:
        if first and last and first < last:
            yield Bar(self.at(first), max(round(self.at(last) - self.at(first), 3), 0.3), sure)

    def marks(self, claim: Thing) -> list[Mark]:
        """The acts upon a designation."""
        found = []
        for act in claim.inverse("dsg:actsOn"):
            when = parse(moment(act))
            kind = act.thing("dsg:actKind")
            if when and kind and self.first <= when <= self.last:
                found.append(Mark(self.at(when), f"{kind.label}, {day(when)}"))
        return sorted(found, key=lambda mark: mark.x)

    def ticks(self) -> list[tuple[float, str]]:
        """The first of January of some years, few enough to be read on a telephone."""
        years = range(self.first.year, self.last.year + 1)
        step = -(-len(years) // _MOST_TICKS)
        return [(self.at(date(year, 1, 1)), str(year)) for year in years[::step]]
