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


_HIDDEN: Final = re.compile(r"\).*service.*#")


class Token(NamedTuple):
    """A token with its place in the text; words are in upper case, names without a last point."""

    kind: str
    text: str
    start: int
    end: int


_NOTHING: Final = Token("sign", "", 0, 0)


def decode(query: str) -> str:
    r"""The query with its `\u0000` escapes resolved, as the grammar wants before anything else."""
    return _CODEPOINT.sub(lambda found: chr(int(found[1] or found[2], 16)), query)


def tokenise(query: str) -> list[Token]:
    """The tokens without spaces and comments; ValueError where a query is too long or deep."""
    if len(query) > LONGEST:
        raise ValueError(f"the query is longer than {LONGEST} characters")
    tokens: list[Token] = []
    brackets: list[bool] = []
    at = 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        assert found is not None
        at = found.end()
        if found.lastgroup == "space":
            continue
        last = tokens[-1] if tokens else _NOTHING
        token = _token(found)
        if token.kind == "iri":
            if brackets and brackets[-1] and _is_operand(last):
                token, at = Token("sign", "<", token.start, token.start + 1), token.start + 1
            elif _HIDDEN.search(token.text.casefold()):
                raise ValueError("an IRI must not hide a SERVICE")
        elif token.kind == "sign" and token.text in "{([":
            brackets.append(token.text == "(" and _opens_expression(last, brackets))
            if len(brackets) > DEEPEST:
                raise ValueError(f"the query is nested more than {DEEPEST} deep")
        elif token.kind == "sign" and token.text in "})]" and brackets:
            brackets.pop()
        tokens.append(token)
    return tokens


def _is_operand(token: Token) -> bool:
    return token.kind in ("var", "number", "string", "iri", "name", "lang") or token.text == ")"


def _opens_expression(last: Token, brackets: list[bool]) -> bool:
    """Whether a bracket after this token holds an expression, where `<` means less than."""
    return (last.kind == "word" and last.text != "a") or bool(brackets and brackets[-1])


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
