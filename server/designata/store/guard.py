"""What can be refused by looking at the text of a query, before any parser sees it.

A refusal here is a courtesy: it is quick, and its message is clear. What holds when a query gets
past it is the sandbox of the process that evaluates it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from designata.errors import FederationRefused, QuerySyntaxError, QueryTooLarge, UpdateRefused
from designata.settings import Settings
from designata.store.tokens import IN_NAMES, ODD_IRI, Token, is_open, position, tokens

_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U(00(?:0[0-9A-Fa-f]|10)[0-9A-Fa-f]{4})")
_UPDATES: Final = frozenset(
    "INSERT DELETE LOAD CLEAR CREATE DROP COPY MOVE ADD WITH".casefold().split()
)
# Nearly every query: a prologue without comments, and the word that makes it one.
_ASKS: Final = re.compile(
    r"""(?xi) (?: \s*+ (?:PREFIX\s++[\w.-]*+:|BASE) \s*+ <[^<>"{}|^`\\\s]*+> )*
    \s*+ (?:SELECT|ASK|CONSTRUCT|DESCRIBE) \b"""
)
_BLANKS: Final = re.compile(r"\s*+")
_INSIDE_A_NAME: Final = re.compile(rf"[?$:][{IN_NAMES}]*\Z")
# An IRI; or a variable or a prefixed name, as the most lenient parser would read it.
_TARGET: Final = re.compile(r"<[^<>]*+>|(?:\\.|[^\s<>{}#\\]){1,1000}")
_LONGEST_TARGET: Final = 1_000
_NAMES: Final = frozenset("<?$:")
_ASKED: Final = re.compile(r"[{(]|(?:from|in|define)\b")
_LONGEST_NAME: Final = 100
_OPENING: Final = frozenset("([{")
_CLOSING: Final = frozenset(")]}")


def check(text: str, settings: Settings) -> None:
    """Refuse a query that is too large or too deep, that updates, or that calls other hosts."""
    _check_text(text, settings.query_bytes)
    for reading in dict.fromkeys((text, _decode(text))) if "\\" in text else (text,):
        if _is_plain(reading, settings):
            if not _ASKS.match(reading):
                _check_update(tokens(reading))
            continue
        words = _read(reading, settings.query_tokens)
        _check_depth(words, settings.query_depth)
        _check_update(words)
        is_unsure = is_open(words) or _is_ambiguous(reading, words)
        if _calls(words) or (is_unsure and _may_call(_fold(reading))):
            raise FederationRefused(
                "SERVICE would make this server send requests to other hosts; "
                "run the query from a SPARQL client that federates on your side"
            )


def _is_plain(text: str, settings: Settings) -> bool:
    """Whether the letters alone show that there is neither a call nor too much of anything."""
    return (
        len(text) <= settings.query_tokens
        and sum(map(text.count, _OPENING)) <= settings.query_depth
        and "service" not in _fold(text)
    )


def _check_text(text: str, limit: int) -> None:
    if not text.strip():
        raise QuerySyntaxError("the query is empty", 1, 1)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line, column = position(text, error.start)
        raise QuerySyntaxError("half of a surrogate pair is not text", line, column) from None
    if size > limit:
        raise QueryTooLarge(f"the query has {size:,} bytes; the limit is {limit:,}")


def _decode(text: str) -> str:
    """The text with its code point escapes replaced (SPARQL 1.1 Query Language, section 19.2)."""
    return _ESCAPE.sub(lambda match: chr(int(match[1] or match[2], 16)), text)


def _fold(word: str) -> str:
    """Case folded, which also makes an s of the long s."""
    return word.casefold()


def _read(text: str, limit: int) -> list[Token]:
    found = []
    for token in tokens(text):
        found.append(token)
        if len(found) > limit:
            raise QueryTooLarge(f"the query has more than {limit:,} words and signs")
    return found


def _check_depth(words: Sequence[Token], limit: int) -> None:
    depth = 0
    for token in words:
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
            if depth > limit:
                raise QueryTooLarge(f"the brackets are nested more than {limit} deep")


def _check_update(words: Iterable[Token]) -> None:
    """Look at the first word after the prologue."""
    before: Token | None = None
    for token in words:
        former, before = before, token
        if token.kind != "word" or _fold(token.text) in ("base", "prefix", "version"):
            continue
        if former and former.kind == "sign" and former.text == "@":
            continue
        if _fold(token.text) in _UPDATES:
            raise UpdateRefused(f"{token.text.upper()} is an update; the dataset is read-only here")
        return


def _is_ambiguous(text: str, words: Sequence[Token]) -> bool:
    """Whether something that was read as an IRI could also be a comparison with its sequel."""
    return bool(ODD_IRI.search(text)) and words != list(tokens(text, only_certain_iris=True))


def _may_call(text: str) -> bool:
    """Whether SERVICE and what it could call follow each other, whatever lies around them."""
    gaps: dict[int, int] = {}
    at = text.find("service")
    while at >= 0:
        if not _is_in_name(text, at) and _has_target(text, at + len("service"), gaps):
            return True
        at = text.find("service", at + 1)
    return False


def _is_in_name(text: str, at: int) -> bool:
    """Whether what stands here goes on with a variable or a prefixed name, however one reads it."""
    return bool(_INSIDE_A_NAME.search(text, max(0, at - _LONGEST_NAME), at))


def _has_target(text: str, at: int, gaps: dict[int, int]) -> bool:
    """Whether something that could be called, and what to ask there, follows the word SERVICE."""
    at = _after_gap(text, at, gaps)
    return _is_asked(text, at, gaps) or (
        text.startswith("silent", at)
        and _is_asked(text, _after_gap(text, at + len("silent"), gaps), gaps)
    )


def _is_asked(text: str, at: int, gaps: dict[int, int]) -> bool:
    """Whether a target stands here, and after it what is asked there, or how.

    Before the group Virtuoso takes options and graphs.
    """
    target = _TARGET.match(text, at)
    if not target:
        return False
    if len(target[0]) >= _LONGEST_TARGET and not target[0].startswith("<"):
        return True
    after = _after_gap(text, target.end(), gaps)
    return not _NAMES.isdisjoint(target[0]) and bool(_ASKED.match(text, after))


def _after_gap(text: str, at: int, gaps: dict[int, int]) -> int:
    """Where blanks and comments end; `gaps` keeps it for each comment, to read none twice."""
    passed = []
    while True:
        blanks = _BLANKS.match(text, at)
        assert blanks
        at = gaps.get(blanks.end(), blanks.end())
        if not text.startswith("#", at):
            break
        ends = [end for end in (text.find("\n", at), text.find("\r", at)) if end >= 0]
        if not ends:
            break
        passed.append(at)
        at = min(ends) + 1
    gaps.update(dict.fromkeys(passed, at))
    return at


def _calls(words: Sequence[Token]) -> bool:
    """Whether SERVICE stands among the words, also glued to its neighbours.

    A scannerless parser reads `SERVICEx:y`, `trueSERVICE<…>` and `1SERVICE<…>` as calls.
    """
    depth = 0
    for index, token in enumerate(words):
        if token.kind == "sign":
            depth += (token.text in _OPENING) - (token.text in _CLOSING)
        elif token.kind == "word" and "service" in _fold(token.text):
            return True
        elif token.kind == "name" and "service" in _fold(token.text.partition(":")[0]):
            before = _fold(words[index - 1].text) if index else ""
            after = words[index + 1].text if index + 1 < len(words) else ""
            if before != "prefix" and before != "graph" and after == "{" and depth > 0:
                return True
    return False
