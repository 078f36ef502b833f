"""The words and signs of a SPARQL query, told apart without parsing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, Literal, NamedTuple

Kind = Literal[
    "string", "iri", "variable", "blank", "language", "name", "number", "word", "sign", "open"
]

_SCHEME: Final = r"[A-Za-z][A-Za-z0-9+.-]*:"
# Python before 3.11.5 goes on wrongly after a branch of a possessive group that fails halfway: only
# single signs are repeated like that here.
_PLAIN: Final = r"[^<>\"{}|^`\\\x00-\x20]*+"
_IRI_REST: Final = rf"{_PLAIN}(?:\\(?:u[0-9A-Fa-f]{{4}}|U[0-9A-Fa-f]{{8}}){_PLAIN})*>"
# What no comparison and its sequel can look like: those have a sign between them.
_CERTAIN: Final = rf"<{_SCHEME}(?://{_IRI_REST}|[A-Za-z0-9._~:/\#%@;-]*>)"
# PN_CHARS_BASE, and PN_CHARS without its hyphen (SPARQL 1.1 Query Language, section 19.8).
_LETTER: Final = (
    r"A-Za-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D"
    r"\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\U00010000-\U000EFFFF"
)
IN_NAMES: Final = rf"{_LETTER}_0-9\u00B7\u0300-\u036F\u203F\u2040"
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}|\\[_~.!$&'()*+,;=/?\#@%-]"
_LOCAL: Final = rf"""(?:(?:[{_LETTER}_:0-9]|{_ESCAPED})[{IN_NAMES}:-]*+
    (?:(?:\.++(?=[{IN_NAMES}:%\\-])|{_ESCAPED})[{IN_NAMES}:-]*+)*)?"""
_SYNTAX: Final = rf"""
    (?P<skip>[ \t\r\n]+|\#[^\r\n]*)
  | (?P<string>"{{3}}[^"\\]*+(?:(?:\\.|"{{1,2}}(?!"))[^"\\]*+)*"{{3}}
            | '{{3}}[^'\\]*+(?:(?:\\.|'{{1,2}}(?!'))[^'\\]*+)*'{{3}}
            | "(?!"")[^"\\\r\n]*+(?:\\[^\r\n][^"\\\r\n]*+)*"
            | '(?!'')[^'\\\r\n]*+(?:\\[^\r\n][^'\\\r\n]*+)*')
  | (?P<open>["'])
  | (?P<iri>IRI)
  | (?P<variable>[?$][{IN_NAMES}]+)
  | (?P<blank>_:[{_LETTER}_0-9][{IN_NAMES}-]*+(?:\.++[{IN_NAMES}-]++)*)
  | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<name>(?:[{_LETTER}][{IN_NAMES}.-]*+)?:{_LOCAL})
  | (?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)
  | (?P<word>[{_LETTER}_][{IN_NAMES}]*+)
  | (?P<sign>.)
"""
# What is an IRI, or a comparison and its sequel.
ODD_IRI: Final = re.compile(
    rf"<(?!{_SCHEME}(?://|[A-Za-z0-9._~:/#%@;-]*>))[^<>\"{{}}|^`\x00-\x20]*>"
)
_GREEDY: Final = re.compile(_SYNTAX.replace("IRI", "<" + _IRI_REST), re.VERBOSE | re.DOTALL)
_STRICT: Final = re.compile(_SYNTAX.replace("IRI", _CERTAIN), re.VERBOSE | re.DOTALL)


class Token(NamedTuple):
    """A word or sign and where it starts, counted from 0."""

    kind: Kind
    text: str
    start: int


def tokens(text: str, *, only_certain_iris: bool = False) -> Iterator[Token]:
    """The tokens of a query; a quote that is never closed ends them with an `open` token.

    `?a<?b&&?c>?d` can be read as an IRI or as two comparisons. Read one way every `<…>` without
    spaces is an IRI; with `only_certain_iris` only what no comparison can look like.
    """
    syntax = _STRICT if only_certain_iris else _GREEDY
    for match in syntax.finditer(text):
        kind = match.lastgroup
        if kind == "skip":
            continue
        yield Token(kind, match[0], match.start())  # type: ignore[arg-type]
        if kind == "open":
            return


def is_open(found: Sequence[Token]) -> bool:
    """Whether a quote is never closed, so that what follows it was not looked at."""
    return bool(found) and found[-1].kind == "open"


def position(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, counted from 1."""
    before = text[:offset]
    return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1
