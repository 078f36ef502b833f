"""Requests that mean harm: each is answered as its table says, and so is the next good one."""

import gzip
import socket
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

import pytest

if TYPE_CHECKING:
    from conftest import Site

FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
DIRECT: Final = {"Content-Type": "application/sparql-query"}
PRODUCT: Final = " ".join(f"?a{i} ?b{i} ?c{i} ." for i in range(16))
DOUBLED: Final = " ".join(
    f"BIND(CONCAT({','.join([f'?v{i}'] * 10)}) AS ?v{i + 1})" for i in range(12)
)


@pytest.fixture(scope="module")
def listener() -> Iterator[socket.socket]:
    """A port of this machine that a hostile query tries to reach."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def get(text: str, **more: str) -> str:
    return "/sparql?" + urlencode({"query": text, **more}, quote_via=quote)


pytestmark = pytest.mark.alone

FEDERATION = {
    "plain": "ASK { SERVICE <URL> {} }",
    "silent": "ASK { SERVICE SILENT <URL> {} }",
    "variable": "ASK { VALUES ?g { <URL> } SERVICE ?g { ?s ?p ?o } }",
    "silent variable": "ASK { BIND(IRI('URL') AS ?g) SERVICE SILENT ?g { ?s ?p ?o } }",
    "lower case": "ask { service<URL>{} }",
    "mixed case": "ASK { SeRvIcE <URL> {} }",
    "escaped": r"ASK { \u0053ERVICE <URL> {} }",
    "escaped whole": r"ASK { \u0053\u0045\u0052\u0056\u0049\u0043\u0045 <URL> {} }",
    "escaped long": r"ASK { \U00000053ERVICE <URL> {} }",
    "long s": "ASK { ſERVICE <URL> {} }",
    "after a comment ended by CR": "ASK { #\rSERVICE <URL> {} }",
    "with a comment inside": "ASK { SERVICE#\n<URL> {} }",
    "comparison like an IRI": "ASK { FILTER(1<2)SERVICE#>\n<URL> {} }",
    "between relative IRIs": "ASK { ?s <x'''> ?o FILTER(1<2)SERVICE#>\n<URL> {} ?s <y'''> ?o }",
    "glued to a name": "PREFIX x: <URL> ASK { SERVICEx: {} }",
    "glued to a prefix": "PREFIX SERVICEx: <a:> PREFIX x: <URL> ASK { SERVICEx: {} }",
    "glued to true": "ASK { ?s ?p trueSERVICE<URL> {} }",
    "glued to a number": "ASK { ?s ?p 1SERVICE<URL>{} }",
    "glued to SILENT": "ASK { SERVICESILENT<URL>{} }",
    "in OPTIONAL": "ASK { OPTIONAL { SERVICE <URL> {} } }",
    "in EXISTS": "ASK { FILTER EXISTS { SERVICE <URL> {} } }",
    "in MINUS": "ASK { ?s ?p ?o MINUS { SERVICE <URL> {} } }",
    "in UNION": "ASK { {} UNION { SERVICE <URL> {} } }",
    "in a subquery": "ASK { { SELECT * { SERVICE <URL> { ?s ?p ?o } } } }",
    "in GRAPH": "ASK { GRAPH ?g { SERVICE <URL> {} } }",
    "in CONSTRUCT": "CONSTRUCT { ?s ?p ?o } { SERVICE <URL> { ?s ?p ?o } }",
    "in DESCRIBE": "DESCRIBE ?s { SERVICE <URL> { ?s ?p ?o } }",
    "nested": "ASK { SERVICE <URL> { SERVICE <URL> {} } }",
    "after a byte order mark": "\ufeffASK { SERVICE <URL> {} }",
}


@pytest.mark.parametrize("text", FEDERATION.values(), ids=FEDERATION)
def test_no_query_makes_the_server_call_another(
    server: "Site", listener: socket.socket, text: str
) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    reply = server.send(get(text.replace("URL", url)))
    assert reply.status == 403
    assert b"federation-disabled" in reply.body
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize(
    "text",
    [
        "ASK FROM <URL> { ?s ?p ?o }",
        "ASK FROM NAMED <URL> { GRAPH ?g { ?s ?p ?o } }",
        "ASK FROM <file:///etc/passwd> { ?s ?p ?o }",
        "DESCRIBE <URL>",
        "ASK { GRAPH <file:///etc/passwd> { ?s ?p ?o } }",
    ],
)
def test_a_graph_that_is_not_here_is_empty_and_is_not_fetched(
    server: "Site", listener: socket.socket, text: str
) -> None:
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    reply = server.send(get(text.replace("URL", url)))
    assert reply.status == 200
    assert b"true" not in reply.body
    with pytest.raises(BlockingIOError):
        listener.accept()


UPDATES = [
    "INSERT DATA { <a:a> <a:b> 1 }",
    "DELETE WHERE { ?s ?p ?o }",
    "PREFIX a: <a:> DELETE { ?s ?p ?o } INSERT { ?s a:p 1 } WHERE { ?s ?p ?o }",
    "WITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "LOAD <http://127.0.0.1/>",
    "LOAD SILENT <file:///etc/passwd> INTO GRAPH <a:g>",
    "CLEAR ALL",
    "DROP SILENT DEFAULT",
    "CREATE GRAPH <a:g>",
    "COPY DEFAULT TO <a:g>",
    "MOVE <a:g> TO DEFAULT",
    "ADD <a:g> TO DEFAULT",
    "# SELECT\nclear all",
]


@pytest.mark.parametrize("text", UPDATES)
def test_an_update_is_refused_in_every_way_to_send_it(server: "Site", text: str) -> None:
    update = {"Content-Type": "application/sparql-update"}
    before = server.send(get("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o")).body
    replies = [
        server.send(get(text)),
        server.send("/sparql?" + urlencode({"update": text})),
        server.send("/sparql", headers=update, body=text.encode()),
        server.send("/sparql", headers=FORM, body=urlencode({"update": text}).encode()),
        server.send("/sparql", headers=FORM, body=urlencode({"query": text}).encode()),
        server.send("/sparql", headers=DIRECT, body=text.encode()),
    ]
    assert [reply.status for reply in replies] == [403] * len(replies)
    assert server.send(get("SELECT * { ?s ?p ?o } ORDER BY ?s ?p ?o")).body == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "TRACE", "PROPFIND", "NONSENSE"])
def test_other_methods_are_refused_with_the_right_ones(server: "Site", method: str) -> None:
    reply = server.send("/sparql", method=method)
    assert (reply.status, reply.headers["Allow"]) == (405, "GET, HEAD, OPTIONS, POST, QUERY")


@pytest.mark.parametrize("method", ["get", "Get", "post", "query", "options", "put"])
@pytest.mark.parametrize("path", ["/sparql", "/", "/healthz"])
def test_a_method_in_small_letters_is_another_one(server: "Site", method: str, path: str) -> None:
    reply = server.send(path, method=method)
    assert (reply.status, reply.headers["Allow"]) == (
        405,
        "GET, HEAD, OPTIONS, POST, QUERY" if path == "/sparql" else "GET, HEAD, OPTIONS",
    )


BOMBS = {
    "product": (f"SELECT (COUNT(*) AS ?n) {{ {PRODUCT} FILTER(?a0 != ?a15) }}", {504}),
    "endless path": (f"ASK {{ {PRODUCT} ?a0 (!<a:b>)* ?x FILTER(?x = 7) }}", {504, 200}),
    "sorting": (f"SELECT * {{ {PRODUCT} }} ORDER BY ?c15 ?a0", {504, 500}),
    "grouping": (f"SELECT ?c0 (COUNT(*) AS ?n) {{ {PRODUCT} }} GROUP BY ?c0 ?c1 ?c2", {504, 500}),
    "string doubling": (
        f"SELECT (STRLEN(?v12) AS ?n) {{ BIND('xy' AS ?v0) {DOUBLED} }}",
        {504, 500},
    ),
    "group concat": (
        f"SELECT (GROUP_CONCAT(STR(?c0)) AS ?n) {{ {PRODUCT} }}",
        {504, 500},
    ),
    "large result": (f"SELECT * {{ {PRODUCT} }}", {413, 504}),
    "regular expression": (
        f"SELECT * {{ {PRODUCT} FILTER(REGEX(CONCAT(STR(?c0), 'aaaaaaaaaaaaaa!'), '^(a+)+$')) }}",
        {504, 200},
    ),
    "regular expression of a huge size": (
        "ASK { FILTER(REGEX('a', '((((a{99}){99}){99}){99}){99}')) }",
        {200, 500, 504},
    ),
    "many patterns": (
        "ASK { " + " ".join(f"?x{i} <a:p{i}> ?y{i} ." for i in range(300)) + " }",
        {200, 504},
    ),
    "hash of much": (f"SELECT (SHA512(?v12) AS ?n) {{ BIND('xy' AS ?v0) {DOUBLED} }}", {504, 500}),
}


@pytest.mark.parametrize(("text", "statuses"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_stopped_and_the_next_query_answered(
    server: "Site", text: str, statuses: set[int]
) -> None:
    started = time.monotonic()
    reply = server.send(get(text))
    elapsed = time.monotonic() - started
    assert reply.status in statuses
    assert elapsed < 1.35
    assert "Retry-After" not in reply.headers
    started = time.monotonic()
    assert server.send(get("ASK {}")).status == 200
    assert time.monotonic() - started < 0.5


SIZES = {
    "deep braces": ("ASK " + "{" * 50 + "}" * 50, 413),
    "very deep braces": ("ASK " + "{" * 5_000 + "}" * 5_000, 413),
    "deep parentheses": ("ASK { FILTER" + "(" * 60 + "1" + ")" * 60 + " }", 413),
    "deep IF": ("ASK { FILTER(" + "IF(true," * 954 + "1" + ",1)" * 954 + ") }", 413),
    "deep lists": ("ASK { ?s ?p " + "(" * 200 + ")" * 200 + " }", 413),
    "deep blank nodes": ("ASK { ?s ?p " + "[ ?p " * 200 + "1" + "]" * 200 + " }", 413),
    "unclosed braces": ("ASK " + "{" * 3_000, 413),
    "many words": ("ASK { " + "?s ?p ?o . " * 2_000 + " }", 413),
    "long text": ("ASK { ?s ?p '" + "x" * 33_000 + "' }", 413),
    "long comment": ("ASK {} #" + "x" * 33_000, 413),
    "long chain of not": ("ASK { FILTER(" + "!" * 3_900 + "true) }", 200),
    "long chain of minus": ("SELECT (" + "-" * 3_900 + "1 AS ?x) {}", 400),
    "long path": ("ASK { ?s <a:a>" + "|<a:a>" * 1_900 + " ?o }", 200),
    "long inverse path": ("ASK { ?s " + "^" * 3_000 + "<a:a> ?o }", 400),
    "long union": ("ASK { {}" + " UNION {}" * 1_200 + " }", 200),
}


@pytest.mark.parametrize(("text", "status"), SIZES.values(), ids=SIZES)
def test_a_query_out_of_proportion_hurts_nobody(server: "Site", text: str, status: int) -> None:
    body = urlencode({"query": text}).encode()
    reply = server.send("/sparql", headers=FORM, body=body)
    assert reply.status in {status, 500, 504}
    assert (reply.status == 413) == (status == 413)
    assert server.send(get("ASK {}")).status == 200


GARBAGE = {
    "nothing": b"",
    "zeros": b"\0" * 100,
    "every byte": bytes(range(256)),
    "high bytes": b"\xff\xfe\xfd" * 50,
    "UTF-16": "ASK {}".encode("utf-16"),
    "overlong": b"ASK { \xc0\xaf }",
    "surrogate": b"ASK { '\xed\xa0\x80' }",
    "gzip": gzip.compress(b"ASK {}"),
    "zip": b"PK\x03\x04" + b"\0" * 60,
    "XML": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
    "JSON": b'{"query": "ASK {}"}',
    "escape at the end": b"ASK { '\\",
    "lonely quote": b"ASK { '",
    "lonely bracket": b"}",
    "percent": b"%%%%%",
}


@pytest.mark.parametrize("body", GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_a_bad_request(server: "Site", body: bytes) -> None:
    direct = server.send("/sparql", method="POST", headers=DIRECT, body=body)
    form = server.send("/sparql", method="POST", headers=FORM, body=b"query=" + body)
    address = server.send("/sparql?query=" + quote(body))
    assert {direct.status, form.status, address.status} == {400}
    assert all(b"detail" in reply.body for reply in (direct, form, address))


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json"}, 415),
        ({"Content-Type": "multipart/form-data; boundary=x"}, 415),
        ({"Content-Type": "application/sparql-query; charset=utf-16"}, 415),
        ({**DIRECT, "Content-Encoding": "gzip"}, 415),
        ({**DIRECT, "Content-Encoding": "br"}, 415),
        ({**DIRECT, "Accept": "application/pdf"}, 406),
        ({**DIRECT, "Accept": "text/csv"}, 406),
        ({**DIRECT, "Accept": "*/*;q=0"}, 406),
        ({**DIRECT, "Accept": "a/b," * 2_000}, 406),
    ],
)
def test_what_cannot_be_read_or_written_is_said(
    server: "Site", headers: dict[str, str], status: int
) -> None:
    reply = server.send("/sparql", headers=headers, body=b"ASK {}")
    assert reply.status == status
    assert str(status).encode() in reply.body


def test_a_body_too_large_is_refused_before_it_is_read(server: "Site") -> None:
    started = time.monotonic()
    head = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
    reply = raw(server, head + b"Content-Length: 100000000000\r\n\r\nASK")
    assert reply.startswith(b"HTTP/1.1 413")
    assert time.monotonic() - started < 1


def test_a_body_without_a_length_is_read_up_to_the_limit(server: "Site") -> None:
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"
    reply = raw(server, head + chunk * 20 + b"0\r\n\r\n")
    assert reply.startswith((b"HTTP/1.1 413", b"HTTP/1.1 400"))
    assert raw(server, head + b"6\r\nASK {}\r\n0\r\n\r\n").startswith(b"HTTP/1.1 200")


RAW = {
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\0" * 100,
    "no version": b"GET /\r\n\r\n",
    "bad version": b"GET / HTTP/9.9\r\n\r\n",
    "bad header": b"GET / HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n",
    "two lengths": (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"
    ),
    "length and chunks": (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n"
    ),
    "negative length": b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    "bad chunk": (
        b"POST /sparql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n"
    ),
    "long address": b"GET /sparql?query=" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "long header": b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "many headers": b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: x\r\n" * 5_000 + b"\r\n",
    "bytes in the address": b"GET /sparql?query=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
}


def raw(server: "Site", content: bytes) -> bytes:
    """What the server sends back, up to its first pause."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=2) as connection:
        try:
            connection.sendall(content)
            return connection.recv(65_536)
        except (TimeoutError, ConnectionError):
            return b""


