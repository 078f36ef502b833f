"""What is wrong with a query, said in words, from the little that the engine's parser says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from designata.errors import QuerySyntaxError
from designata.store.stop import PLACE, stop
from designata.store.suspects import PAIRS, bound_again, undeclared_prefix, ungrouped, unpaired
from designata.store.tokens import Token, position, tokens
from designata.vocabulary import PREFIXES

_SENTENCE: Final = re.compile(r"The [A-Z]\w*[^,\[]*[\w.]")
_LONGEST_QUOTE: Final = 30
_BEGINNINGS: Final = ("prefix", "base", "version", "select", "ask", "construct", "describe")
_AGGREGATES: Final = frozenset("count sum min max avg sample group_concat".split())
_AFTER: Final = frozenset((*PAIRS.values(), *"order limit offset group having".split()))
_NO_IRI: Final = re.compile(r"[\x00-\x20<>\"{}|^`\\]")
_BROKEN_IRI: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^<>\n]*(>?)")


def explain(text: str, message: str) -> QuerySyntaxError:
    """The syntax error for a query, from the engine's message about it."""
    found = list(tokens(text))
    if not found:
        return _error(text, 0, "the query is empty")
    if found[0].text.casefold() not in _BEGINNINGS and found[0].kind != "open":
        start = found[0].start
        return _error(text, start, "a query begins with SELECT, ASK, CONSTRUCT or DESCRIBE")
    index = stop(text, found)
    stopped = None if index is None else found[index]
    undeclared = undeclared_prefix(found)
    if undeclared and (stopped is None or undeclared.start <= stopped.start + len(stopped.text)):
        return _unknown_name(text, undeclared)
    if index is None or stopped is None or stopped.kind == "open":
        return _unfinished(text, found, message)
    again = bound_again(found, index - 1) if index > 2 else None
    if again:
        return _error(text, again.start, f"{again.text} has a value before this BIND")
    bracket = unpaired(found)
    if bracket and stopped.text.casefold() in _AFTER and bracket.start <= stopped.start:
        return _bracket(text, bracket)
    return _unexpected(text, stopped)


def _error(text: str, offset: int, message: str) -> QuerySyntaxError:
    return QuerySyntaxError(message, *position(text, offset))


def _unknown_name(text: str, name: Token) -> QuerySyntaxError:
    """A prefix that nobody declares, or an IRI that was not taken for one."""
    broken = _BROKEN_IRI.match(text, name.start - 1)
    if broken and not broken[1]:
        return _error(text, name.start - 1, "this < begins an IRI that is never closed")
    odd = _NO_IRI.search(text, name.start)
    if broken and odd:
        return _error(text, odd.start(), "an IRI cannot have this character: percent-encode it")
    if text.startswith("//", name.start + len(name.text)):
        return _error(text, name.start, "an IRI stands between < and >")
    prefix = name.text.partition(":")[0]
    hint = f"; add PREFIX {prefix}: <{PREFIXES[prefix]}>" if prefix in PREFIXES else ""
    return _error(text, name.start, f"the prefix {prefix}: is not declared{hint}")


def _unfinished(text: str, found: Sequence[Token], message: str) -> QuerySyntaxError:
    """Something that only the end of the query shows."""
    last = found[-1]
    if last.kind == "open":
        return _error(text, last.start, "this quotation mark is never closed")
    bracket = unpaired(found)
    if bracket:
        return _bracket(text, bracket)
    place = PLACE.match(message)
    if place is None:
        return QuerySyntaxError(message)
    sentence = _SENTENCE.search(place[3])
    if sentence:
        start = ungrouped(found).start
        return _error(text, start, sentence[0][0].lower() + sentence[0][1:])
    return _error(text, last.start + len(last.text), "the query ends too early")


def _bracket(text: str, bracket: Token) -> QuerySyntaxError:
    reason = "closes nothing" if bracket.text in PAIRS.values() else "is never closed"
    return _error(text, bracket.start, f"this {bracket.text} {reason}")


def _unexpected(text: str, token: Token) -> QuerySyntaxError:
    if token.text.casefold() in _AGGREGATES:
        word = token.text.upper()
        return _error(text, token.start, f"an aggregate needs a name here: ({word}(…) AS ?name)")
    if token.kind == "iri":
        return _error(text, token.start, "this is no well-formed IRI")
    escape = re.search(r"\\[^tbnrf\\\"'uU]", token.text) if token.kind == "string" else None
    if escape:
        return _error(text, token.start + escape.start(), f"{escape[0]} is no escape in a string")
    quote = token.text if len(token.text) <= _LONGEST_QUOTE else token.text[:_LONGEST_QUOTE] + "…"
    return _error(text, token.start, f"{quote} is not expected here")
