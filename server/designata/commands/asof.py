"""`designata asof`."""

from __future__ import annotations

import csv
import difflib
import io
import json
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import click
from pyoxigraph import Literal, NamedNode

from designata.commands.current import asking
from designata.commands.table import table
from designata.errors import NoRelease, UsageError
from designata.settings import Settings
from designata.store.pool import Pool
from designata.store.question import fill
from designata.store.rows import rows
from designata.vocabulary import BASE, PREFIXES, term
from designata.web.dates import asked

BOUNDS: Final = "startEarliest startLatest endEarliest endLatest startKind endKind asOf".split()
FACTS: Final = "organization authority programme answer coverage act name".split()
QUESTION: Final = f"SELECT ?text {{ {term('query:asof')} {term('sh:select')} ?text }}"
ORGANIZATIONS: Final = f"SELECT DISTINCT ?slug {{ ?slug a {term('dsg:Organization')} }}"
AUTHORITIES: Final = """
PREFIX dsg: <https://w3id.org/designata/ontology#>
PREFIX org: <http://www.w3.org/ns/org#>
SELECT DISTINCT ?slug {
  { ?designation dsg:designatedBy ?state } UNION { ?coverage dsg:coversProgramme/dsg:issuer ?state }
  ?slug org:subOrganizationOf? ?state
}
"""
Row = Mapping[str, str]


@click.command("asof")
@click.argument("date")
@click.option("--organization", metavar="SLUG", help="Only this organization.")
@click.option("--authority", metavar="SLUG", help="Only what this authority says.")
@click.option(
    "--format",
    "syntax",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
)
def command(date: str, organization: str | None, authority: str | None, syntax: str) -> None:
    """Say who was designated by whom on a day.

    DATE is written as YYYY-MM-DD. There is one row for each organization, authority and programme.
    The answer is certain, possible, no, or unknown: nobody has looked at that list for that day.

    \b
    Examples:
      designata asof 2025-12-31 --organization hayat-tahrir-al-sham
      designata asof 2018-06-06 --authority united-nations-security-council --format json
    """
    day = Literal(asked(date).isoformat(), datatype=term("xsd:date"))
    settings = Settings.load(os.environ)
    with asking(settings) as pool:
        text = _question(pool)
        values = {
            "date": day,
            "organization": _known(pool, "organization", organization, ORGANIZATIONS),
            "authority": _known(pool, "authority", authority, AUTHORITIES),
        }
        found = _rows(pool, fill(text, values))
    click.echo({"table": _as_table, "json": _as_json, "csv": _as_csv}[syntax](found))


def _question(pool: Pool) -> str:
    found = _rows(pool, QUESTION)
    if not found:
        raise NoRelease("the release has no question query:asof; run `designata build`")
    return found[0]["text"]


def _known(pool: Pool, kind: str, slug: str | None, query: str) -> NamedNode | None:
    """The IRI of an organization that the release knows; UsageError with the nearest slugs."""
    if slug is None:
        return None
    namespace = PREFIXES["organization"]
    slugs = {row["slug"].removeprefix(namespace) for row in _rows(pool, query)}
    if slug in slugs:
        return NamedNode(namespace + slug)
    near = difflib.get_close_matches(slug, sorted(slugs), cutoff=0.4)
    near += sorted(known for known in slugs - set(near) if slug and slug.lower() in known)
    hint = f"; did you mean {' or '.join(near[:5])}?" if near else ""
    raise UsageError(f"{slug!r} is not an {kind} of the release{hint}")


def _rows(pool: Pool, query: str) -> list[Row]:
    """The rows as texts."""
    found = rows(pool, query)
    return [{name: getattr(value, "value", "") for name, value in row.items()} for row in found]


def _sources(row: Row) -> list[str]:
    return re.findall(r"[^\s|]+", row.get("sources", ""))


def _as_json(rows: Sequence[Row]) -> str:
    return json.dumps([_object(row) for row in rows], ensure_ascii=False, indent=2)


def _object(row: Row) -> dict[str, Any]:
    period = {name: row.get(name) for name in BOUNDS}
    facts: dict[str, Any] = {name: row.get(name) for name in FACTS}
    facts["period"] = period if any(period.values()) else None
    facts["sources"] = _sources(row)
    return facts


def _as_csv(rows: Sequence[Row]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([*FACTS, *BOUNDS, "sources"])
    for row in rows:
        cells = [row.get(name, "") for name in (*FACTS, *BOUNDS)]
        writer.writerow([*cells, " ".join(_sources(row))])
    return text.getvalue().removesuffix("\r\n")


def _as_table(rows: Sequence[Row]) -> str:
    head = [*FACTS, "period"]
    return table(
        head, [[*(_short(row.get(name, "")) for name in FACTS), _span(row)] for row in rows]
    )


def _short(value: str) -> str:
    """The last part of an IRI of ours; other values as they are."""
    return value.rpartition("/")[2] if value.startswith(BASE) else value


def _span(row: Row) -> str:
    """The period as `from to until`, a range in brackets where a bound is not one day."""
    if not any(row.get(name) for name in BOUNDS):
        return ""
    end = _bound(row, "end")
    if end == "?" and _short(row.get("endKind", "")) == "ongoing":
        end = f"ongoing on {row.get('asOf', '?')}"
    return f"{_bound(row, 'start')} to {end}"


def _bound(row: Row, side: str) -> str:
    earliest, latest = row.get(side + "Earliest"), row.get(side + "Latest")
    if earliest == latest:
        return earliest or "?"
    return f"[{earliest or '?'} … {latest or '?'}]"
