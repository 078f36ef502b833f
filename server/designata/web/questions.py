"""The published questions: what each asks, its parameters, and its text with them filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from designata.errors import UsageError
from designata.store.question import fill
from designata.vocabulary import BASE, PREFIXES, compact, is_iri
from designata.web.asking import recall, text_of
from designata.web.dates import asked, parse
from designata.web.description import named
from designata.web.graph import plain
from designata.web.labels import label
from designata.web.links import sparql
from designata.web.things import Thing, by_label

_IRI: Final = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+", re.IGNORECASE)
MOST_OPTIONS: Final = 1_000
_PARAMETER: Final = re.compile(r"^[ \t]*VALUES[ \t]+\?\w+[ \t]*\{([^\n]*)\}", re.M)
_VALUE: Final = re.compile(r"\"((?:[^\"\\]|\\.)*)\"\S*|<([^>]*)>|(\w+:[\w-]+)")
_ESCAPE: Final = re.compile(r"\\(.)")
_NUMBERS: Final = {
    "integer": re.compile(r"[+-]?\d{1,15}"),
    "decimal": re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?"),
}


@dataclass(frozen=True, slots=True)
class Parameter:
    """What a question leaves open; `kind` is the name of an XML Schema type, or `iri`."""

    name: str
    says: str
    kind: str
    given: str
    optional: bool = False
    options: Sequence[Thing] = ()

    def field(self, text: str) -> str:
        """The type of the field for it; one for days would hide a text that is none."""
        return "date" if self.kind == "date" and (not text or parse(text)) else "text"

    def term(self, text: str) -> NamedNode | Literal | None:
        """What somebody wrote, as a term; nothing stands for any value, where that may be."""
        text = text.strip()
        if not text and not self.optional:
            raise UsageError(f"{self.name}: without a value this question has no answer")
        if not text:
            return None
        if self.kind == "iri":
            return _node(text)
        if self.kind == "string":
            return Literal(text)
        if self.kind == "date":
            _check_day(self.name, text)
        if self.kind in _NUMBERS and not _NUMBERS[self.kind].fullmatch(text):
            raise UsageError(f"{self.name}: {text!r} is not a number")
        return Literal(text, datatype=NamedNode(PREFIXES["xsd"] + self.kind))


@dataclass(frozen=True, slots=True)
class Question:
    """A query of the release with its title and description."""

    iri: str
    title: str
    description: str
    text: str
    parameters: Sequence[Parameter]

    @property
    def key(self) -> str:
        """The last part of its IRI."""
        return self.iri.rsplit("/", 1)[-1]

    @property
    def href(self) -> str:
        """The address that answers it as it stands."""
        return sparql(self.text)

    def filled(self, given: Mapping[str, str]) -> str:
        """The text with what somebody wrote for each parameter; the others stay as they are."""
        return fill(
            self.text,
            {one.name: one.term(given[one.name]) for one in self.parameters if one.name in given},
        )


def questions() -> list[Question]:
    """All of them, in order of their titles."""
    rows = recall(text_of("questions"))
    classes = (row.get("class") for row in rows)
    options = _options({one for one in classes if isinstance(one, NamedNode)})
    by_question = groupby(rows, key=lambda row: str(row["question"].value))
    return [_question(iri, list(found), options) for iri, found in by_question]


def question(key: str) -> Question | None:
    """The question with this key."""
    return next((one for one in questions() if one.key == key), None)


def title_of(text: str) -> str | None:
    """The title of the published question that a query asks, and the values that it asks about."""
    # A browser sends the lines of a form with two signs at the end.
    text = text.replace("\r\n", "\n")
    bare = _PARAMETER.sub("", text)
    for row in recall(text_of("questions")):
        if _PARAMETER.sub("", _text(row, "text")) == bare:
            return f"{_text(row, 'title')} {', '.join(_given(text))}".rstrip()
    return None


def _given(text: str) -> Sequence[str]:
    """What a text asks about: things by what they are called."""
    given = _VALUE.findall(" ".join(_PARAMETER.findall(text)))
    found = [(text, iri or _in_full(short)) for text, iri, short in given]
    names = named(iri for _, iri in found if is_iri(iri))
    return [str(label(names, iri)) if iri else _ESCAPE.sub(r"\1", text) for text, iri in found]


def _in_full(short: str) -> str:
    """An IRI that is written with a prefix of ours; anything else unchanged."""
    prefix, colon, local = short.partition(":")
    return PREFIXES.get(prefix, prefix + colon) + local if colon else short


def _options(classes: set[NamedNode]) -> Mapping[str, Sequence[Thing]]:
    """The things of each class by label, for a parameter that takes one of them; not of large ones.

    There a name is written instead of chosen.
    """
    query = text_of("members")
    members = {}
    for one in classes:
        rows = recall(f"{fill(query, {'class': one})}LIMIT {MOST_OPTIONS + 1}")
        if len(rows) <= MOST_OPTIONS:
            members[one.value] = [row["thing"].value for row in rows]
    graph = named(iri for found in members.values() for iri in found)
    return {
        name: by_label(Thing.of(iri, graph) for iri in found) for name, found in members.items()
    }


def _question(
    iri: str, rows: Sequence[Mapping[str, Any]], options: Mapping[str, Sequence[Thing]]
) -> Question:
    first = rows[0]
    parameters = {_text(row, "name"): _parameter(row, options) for row in rows if "name" in row}
    return Question(
        iri,
        _text(first, "title"),
        _text(first, "description"),
        _text(first, "text"),
        tuple(parameters.values()),
    )


def _parameter(row: Mapping[str, Any], options: Mapping[str, Sequence[Thing]]) -> Parameter:
    value = row.get("value")
    given = compact(value.value) if isinstance(value, NamedNode) else _text(row, "value")
    namespace, _, kind = _text(row, "datatype").rpartition("#")
    return Parameter(
        _text(row, "name"),
        _text(row, "says"),
        kind if f"{namespace}#" == PREFIXES["xsd"] else "iri",
        given,
        _text(row, "optional") in ("true", "1"),
        options.get(_text(row, "class"), ()),
    )


def _check_day(name: str, text: str) -> None:
    try:
        asked(text)
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def _text(row: Mapping[str, Any], name: str) -> str:
    return plain(row[name]) if name in row else ""


def _node(text: str) -> NamedNode:
    try:
        return NamedNode(_full(text))
    except ValueError as error:
        raise UsageError(f"{text!r} is not an IRI: {error}") from None


def _full(text: str) -> str:
    prefix, _, local = text.partition(":")
    if prefix in PREFIXES and re.fullmatch(r"[\w-]+", local):
        return PREFIXES[prefix] + local
    if text.startswith("/doc/"):
        return BASE + "id/" + text.removeprefix("/doc/")
    if _IRI.fullmatch(text):
        return text
    raise UsageError(f"{text!r} is not an IRI: write it in full or as organization:key")
