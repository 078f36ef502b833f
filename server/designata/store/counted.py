"""Queries that ask what there is and how often, told by their tokens and written for a summary.

Their pattern is `{ ?s property value }`, `{ ?s ?p ?o }` or `{ GRAPH ?g { ?s ?p ?o } }`, and around
it nothing is but counting, grouping and sorting. All others are left to the store.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from designata.store.describe import OWN
from designata.store.tokens import Token, tokens
from designata.turtle import RDF_TYPE

_OURS: Final = "urn:x-designata:"
COUNT: Final = f"{_OURS}count"
WHOLE: Final = f"{_OURS}whole"
PROPERTIES: Final = f"{_OURS}properties"
GRAPHS: Final = f"{_OURS}graphs"

_LONGEST: Final = 4_000
_NUMBER: Final = f"?{OWN}Number"
# A query with a letter or sign for each token, so that its form is found as in a text.
_WORDS: Final[Mapping[str, str]] = {
    **{"prefix": "p", "base": "i", "select": "s", "distinct": "d", "count": "c", "as": "z"},
    **{"where": "w", "graph": "r", "a": "a", "group": "g", "by": "b", "having": "h"},
    **{"order": "o", "asc": "u", "desc": "v", "limit": "l", "offset": "f"},
}
_KINDS: Final[Mapping[str, str]] = {
    **{"iri": "I", "name": "I", "variable": "V", "string": "S", "language": "L", "number": "N"}
}
_COUNTING: Final = r"c\(d?[V*]\)"
_SUBJECT: Final = r"(?:V|\[\])"
_FORM: Final = re.compile(
    rf"""[piI]*
    (?P<select>s) (?P<distinct>d?) (?:V|\({_COUNTING}zV\))+ w?
    (?P<group>{{ (?:
        r(?P<graph>[VI]){{ {_SUBJECT} VV \.? }}
      | {_SUBJECT} (?P<any>V) V
      | (?P<subject>{_SUBJECT}) (?P<property>[Ia]) (?P<value>V|I|N|SL?|S\^\^I)
    ) \.? }})
    (?P<grouped>gbV)? (?:h\((?:{_COUNTING}|[VN()=!<>&|])+\))?
    (?:ob(?:V|{_COUNTING}|[uv]\((?:V|{_COUNTING})\))+)? (?:[lf]N)*""",
    re.VERBOSE,
)
_COUNTED: Final = re.compile(r"c\((?P<distinct>d?)(?P<what>[V*])\)")
_VARIABLE: Final = re.compile(r"(?P<given>z?)(?P<what>V)")


class Counted(NamedTuple):
    """A query for a summary, and the ASK that tells whether the summary knows enough for it."""

    known: str
    text: str


def counted(text: str) -> Counted | None:
    """The query as a summary is to be asked; None where it asks for something else."""
    if not _may_count(text):
        return None
    found = list(tokens(text))
    form = _FORM.fullmatch("".join(map(_letter, found)))
    return _Question(text, found, form).counted() if form else None


def _may_count(text: str) -> bool:
    """What shows at once that nearly every query is none of these."""
    folded = text.casefold()
    return (
        len(text) <= _LONGEST
        and text.count("{") <= 2
        and ("count" in folded or "distinct" in folded or "group" in folded)
        and _NUMBER[1:].casefold() not in folded
    )


def _letter(token: Token) -> str:
    """A letter for each token; a `?` is in no form."""
    if token.kind == "sign":
        return token.text
    return _KINDS.get(token.kind) or _WORDS.get(token.text.casefold(), "?")


class _Question:
    """A query of the form, whose variables may still ask for something else."""

    def __init__(self, text: str, found: Sequence[Token], form: re.Match[str]) -> None:
        self._text, self._found, self._form = text, found, form
        start, end = form.span("group")
        around = form.string[:start] + " " * (end - start) + form.string[end:]
        self._counts = list(_COUNTED.finditer(around))
        alone = list(_VARIABLE.finditer(_COUNTED.sub(lambda one: " " * len(one[0]), around)))
        self._given = self._names(one for one in alone if one["given"])
        self._shown = self._names(one for one in alone if not one["given"]) - self._given
        self._shown |= self._names(one for one in self._counts if one["distinct"])

    def counted(self) -> Counted | None:
        """The query for a summary, or None."""
        form = self._form
        inside = list(_VARIABLE.finditer(form.string, *form.span("group")))
        variables = self._names(inside)
        of_all = self._names(one for one in self._counts if one["what"] == "V")
        name, whole, group = self._in_summary()
        if (
            not (self._counts or form["distinct"] or form["grouped"])
            or len(variables) < len(inside)
            or self._given & variables
            or not of_all <= variables
            or not self._shown <= ({name[1:]} if name[0] in "?$" else set())
        ):
            return None
        edits = {form.span("group"): f"{{ {group} }}"}
        edits |= {one.span(): f"SUM({_NUMBER})" for one in self._counts if not one["distinct"]}
        prologue = self._text[: self._found[form.start("select")].start]
        return Counted(f"{prologue}ASK {{ {whole} }}", self._edited(edits))

    def _in_summary(self) -> tuple[str, str, str]:
        """What to look for in a summary: what shows, what has to be whole, and the pattern."""
        form = self._form
        if form["graph"]:
            of, names = self._words("graph"), GRAPHS
        elif form["any"]:
            of, names = self._words("any"), PROPERTIES
        else:
            of = f"<{RDF_TYPE}>" if form["property"] == "a" else self._words("property")
            names = PROPERTIES
            if self._shown or form["value"] != "V":
                value = self._words("value")
                found = f"{self._words('subject')} {of} {value} ; <{COUNT}> {_NUMBER}"
                return value, f"{of} <{WHOLE}> true", found
        whole = f"GRAPH <{names}> {{ <{names}> <{WHOLE}> true }}"
        return of, whole, f"GRAPH <{names}> {{ {of} <{COUNT}> {_NUMBER} }}"

    def _names(self, variables: Iterable[re.Match[str]]) -> frozenset[str]:
        """The variables, without their signs."""
        return frozenset(self._found[one.start("what")].text[1:] for one in variables)

    def _words(self, part: str) -> str:
        return self._text[slice(*self._place(self._form.span(part)))]

    def _place(self, letters: tuple[int, int]) -> tuple[int, int]:
        """From where to where in the text stands what has these letters."""
        first, last = self._found[letters[0]], self._found[letters[1] - 1]
        return first.start, last.start + len(last.text)

    def _edited(self, edits: Mapping[tuple[int, int], str]) -> str:
        text = self._text
        for letters in sorted(edits, reverse=True):
            start, end = self._place(letters)
            text = f"{text[:start]}{edits[letters]}{text[end:]}"
        return text
