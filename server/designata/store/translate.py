"""A query as an engine is to get it: over the graphs of one release, under their names there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from urllib.parse import urljoin

from designata.errors import QueryRefused
from designata.store.clauses import closing, words
from designata.store.describe import OWN, in_full
from designata.store.disguise import HIDDEN
from designata.store.engine import Dataset
from designata.store.query import DEFAULT_GRAPH, Query
from designata.store.tokens import Token, tokens
from designata.vocabulary import BASE

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_OPENLINK: Final = "http://www.openlinksw.com/schemas/"
_PRIVATE: Final = (
    *("bif:", "sql:", "java:", "javascript:", "file:"),
    *(f"{_OPENLINK}bif#", f"{_OPENLINK}sql#"),
)


@dataclass(frozen=True, slots=True)
class Graphs:
    """How the graphs of a release are called in an engine; `nothing` is one that never exists."""

    union: str
    default: str
    named: Mapping[str, str]
    nothing: str

    def place(self, name: str) -> str:
        """The name in the engine of a graph of the release; graphs of others do not exist."""
        return self.default if name == DEFAULT_GRAPH else self.named.get(name, self.nothing)


class _Edit(NamedTuple):
    """A stretch of the text, and what replaces it."""

    start: int
    end: int
    text: str = ""


class Translated(NamedTuple):
    """The text for the engine and the graphs that it is to see."""

    text: str
    dataset: Dataset


def translate(query: Query, graphs: Graphs) -> Translated:
    """The same query over the graphs of the release; QueryRefused where it names the engine's own.

    FROM becomes parameters of the protocol, GRAPH gets the names in the engine, and DESCRIBE is
    written as the CONSTRUCT that it stands for, since every engine describes in its own way.
    """
    found = list(tokens(query.text))
    names = _Names(found)
    names.refuse_private()
    defaults, named, edits = _dataset_clauses(found, names)
    if query.default_graphs or query.named_graphs:
        defaults, named = list(query.default_graphs), list(query.named_graphs)
    edits += _graph_clauses(found, names, graphs, named if defaults or named else None)
    edits += _datatypes(found, names)
    text = in_full(_apply(query.text, edits))
    if not names.has_base:
        # Functions make IRIs, too.
        text = f"BASE <{BASE}>\n{text}"
    if defaults or named:
        return Translated(text, _dataset(defaults, named, graphs))
    return Translated(text, Dataset([graphs.union], [*graphs.named.values(), graphs.nothing]))


def _dataset(defaults: Sequence[str], named: Sequence[str], graphs: Graphs) -> Dataset:
    """The graphs asked for; what is unknown among the named ones must be there by some name."""
    return Dataset(
        [graphs.place(name) for name in defaults] or [graphs.nothing],
        [*dict.fromkeys((*map(graphs.place, named), graphs.nothing))],
    )


class _Names:
    """The IRIs in a query, in full."""

    def __init__(self, found: Sequence[Token]) -> None:
        self._found = found
        self._prefixes: dict[str, str] = {}
        self._base = BASE
        self.has_base = False
        for before, token, after in zip(found, found[1:], (*found[2:], None), strict=False):
            word = before.text.casefold() if before.kind == "word" else ""
            if word == "base" and token.kind == "iri":
                self.has_base, self._base = True, self.full(token)
            elif word == "prefix" and token.kind == "name" and after and after.kind == "iri":
                self._prefixes[token.text[:-1]] = self.full(after)

    def full(self, token: Token) -> str:
        """The IRI that a token stands for."""
        if token.kind == "name":
            prefix, _, local = token.text.partition(":")
            return self._prefixes.get(prefix, "") + local.replace("\\", "")
        iri = _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), token.text[1:-1])
        return iri if _SCHEME.match(iri) else urljoin(self._base, iri)

    def refuse_private(self) -> None:
        """Keep out names that make an engine run functions of its own."""
        for token in self._found:
            if token.kind in ("iri", "name") and self.full(token).lower().startswith(_PRIVATE):
                raise QueryRefused(f"{token.text} names a function of the engine, not of SPARQL")


def _dataset_clauses(
    found: Sequence[Token], names: _Names
) -> tuple[list[str], list[str], list[_Edit]]:
    """The graphs of FROM and FROM NAMED, and the edits that take these clauses out."""
    defaults: list[str] = []
    named: list[str] = []
    edits = []
    for at, token in words(found, "from"):
        rest = found[at + 1 : at + 3]
        is_named = bool(rest) and rest[0].text.casefold() == "named"
        target = rest[1] if is_named and len(rest) > 1 else rest[0]
        (named if is_named else defaults).append(names.full(target))
        edits.append(_Edit(token.start, target.start + len(target.text), " "))
    return defaults, named, edits


def _graph_clauses(
    found: Sequence[Token], names: _Names, graphs: Graphs, seen: Sequence[str] | None
) -> list[_Edit]:
    """The edits that give each GRAPH clause the names in the engine.

    Where the query has a dataset of its own, it sees only those named graphs.
    """
    known = {name: graphs.place(name) for name in sorted(graphs.named if seen is None else seen)}
    edits = []
    for at, token in enumerate(found[:-1]):
        if token.kind != "word" or token.text.casefold() != "graph":
            continue
        name = found[at + 1]
        if name.kind in ("iri", "name"):
            place = known.get(names.full(name))
            group = [one.text for one in found[at + 2 : at + 4]]
            if place is None and group == ["{", "}"]:
                # A graph that is not there has not even an empty group.
                none = f"{{ VALUES ?{OWN}{at} {{ }} }}"
                edits.append(_Edit(token.start, found[at + 3].start + 1, none))
            else:
                there = f" <{place or graphs.nothing}> "
                edits.append(_Edit(name.start, name.start + len(name.text), there))
        elif name.kind == "variable":
            edits += _any_graph(found, at, known)
    return edits


def _datatypes(found: Sequence[Token], names: _Names) -> Iterator[_Edit]:
    """The edits for datatypes that have another name in the engine."""
    for token in found:
        if token.kind in ("iri", "name") and names.full(token) in HIDDEN:
            hidden = f"<{HIDDEN[names.full(token)]}>"
            yield _Edit(token.start, token.start + len(token.text), hidden)


def _any_graph(found: Sequence[Token], at: int, known: Mapping[str, str]) -> list[_Edit]:
    """The edits for `GRAPH ?name { … }`: a second variable runs over the names in the engine."""
    keyword, variable = found[at], found[at + 1]
    end = closing(found, at + 2)
    if end == at + 3:
        values = " ".join(f"<{name}>" for name in known)
        group = f"{{ VALUES {variable.text} {{ {values} }} }}"
        return [_Edit(keyword.start, found[end].start + 1, group)]
    hidden = f"?{OWN}{at}"
    pairs = " ".join(f"(<{name}> <{place}>)" for name, place in known.items())
    head = f"{{ VALUES ({variable.text} {hidden}) {{ {pairs} }} GRAPH {hidden} "
    stop = found[end].start + 1
    return [
        _Edit(keyword.start, variable.start + len(variable.text), head),
        _Edit(stop, stop, " }"),
    ]


def solutions_of(text: str) -> str:
    """For a translated CONSTRUCT query: the query that has a row for each of its solutions."""
    found = list(tokens(text))
    start = next(at for at, _ in words(found, "construct"))
    template = found[start + 1].text == "{"
    end = found[closing(found, start + 1)] if template else found[start]
    rest = text[end.start + len(end.text) :]
    return f"{text[: found[start].start]} SELECT (1 AS ?{OWN}) {rest}"


def _apply(text: str, edits: Sequence[_Edit]) -> str:
    for edit in sorted(edits, reverse=True):
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text
