"""Whether a syntax can hold what is written in it.

XML is to be such that every parser reads it as it was meant: the engine writes what XML cannot
hold as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Protocol
from xml.parsers import expat

from pyoxigraph import Triple

from designata.errors import NotAcceptable

_CONTROLS: Final = bytes({*range(32)} - {9, 10, 13})
# How the engine begins to say that a syntax has no place for something.
_SYNTAX: Final = re.compile("RDF/XML|JSON-LD")
_WITHDRAWN: Final = re.compile(rb"<rdf:(?:bagID|aboutEach(?:Prefix)?)[ />]")
_NO_CHARACTERS: Final = ("\ufffe".encode(), "\uffff".encode())


def sound_results(content: bytes, others: Sequence[str]) -> bytes:
    """SPARQL results, in which only a character can be what XML cannot hold."""
    kept = len(content.translate(None, _CONTROLS))
    if kept < len(content) or any(one in content for one in _NO_CHARACTERS):
        raise _refusal(others)
    return _with_line_ends(content)


def sound_document(content: bytes, others: Sequence[str]) -> bytes:
    """RDF/XML, in which a property whose IRI ends in no name of XML has none.

    Nor has one whose name RDF/XML has withdrawn (RDF 1.1 XML Syntax, section 5.3).
    """
    content = _with_line_ends(content)
    if _WITHDRAWN.search(content):
        raise _refusal(others)
    try:
        expat.ParserCreate(namespace_separator=" ").Parse(content, True)
    except expat.ExpatError:
        raise _refusal(others) from None
    return content


def _with_line_ends(content: bytes) -> bytes:
    """A parser of XML takes a carriage return for a line feed unless it is escaped."""
    return content.replace(b"\r", b"&#13;")


class HasObject(Protocol):
    """A triple, or what stands for one."""

    @property
    def object(self) -> object:
        """What it says of its subject."""


@contextmanager
def held(others: Sequence[str]) -> Iterator[None]:
    """Where a syntax turns out to have no place for something, NotAcceptable with the others."""
    try:
        yield
    except OSError as error:
        found = _SYNTAX.match(str(error))
        if not found:
            raise
        raise _no_place(others) if found[0] == "JSON-LD" else _refusal(others) from None


def refuse_triple_terms(triples: Iterable[HasObject], others: Sequence[str]) -> None:
    """NotAcceptable, with the other types, where JSON-LD 1.1, which knows RDF 1.1, has no place."""
    if any(isinstance(one.object, Triple) for one in triples):
        raise _no_place(others)


def _no_place(others: Sequence[str]) -> NotAcceptable:
    kinds = tuple(kind for kind in others if not kind.endswith("ld+json"))
    return NotAcceptable("JSON-LD cannot hold a triple term, and this answer has one", kinds)


def _refusal(others: Sequence[str]) -> NotAcceptable:
    kinds = tuple(kind for kind in others if not kind.endswith("xml"))
    return NotAcceptable("XML cannot hold a character or a name that is in this answer", kinds)
