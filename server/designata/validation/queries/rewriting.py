"""Pre-binding as a join: the values of `$this` and its like are triples that the query reads.

Each row of the graph FOCUS holds one pre-bound solution. Joined into every group that uses such a
variable outside of its own triples, it means what SHACL's pre-binding means, for one row or for
all rows in a single query.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from designata.validation.queries.analysis import analyse
from designata.validation.queries.reach import reads_of
from designata.validation.queries.structure import Structure
from designata.validation.queries.tokens import decode, tokenise
from designata.validation.reads import Reads
from designata.validation.terms import Node

ROW: Final = "designataRow"
FOCUS: Final = "urn:designata:focus"
ONE: Final = "<urn:designata:one>"
_TAKES_VARIABLES: Final = frozenset(("BOUND", "AS", "GROUP"))
ALWAYS: Final = frozenset(("this", "currentShape", "shapesGraph"))
_PATH: Final = re.compile(r"[$?]PATH\b")
_OPTIONAL: Final = frozenset(("currentShape", "shapesGraph"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A query in the form in which it is asked.

    `bound` are the variables that it takes from its row; `at_once` says that all rows can be
    asked together. `unbound` asks for every node that there is, where the query reads `$this`
    from the data in each group; `single` is the same with ONE in place of `$this`.
    `predicates` are the properties that it reads, None for any; `reads` says where it does.
    """

    text: str
    bound: frozenset[str]
    at_once: bool
    unbound: str | None
    single: str | None
    predicates: frozenset[Node] | None
    reads: Reads


def prepare(
    query: str, prefixes: Mapping[str, str], path: str | None, variables: Collection[str]
) -> Prepared:
    """Check a query against the rules of pre-binding and rewrite it.

    `variables` are those that are bound for this constraint. ValueError says which rule is broken
    (SHACL, section 5.3.1 and appendix A).
    """
    head = "".join(f"PREFIX {name}: <{space}>\n" for name, space in sorted(prefixes.items()))
    query = head + _with_path(decode(query), path)
    found = analyse(query)
    _check(found, {*variables, *ALWAYS})
    selects = found.select.form == "SELECT"
    mentioned = found.group.everywhere() | found.select.projected
    used = frozenset(mentioned & {*variables}) | ({"this"} if selects else set())
    at_once = _at_once(found)
    plain = used == {"this"} and not any(each.needs() & used for each in found.group.walk())
    asked_for_all = selects and at_once and plain and "this" in found.group.in_triples
    return Prepared(
        _edited(query, found, used),
        used,
        at_once,
        query if asked_for_all else None,
        _single(query, found) if asked_for_all else None,
        None if found.any_predicate else frozenset(_properties(found)),
        reads_of(found),
    )


def _with_path(query: str, path: str | None) -> str:
    if not _PATH.search(query):
        return query
    if path is None:
        raise ValueError("$PATH needs a property shape: this one has no sh:path")
    return _PATH.sub(lambda _: path, query)


def _check(found: Structure, bound: set[str]) -> None:
    unknown = found.used_prefixes - found.prefixes.keys() - {"_"}
    if unknown:
        raise ValueError(f"the prefix {min(unknown)}: is not declared (sh:prefixes, sh:declare)")
    assigned = found.assigned & bound
    if assigned:
        raise ValueError(f"AS must not assign ${min(assigned)}, which is bound already")
    needed = bound - _OPTIONAL
    for select in found.selects():
        if select is found.select:
            if select.form == "SELECT" and not select.star and "this" not in select.projected:
                raise ValueError("the query must select $this")
        elif select.star or needed - select.projected:
            names = ", ".join(f"${name}" for name in sorted(needed))
            raise ValueError(f"a nested SELECT must name all variables that are bound: {names}")


def _at_once(found: Structure) -> bool:
    """Whether the rows do not disturb each other: nothing is cut off or counted over all."""
    for select in found.selects():
        counts = select.aggregates or select.group_at is not None
        if select.sliced or (counts and "this" not in select.grouped):
            return False
    return True


def _edited(query: str, found: Structure, used: frozenset[str]) -> str:
    select, top = found.select, found.group
    edits = [(top.start, top.start, _row(used))]
    edits += [
        (group.start, group.start, _pattern(group.needs() & used))
        for group in top.walk()
        if group is not top
    ]
    if select.form == "ASK":
        edits.append((select.start, select.head_end, f"SELECT DISTINCT ?{ROW}"))
    elif not select.star:
        edits.append((select.head_end, select.head_end, f" ?{ROW} "))
    if select.group_at is not None:
        edits.append((select.group_at, select.group_at, f" ?{ROW} "))
    for start, end, text in sorted(edits, reverse=True):
        query = query[:start] + text + query[end:]
    return query


def _single(query: str, found: Structure) -> str | None:
    """The query with a constant in place of `$this`, where that cannot change its meaning."""
    select = found.select
    tokens = tokenise(query)
    words = {token.text for token in tokens if token.kind == "word"}
    if select.star or select.group_at or not words.isdisjoint(_TAKES_VARIABLES):
        return None
    for token in reversed(tokens):
        if token.kind == "var" and token.text == "this":
            text = ONE if token.start >= found.group.start else ""
            query = query[: token.start] + text + query[token.end :]
    if select.projected == {"this"}:
        query = query[: select.head_end] + " (1 AS ?one) " + query[select.head_end :]
    return query


def _row(used: frozenset[str]) -> str:
    pattern = " ; ".join(f"<{FOCUS}:{name}> ?{name}" for name in sorted(used))
    return f" GRAPH <{FOCUS}> {{ ?{ROW} {pattern or '?p ?o'} }} "


def _pattern(needed: Collection[str]) -> str:
    return "".join(
        f" GRAPH <{FOCUS}> {{ [] <{FOCUS}:{name}> ?{name} }} " for name in sorted(needed)
    )


def _properties(found: Structure) -> Iterator[Node]:
    """The properties that the query reads, as whole IRIs."""
    return (found.expand(name) for name in found.predicates)
