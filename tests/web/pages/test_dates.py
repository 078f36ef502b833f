"""Dates and periods in words."""

from datetime import date

import pytest

from designata.web.dates import Period, between, parse, words


def d(text: str) -> date:
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2024-12-05", "5 December 2024"),
        ("2014-05", "May 2014"),
        ("2026", "2026"),
        ("2014-13", "2014-13"),
        ("2024-02-30", "2024-02-30"),
    ],
)
def test_a_date_is_said_as_exactly_as_it_is_known(text: str, said: str) -> None:
    assert words(text) == said


def test_only_a_whole_day_is_a_day() -> None:
    assert parse("2024-12-05") == d("2024-12-05")
    assert [parse(text) for text in (None, "", "2024", "20241205", "5.12.2024")] == [None] * 5


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        ("2014-05-14", "2014-05-14", "on 14 May 2014"),
        ("2014-05-14", "2014-05-15", "between 14 and 15 May 2014"),
        ("2018-05-31", "2018-06-01", "between 31 May and 1 June 2018"),
        ("2018-12-31", "2019-01-01", "between 31 December 2018 and 1 January 2019"),
        ("2014-02-01", "2014-02-28", "in February 2014"),
        ("2017-01-01", "2017-12-31", "in 2017"),
    ],
)
def test_two_bounds_are_said_in_as_few_words_as_they_need(first: str, last: str, said: str) -> None:
    assert between(d(first), d(last)) == said


PERIODS = [
    (
        ("2014-05-14", "2014-05-15", "2025-07-08", "2025-07-08", "exact", "exact", None),
        "began between 14 and 15 May 2014; ended on 8 July 2025",
    ),
    (
        ("2012-12-11", "2012-12-11", None, None, "exact", "ongoing", "2025-12-24"),
        "began on 11 December 2012; still held when last checked on 24 December 2025",
    ),
    (
        (None, "2024-12-05", "2024-12-06", None, "first-observed", "last-observed", None),
        "first seen on 5 December 2024; last seen on 5 December 2024, end unknown",
    ),
    (
        (None, "2024-12-05", None, "2025-01-01", "exact", "exact", None),
        "began on or before 5 December 2024; ended on or before 1 January 2025",
    ),
    (
        ("2015-03-05", None, None, None, "unknown", "unknown", None),
        "began on or after 5 March 2015; end unknown",
    ),
    ((None, None, None, None, "unknown", "unknown", None), "dates unknown"),
    (
        ("2024-12-05", "2024-12-05", "2024-12-06", "2024-12-06", "exact", "exact", None),
        "on 5 December 2024",
    ),
    (
        ("2013-01-01", "2013-12-31", "2013-01-02", "2014-01-01", "exact", "exact", None),
        "on a day in 2013",
    ),
]


@pytest.mark.parametrize(("bounds", "said"), PERIODS)
def test_a_period_says_what_is_known_and_no_more(bounds: tuple[str | None, ...], said: str) -> None:
    *dates, start_kind, end_kind, seen = bounds
    a, b, c, e = (parse(text) for text in dates)
    assert Period(a, b, c, e, start_kind or "", end_kind or "", parse(seen)).words == said


def test_an_occurrence_ends_on_its_last_day_and_a_state_on_the_first_day_without_it() -> None:
    bounds = (d("2024-11-27"), d("2024-11-27"), d("2024-12-09"), d("2024-12-09"), "exact", "exact")
    assert Period(*bounds).end == "ended on 9 December 2024"
    assert Period(*bounds, occurrence=True).end == "ended on 8 December 2024"


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        (("2013-01-01", "2013-12-31", None, None, "exact", "unknown"), "began in 2013"),
        ((None, "2013-05-01", None, "2013-05-02", "exact", "exact"), "on or before 1 May 2013"),
        (
            ("2013-05-01", "2013-05-31", "2013-05-09", "2013-06-01", "exact", "exact"),
            "began in May 2013; ended between 8 and 31 May 2013",
        ),
    ],
)
def test_an_occurrence_says_nothing_twice_and_nothing_of_an_unknown_end(
    bounds: tuple[str | None, ...], said: str
) -> None:
    *dates, start_kind, end_kind = bounds
    a, b, c, e = (parse(text) for text in dates)
    period = Period(a, b, c, e, start_kind or "", end_kind or "", occurrence=True)
    assert period.words == said


def test_a_moment_is_when_it_began() -> None:
    whole_year = Period(d("2013-01-01"), d("2013-12-31"), start_kind="exact", occurrence=True)
    assert whole_year.moment == "in 2013"
