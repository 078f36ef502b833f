"""Which of the media types on offer an Accept header asks for (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

NONE: Final[Mapping[str, Sequence[str]]] = MappingProxyType({})

_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_MEMBER: Final = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*"?)+')
_TYPE: Final = re.compile(rf"\s*({_WORD})/({_WORD})\s*(?=;|$)|\s*(\*)\s*(?=;|$)")
_PARAMETER: Final = re.compile(rf';\s*(?:({_WORD})\s*=\s*({_WORD}|"(?:[^"\\]|\\.)*")\s*)?')
_QUALITY: Final = re.compile(r"\d(?:\.\d*)?|\.\d+")
_HINTS: Final[Mapping[str, frozenset[str] | None]] = {
    "charset": frozenset({"utf-8", "utf8"}),
    "header": frozenset({"present"}),
    "profile": None,
    "version": None,
}


class Range(NamedTuple):
    """One member of an Accept header."""

    type: str
    subtype: str
    parameters: Mapping[str, str]
    quality: float

    def matches(self, media_type: str) -> bool:
        """Whether a media type falls into the range; hints that change nothing here are met."""
        type_, _, subtype = media_type.partition("/")
        if self.type not in ("*", type_) or self.subtype not in ("*", subtype):
            return False
        return all(name in _HINTS and _met(name, value) for name, value in self.parameters.items())

    @property
    def names_one(self) -> bool:
        """Whether it names a media type, rather than all or all of a kind."""
        return "*" not in (self.type, self.subtype)

    @property
    def precedence(self) -> tuple[bool, bool, int]:
        """What makes the range more specific than another."""
        return self.type != "*", self.subtype != "*", len(self.parameters)


def _met(name: str, value: str) -> bool:
    allowed = _HINTS[name]
    return allowed is None or value.lower() in allowed


def ranges(accept: str) -> list[Range]:
    """The members of an Accept header; what is malformed is left out."""
    found = (_range(member[0]) for member in _MEMBER.finditer(accept))
    return [one for one in found if one]


def _range(member: str) -> Range | None:
    head = _TYPE.match(member)
    if head is None:
        return None
    parameters = {}
    quality = 1.0
    position = head.end()
    while position < len(member):
        one = _PARAMETER.match(member, position)
        if one is None:
            return None
        position = one.end()
        if one[1] is None:
            continue
        name, value = one[1].lower(), _unquoted(one[2])
        if name == "q":
            if not _QUALITY.fullmatch(value):
                return None
            quality = min(1.0, float(value))
            break
        parameters[name] = value
    return Range((head[1] or "*").lower(), (head[2] or "*").lower(), parameters, quality)


def _unquoted(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value


def best(
    accept: str | None, offered: Iterable[str], aliases: Mapping[str, Sequence[str]] = NONE
) -> str | None:
    """The media type on offer that is wanted most, or None where none is acceptable.

    Without a readable header all are welcome. Among equals the one that is named beats the one
    that only falls under `*/*`, and then the first on offer wins. `aliases` are other names that
    a type on offer answers to.
    """
    wanted = ranges(accept or "") or [Range("*", "*", {}, 1.0)]
    choice: tuple[float, tuple[bool, bool, int]] | None = None
    chosen = None
    for media_type in offered:
        rank = _rank(wanted, (media_type, *aliases.get(media_type, ())))
        if rank and rank[0] > 0 and (choice is None or rank > choice):
            choice, chosen = rank, media_type
    return chosen


def names(accept: str, media_type: str) -> bool:
    """Whether a header names a media type, rather than a range in which it lies."""
    return any(f"{one.type}/{one.subtype}" == media_type for one in ranges(accept))


def _rank(
    wanted: Sequence[Range], names: Sequence[str]
) -> tuple[float, tuple[bool, bool, int]] | None:
    """The quality that the most specific range gives to a type, and how specific it is.

    What names the type itself counts before what names it otherwise, and a wildcard stands for the
    type itself alone. Who excludes a profile does not exclude the type without it.
    """
    usable = [one for one in wanted if one.quality or "profile" not in one.parameters]
    own = [one for one in usable if one.matches(names[0])]
    matching = [one for one in own if one.names_one] or [
        one for one in usable if one.names_one and any(map(one.matches, names[1:]))
    ]
    matching = matching or own
    if not matching:
        return None
    decisive = max(matching, key=lambda one: (one.precedence, one.quality))
    return decisive.quality, decisive.precedence
