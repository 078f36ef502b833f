"""Byte ranges."""

import pytest

from designata.web.ranges import Unsatisfiable, requested, unchanged


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-9", range(0, 10)),
        ("bytes=90-", range(90, 100)),
        ("bytes=-5", range(95, 100)),
        ("bytes=-500", range(0, 100)),
        ("bytes=95-500", range(95, 100)),
        ("BYTES = 0 - 0", range(0, 1)),
        (None, None),
        ("bytes=5-2", None),
        ("bytes=-", None),
        ("bytes=a-b", None),
        ("bytes=0-1,3-4", None),
        ("lines=0-1", None),
    ],
)
def test_one_range_is_served_and_anything_else_ignored(
    header: str | None, expected: range | None
) -> None:
    assert requested(header, 100) == expected


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=200-300", "bytes=-0"])
def test_a_range_beyond_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        requested(header, 100)


def test_a_range_needs_the_strong_validator_of_these_bytes() -> None:
    assert unchanged(None, "abc")
    assert unchanged('"abc"', "abc")
    assert not unchanged('W/"abc"', "abc")
    assert not unchanged("Wed, 21 Oct 2015 07:28:00 GMT", "abc")
