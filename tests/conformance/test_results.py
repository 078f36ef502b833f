"""SPARQL 1.1 results in JSON, CSV and TSV: the files of the W3C, term by term.

Numbers are compared by value: the engine keeps `-3` of xsd:negativeInteger as an xsd:integer.
"""

import csv
import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Final

import pytest
from flask.testing import FlaskClient

Over = Callable[..., AbstractContextManager[FlaskClient]]

CSV: Final = {"csvtsv01": "data.ttl", "csvtsv02": "data.ttl", "csvtsv03": "data2.ttl"}
NUMBERS: Final = ("nteger>", "decimal>", "double>")


def ask(over: Over, folder: Path, data: str, query: str, media_type: str) -> bytes:
    text = (folder / query).read_text(encoding="utf-8")
    with over([(folder / data, None)]) as client:
        reply = client.get("/sparql", query_string={"query": text}, headers={"Accept": media_type})
    assert (reply.status_code, reply.mimetype) == (200, media_type)
    return reply.data


def terms(document: Any) -> Any:
    """A result with its rows as a bag, whatever its blank nodes are called."""
    if "boolean" in document:
        return document["boolean"]
    rows = document["results"]["bindings"]
    return Counter(frozenset((name, canonical(term)) for name, term in row.items()) for row in rows)


def canonical(term: dict[str, str]) -> tuple[str | float, ...]:
    if term["type"] == "bnode":
        return ("bnode",)
    datatype = term.get("datatype", "")
    is_number = f"{datatype}>".endswith(NUMBERS)
    return (
        float(term["value"]) if is_number else term["value"],
        datatype,
        term.get("xml:lang", ""),
    )


@pytest.mark.parametrize("name", ["jsonres01", "jsonres02", "jsonres03", "jsonres04"])
def test_json(over: Over, sparql11: Path, name: str) -> None:
    folder = sparql11 / "json-res"
    body = ask(over, folder, "data.ttl", f"{name}.rq", "application/sparql-results+json")
    expected = json.loads((folder / f"{name}.srj").read_text(encoding="utf-8"))
    assert terms(json.loads(body)) == terms(expected)
    assert json.loads(body)["head"].get("vars") == expected["head"].get("vars")


def table(rows: Iterable[list[str]]) -> tuple[list[str], Counter[tuple[object, ...]]]:
    header, *body = rows
    return header, Counter(tuple(map(value, row)) for row in body)


def value(text: str) -> object:
    """A cell: a number by its value, a blank node without its name."""
    if text.startswith("_:"):
        return "_:"
    bare = text.partition("^^")[0].strip('"') if text.endswith(NUMBERS) else text
    try:
        return float(bare)
    except ValueError:
        return text


@pytest.mark.parametrize("name", CSV)
@pytest.mark.parametrize("kind", ["csv", "tsv"])
def test_tables(over: Over, sparql11: Path, name: str, kind: str) -> None:
    folder = sparql11 / "csv-tsv-res"
    media_type = {"csv": "text/csv", "tsv": "text/tab-separated-values"}[kind]
    query = "csvtsv01.rq" if name == "csvtsv03" else f"{name}.rq"
    body = ask(over, folder, CSV[name], query, media_type).decode()
    expected = (folder / f"{name}.{kind}").read_text(encoding="utf-8")
    if kind == "csv":
        found, wanted = csv.reader(io.StringIO(body)), csv.reader(io.StringIO(expected))
    else:
        found, wanted = (
            (line.split("\t") for line in text.rstrip("\n").split("\n"))
            for text in (body, expected)
        )
    assert table(found) == table(wanted)
