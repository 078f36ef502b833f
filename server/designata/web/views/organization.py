"""The page of an organization: names, designations by authority, the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from designata.web.texts import preference
from designata.web.things import Thing, by_time
from designata.web.views.sections import Entry, acts
from designata.web.views.timeline import Timeline, timeline

_KIND_ORDER: Final = (
    "official common translation transliteration variant acronym short former alias "
    "foreign-language sub-unit"
).split()


@dataclass(frozen=True, slots=True)
class Designated:
    """A designation with the acts upon it."""

    thing: Thing
    acts: Sequence[Entry]


@dataclass(frozen=True, slots=True)
class ByAuthority:
    """The designations by one authority."""

    authority: Thing
    designations: Sequence[Designated]


@dataclass(frozen=True, slots=True)
class NamesOfKind:
    """The names of one kind."""

    kind: Thing | None
    names: Sequence[Thing]


def designations(thing: Thing) -> list[ByAuthority]:
    """The designations of an organization; the authority that came first stands first."""
    groups: dict[Thing, list[Designated]] = {}
    for one in by_time(thing.inverse("dsg:designates")):
        authority = one.thing("dsg:designatedBy")
        if authority:
            groups.setdefault(authority, []).append(Designated(one, acts(one)))
    return [ByAuthority(authority, found) for authority, found in groups.items()]


def lifelines(groups: Sequence[ByAuthority]) -> Timeline | None:
    """All designations along one axis."""
    return timeline([one.thing for group in groups for one in group.designations])


def names(thing: Thing) -> list[NamesOfKind]:
    """The names of a thing by kind; within a kind by language."""
    preferred = thing.thing("dsg:preferredName")
    groups: dict[Thing | None, list[Thing]] = {}
    for name in thing.things("dsg:hasName"):
        groups.setdefault(name.thing("dsg:nameKind"), []).append(name)

    def kind_order(kind: Thing | None) -> tuple[int, str]:
        code = kind.code if kind else "~"
        return (_KIND_ORDER.index(code) if code in _KIND_ORDER else len(_KIND_ORDER)), code

    def name_order(name: Thing) -> tuple[object, ...]:
        literal = name.text("skosxl:literalForm")
        language = literal.language if literal else ""
        return name != preferred, preference(language), name.label.value.casefold()

    return [
        NamesOfKind(kind, sorted(groups[kind], key=name_order))
        for kind in sorted(groups, key=kind_order)
    ]
