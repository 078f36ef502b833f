"""A SPARQL query as tokens; what it means is left to the engine."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

LONGEST: Final = 100_000
DEEPEST: Final = 60

_CODEPOINT: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN: Final = re.compile(
    r"""(?P<space>[\s\ufeff]+|\#[^\r\n]*)
    |(?P<iri><[^<>"{}|^`\\\x00-\x20]*>)
    |(?P<string>\"{3}(?:\"{0,2}(?:[^"\\]|\\.))*\"{3}|'{3}(?:'{0,2}(?:[^'\\]|\\.))*'{3}
        |"(?:[^"\\\r\n]|\\.)*"|'(?:[^'\\\r\n]|\\.)*')
    |(?P<var>[?$]\w[\w\u00b7]*)
    |(?P<name>(?:[^\W\d_][\w.\-\u00b7]*|_)?:(?:[\w:%\-.\u00b7]|\\.)*)
    |(?P<lang>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
    |(?P<word>[^\W\d_]\w*)
    |(?P<number>[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+)
    |(?P<sign>\^\^|<<|>>|&&|\|\||.)""",
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token with its place in the text; words are in upper case, names without a last point."""

    kind: str
    text: str
    start: int
    end: int


def decode(query: str) -> str:
    r"""The query with its `\u0000` escapes resolved, as the grammar wants before anything else."""
    return _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), query)


def tokenise(query: str) -> list[Token]:
    """The tokens without spaces and comments; ValueError where a query is too long or deep."""
    if len(query) > LONGEST:
        raise ValueError(f"the query is longer than {LONGEST} characters")
    tokens = [_token(found) for found in _TOKEN.finditer(query) if found.lastgroup != "space"]
    depth = 0
    for token in tokens:
        if token.kind == "sign":
            depth += (token.text in "{([") - (token.text in "})]")
            if depth > DEEPEST:
                raise ValueError(f"the query is nested more than {DEEPEST} deep")
    return tokens


def _token(found: re.Match[str]) -> Token:
    kind, text = found.lastgroup or "sign", found[0]
    start, end = found.span()
    if kind == "word":
        text = text if text == "a" else text.upper()
    elif kind == "name" and text.endswith("."):
        text = text.rstrip(".")
        end = start + len(text)
    elif kind == "var":
        text = text[1:]
    return Token(kind, text, start, end)
