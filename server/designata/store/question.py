"""Questions with parameters: lines `VALUES ?name { … }` in the text of a query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pyoxigraph import Literal, NamedNode

from designata.errors import UsageError

Term = NamedNode | Literal


def fill(text: str, values: Mapping[str, Term | Sequence[Term] | None]) -> str:
    """The query with each named parameter set to a term, to several, or (None) to any.

    A parameter is the one line `VALUES ?name { … }`; its content is replaced, whatever it was.
    """
    for name, value in values.items():
        line = re.compile(rf"^([ \t]*)VALUES[ \t]+\?{re.escape(name)}[ \t]*\{{[^\n]*\}}", re.M)
        found = list(line.finditer(text))
        if len(found) != 1:
            raise UsageError(f"the query needs exactly one line VALUES ?{name} {{ … }}")
        before, after = text[: found[0].start()], text[found[0].end() :]
        text = f"{before}{found[0][1]}{_values(name, value)}{after}"
    return text


def _values(name: str, value: Term | Sequence[Term] | None) -> str:
    if value is None:
        return f"VALUES ?{name} {{ UNDEF }}"
    terms = (value,) if isinstance(value, NamedNode | Literal) else value
    return f"VALUES ?{name} {{ {' '.join(str(term) for term in terms)} }}"
