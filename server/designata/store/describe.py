"""DESCRIBE written as the CONSTRUCT that it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from designata.store.clauses import closing, words
from designata.store.tokens import Token, tokens

OWN: Final = "designata"
_NOTHING: Final = "urn:x-designata:nothing"


def in_full(text: str) -> str:
    """A DESCRIBE query as CONSTRUCT; any other as it is."""
    found = list(tokens(text))
    start = next((at for at, _ in words(found, "describe")), None)
    if start is None:
        return text
    end = start + 1
    while end < len(found) and (found[end].kind in ("variable", "iri", "name", "sign")):
        if found[end].text == "{":
            break
        end += 1
    targets = found[start + 1 : end]
    if any(token.text == "*" for token in targets):
        targets = [token for token in found if token.kind == "variable"]
    rest = _with_values_inside(text[found[end].start :]) if end < len(found) else ""
    parts = list(_described(targets, rest))
    one, what, value = (f"?{OWN}{name}" for name in ("S", "P", "O"))
    return (
        f"{text[: found[start].start]} CONSTRUCT {{ {one} {what} {value} }} WHERE {{ "
        f"{{ SELECT DISTINCT {one} WHERE {{ {' UNION '.join(parts)} }} }} {one} {what} {value} }}"
    )


def _with_values_inside(text: str) -> str:
    """A group and the VALUES after it as one group: engines lose those of a subquery."""
    found = list(tokens(text))
    start = next((at for at, token in enumerate(found) if token.text == "{"), None)
    if start is None:
        return text
    after = found[closing(found, start) + 1 :]
    if not after or after[0].text.casefold() != "values":
        return text
    opening = found[start].start
    return f"{text[:opening]}{{ {text[opening:]}\n}}"


def _described(targets: Sequence[Token], rest: str) -> Iterator[str]:
    """A group for each way in which something comes to be described."""
    one = f"?{OWN}S"
    iris = [token.text for token in targets if token.kind in ("iri", "name")]
    variables = dict.fromkeys(f"?{token.text[1:]}" for token in targets if token.kind == "variable")
    if iris or not variables or "{" not in rest:
        yield f"{{ VALUES {one} {{ {' '.join(iris)} }} }}"
    if "{" in rest:
        # The line ends: a comment may be the last of the query. What has no value is not described;
        # as a variable it would stand for everything.
        for at, name in enumerate(variables):
            again = _relabelled(rest, at) if at else rest
            found = f"{{ SELECT {name} {again}\n}}"
            yield f"{{ {found} BIND(COALESCE({name}, <{_NOTHING}>) AS {one}) }}"


def _relabelled(text: str, copy: int) -> str:
    """A group with other labels for its blank nodes, which may stand in one group alone."""
    for token in reversed(list(tokens(text))):
        if token.kind == "blank":
            end = token.start + len(token.text)
            text = f"{text[:end]}{OWN}{copy}{text[end:]}"
    return text
