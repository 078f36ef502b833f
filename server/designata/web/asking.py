"""The queries of the pages: files beside this module, asked of the lane that pages have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from designata.store.question import fill
from designata.store.rows import rows
from designata.web.serving import served

Term = NamedNode | Literal
Rows = Sequence[Mapping[str, Any]]
AT_ONCE: Final = 150


@cache
def text_of(name: str) -> str:
    """The text of a query of ours, e.g. `description`."""
    file = resources.files("designata.web") / "queries" / f"{name}.rq"
    return file.read_text(encoding="utf-8")


def ask(name: str, /, **values: Term | Sequence[Term] | None) -> Rows:
    """The rows of a query of ours with its parameters set."""
    return ask_text(fill(text_of(name), values))


def ask_text(text: str) -> Rows:
    """The rows of a query."""
    return list(rows(served().pool, text, lane="pages"))


def recall(text: str) -> Rows:
    """The rows of a query, remembered: for one that any visitor asks in the same few forms."""
    memory = served().memory
    found: Rows | None = memory.get(text)
    if found is None:
        found = ask_text(text)
        memory.put(text, found, 1 + sum(map(len, found)))
    return found


def in_portions(iris: Iterable[str]) -> Iterable[list[NamedNode]]:
    """The IRIs in lists that fit into one query."""
    ordered = sorted(iris)
    for start in range(0, len(ordered), AT_ONCE):
        yield [NamedNode(iri) for iri in ordered[start : start + AT_ONCE]]
