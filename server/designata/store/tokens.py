"""The words and signs of a SPARQL query, told apart without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

Kind = Literal[
    "string", "iri", "variable", "blank", "language", "name", "number", "word", "sign", "open"
]

_ABSOLUTE: Final = r"<[A-Za-z][A-Za-z0-9+.-]*://"
# Python before 3.11.5 goes on wrongly after a branch of a possessive group that fails halfway: only
# single signs are repeated like that here.
_PLAIN: Final = r"[^<>\"{}|^`\\\x00-\x20]*+"
_IRI_REST: Final = rf"{_PLAIN}(?:\\(?:u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}){_PLAIN})*>"
_SYNTAX: Final = r"""
    (?P<skip>[ \t\r\n]+|\#[^\r\n]*)
  | (?P<string>"{3}[^"\\]*+(?:(?:\\.|"{1,2}(?!"))[^"\\]*+)*"{3}
            | '{3}[^'\\]*+(?:(?:\\.|'{1,2}(?!'))[^'\\]*+)*'{3}
            | "(?!"")[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*"
            | '(?!'')[^'\\\r\n]*+(?:\\[^\r\n][^'\\\r\n]*+)*')
  | (?P<open>["'])
  | (?P<iri>IRI)
  | (?P<variable>[?$]\w+)
  | (?P<blank>_:\w[\w.-]*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[^\W\d_][\w.-]*+)?:[\w:.-]*+(?:(?:%[0-9A-Fa-f]{2}|\\[^\w\s])[\w:.-]*+)*)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
  | (?P<word>[^\W\d][\w.-]*+)
  | (?P<sign>.)
"""
# What is an IRI, or a comparison and its sequel.
ODD_IRI: Final = re.compile(r"<(?![A-Za-z][A-Za-z0-9+.-]*://)[^<>\"{}|^`\x00-\x20]*>")
_GREEDY: Final = re.compile(_SYNTAX.replace("IRI", "<" + _IRI_REST), re.VERBOSE | re.DOTALL)
_STRICT: Final = re.compile(_SYNTAX.replace("IRI", _ABSOLUTE + _IRI_REST), re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """A word or sign and where it starts, counted from 0."""

    kind: Kind
    text: str
    start: int


def tokens(text: str, *, only_absolute_iris: bool = False) -> Iterator[Token]:
    """The tokens of a query; a quote that is never closed ends them with an `open` token.

    `?a<?b&&?c>?d` can be read as an IRI or as two comparisons. Read one way every `<…>` without
    spaces is an IRI; with `only_absolute_iris` only what no comparison can look like.
    """
    syntax = _STRICT if only_absolute_iris else _GREEDY
    for match in syntax.finditer(text):
        kind = match.lastgroup
        if kind == "skip":
            continue
        yield Token(kind, match[0], match.start())  # type: ignore[arg-type]
        if kind == "open":
            return


def position(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
