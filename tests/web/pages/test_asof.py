"""The answers for a day, from rows as any data may give them."""

from __future__ import annotations

import pytest
from pyoxigraph import Literal, NamedNode

from designata.web.views.asof import _period

KIND = "https://w3id.org/designata/code/bound-kind/"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, ""),
        ({"startLatest": Literal("2014-05-14")}, ""),
        ({"endKind": NamedNode(KIND + "ongoing")}, "start unknown; ongoing"),
        (
            {"startLatest": Literal("2014-05-14"), "endKind": NamedNode(KIND + "ongoing")},
            "began on or before 14 May 2014; ongoing",
        ),
        ({"endKind": Literal("ongoing"), "startKind": Literal("x")}, "start unknown; ongoing"),
    ],
)
def test_a_period_without_some_of_its_parts_is_said_without_them(
    row: dict[str, Literal | NamedNode], said: str
) -> None:
    assert _period(row) == said
