r"""Regular expressions as SPARQL has them, in time linear in the text.

Python's `re` differs from SPARQL's REGEX (`$`, `\d`, classes) and can take exponential time on an
unlucky pattern. Oxigraph's REGEX does neither, so the values go through it, a thousand a query.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import Literal, QuerySolutions, Store, Variable

from designata.validation.terms import Node, is_blank, is_literal, quote, text_of

_BATCH: Final = 1_000
_REMEMBERED: Final = 100_000
_EMPTY: Final = Store()
_PROBE: Final = 'SELECT (REGEX("", {0}, {1}) AS ?ok) {{}}'
_QUERY: Final = "SELECT ?t {{ VALUES ?t {{ {2} }} FILTER(!REGEX(?t, {0}, {1})) }}"


class Pattern:
    """One pattern with its flags; ValueError where it is not a regular expression."""

    def __init__(self, text: str, flags: str) -> None:
        self._constants = quote(text), quote(flags)
        self._good: set[str] = set()
        found = _select(_PROBE.format(*self._constants))
        if next(iter(found)) is None:
            raise ValueError(f"{text!r} with flags {flags!r} is not a regular expression here")

    def mismatches(self, values: Iterable[Node]) -> set[Node]:
        """The values that do not match; blank nodes never do."""
        bad, by_text = set(), dict[str, list[Node]]()
        for value in values:
            if is_blank(value):
                bad.add(value)
            else:
                text = _plain(value)
                if text not in self._good:
                    by_text.setdefault(text, []).append(value)
        for text in self._mismatching(list(by_text)):
            bad.update(by_text.pop(text))
        if len(self._good) < _REMEMBERED:
            self._good.update(by_text)
        return bad

    def _mismatching(self, texts: list[str]) -> Iterator[str]:
        for start in range(0, len(texts), _BATCH):
            batch = " ".join(texts[start : start + _BATCH])
            for found in _select(_QUERY.format(*self._constants, batch)):
                assert isinstance(found, Literal)
                yield str(found)


def _plain(value: Node) -> str:
    """The value's text as a plain literal, as pyoxigraph writes it."""
    if is_literal(value):
        return value[: value.rindex('"') + 1]
    return str(Literal(text_of(value)))


def _select(query: str) -> Iterator[object]:
    found = _EMPTY.query(query)
    assert isinstance(found, QuerySolutions)
    name = Variable(found.variables[0].value)
    return (solution[name] for solution in found)
