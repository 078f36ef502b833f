"""Where the engine's parser cannot go on, found by giving it ever less of a query.

Its own message names a place only roughly: it counts a keyword that it looked for in vain as read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from pyoxigraph import Store

from designata.store.tokens import Token
from designata.vocabulary import BASE

PLACE: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_OPERATORS: Final = frozenset("^&|<>=!@")
_LONGEST_OPERATOR: Final = 4
_MARGIN: Final = " " * 20 + "\n"


def stop(text: str, found: Sequence[Token]) -> int | None:
    """The index of the first word or sign after which no query goes on; None if only the end is it.

    About a dozen parses of parts of the query, whatever its length.
    """
    ends = [index + 1 for index in range(len(found)) if not _is_glued(found, index)]
    first = bisect_left(ends, True, key=lambda count: not _can_go_on(text, found, count))
    if first == len(ends):
        return None
    known = ends[first - 1] if first else 0
    inside = range(known + 1, min(ends[first], known + _LONGEST_OPERATOR))
    return max((count for count in inside if _can_go_on(text, found, count)), default=known)


def _is_glued(found: Sequence[Token], index: int) -> bool:
    """Whether the next sign or word follows at once and may be one with it: `^^`, `<=`, `&&`."""
    if index + 1 == len(found) or found[index].text not in _OPERATORS:
        return False
    return found[index + 1].start == _end(found, index + 1)


def _can_go_on(text: str, found: Sequence[Token], count: int) -> bool:
    """Whether the parser takes all of the first words and signs, and only misses what follows."""
    begun = text[: _end(found, count)]
    try:
        Store().query(begun + _MARGIN, base_iri=BASE)
    except SyntaxError as error:
        place = PLACE.match(str(error))
        return place is None or int(place[1]) > begun.count("\n") + 1
    return True


def _end(found: Sequence[Token], count: int) -> int:
    return found[count - 1].start + len(found[count - 1].text) if count else 0
