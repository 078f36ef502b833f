"""Search by name: over all names of everything, in any script."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import Literal

from designata.errors import UsageError
from designata.store.question import fill
from designata.web.asking import ask_text, text_of
from designata.web.description import named
from designata.web.paging import Part
from designata.web.texts import Text
from designata.web.things import Thing

LONGEST: Final = 200
PER_PAGE: Final = 50
# So many names are read; of a text that stands in more, things are counted up to there.
MOST_NAMES: Final = 5_000
_VARIANTS: Final = str.maketrans("أإآٱةىی", "ااااهيي")


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing and its names that match, the closest first."""

    thing: Thing
    names: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of the things that were found; there may be more than could be counted."""

    hits: Sequence[Hit]
    part: Part
    whole: bool


def fold(text: str) -> str:
    """The letters and digits of a text, without case, as search.rq folds names."""
    lower = unicodedata.normalize("NFC", text).lower()
    letters = (sign for sign in lower if unicodedata.category(sign)[0] in "LN")
    return "".join(letters).translate(_VARIANTS)


def search(text: str) -> Found:
    """Things whose names contain the text: whole names first, then beginnings, then the rest.

    UsageError where no name is as long as the text.
    """
    if len(text) > LONGEST:
        raise UsageError(f"a name may have {LONGEST} characters here, and this has {len(text):,}")
    wanted = fold(text)
    query = fill(text_of("search"), {"text": Literal(wanted)})
    rows = ask_text(f"{query}LIMIT {MOST_NAMES + 1}") if wanted else ()
    found: dict[str, tuple[tuple[int, int], list[Text]]] = {}
    for row in rows[:MOST_NAMES]:
        name = Text.of(row["name"])
        rank = (_closeness(row["found"].value, wanted), len(name.value))
        best, names = found.setdefault(row["thing"].value, (rank, []))
        names.append(name)
        found[row["thing"].value] = (min(best, rank), names)
    part = Part.asked(PER_PAGE, len(found))
    best_first = sorted(found, key=lambda iri: (found[iri][0], iri))[part.first : part.last]
    graph = named(best_first)
    hits = [_hit(Thing.of(iri, graph), found[iri][1], wanted) for iri in best_first]
    return Found(hits, part, len(rows) <= MOST_NAMES)


def _hit(thing: Thing, names: Sequence[Text], wanted: str) -> Hit:
    ordered = sorted(names, key=lambda one: _place(one, wanted))
    others = [name for name in dict.fromkeys(ordered) if name.value != thing.label.value]
    return Hit(thing, others[:5])


def _place(name: Text, wanted: str) -> tuple[int, int, str, str]:
    """Where a name stands among those of a thing; never by chance."""
    return _closeness(fold(name.value), wanted), len(name.value), name.value, name.language


def _closeness(found: str, wanted: str) -> int:
    if found == wanted:
        return 0
    return 1 if found.startswith(wanted) else 2
