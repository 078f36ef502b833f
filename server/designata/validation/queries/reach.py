"""Which triples around the focus node a query can see, from how its patterns hang together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from designata.validation.paths import Inverse, Predicate
from designata.validation.queries.structure import Group, Structure
from designata.validation.queries.tokens import Token
from designata.validation.reads import ANYTHING, Read, Reads, Way
from designata.validation.terms import Node

Pattern = tuple[Token, Token, Token]


def reads_of(found: Structure) -> Reads:
    """The reads of a query: near `$this` where patterns lead there, else anywhere.

    A pattern counts as a connection only inside its own group and the groups in it, where every
    solution has to match it.
    """
    if found.opaque or any(group.select for group in found.group.walk()):
        return ANYTHING
    near, anywhere = set[Read](), set[Node]()
    for own, known in _scopes(found.group, ()):
        for pattern in own:
            others = [each for each in known if each is not pattern]
            read = _read(found, pattern, _ways(found, others))
            if read is not None:
                near.add(read)
            elif pattern[1].kind == "var":
                return ANYTHING
            else:
                anywhere.add(found.expand(pattern[1].text))
    return Reads(frozenset(near), frozenset(anywhere))


def _scopes(
    group: Group, above: Sequence[Pattern]
) -> Iterator[tuple[Sequence[Pattern], Sequence[Pattern]]]:
    known = [*above, *group.patterns]
    yield group.patterns, known
    for child in group.children:
        yield from _scopes(child, known)


def _read(found: Structure, pattern: Pattern, ways: dict[str, Way]) -> Read | None:
    subject, predicate, value = pattern
    name = None if predicate.kind == "var" else found.expand(predicate.text)
    for end, from_subject in ((subject, True), (value, False)):
        if end.kind == "var" and end.text in ways:
            return Read(name, from_subject, ways[end.text])
    return None


def _ways(found: Structure, patterns: Sequence[Pattern]) -> dict[str, Way]:
    """The shortest way from `$this` to each variable that the patterns connect with it."""
    ways: dict[str, Way] = {"this": ()}
    todo = deque(["this"])
    while todo:
        name = todo.popleft()
        for subject, predicate, value in patterns:
            if predicate.kind == "var":
                continue
            step = Predicate(found.expand(predicate.text))
            for start, end, path in ((subject, value, step), (value, subject, Inverse(step))):
                if start.kind == end.kind == "var" and start.text == name and end.text not in ways:
                    ways[end.text] = (*ways[name], path)
                    todo.append(end.text)
    return ways
