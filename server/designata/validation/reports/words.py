"""How a result is put into words for people."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from designata.validation.paths import sparql
from designata.validation.results import INFO, VIOLATION, WARNING, Report, Result
from designata.validation.terms import Node, is_iri, is_literal, readable, split_literal, text_of

SEVERITY: Final = {VIOLATION: "violation", WARNING: "warning", INFO: "info"}
_LONGEST: Final = 120
_DEEPEST: Final = 10


class Words:
    """Names terms with the prefixes of the files that were validated."""

    def __init__(self, report: Report) -> None:
        prefixes, self._owners = report.prefixes, report.owners
        self._prefixes = sorted(
            ((namespace, prefix) for prefix, namespace in prefixes.items() if namespace),
            key=lambda pair: -len(pair[0]),
        )
        self.term = lru_cache(maxsize=10_000)(self._term)

    def _term(self, node: Node) -> str:
        if is_iri(node):
            name = node[1:-1]
            for namespace, prefix in self._prefixes:
                rest = name[len(namespace) :]
                if name.startswith(namespace) and rest.replace("-", "").replace("_", "").isalnum():
                    return f"{prefix}:{rest}"
        elif is_literal(node) and len(node) > _LONGEST:
            return f"{readable(node)[:_LONGEST]}…"
        return readable(node)

    def shape(self, node: Node) -> str:
        """A shape by its IRI, or by the shape that uses it and its path."""
        names: list[str] = []
        while node in self._owners and len(names) < _DEEPEST:
            node, path = self._owners[node]
            names.append(sparql(path, self.term) if path else "[]")
        return " ".join([self.term(node), *reversed(names)])

    def subject(self, result: Result) -> str:
        """The focus node, and the path where there is one."""
        focus = self.term(result.focus)
        return f"{focus} {sparql(result.path, self.term)}" if result.path else focus

    def message(self, result: Result) -> str:
        """What is wrong with which node: the shape's own message, or one of ours."""
        return f"{self.subject(result)}: {self.said(result)}"

    def said(self, result: Result) -> str:
        """The message alone, in English where there are several, with the value it is about."""
        chosen = sorted(result.messages, key=lambda text: (_tongue(text), text))
        said = text_of(chosen[0]) if chosen else self.component(result.component)
        value = f" (found {self.term(result.value)})" if _tells(result, said) else ""
        return f"{said}{value}"

    def component(self, component: Node) -> str:
        """A constraint component without the words that every name of one ends in."""
        name = self.term(component)
        return name.removeprefix("sh:").removesuffix("ConstraintComponent")


def _tongue(message: Node) -> int:
    language = split_literal(message).language
    return 0 if language.partition("-")[0] == "en" else 1 if not language else 2


def _tells(result: Result, said: str) -> bool:
    value = result.value
    return value is not None and value != result.focus and text_of(value) not in said


def worst_first(results: Sequence[Result], most: int) -> tuple[list[Result], int]:
    """At most so many results, the worst ones, in the order of the files; and how many are left."""
    if len(results) <= most:
        return list(results), 0
    numbers = sorted(range(len(results)), key=lambda number: (results[number].rank, number))
    return [results[number] for number in sorted(numbers[:most])], len(results) - most


def severity(result: Result) -> str:
    """The severity as one lower-case word."""
    return SEVERITY.get(result.severity) or readable(result.severity)


def place(file: Path | None, line: int | None) -> str:
    """`file:line`, relative to the working directory where that is shorter."""
    if file is None:
        return "(no file)"
    name = relative(file)
    return name if line is None else f"{name}:{line}"


@lru_cache(maxsize=1_000)
def relative(file: Path) -> str:
    """A path as seen from the working directory where it lies below it."""
    try:
        return file.absolute().relative_to(os.getcwd()).as_posix()
    except ValueError:
        return str(file)
