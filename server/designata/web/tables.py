"""Facts as a table, for programs that read no RDF."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Final

from pyoxigraph import Literal, Triple

from designata.turtle import tag_of
from designata.web.graph import key

HEADER: Final = ("subject", "predicate", "object", "datatype", "language")


def write_table(triples: Sequence[Triple]) -> bytes:
    """A row for each triple (RFC 4180); an object without a datatype is a node."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    writer.writerows(map(_row, triples))
    return text.getvalue().encode()


def _row(one: Triple) -> Sequence[str]:
    start = (key(one.subject), one.predicate.value)
    if not isinstance(one.object, Literal):
        return (*start, key(one.object), "", "")
    return (*start, one.object.value, one.object.datatype.value, tag_of(one.object))
