"""The text of a query without what cannot matter, so that equal questions have equal keys."""

from __future__ import annotations

import re
from typing import Final

from designata.store.tokens import ODD_IRI, is_open, tokens

_UNREPEATABLE: Final = ("now", "rand", "uuid", "bnode")
_CALL: Final = re.compile(r"(?:now|rand|uuid|bnode)[ \t\r\n]*[(#]")
# What makes a blank node in a template: also what says something of a triple (SPARQL 1.2).
_NODES: Final = frozenset("[(<~{")
_BLANKS: Final = " \t\r\n"
_IRI_REST: Final = r"[^<>\"{}|^`\\\x00-\x20]*+>"
# Only where something may begin, and not at a space that stands alone, since that stays as it is.
_PART: Final = re.compile(
    rf"""
    (?=[ \t\r\n\#<"']) (?:
    (?P<gap>(?:[ ](?=[ \t\r\n\#])|[\t\r\n]|\#[^\r\n]*)(?:[ \t\r\n]+|\#[^\r\n]*)*)
  | <[A-Za-z][A-Za-z0-9+.-]*://{_IRI_REST}
  | "{{3}}[^"]*+(?:"{{1,2}}(?!")[^"]*+)*"{{3}} | '{{3}}[^']*+(?:'{{1,2}}(?!')[^']*+)*'{{3}}
  | "(?!"")[^"\r\n]*+" | '(?!'')[^'\r\n]*+'
  | (?P<odd>["'] | <{_IRI_REST})
    )""",
    re.VERBOSE,
)


class _Ambiguous(Exception):
    """There are two ways to read the text."""


def normalise(text: str) -> str:
    """The text with one space for each run of blanks and comments.

    What the engine could read in another way (escapes, a `<` that may begin an IRI or a comparison)
    stays as it is: two texts with one normal form ask the same.
    """
    if "\\" in text:
        return text
    try:
        return _PART.sub(_shorten, text).strip(_BLANKS)
    except _Ambiguous:
        return text


def _shorten(part: re.Match[str]) -> str:
    if part.lastgroup == "odd":
        raise _Ambiguous
    return " " if part.lastgroup else part[0]


def is_repeatable(text: str) -> bool:
    """Whether the query gives the same answer each time: no clock, no chance, no new blank nodes.

    A word that only ends with the name of such a function counts too, and where the text can be
    read in two ways, whatever looks like a call.
    """
    folded = text.casefold()
    if "\\u" in folded:
        return False
    if "now" in folded or "rand" in folded or "uuid" in folded or "bnode" in folded:
        if ODD_IRI.search(text) and _CALL.search(folded):
            return False
        found = list(tokens(text))
        words = (token.text.casefold() for token in found if token.kind == "word")
        if is_open(found) or any(word.endswith(_UNREPEATABLE) for word in words):
            return False
    if "graph" in folded and _lists_graphs(text):
        return False
    return not ("construct" in folded and _makes_nodes(text))


def _lists_graphs(text: str) -> bool:
    """Whether the names of all graphs may be asked for, which come in another order in each engine.

    That is so where a group for any graph begins with something else than a triple.
    """
    found = list(tokens(text))
    for word, variable, opening, first in zip(found, found[1:], found[2:], found[3:], strict=False):
        if (
            word.text.casefold().endswith("graph")
            and (variable.kind, opening.text) == ("variable", "{")
            and (first.kind == "word" or first.text in ("{", "}"))
        ):
            return True
    return is_open(found)


def _makes_nodes(text: str) -> bool:
    """Whether the template of a CONSTRUCT has blank nodes, which are others in each answer."""
    found = tokens(text)
    for token in found:
        if token.kind == "word" and token.text.casefold() == "construct":
            break
    for token in found:
        if token.text == "{":
            break
    for token in found:
        if token.kind in ("blank", "open") or token.text in _NODES:
            return True
        if token.text == "}":
            break
    return False
