"""The claims about a thing in groups: what each group is called and what its entries show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from designata.web.things import Thing, Value, by_time


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of claim is shown where the thing stands at one of its ends."""

    title: str
    anchor: str
    ends: tuple[str, ...]
    head: tuple[str, ...]
    tags: tuple[str, ...] = ()
    more: tuple[tuple[str, str], ...] = ()


_ACT: Final = Kind(
    "Acts",
    "acts",
    ("dsg:actsOn",),
    ("dsg:actKind",),
    (),
    (
        ("By", "dsg:actBy"),
        ("Decided", "dsg:decisionDate"),
        ("Announced", "dsg:announcementDate"),
        ("Published", "dsg:publicationDate"),
        ("In effect", "dsg:effectiveDate"),
        ("Instrument", "dsg:instrument"),
        ("Names added", "dsg:addsName"),
        ("Names removed", "dsg:removesName"),
        ("Renamed to", "dsg:renamesTo"),
        ("How we know", "dsg:derivation"),
    ),
)
_TENURE: Final = (("Agreement", "dsg:agreement"),)
KINDS: Final = (
    _ACT,
    Kind(
        "Formation, renaming, merging, ending",
        "changes",
        (
            "org:originalOrganization",
            "org:resultingOrganization",
            "dsg:oldName",
            "dsg:newName",
        ),
        ("dsg:changeKind",),
        (),
        (
            ("From", "org:originalOrganization"),
            ("Former name", "dsg:oldName"),
            ("To", "org:resultingOrganization"),
            ("New name", "dsg:newName"),
        ),
    ),
    Kind(
        "Bases",
        "bases",
        ("dsg:tenant",),
        ("dsg:base",),
        ("dsg:tenureRole",),
        _TENURE,
    ),
    Kind(
        "Who uses the base",
        "tenures",
        ("dsg:base",),
        ("dsg:tenant",),
        ("dsg:tenureRole",),
        _TENURE,
    ),
    Kind(
        "Events",
        "events",
        ("dsg:participant",),
        ("dsg:event",),
        ("dsg:participantRole",),
    ),
    Kind(
        "Who took part",
        "participants",
        ("dsg:event",),
        ("dsg:participant",),
        ("dsg:participantRole",),
    ),
    Kind(
        "Places held",
        "places-held",
        ("dsg:controller",),
        ("dsg:controlledPlace",),
        ("dsg:controlKind",),
    ),
    Kind(
        "Who held the place",
        "control",
        ("dsg:controlledPlace",),
        ("dsg:controller",),
        ("dsg:controlKind",),
    ),
    Kind(
        "Relations",
        "relations",
        ("dsg:relationSubject", "dsg:relationObject"),
        ("dsg:relationSubject", "dsg:relationKind", "dsg:relationObject"),
    ),
    Kind(
        "Statements",
        "statements",
        ("dsg:about",),
        ("dsg:statement",),
        (),
        (
            ("About", "dsg:about"),
            ("From", "dsg:distanceFrom"),
            ("To", "dsg:distanceTo"),
            ("Kilometres", "dsg:distanceInKilometres"),
        ),
    ),
    Kind(
        "What was checked",
        "coverage",
        ("dsg:coversOrganization", "dsg:coversProgramme"),
        ("dsg:coversProgramme",),
        (),
        (
            ("Complete since", "dsg:completeSince"),
            ("Checked as of", "dsg:checkedAsOf"),
            ("Finding", "rdfs:comment"),
        ),
    ),
    Kind(
        "Entries in official lists",
        "list-entries",
        ("dsg:refersTo",),
        ("dsg:officialId",),
        (),
        (("List", "dsg:inList"),),
    ),
)
_DATES: Final = tuple(
    f"dsg:{name}Date" for name in ("effective", "publication", "announcement", "decision")
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One claim: its headline, short marks beside it, when, and what else it says."""

    thing: Thing
    head: Sequence[Value]
    tags: Sequence[Value]
    when: str
    more: Sequence[tuple[str, Sequence[Value]]]


@dataclass(frozen=True, slots=True)
class Section:
    """A group of claims of one kind."""

    title: str
    anchor: str
    entries: Sequence[Entry]


def sections(thing: Thing) -> list[Section]:
    """Every group that has at least one claim."""
    found = []
    for kind in KINDS:
        claims = (one for end in kind.ends for one in thing.inverse(end))
        entries = [_entry(kind, one) for one in by_time(claims, moment)]
        if entries:
            found.append(Section(kind.title, kind.anchor, entries))
    return found


def acts(designation: Thing) -> list[Entry]:
    """The acts upon a designation in order of time."""
    return [_entry(_ACT, one) for one in by_time(designation.inverse("dsg:actsOn"), moment)]


def moment(claim: Thing) -> str | None:
    """The day by which a claim is put in order."""
    for curie in _DATES:
        if found := claim.text(curie):
            return found.machine
    event = claim.thing("dsg:event")
    for one in (claim, event):
        if one and one.periods:
            return one.periods[0].order[0].isoformat()
    stated = claim.text("dsg:statedOn")
    return stated.machine if stated else None


def disputes(claims: Iterable[Thing]) -> list[list[Thing]]:
    """Groups of claims that dispute each other, each group whole and once."""
    groups: list[list[Thing]] = []
    seen: set[Thing] = set()
    for claim in claims:
        group, waiting = [], [claim]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                group.append(one)
                waiting += [*one.things("cito:disputes"), *one.inverse("cito:disputes")]
        if len(group) > 1:
            groups.append(by_time(group, moment))
    return groups


def _entry(kind: Kind, claim: Thing) -> Entry:
    dated = next((one for one in (claim, claim.thing("dsg:event")) if one and one.periods), None)
    more = ((title, claim.all(curie)) for title, curie in kind.more)
    return Entry(
        claim,
        [value for curie in kind.head for value in claim.all(curie)] or [claim],
        [value for curie in kind.tags for value in claim.all(curie)],
        dated.when if dated else "",
        [(title, values) for title, values in more if values],
    )
