"""The SPARQL endpoint: queries, the description of the service, and results as a page."""

from __future__ import annotations

import json
from typing import Final

from flask import Blueprint, Response, current_app, g, render_template, request
from pyoxigraph import Literal, RdfFormat, parse

from designata.errors import QueryTooLarge, ResultTooLarge
from designata.store.query import Answer
from designata.store.rows import Term, decode, rows
from designata.web import pages, protocol, service
from designata.web.protocol import HTML, Asked
from designata.web.serving import served

blueprint = Blueprint("sparql", __name__)

SHOWN_ROWS: Final = 10_000
_FORM_FACTOR: Final = 3
_FORM_BYTES: Final = 16_384
_PARAMETERS: Final = {
    "text/csv": "; charset=utf-8; header=present",
    "text/tab-separated-values": "; charset=utf-8",
    "text/turtle": "; charset=utf-8",
    HTML: "; charset=utf-8",
}
_GRAPHS: Final = "SELECT ?graph { GRAPH ?graph {} }"


@blueprint.route("/sparql", methods=protocol.METHODS)
@blueprint.route("/sparql/", methods=protocol.METHODS)
def endpoint() -> Response:
    """Answer a request of the SPARQL 1.1 Protocol."""
    asked = protocol.read(_plain_request())
    if isinstance(asked, Asked):
        response = _answer(asked)
    elif asked.media_type == HTML:
        response = current_app.make_response(pages.render_query_page())
    else:
        response = _describe(asked.media_type)
    response.vary.add("Accept")
    return response


def _plain_request() -> protocol.Request:
    """The request as plain values; QueryTooLarge before a byte too many is read."""
    largest = served().settings.query_bytes * _FORM_FACTOR + _FORM_BYTES
    if len(request.query_string) > largest or (request.content_length or 0) > largest:
        raise QueryTooLarge(f"a request may have {largest:,} bytes")
    return protocol.Request(
        request.method,
        request.query_string,
        ",".join(request.headers.getlist("Accept")) or None,
        request.headers.get("Content-Type"),
        request.headers.get("Content-Encoding"),
        request.get_data(cache=False) if request.method in ("POST", "QUERY") else b"",
    )


def _answer(asked: Asked) -> Response:
    g.query_text = asked.query.text
    answer = served().pool.query(asked.query)
    if asked.media_types[answer.form] == HTML:
        return Response(_page(asked, answer), content_type="text/html; charset=utf-8")
    return _respond(answer.body, answer.media_type)


def _respond(body: bytes, media_type: str) -> Response:
    return Response(body, content_type=media_type + _PARAMETERS.get(media_type, ""))


def _page(asked: Asked, answer: Answer) -> str:
    """The result as a page; a table that no browser could show is refused."""
    columns, table = _table(answer)
    if len(table) > SHOWN_ROWS:
        raise ResultTooLarge(
            f"a page shows at most {SHOWN_ROWS:,} rows, and the result has {len(table):,}; "
            "add a LIMIT, or ask for CSV or JSON"
        )
    return render_template("results.html", query=asked.query.text, columns=columns, rows=table)


def _table(answer: Answer) -> tuple[list[str], list[list[Term | None]]]:
    """The columns and the rows of an answer of any form."""
    if answer.form == "graph":
        triples = parse(answer.body, RdfFormat.N_TRIPLES)
        names = ["subject", "predicate", "object"]
        return names, [[one.subject, one.predicate, one.object] for one in triples]
    document = json.loads(answer.body)
    if answer.form == "ask":
        return ["answer"], [[Literal(document["boolean"])]]
    columns: list[str] = document["head"]["vars"]
    return columns, [[row.get(name) for name in columns] for row in decode(answer.body)]


def _describe(media_type: str) -> Response:
    here = served()
    graphs = [str(row["graph"])[1:-1] for row in rows(here.pool, _GRAPHS)]
    triples = here.release.manifest.get("triples") if here.release else None
    void = request.host_url + ".well-known/void"
    description = service.describe(request.host_url + "sparql", graphs, triples, void)
    return _respond(service.write(description, media_type), media_type)
