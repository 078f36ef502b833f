"""What the clauses of a query say, read from its tokens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from designata.errors import QueryRefused
from designata.store.tokens import Token, is_open, tokens


def has_dataset(text: str) -> bool:
    """Whether the query names its graphs with FROM; a union of all graphs would override them."""
    return "from" in text.casefold() and any(map(_is_from, _outer_words(text)))


def _outer_words(text: str) -> Iterator[Token]:
    """The words and names outside of all braces, in the reading in which every quote is closed."""
    found = list(tokens(text))
    if is_open(found):
        found = list(tokens(text, only_certain_iris=True))
    declared = {
        name.text.casefold()
        for word, name in pairwise(found)
        if word.text.casefold() == "prefix" and name.kind == "name"
    }
    for _, token in _outermost(found):
        prefix = token.text.partition(":")[0].casefold() + ":"
        if token.kind == "word" or (token.kind == "name" and prefix not in declared):
            yield token


def _is_from(token: Token) -> bool:
    """Whether it is FROM, be it glued to its neighbours, as the engine reads it."""
    return token.text.partition(":")[0].casefold() in ("from", "askfrom", "constructfrom")


def in_query_order(text: str, columns: Sequence[str]) -> str | None:
    """The text of a `SELECT *` with its variables named in the order in which they occur.

    None where nothing is to be changed. The engine would sort the columns by name.
    """
    if len(columns) < 2 or "*" not in text:
        return None
    found = list(tokens(text))
    star = _star(found)
    seen = dict.fromkeys(token.text[1:] for token in found if token.kind == "variable")
    ordered = [name for name in seen if name in columns]
    if star is None or ordered == list(columns) or len(ordered) != len(columns):
        return None
    return f"{text[: star.start]} ?{' ?'.join(ordered)} {text[star.start + 1 :]}"


def _star(found: Sequence[Token]) -> Token | None:
    """The `*` of the outermost SELECT."""
    depth = 0
    for before, token in pairwise(found):
        if token.text == "{":
            return None
        if token.kind == "sign":
            depth += (token.text == "(") - (token.text == ")")
        if (
            token.text == "*"
            and depth == 0
            and before.text.casefold() in ("select", "distinct", "reduced")
        ):
            return token
    return None


def limit_of(text: str) -> int | None:
    """The number after the last LIMIT outside of all braces."""
    found = list(tokens(text))
    limits = [found[at + 1].text for at, _ in words(found, "limit") if at + 1 < len(found)]
    return int(limits[-1]) if limits and limits[-1].isdecimal() else None


def words(found: Sequence[Token], word: str) -> Iterator[tuple[int, Token]]:
    """Where a word stands outside of all braces."""
    for at, token in _outermost(found):
        if token.kind == "word" and token.text.casefold() == word:
            yield at, token


def _outermost(found: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """The tokens outside of all braces."""
    depth = 0
    for at, token in enumerate(found):
        if token.kind == "sign":
            depth += (token.text == "{") - (token.text == "}")
        if depth == 0:
            yield at, token


def closing(found: Sequence[Token], opening: int) -> int:
    """Where the group ends that begins with the token at `opening`."""
    depth = 0
    for at in range(opening, len(found)):
        if found[at].kind == "sign":
            depth += (found[at].text == "{") - (found[at].text == "}")
        if depth == 0:
            return at
    raise QueryRefused("the brackets of the query cannot be told apart")
