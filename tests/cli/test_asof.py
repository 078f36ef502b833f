import csv
import io
import json
from typing import Any

import pytest

from designata.cli import run

Captured = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("here")
BASE = "https://w3id.org/designata/"


def asked(capfd: Captured, *arguments: str) -> list[dict[str, Any]]:
    assert run(["asof", *arguments, "--format", "json"]) == 0
    rows = json.loads(capfd.readouterr().out)
    assert isinstance(rows, list)
    return rows


def test_a_row_has_exactly_these_keys(capfd: Captured) -> None:
    rows = asked(capfd, "2025-01-01", "--authority", "state-b")
    assert rows == [
        {
            "organization": BASE + "id/organization/example",
            "authority": BASE + "id/organization/state-b",
            "programme": None,
            "answer": "no",
            "coverage": None,
            "act": None,
            "name": "Front",
            "period": {
                "startEarliest": None,
                "startLatest": None,
                "endEarliest": "2020-01-01",
                "endLatest": "2020-01-01",
                "startKind": None,
                "endKind": BASE + "code/end-kind/exact",
                "asOf": None,
            },
            "sources": [f"http://example.org/{letter}" for letter in "abc"],
        }
    ]


def test_the_day_is_used(capfd: Captured) -> None:
    before = [row["answer"] for row in asked(capfd, "2019-12-31")]
    after = [row["answer"] for row in asked(capfd, "2020-01-01")]
    assert (before, after) == (["certain", "certain"], ["certain", "no"])


def test_an_organization_without_designation_has_no_rows(capfd: Captured) -> None:
    assert asked(capfd, "2020-01-01", "--organization", "state-a") == []


def test_the_table_is_short(capfd: Captured) -> None:
    assert run(["asof", "2020-01-01"]) == 0
    head, _, first, second = capfd.readouterr().out.splitlines()
    assert head.split() == (
        "organization authority programme answer coverage act name period".split()
    )
    assert first.split() == "example state-a certain Front ? to ongoing on 2026-01-01".split()
    assert second.split() == "example state-b no Front ? to 2020-01-01".split()


def test_csv_has_the_bounds_as_columns(capfd: Captured) -> None:
    assert run(["asof", "2020-01-01", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capfd.readouterr().out)))
    assert [row["endLatest"] for row in rows] == ["", "2020-01-01"]
    assert rows[0]["sources"].split() == [f"http://example.org/{letter}" for letter in "abc"]


@pytest.mark.parametrize(
    ("option", "slug", "hint"),
    [
        ("--organization", "exmaple", "did you mean example?"),
        ("--organization", "state", "did you mean state-a?"),
        ("--authority", "state-c", "did you mean state-b or state-a?"),
        ("--authority", "example", "not an authority of the release"),
        ("--organization", "a> } #", "not an organization of the release"),
        ("--organization", "", "an argument is empty"),
    ],
)
def test_an_unknown_slug_is_refused_with_the_nearest(
    option: str, slug: str, hint: str, capfd: Captured
) -> None:
    assert run(["asof", "2020-01-01", option, slug]) == 2
    said = capfd.readouterr()
    assert (said.out, hint in said.err) == ("", True), said.err