@pytest.mark.parametrize("content", RAW.values(), ids=RAW)
def test_what_is_not_http_gets_no_answer_that_means_success(server: "Site", content: bytes) -> None:
    assert b"HTTP/1.1 200" not in raw(server, content)
    assert server.send(get("ASK {}")).status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/sparql/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/static/../../../pyproject.toml",
        "/static/%2e%2e/%2e%2e/settings.py",
        "/static/..%2f..%2fsettings.py",
        "/release/latest/../../manifest.json",
        "/release/latest/..%2f..%2fetc%2fpasswd",
        "/doc/../../etc/passwd",
        "/doc/%00",
        "/id/%ff%fe",
        "//etc/passwd",
    ],
)
def test_no_address_leads_out_of_what_is_published(server: "Site", path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    reply = raw(server, request.encode())
    assert reply[9:12] in (b"301", b"308", b"303", b"400", b"404")
    assert b"root:" not in reply


@pytest.mark.parametrize("value", ["x\r\nX-Evil: 1", "x%0d%0aX-Evil:%201", "x\nSet-Cookie: a=b"])
def test_no_header_can_be_smuggled_into_the_answer(server: "Site", value: str) -> None:
    for path in (f"/id/organization/{quote(value)}", get("ASK {}", format=value), f"/{value}"):
        request = f"GET {path.replace(' ', '%20')} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        head = raw(server, request.encode()).partition(b"\r\n\r\n")[0].lower()
        assert b"\r\nx-evil" not in head
        assert b"\r\nset-cookie" not in head


@pytest.mark.parametrize("host", ['"><script>alert(1)</script>', "evil.example/x?", "a b", "<x>"])
def test_a_false_host_is_not_written_into_the_description(server: "Site", host: str) -> None:
    request = f"GET /sparql HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    reply = raw(server, request.encode())
    assert b"<script>" not in reply
    assert b"HTTP/1.1 500" not in reply
    assert server.send("/sparql").status == 200


@pytest.mark.parametrize("host", ["[:::]", "[12345::]", "xn--a", "XN--", "a.xn--a.example"])
@pytest.mark.parametrize("path", ["/sparql", "/ldf", "/robots.txt", "/openapi.json", "/search/"])
def test_a_host_that_nobody_could_read_is_refused(server: "Site", host: str, path: str) -> None:
    for target, field in ((path, host), (f"http://{host}{path}", "x")):
        request = f"GET {target} HTTP/1.1\r\nHost: {field}\r\nConnection: close\r\n\r\n"
        assert raw(server, request.encode()).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("host", ["[::1]:80", "xn--mnchen-3ya.de", "a_b.example.", "1.2.3.4:1"])
def test_every_kind_of_host_is_read(server: "Site", host: str) -> None:
    request = f"GET /ldf HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    assert raw(server, request.encode()).startswith(b"HTTP/1.1 200 ")


def test_markup_in_a_refusal_is_text(server: "Site") -> None:
    for path in ("/<script>alert(1)</script>", get("SELECT <script>alert(1)</script>")):
        quoted = quote(path, safe="/?=&%")
        page = server.send(quoted, headers={"Accept": "text/html"})
        assert page.status in (400, 404)
        assert b"<script>alert" not in page.body
