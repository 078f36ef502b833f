"""The words and signs of a query that most likely are what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from designata.store.tokens import Token

PAIRS = {"(": ")", "[": "]", "{": "}"}


def undeclared_prefix(found: Sequence[Token]) -> Token | None:
    """The first prefixed name whose prefix no PREFIX declares before it."""
    declared = set()
    for before, token in zip((None, *found), found, strict=False):
        if token.kind != "name":
            continue
        prefix = token.text.partition(":")[0]
        if before and _says(before, "prefix"):
            declared.add(prefix)
        elif prefix not in declared:
            return token
    return None


def unpaired(found: Sequence[Token]) -> Token | None:
    """The first bracket that closes nothing or is not closed in time, else the last one open."""
    opened: list[Token] = []
    for token in found:
        if token.kind != "sign":
            continue
        if token.text in PAIRS:
            opened.append(token)
        elif token.text in PAIRS.values():
            if not opened:
                return token
            if PAIRS[opened[-1].text] != token.text:
                return opened[-1]
            opened.pop()
    return opened[-1] if opened else None


def ungrouped(found: Sequence[Token]) -> Token:
    """The first variable that a SELECT names but no GROUP BY, else the first SELECT."""
    grouped = {token.text for token in _grouped(found)}
    selects = [index for index, token in enumerate(found) if _says(token, "select")]
    for index in selects:
        if any(token.text == "(" for token in _head(found, index)):
            for token in _bare(_head(found, index)):
                if token.kind == "variable" and token.text not in grouped:
                    return token
    return found[selects[0]] if selects else found[0]


def bound_again(found: Sequence[Token], after: int) -> Token | None:
    """The variable of the BIND … AS that ends at an index, if it stands before that."""
    *former, word, variable, bracket = found[: after + 1]
    if bracket.text != ")" or variable.kind != "variable" or not _says(word, "as"):
        return None
    return variable if any(token.text[1:] == variable.text[1:] for token in former) else None


def _says(token: Token, word: str) -> bool:
    return token.kind == "word" and token.text.casefold() == word


def _head(found: Sequence[Token], select: int) -> Sequence[Token]:
    """What stands between a SELECT and its pattern."""
    end = next(
        (index for index in range(select, len(found)) if found[index].text == "{"), len(found)
    )
    return found[select + 1 : end]


def _bare(head: Sequence[Token]) -> Iterator[Token]:
    depth = 0
    for token in head:
        depth += (token.text == "(") - (token.text == ")")
        if not depth:
            yield token


def _grouped(found: Sequence[Token]) -> Iterator[Token]:
    inside = False
    for before, token in pairwise(found):
        if _says(before, "group") and _says(token, "by"):
            inside = True
        elif inside and token.kind == "word" and not _says(token, "as"):
            inside = False
        elif inside and token.kind == "variable":
            yield token
