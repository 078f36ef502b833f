"""The groups of a query: which variables each one uses, and in which of its triples.

This is all that pre-binding needs (SHACL, sections 5.3.1 and A): the engine checks the syntax.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from designata.validation.queries.tokens import Token
from designata.validation.terms import TYPE, Node, iri


@dataclass(slots=True)
class Select:
    """The head and the tail of a SELECT, or of the ASK at the top."""

    form: str
    start: int
    head_end: int
    projected: set[str] = field(default_factory=set)
    star: bool = False
    group_at: int | None = None
    grouped: set[str] = field(default_factory=set)
    aggregates: bool = False
    sliced: bool = False


@dataclass(slots=True)
class Group:
    """What stands between two braces, without the groups inside."""

    role: str
    start: int
    in_triples: set[str] = field(default_factory=set)
    in_filters: set[str] = field(default_factory=set)
    elsewhere: set[str] = field(default_factory=set)
    children: list[Group] = field(default_factory=list)
    patterns: list[tuple[Token, Token, Token]] = field(default_factory=list)
    select: Select | None = None

    def walk(self) -> Iterator[Group]:
        """The group itself and all inside."""
        yield self
        for child in self.children:
            yield from child.walk()

    def everywhere(self) -> set[str]:
        """All variables in this group and inside."""
        return set().union(
            *(each.in_triples | each.in_filters | each.elsewhere for each in self.walk())
        )

    def needs(self) -> set[str]:
        """The variables that are used here outside of triples and have to be bound here."""
        used = set(self.elsewhere)
        if self.role not in ("OPTIONAL", "EXISTS"):
            used |= self.in_filters
        for child in self.children:
            if child.role == "EXISTS":
                used |= child.everywhere()
            elif child.role == "OPTIONAL":
                used |= child.in_filters
        return used - self.in_triples


@dataclass(slots=True)
class Structure:
    """A whole query: its top group, its properties, and what AS assigns."""

    select: Select
    group: Group
    predicates: set[str] = field(default_factory=set)
    any_predicate: bool = False
    opaque: bool = False
    assigned: set[str] = field(default_factory=set)
    prefixes: dict[str, str] = field(default_factory=dict)
    used_prefixes: set[str] = field(default_factory=set)

    def expand(self, name: str) -> Node:
        """The IRI that a name of the query stands for."""
        if name == "a":
            return TYPE
        if name.startswith("<"):
            return name
        prefix, _, local = name.partition(":")
        return iri(self.prefixes.get(prefix, "") + re.sub(r"\\(.)", r"\1", local))

    def selects(self) -> Iterator[Select]:
        """The SELECT at the top and all inside."""
        yield self.select
        yield from (each.select for each in self.group.walk() if each.select)
