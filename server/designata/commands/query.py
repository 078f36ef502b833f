"""`designata query`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from designata.commands.current import asking
from designata.commands.table import table
from designata.errors import UnreadableFile
from designata.settings import Settings
from designata.store.query import Answer, Query
from designata.vocabulary import compact


class Wanted(NamedTuple):
    """The media types that a format stands for; None where it has none for that kind of query."""

    select: str | None = None
    ask: str | None = None
    graph: str | None = None


_JSON: Final = "application/sparql-results+json"
_XML: Final = "application/sparql-results+xml"
FORMATS: Final = {
    "table": Wanted(_JSON, _JSON, "text/turtle"),
    "json": Wanted(_JSON, _JSON, "application/ld+json"),
    "xml": Wanted(_XML, _XML, "application/rdf+xml"),
    "csv": Wanted("text/csv"),
    "tsv": Wanted("text/tab-separated-values"),
    "turtle": Wanted(graph="text/turtle"),
    "nt": Wanted(graph="application/n-triples"),
    "jsonld": Wanted(graph="application/ld+json"),
    "rdf": Wanted(graph="application/rdf+xml"),
}


@click.command("query")
@click.argument("query")
@click.option(
    "--format",
    "syntax",
    type=click.Choice(list(FORMATS)),
    default="table",
    show_default=True,
    help="table, json and xml fit every query; csv and tsv a SELECT; the others a graph.",
)
def command(query: str, syntax: str) -> None:
    """Ask the release a SPARQL query.

    QUERY is a file, `-` for standard input, or the text itself.

    \b
    Examples:
      designata query data/queries/names.rq
      designata query 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' --format json
    """
    settings = Settings.load(os.environ)
    text = _text(query)
    with asking(settings) as pool:
        answer = pool.query(Query(text, *FORMATS[syntax]))
    if syntax == "table" and answer.form != "graph":
        click.echo(_as_table(answer))
    else:
        _write(answer.body if answer.body.endswith(b"\n") else answer.body + b"\n")


def _text(query: str) -> str:
    """The text of the query; a single word can only be the name of a file."""
    is_text = any(map(str.isspace, query.strip())) or ("{" in query and not os.path.exists(query))
    if is_text and not query.endswith(".rq"):
        return query
    path = Path(query)
    try:
        content = sys.stdin.buffer.read() if query == "-" else path.read_bytes()
        return content.decode()
    except UnicodeDecodeError:
        raise UnreadableFile(path, None, "the text is not UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None


def _write(body: bytes) -> None:
    """Write everything: an unbuffered stream may take less than it is given."""
    rest = memoryview(body)
    while rest:
        rest = rest[sys.stdout.buffer.write(rest) :]


def _as_table(answer: Answer) -> str:
    result = json.loads(answer.body)
    if answer.form == "ask":
        return str(result["boolean"]).lower()
    head = result["head"]["vars"]
    rows = [[_cell(row.get(name)) for name in head] for row in result["results"]["bindings"]]
    return table(head, rows)


def _cell(value: dict[str, Any] | None) -> str:
    if value is None:
        return ""
    if value["type"] == "uri":
        return compact(value["value"])
    language = value.get("xml:lang")
    return f"{value['value']}@{language}" if language else str(value["value"])
