"""RDF terms as the texts that N-Triples gives them, so that two terms are equal if their texts are.

The texts come from pyoxigraph's writer, which has one text for each term and keeps the lexical
form of every literal.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from designata.vocabulary import PREFIXES, compact

Node = str
Triple = tuple[Node, Node, Node]

RDF: Final = PREFIXES["rdf"]
RDFS: Final = PREFIXES["rdfs"]
SH: Final = PREFIXES["sh"]
XSD: Final = PREFIXES["xsd"]
OWL: Final = PREFIXES["owl"]

_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_TO_ESCAPE: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r"})


class Literal(NamedTuple):
    """The parts of a literal; the language is empty where it has none."""

    value: str
    datatype: Node
    language: str


def iri(text: str) -> Node:
    """The term of an IRI."""
    return f"<{text}>"


def sh(local: str) -> Node:
    """The term of SHACL's namespace with this local name."""
    return f"<{SH}{local}>"


TYPE: Final = iri(RDF + "type")
FIRST: Final = iri(RDF + "first")
REST: Final = iri(RDF + "rest")
NIL: Final = iri(RDF + "nil")
SUBCLASS: Final = iri(RDFS + "subClassOf")
CLASS: Final = iri(RDFS + "Class")
STRING: Final = iri(XSD + "string")
LANG_STRING: Final = iri(RDF + "langString")
DIR_LANG_STRING: Final = iri(RDF + "dirLangString")


def is_iri(node: Node) -> bool:
    """Whether the term is an IRI."""
    return node[0] == "<" and node[1] != "<"


def is_blank(node: Node) -> bool:
    """Whether the term is a blank node."""
    return node[0] == "_"


def is_literal(node: Node) -> bool:
    """Whether the term is a literal."""
    return node[0] == '"'


def unescape(text: str) -> str:
    """The characters that a quoted N-Triples text stands for."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(
        lambda found: (
            chr(int(found[1] or found[2], 16)) if not found[3] else _ESCAPED.get(found[3], found[3])
        ),
        text,
    )


def quote(text: str) -> str:
    """A text in quotes, as a plain literal of N-Triples and SPARQL."""
    return f'"{text.translate(_TO_ESCAPE)}"'


def split_literal(node: Node) -> Literal:
    """Take a literal apart."""
    end = node.rindex('"')
    value, rest = unescape(node[1:end]), node[end + 1 :]
    if not rest:
        return Literal(value, STRING, "")
    if rest[0] == "^":
        return Literal(value, rest[2:], "")
    language, _, direction = rest[1:].partition("--")
    return Literal(value, DIR_LANG_STRING if direction else LANG_STRING, language)


def text_of(node: Node) -> str:
    """What SPARQL's STR gives: the IRI, or the value of a literal."""
    return split_literal(node).value if is_literal(node) else node[1:-1]


def readable(node: Node) -> str:
    """A term for people: prefixed where a prefix of ours fits."""
    if is_iri(node):
        short = compact(node[1:-1])
        return node if short == node[1:-1] else short
    if is_literal(node):
        value, datatype, language = split_literal(node)
        if language or datatype == STRING:
            return node
        return f"{quote(value)}^^{readable(datatype)}"
    return node
