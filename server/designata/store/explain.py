"""What is wrong with a query, said in words, from the little that the engine's parser says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from designata.errors import QuerySyntaxError
from designata.store.tokens import Token, position, tokens
from designata.vocabulary import PREFIXES

_PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_KEYWORDS: Final = re.compile(r"[A-Z_]+(?:, [A-Z_]+)*")
_SENTENCE: Final = re.compile(r"The [A-Z]\w*[^,\[]*[\w.]")
_LONGEST_QUOTE: Final = 30
_BEGINNINGS: Final = ("prefix", "base", "version", "select", "ask", "construct", "describe")
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


def explain(text: str, message: str) -> QuerySyntaxError:
    """The syntax error for a query, from the engine's message about it."""
    found = list(tokens(text))
    undeclared = _undeclared_prefix(found)
    if undeclared:
        prefix = undeclared.text.partition(":")[0]
        hint = f"; add PREFIX {prefix}: <{PREFIXES[prefix]}>" if prefix in PREFIXES else ""
        return _error(text, undeclared.start, f"the prefix {prefix}: is not declared{hint}")
    if found and found[-1].kind == "open":
        return _error(text, found[-1].start, "this quotation mark is never closed")
    if found and found[0].text.casefold() not in _BEGINNINGS:
        return _error(text, 0, "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE")
    unpaired = _unpaired(found)
    if unpaired:
        reason = "closes nothing" if unpaired.text in _PAIRS.values() else "is never closed"
        return _error(text, unpaired.start, f"this {unpaired.text} {reason}")
    place = _PLACE.match(message)
    if place is None:
        return QuerySyntaxError(message)
    offset = _offset(text, int(place[1]), int(place[2]), place[3])
    sentence = _SENTENCE.search(place[3])
    if sentence:
        return _error(text, offset, sentence[0][0].lower() + sentence[0][1:])
    return _error(text, offset, _unexpected(found, offset))


def _error(text: str, offset: int, message: str) -> QuerySyntaxError:
    return QuerySyntaxError(message, *position(text, offset))


def _offset(text: str, line: int, column: int, expected: str) -> int:
    """Where the parser stopped: it counts a keyword that it looked for in vain as read."""
    offset = sum(len(row) + 1 for row in text.split("\n")[: line - 1]) + column - 1
    names = expected.removesuffix(", [_]")
    if _KEYWORDS.fullmatch(names):
        offset -= min(map(len, names.split(", ")))
    return max(0, min(offset, len(text)))


def _unexpected(found: Sequence[Token], offset: int) -> str:
    token = next((token for token in found if token.start + len(token.text) > offset), None)
    if token is None:
        return "the query ends too early" if found else "the query is empty"
    quote = token.text if len(token.text) <= _LONGEST_QUOTE else token.text[:_LONGEST_QUOTE] + "…"
    return f"{quote} is not expected here"


def _undeclared_prefix(found: Sequence[Token]) -> Token | None:
    """The first prefixed name whose prefix no PREFIX declares before it."""
    declared = set()
    for before, token in zip((None, *found), found, strict=False):
        if token.kind != "name":
            continue
        prefix = token.text.partition(":")[0]
        if before and before.kind == "word" and before.text.casefold() == "prefix":
            declared.add(prefix)
        elif prefix not in declared:
            return token
    return None


def _unpaired(found: Sequence[Token]) -> Token | None:
    """The first bracket that closes nothing, else the last that is never closed."""
    opened: list[Token] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in _PAIRS:
            opened.append(token)
        elif token.text in _PAIRS.values() and (
            not opened or _PAIRS[opened.pop().text] != token.text
        ):
            return token
    return opened[-1] if opened else None
