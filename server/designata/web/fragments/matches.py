"""The triples that match a pattern: how many there are, and one page of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pyoxigraph import Triple

from designata.store.pool import Pool
from designata.store.query import Query
from designata.store.rows import Row, decode
from designata.web import holdings
from designata.web.fragments.pattern import Pattern
from designata.web.paging import pages_of

PER_PAGE: Final = 100
SORTED: Final = 10_000


@dataclass(frozen=True, slots=True)
class Matches:
    """One page of the triples that match, and how many match on all pages."""

    triples: Sequence[Triple]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are; one where nothing matches."""
        return pages_of(self.total, PER_PAGE)


def find(pattern: Pattern, page: int) -> Matches:
    """A page of what matches, numbered from 1; beyond the last page it has no triples."""
    if not pattern.possible:
        return Matches([], 0, page)
    first = (page - 1) * PER_PAGE
    if pattern.blank_nodes:
        found = _solve(_select(pattern), pattern)
        return Matches(_triples(pattern, found[first : first + PER_PAGE]), len(found), page)
    total = count(pattern)
    if first >= total:
        return Matches([], total, page)
    rows = _solve(f"{_select(pattern, total)} LIMIT {PER_PAGE} OFFSET {first}", pattern)
    return Matches(_triples(pattern, rows), total, page)


def count(pattern: Pattern) -> int:
    """How many triples match a pattern without blank nodes."""
    return _count(*holdings.identity(), str(pattern), _select(pattern))


def _select(pattern: Pattern, total: int = 0) -> str:
    """The query; few triples are sorted, so that other servers of the data page them alike."""
    # The union of several graphs yields a triple once for each graph that has it.
    distinct = "DISTINCT " if holdings.is_divided() else ""
    names = pattern.variables
    order = f" ORDER BY {names}" if 1 < total <= SORTED and names != "*" else ""
    return f"SELECT {distinct}{names} WHERE {{ {pattern} }}{order}"


@lru_cache(maxsize=4096)
def _count(pool: Pool, release_id: str, pattern: str, select: str) -> int:
    distinct = f"{{ {select} }}" if "DISTINCT" in select else f"{{ {pattern} }}"
    answer = pool.query(Query(f"SELECT (COUNT(*) AS ?n) WHERE {distinct}"))
    return int(_text(decode(answer.body)[0], "n"))


def _text(row: Mapping[str, object], name: str) -> str:
    return str(getattr(row[name], "value", ""))


def _solve(text: str, pattern: Pattern) -> list[Row]:
    pool, _ = holdings.identity()
    return decode(pool.query(Query(text, blank_nodes=pattern.blank_nodes)).body)


def _triples(pattern: Pattern, rows: Sequence[Row]) -> list[Triple]:
    return [pattern.triple(row) for row in rows]
