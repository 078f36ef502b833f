"""The one way in which RDF files are read and Turtle is written.

The normal form of a Turtle file is what `format_turtle` writes: sorted prefixes and only those
used, one block for each subject, `a` first, predicates and objects sorted, one object a line, the
closing point on a line of its own. Reading and writing it again changes nothing.
"""

from __future__ import annotations

import io
import re
from codecs import BOM_UTF8
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from designata.errors import UnreadableFile
from designata.vocabulary import PREFIXES, split

RDF_TYPE: Final = PREFIXES["rdf"] + "type"
XSD: Final = PREFIXES["xsd"]
FORMATS: Final[Mapping[str, RdfFormat]] = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
}


class Statement(NamedTuple):
    """A quad and the line, counted from 1, on which its object ends."""

    quad: Quad
    line: int


class _Lines(io.RawIOBase):
    """A reader that never gives more than the rest of one line, nor more than it is asked for.

    So the parser's progress tells the line on which a statement ends.
    """

    def __init__(self, content: bytes) -> None:
        self._content, self._at, self._next = content, 0, 0
        self.number = 0

    def read(self, size: int = -1, /) -> bytes:
        start = self._at
        if start == self._next:
            self._next = self._content.find(b"\n", start) + 1 or len(self._content)
            self.number += start < self._next
        end = self._next if size < 0 else min(self._next, start + size)
        self._at = end
        return self._content[start:end]


def format_of(path: Path) -> RdfFormat:
    """The RDF syntax that a file's name promises."""
    try:
        return FORMATS[path.suffix.lower()]
    except KeyError:
        known = ", ".join(FORMATS)
        raise UnreadableFile(path, None, f"the name must end in one of {known}") from None


def read(path: Path) -> Iterator[Statement]:
    """Each statement of a Turtle, TriG, N-Triples or N-Quads file, in the order of the file."""
    syntax = format_of(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None
    lines = _Lines(content.removeprefix(BOM_UTF8))
    try:
        for quad in parse(cast(IO[bytes], lines), syntax, base_iri=path.absolute().as_uri()):
            yield Statement(quad, lines.number)
    except SyntaxError as error:
        raise UnreadableFile(path, error.lineno or lines.number, _reason(error)) from None
    except (ValueError, MemoryError) as error:
        raise UnreadableFile(path, lines.number, str(error)) from None


def _reason(error: SyntaxError) -> str:
    found = re.match(
        r"Parser error at line \d+ (?:between )?(columns? .*?): (.*)", error.msg, re.DOTALL
    )
    return f"{found[2]} ({found[1]})" if found else error.msg


def normalise(path: Path) -> str:
    """The content of a Turtle file in normal form; its first subject stays first."""
    statements = list(read(path))
    for statement in statements:
        for node in (statement.quad.subject, statement.quad.object):
            if isinstance(node, BlankNode):
                raise UnreadableFile(
                    path, statement.line, "a blank node: give it an IRI, so that it can be cited"
                )
    main = statements[0].quad.subject if statements else None
    return format_turtle((statement.quad for statement in statements), main)


def format_turtle(
    statements: Iterable[Quad | Triple], main_subject: NamedNode | BlankNode | Triple | None = None
) -> str:
    """Triples without blank nodes as Turtle in normal form; graph names are left out."""
    blocks: dict[str, dict[str, set[str]]] = {}
    order: dict[str, tuple[bool, str]] = {}
    used: set[str] = set()
    names: dict[str, str] = {}

    def write(node: object) -> str:
        iri = node.value if isinstance(node, NamedNode) else ""
        if iri in names:
            return names[iri]
        text, prefixes = _term(node)
        used.update(prefixes)
        if iri:
            names[iri] = text
        return text

    for statement in statements:
        node, predicate = statement.subject, statement.predicate
        subject = write(node)
        if subject not in blocks:
            blocks[subject] = defaultdict(set)
            order[subject] = (node != main_subject, str(node))
        name = "a" if predicate.value == RDF_TYPE else write(predicate)
        blocks[subject][name].add(write(statement.object))
    head = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in sorted(used))
    body = (_block(subject, blocks[subject]) for subject in sorted(blocks, key=order.__getitem__))
    return "\n".join(filter(None, (head, *body)))


def _block(subject: str, properties: Mapping[str, set[str]]) -> str:
    lines = []
    for predicate in sorted(properties, key=lambda name: (name != "a", name)):
        objects = sorted(properties[predicate])
        if len(objects) == 1:
            lines.append(f"    {predicate} {objects[0]}")
        else:
            values = ",\n".join(f"        {value}" for value in objects)
            lines.append(f"    {predicate}\n{values}")
    return f"{subject}\n" + " ;\n".join(lines) + "\n.\n"


def _term(node: object) -> tuple[str, tuple[str, ...]]:
    """A term as Turtle, and the prefixes that the text uses."""
    if isinstance(node, NamedNode):
        parts = split(node.value)
        return (":".join(parts), parts[:1]) if parts else (str(node), ())
    if isinstance(node, Literal):
        return _literal(node)
    raise ValueError(f"{node}: only IRIs and literals have a place in the normal form")


def _literal(literal: Literal) -> tuple[str, tuple[str, ...]]:
    text = _quoted(literal.value)
    if literal.language:
        return f"{text}@{tag_of(literal)}", ()
    datatype = literal.datatype
    if datatype.value == XSD + "string":
        return text, ()
    if datatype.value == XSD + "boolean" and literal.value in ("true", "false"):
        return literal.value, ()
    name, prefixes = _term(datatype)
    return f"{text}^^{name}", prefixes


def tag_of(literal: Literal) -> str:
    """The language of a literal, with its base direction where it has one: `ar--rtl`."""
    end = f"--{literal.direction}" if literal.direction else ""
    return f"{literal.language or ''}{end}"


_ESCAPES: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
    | {chr(code): f"\\u{code:04X}" for code in (*range(8), 11, *range(14, 32), 127)}
)


def _quoted(text: str) -> str:
    escaped = text.translate(_ESCAPES)
    return f'"""{escaped}"""' if "\n" in escaped else f'"{escaped}"'
