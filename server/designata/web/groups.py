"""The groups in which things are listed, on the home page and on pages of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from designata.vocabulary import ONTOLOGY
from designata.web.asking import recall
from designata.web.description import named
from designata.web.paging import Part
from designata.web.things import Thing, by_label

PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Things that belong together, and the pattern of a query that finds each as ?thing."""

    name: str
    title: str
    note: str
    pattern: str

    @property
    def _where(self) -> str:
        return f"WHERE {{ {self.pattern} FILTER (ISIRI(?thing)) }}"

    def count(self) -> int:
        """How many things there are; a list that fits on one page is not counted first."""
        few = len(self._page(0))
        if few < PER_PAGE:
            return few
        counted = recall(f"{_PREFIX}SELECT (COUNT(DISTINCT ?thing) AS ?count) {self._where}")
        return int(counted[0]["count"].value)

    def listed(self, part: Part) -> Listed:
        """One page of the things."""
        found = self._page(part.first)
        graph = named(found)
        return Listed(self, by_label(Thing.of(one, graph) for one in found), part)

    def _page(self, first: int) -> list[str]:
        """IRIs are made from names: where there is more than a page, they give the order."""
        rest = f"ORDER BY STR(?thing) LIMIT {PER_PAGE} OFFSET {first}"
        rows = recall(f"{_PREFIX}SELECT DISTINCT ?thing {self._where} {rest}")
        return [row["thing"].value for row in rows]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a group, by label."""

    group: Group
    things: Sequence[Thing]
    part: Part


_PREFIX: Final = f"PREFIX dsg: <{ONTOLOGY}#>\n"
_DESIGNATED: Final = "?designation dsg:designates ?thing"
_AUTHORITY: Final = "?designation dsg:designatedBy ?thing"
_OTHER: Final = (
    "?thing a dsg:Organization "
    f"FILTER NOT EXISTS {{ {_DESIGNATED} }} FILTER NOT EXISTS {{ {_AUTHORITY} }}"
)
GROUPS: Final[Mapping[str, Group]] = {
    name: Group(name, *rest)
    for name, *rest in (
        (
            "designated",
            "Organizations with designations",
            "Listed by at least one authority at some time.",
            _DESIGNATED,
        ),
        (
            "authorities",
            "Authorities",
            "States and intergovernmental bodies whose designations are recorded.",
            _AUTHORITY,
        ),
        ("bases", "Military bases", "", "?thing a dsg:MilitaryBase"),
        ("events", "Events", "", "?thing a dsg:Event"),
        ("organizations", "Other organizations and bodies", "", _OTHER),
    )
}
