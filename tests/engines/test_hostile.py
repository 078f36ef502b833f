"""An engine that is broken or hostile, played on a real socket: each answer gets its refusal."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
from typing import Any
from urllib.parse import parse_qs

import pytest

from designata.errors import (
    DesignataError,
    FederationRefused,
    NoRelease,
    QueryFailed,
    QueryRefused,
    QuerySyntaxError,
    QueryTimeout,
    ResultTooLarge,
    StoreBusy,
    StoreUnavailable,
    UpdateRefused,
    UsageError,
)
from designata.settings import Settings
from designata.store.client import Limits, check_address
from designata.store.credentials import Credentials
from designata.store.engine import Engine
from designata.store.query import Query
from designata.store.remote import RemotePool, open_remote

RELEASE = "1.0.0-0123456789ab"
HOME = f"https://w3id.org/designata/release/{RELEASE}"
VOID = "http://rdfs.org/ns/void#triples"
JSON = "application/sparql-results+json"
SELECT = Query("SELECT ?s ?o { ?s ?p ?o }")
ASK = Query("ASK { ?s ?p ?o }")
CONSTRUCT = Query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")


def table(*rows: dict[str, Any], names: tuple[str, ...] = ("s", "o")) -> bytes:
    return json.dumps({"head": {"vars": names}, "results": {"bindings": rows}}).encode()


def iri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


RECORD = table(
    {"place": iri(f"{HOME}#union"), "size": {"type": "literal", "value": "1"}},
    names=("place", "size", "name"),
)
COUNTING = "SELECT (COUNT(*) AS ?count) { ?s ?p ?o }"
ONE = table({"count": {"type": "literal", "value": "1"}}, names=("count",))
Answer = Callable[[BaseHTTPRequestHandler], None]


class Played(ThreadingHTTPServer):
    """An engine that knows its release, and answers everything else as it was told."""

    daemon_threads = True
    answer: Answer
    asked: list[str]
    holds = True
    record = RECORD


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Played

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        text = parse_qs(body)["query"][0]
        if VOID in text:
            reply(200, JSON, self.server.record if self.server.holds else table(names=("place",)))(
                self
            )
            return
        if text == COUNTING:
            reply(200, JSON, ONE)(self)
            return
        self.server.asked.append(text)
        self.server.answer(self)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def reply(status: int, media_type: str, content: bytes, **headers: str) -> Answer:
    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.send_header("Content-Type", media_type)
        handler.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(content)

    return send


def pouring(
    media_type: str, framing: tuple[str, str], pieces: Iterable[bytes], pause: float = 0.0
) -> Answer:
    """A field says how the body ends; then come pieces, as long as somebody takes them."""

    def send(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", media_type)
        handler.send_header(*framing)
        handler.end_headers()
        with suppress(OSError):
            for piece in pieces:
                handler.wfile.write(piece)
                time.sleep(pause)
        handler.close_connection = True

    return send


def chunked(first: bytes) -> Answer:
    pieces = [first + b"\r\n", *[b" " * 1_000_000] * 100]
    return pouring(JSON, ("Transfer-Encoding", "chunked"), pieces)


def hanging(handler: BaseHTTPRequestHandler) -> None:
    while handler.connection.recv(1):
        pass


def closing(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


def half_a_head(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/n-triples\r\nDate")
    handler.close_connection = True


@contextmanager
def playing() -> Iterator[Played]:
    server = Played(("127.0.0.1", 0), Handler)
    server.asked = []
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def engine() -> Iterator[Played]:
    with playing() as server:
        yield server


@pytest.fixture(scope="module")
def pool(engine: Played) -> Iterator[RemotePool]:
    settings = Settings(
        store=f"http://127.0.0.1:{engine.server_port}/sparql",
        query_seconds=1.0,
        result_bytes=2_000_000,
        query_workers=1,
        page_workers=1,
    )
    with open_remote(RELEASE, settings) as opened:
        yield opened


TRUTH = b'{"head": {}, "boolean": true}'
CLOSE = ("Connection", "close")
HEAD = {"head": {"vars": ["s", "o"]}}
TRIPLE = b"<http://example.org/a> <http://example.org/b> <http://example.org/c> .\n"
ROWS = [{"s": iri("http://example.org/a"), "o": iri("http://example.org/b")}] * 10_000
ANSWERS: dict[str, tuple[Answer, Query, type[DesignataError], str]] = {
    "redirect": (
        reply(307, "text/plain", b"", Location="http://169.254.169.254/latest"),
        SELECT,
        StoreUnavailable,
        "redirects to http://169.254.169.254/latest; that is not followed",
    ),
    "endless": (
        pouring(JSON, CLOSE, repeat(b" " * 65_536)),
        SELECT,
        ResultTooLarge,
        "more than 2,000,000 bytes",
    ),
    "dripping": (
        pouring(JSON, ("Content-Length", "100000"), repeat(b" "), 0.05),
        SELECT,
        QueryTimeout,
        "given up after 1 seconds",
    ),
    "hanging": (hanging, SELECT, QueryTimeout, "given up after 1 seconds"),
    "closing": (closing, SELECT, StoreUnavailable, "does not answer"),
    "broken off": (
        pouring(JSON, ("Content-Length", "5000"), [table()[:20]]),
        SELECT,
        StoreUnavailable,
        "does not answer",
    ),
    "truncated": (reply(200, JSON, table(*ROWS[:5])[:-9]), SELECT, StoreUnavailable, "not a whole"),
    "page": (
        reply(200, "text/html; charset=UTF-8", b"<html>Error</html>"),
        SELECT,
        StoreUnavailable,
        "answered with text/html; charset=UTF-8 instead of",
    ),
    "page that is called JSON": (
        reply(200, JSON, b"<html>Error</html>"),
        SELECT,
        StoreUnavailable,
        "not a whole result",
    ),
    "cut": (
        reply(200, JSON, table(*ROWS), X_SPARQL_MaxRows="10000"),
        SELECT,
        ResultTooLarge,
        "cuts results at 10000 rows",
    ),
    "a part after its time": (
        reply(200, JSON, table(*ROWS[:5]), X_SQL_State="S1TAT"),
        SELECT,
        QueryTimeout,
        "with a part only",
    ),
    "packed": (
        reply(200, JSON, TRUTH, Content_Encoding="gzip"),
        ASK,
        StoreUnavailable,
        "instead of",
    ),
    "table for a truth": (reply(200, JSON, table()), ASK, StoreUnavailable, "another kind"),
    "truth for a table": (reply(200, JSON, TRUTH), SELECT, StoreUnavailable, "another kind"),
    "no term": (
        reply(200, JSON, table({"s": {"type": "nonsense", "value": "x"}})),
        SELECT,
        StoreUnavailable,
        "not SPARQL results",
    ),
    "no triples": (
        reply(200, "application/n-triples", b"<a> <b"),
        CONSTRUCT,
        StoreUnavailable,
        "not N-Triples",
    ),
    "a chunk without end": (chunked(b"-1"), SELECT, StoreUnavailable, "does not answer"),
    "a chunk of less than nothing": (chunked(b"-5"), SELECT, StoreUnavailable, "does not answer"),
    "a line now and then": (
        pouring("application/n-triples", CLOSE, [TRIPLE] * 100, 0.1),
        CONSTRUCT,
        QueryTimeout,
        "given up after 1 seconds",
    ),
    "triples without a length": (
        pouring("application/n-triples", CLOSE, [TRIPLE] * 10, 0.05),
        CONSTRUCT,
        StoreUnavailable,
        "does not say where its answer ends",
    ),
    "half a head": (half_a_head, CONSTRUCT, StoreUnavailable, "does not say where its answer ends"),
    "stopped at its end": (
        reply(200, JSON, table(*ROWS[:5])[:-9] + b"\n## Query cancelled due to timeout\n"),
        SELECT,
        QueryTimeout,
        "when it had begun",
    ),
    "deep": (reply(200, JSON, b"[" * 100_000), SELECT, StoreUnavailable, "not a whole"),
    "other columns": (
        reply(200, JSON, table({"x": iri("http://example.org/a")}, names=("x",))),
        SELECT,
        StoreUnavailable,
        "no column",
    ),
    **{
        f"a row that is {row!r}": (
            reply(200, JSON, json.dumps({**HEAD, "results": {"bindings": [row]}}).encode()),
            SELECT,
            StoreUnavailable,
            "not SPARQL results",
        )
        for row in (
            *(1, None, []),
            *({"s": term} for term in ("x", [], {"type": "uri", "value": []}, {"type": "literal"})),
            {"s": {"type": "literal", "value": "x", "datatype": {}}},
        )
    },
    "busy": (reply(503, "text/plain", b"full"), SELECT, StoreBusy, "busy"),
    "late": (reply(504, "text/plain", b""), SELECT, QueryTimeout, "stopped the query"),
    "late by its words": (
        reply(500, "text/plain", b"S1T00: Query timed out"),
        SELECT,
        QueryTimeout,
        "timed out",
    ),
    "refusal": (reply(400, "text/plain", b"no\nmore"), SELECT, QueryFailed, "the query: no$"),
    "escapes": (
        reply(404, "text/plain", b"\x1b[2Jgone\x07"),
        SELECT,
        StoreUnavailable,
        "with status 404: \ufffd\\[2Jgone\ufffd$",
    ),
    "closed to us": (reply(401, "text/plain", b""), SELECT, StoreUnavailable, "refuses access"),
    "gone": (reply(404, "text/plain", b"none"), SELECT, StoreUnavailable, "with status 404: none"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_bad_answer_gets_its_refusal(engine: Played, pool: RemotePool, name: str) -> None:
    engine.answer, query, refusal, message = ANSWERS[name]
    with pytest.raises(refusal, match=message):
        pool.query(query)
    engine.answer = reply(200, JSON, TRUTH)
    assert json.loads(pool.query(ASK).body)["boolean"] is True


WRITTEN = "INSERT DATA { <a:a> <a:b> <a:c> }"
OPENLINK = "http://www.openlinksw.com/schemas/"
REFUSED: dict[str, type[DesignataError]] = {
    "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }": FederationRefused,
    "SELECT * { SERVICE SILENT ?any { ?s ?p ?o } }": FederationRefused,
    "SELECT * { FILTER(1<2)SERVICE#>\r<http://127.0.0.1:9/> { ?s ?p ?o } }": FederationRefused,
    "SELECT (bif:http_get('http://127.0.0.1:9/') AS ?x) {}": QuerySyntaxError,
    "PREFIX bif: <bif:> SELECT (bif:http_get('http://127.0.0.1:9/') AS ?x) {}": QueryRefused,
    "PREFIX x: <b\\u0069f:> SELECT (x:http_get('http://127.0.0.1:9/') AS ?x) {}": QueryRefused,
    "PREFIX x: <bi> SELECT * { ?s ?p ?o FILTER(x:f:http_get(STR(?s)) = 'a') }": QueryRefused,
    f"SELECT * {{ ?s ?p ?o FILTER(<{OPENLINK}bif#http_get>(STR(?s)) = 'a') }}": QueryRefused,
    "SELECT (<sql:BEST_LANGMATCH>('a', 'b', 'c') AS ?x) {}": QueryRefused,
    "SELECT (<SQL:user>() AS ?x) {}": QueryRefused,
    "PREFIX j: <java:java.lang.Runtime.> SELECT (j:exec('id') AS ?x) {}": QueryRefused,
    "SELECT * { ?s <bif:contains> 'a' }": QueryRefused,
    "SELECT * { ?s <b\\u0069f:contains> 'a' }": QueryRefused,
    "PREFIX x: <BIF:> SELECT * { ?s x:contains 'a' }": QueryRefused,
    f"SELECT * {{ ?s <{OPENLINK}bif#contains> 'a' }}": QueryRefused,
    "SELECT * { ?s <java:org.example.Reader> ?o }": QueryRefused,
    "SELECT * FROM <file:///etc/passwd> { ?s ?p ?o }": QueryRefused,
    "DEFINE get:soft 'replace' SELECT * FROM <http://127.0.0.1:9/> { ?s ?p ?o }": QuerySyntaxError,
    "define sql:log-enable 3 SELECT * { ?s ?p ?o }": QuerySyntaxError,
    "SELECT * { ?s ?p ?o OPTION (transitive) }": QuerySyntaxError,
    "LOAD <http://127.0.0.1:9/>": UpdateRefused,
    WRITTEN: UpdateRefused,
    f"SELECT * {{ ?s ?p ?o }} ; {WRITTEN}": QuerySyntaxError,
    "DROP ALL": UpdateRefused,
    "SELECT * { ?s ?p ?o } #\n; CLEAR ALL": QuerySyntaxError,
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_reaches_out_or_writes_never_gets_to_the_engine(
    engine: Played, pool: RemotePool, text: str
) -> None:
    engine.answer, engine.asked = reply(200, JSON, table()), []
    with pytest.raises(REFUSED[text]) as refused:
        pool.query(Query(text))
    assert refused.type is REFUSED[text]
    assert engine.asked == []


def test_as_many_rows_as_were_asked_for_are_not_cut(engine: Played, pool: RemotePool) -> None:
    engine.answer = reply(200, JSON, table(*ROWS[:3]), X_SPARQL_MaxRows="10000")
    found = pool.query(Query(SELECT.text + " LIMIT 3"))
    assert len(json.loads(found.body)["results"]["bindings"]) == 3


def test_a_graph_of_another_release_is_not_asked_for(engine: Played, pool: RemotePool) -> None:
    engine.answer, engine.asked = reply(200, JSON, table()), []
    pool.query(
        Query("SELECT ?s ?o { GRAPH <https://w3id.org/designata/release/other#1> { ?s ?p ?o } }")
    )
    (text,) = engine.asked
    assert "release/other" not in text
    assert f"{HOME}#nothing" in text


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("ASK { GRAPH <urn:none> {} }", "VALUES"),
        ("ASK { GRAPH <urn:none> { ?s ?p ?o } }", f"GRAPH  <{HOME}#nothing>"),
        ("ASK FROM NAMED <urn:a> { GRAPH <urn:b> { ?s ?p ?o } }", f"GRAPH  <{HOME}#nothing>"),
        ('SELECT (IRI("a") AS ?x) {}', "BASE <https://w3id.org/designata/>"),
        ("DESCRIBE * { <urn:a> <urn:b> <urn:c> }", "VALUES ?designataS {  }"),
        ("DESCRIBE ?s ?o { ?s ?p ?o . ?s ?q _:x }", "_:xdesignata1"),
    ],
)
def test_the_engine_is_asked_what_is_meant(
    engine: Played, pool: RemotePool, asked: str, sent: str
) -> None:
    engine.asked = []
    with suppress(StoreUnavailable):
        pool.query(Query(asked))
    assert sent in engine.asked[0]


def test_triples_that_rdf_does_not_have_are_left_out(engine: Played, pool: RemotePool) -> None:
    lines = ("<urn:s> <urn:p> <urn:o>", '"x" <urn:p> <urn:o>', "<urn:s> _:p 'x'", '_:s "p" _:o')
    content = "".join(f"{line} .\n" for line in lines).encode()
    engine.answer = reply(200, "application/n-triples", content)
    found = pool.query(CONSTRUCT._replace(graph="application/n-triples"))
    assert found.body == b"<urn:s> <urn:p> <urn:o> .\n"


def test_what_a_function_made_that_is_no_iri_is_no_value(engine: Played, pool: RemotePool) -> None:
    engine.answer = reply(200, JSON, table({"s": iri("not one"), "o": iri("urn:o")}))
    (row,) = json.loads(pool.query(SELECT).body)["results"]["bindings"]
    assert row == {"o": iri("urn:o")}


def test_terms_as_virtuoso_writes_them_become_terms_of_sparql(
    engine: Played, pool: RemotePool
) -> None:
    boolean = "http://www.w3.org/2001/XMLSchema#boolean"
    engine.answer = reply(
        200,
        JSON,
        table(
            {
                "s": {"type": "bnode", "value": "nodeID://b10001"},
                "o": {"type": "typed-literal", "datatype": boolean, "value": "1"},
                "callret-2": {"type": "literal", "value": "internal"},
            }
        ),
    )
    (row,) = json.loads(pool.query(SELECT).body)["results"]["bindings"]
    assert row["s"] == {"type": "bnode", "value": row["s"]["value"]}
    assert ":" not in row["s"]["value"]
    assert row["o"] == {"type": "literal", "datatype": boolean, "value": "true"}
    assert set(row) == {"s", "o"}


def test_short_patience_is_rewarded(engine: Played, pool: RemotePool) -> None:
    answers = [reply(503, "text/plain", b"", Retry_After="0"), reply(200, JSON, TRUTH)]
    engine.answer, engine.asked = lambda handler: answers.pop(0)(handler), []
    assert json.loads(pool.query(ASK).body)["boolean"] is True
    assert len(engine.asked) == 2


def test_a_release_that_was_taken_out_is_not_an_empty_one(engine: Played, pool: RemotePool) -> None:
    engine.answer, engine.holds = reply(200, JSON, table()), False
    try:
        with pytest.raises(StoreUnavailable, match="does not hold release"):
            pool.query(SELECT)
    finally:
        engine.holds = True
    assert json.loads(pool.query(SELECT).body)["results"]["bindings"] == []


def test_half_a_release_is_not_opened() -> None:
    with playing() as server:
        server.answer = reply(200, JSON, table())
        settings = Settings(store=f"http://127.0.0.1:{server.server_port}/sparql")
        server.record = RECORD.replace(b'"1"', b'"2"')
        with (
            pytest.raises(NoRelease, match=r"holds 1 triples of release .* instead of 2"),
            open_remote(RELEASE, settings),
        ):
            pass


def test_nothing_is_waited_for_where_nobody_answers(pool: RemotePool) -> None:
    # Where its queue is full, a listener does not answer.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(0)
        address = silent.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        url = f"http://127.0.0.1:{address[1]}/sparql"
        elsewhere = replace(pool, engine=replace(pool.engine, url=url))
        started = time.monotonic()
        with pytest.raises(StoreUnavailable, match="no connection came about in time"):
            elsewhere.within(0.5).query(SELECT)
        assert time.monotonic() - started < 2
        for one in waiting:
            one.close()


def test_a_challenge_without_end_is_read_quickly() -> None:
    credentials = Credentials("reader", "secret")
    started = time.monotonic()
    for challenge in ("Digest " + "a" * 65_000, "Digest " + 'a="' * 21_000):
        credentials.learn(challenge)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    "address",
    [
        "http://user:s3cret@example.org:99999/x",
        "http://user:s3cret@example.org/a b",
        "ftp://user:s3cret@example.org/",
        "http://example.org:99999/?key=s3cret",
        "http://user:s3/cret@example.org/",
        "user:s3cret@example.org/",
        "http:/user:s3cret@example.org/",
        "//user:s3cret@example.org/",
        "http://user:s3?cret@example.org/",
    ],
)
def test_no_message_has_what_is_secret_in_an_address(address: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_address(address)
    assert "s3" not in str(refused.value)
    assert "s3cret" not in Engine("http://example.org/?key=s3cret", Limits(1, 1)).name
