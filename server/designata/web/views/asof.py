"""Who designated an organization on a day: asked of the published question, shown as answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from designata.errors import UsageError
from designata.store.question import fill
from designata.vocabulary import BASE, PREFIXES
from designata.web.asking import ask_text, recall
from designata.web.dates import Period, asked, day, parse
from designata.web.description import named
from designata.web.graph import key, plain
from designata.web.links import query_page
from designata.web.things import Thing, Value, by_label, value_of

QUESTION: Final = f"{BASE}id/query/asof"
_ORDER: Final = ("certain", "possible", "unknown", "no")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one authority and programme on the day."""

    authority: Value
    programme: Value
    answer: str
    period: str
    sources: Sequence[Thing]
    cells: Mapping[str, Sequence[Value]]


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day that was asked for, the answers and the query behind them.

    Where it is no day: what was written, and what is wrong with it.
    """

    wanted: str
    words: str = ""
    answers: Sequence[Answer] = ()
    query: str = ""
    error: str = ""

    @property
    def href(self) -> str:
        """The query page with this very query."""
        return query_page(self.query)


def as_of(thing: Thing, wanted: str | None) -> AsOf | None:
    """The answers for a day, or for the last on which anyone looked; None without the question."""
    text = _question()
    if text is None:
        return None
    try:
        when = _last_look(thing) if wanted is None else asked(wanted.strip())
    except UsageError as error:
        return AsOf(wanted or "", error=f"{error}.")
    organization = NamedNode(thing.iri)
    literal = Literal(when.isoformat(), datatype=NamedNode(PREFIXES["xsd"] + "date"))
    filled = fill(text, {"organization": organization, "date": literal})
    rows = recall(filled) if wanted is None else ask_text(filled)
    return AsOf(when.isoformat(), day(when), _answers(rows), filled)


def _question() -> str | None:
    rows = recall(f"SELECT ?text WHERE {{ <{QUESTION}> <{PREFIXES['sh']}select> ?text }}")
    return plain(rows[0]["text"]) if rows else None


def _answers(rows: Sequence[Mapping[str, Any]]) -> list[Answer]:
    terms = {key(term) for row in rows for term in row.values() if isinstance(term, NamedNode)}
    graph = named(terms.union(*map(_sources, rows)))

    def cell(row: Mapping[str, Any], name: str) -> Value | None:
        return value_of(graph, row[name]) if row.get(name) is not None else None

    found = []
    for row in rows:
        authority, programme, answer = (cell(row, n) for n in ("authority", "programme", "answer"))
        if authority and programme and answer:
            cells = {name: [value] for name in row if (value := cell(row, name))}
            sources = by_label(Thing.of(iri, graph) for iri in _sources(row))
            text = plain(row["answer"])
            found.append(Answer(authority, programme, text, _period(row), sources, cells))
    return sorted(found, key=_order)


def _sources(row: Mapping[str, Any]) -> list[str]:
    return plain(row["sources"]).split() if "sources" in row else []


def _period(row: Mapping[str, Any]) -> str:
    """The bounds in a row as words; nothing where no period speaks about the day."""
    if "endKind" not in row:
        return ""
    bounds = ("startEarliest", "startLatest", "endEarliest", "endLatest")
    a, b, c, d, seen = (
        parse(plain(row[name])) if name in row else None for name in (*bounds, "asOf")
    )
    start, end = (
        plain(row[name]).rpartition("/")[2] if name in row else "unknown"
        for name in ("startKind", "endKind")
    )
    return Period(a, b, c, d, start, end, seen).words


def _order(one: Answer) -> tuple[object, ...]:
    rank = _ORDER.index(one.answer) if one.answer in _ORDER else len(_ORDER)
    names = (
        str(v.label) if isinstance(v, Thing) else str(v) for v in (one.authority, one.programme)
    )
    return rank, *names


def _last_look(thing: Thing) -> date:
    """The last day of which any period or check of the page speaks."""
    days = [
        parse(plain(value))
        for iri in thing.graph.known()
        for curie in ("dsg:asOf", "dsg:checkedAsOf")
        for value in thing.graph.objects(iri, curie)
    ]
    return max((when for when in days if when), default=date(2026, 1, 1))
