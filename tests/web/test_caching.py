"""What is answered without asking the store again, and what must never be."""

import gzip
import json
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.departure import Departure
from designata.store.normal import is_repeatable, normalise
from designata.store.pool import Pool, open_pool
from designata.store.query import Answer, Query
from designata.web.app import create_app
from designata.web.cache import Cache, Reply
from designata.web.coding import takes_gzip

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
CSV = {"Accept": "text/csv"}
LONG = f"SELECT * {{ ?s ?p ?o VALUES ?n {{ {' '.join(map(str, range(200)))} }} }}"


class Counting(Pool):
    """A pool that remembers what it was asked."""

    asked: list[str]

    async def ask(self, query: Query, departure: Departure, threads: Executor) -> Answer:
        self.asked.append(query.text)
        return await super().ask(query, departure, threads)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with open_pool([(TOWNS, None)], Settings(query_workers=1, page_workers=1)) as pool:
        yield pool


@pytest.fixture
def counting(pool: Pool) -> Counting:
    found = Counting(pool.directory, pool.settings)
    object.__setattr__(found, "asked", [])
    return found


@pytest.fixture
def client(counting: Counting) -> FlaskClient:
    return create_app(counting.settings, counting, None).test_client()


def get(text: str) -> str:
    return f"/sparql?query={quote(text)}"


def test_the_same_question_is_asked_once(client: FlaskClient, counting: Counting) -> None:
    spaced = "SELECT  ?s # who\n{ ?s ?p ?o }"
    replies = [
        client.get(get("SELECT ?s { ?s ?p ?o }"), headers=CSV),
        client.get(get("SELECT ?s { ?s ?p ?o }"), headers=CSV),
        client.get(get(spaced), headers=CSV),
        client.post("/sparql", data={"query": spaced}, headers=CSV),
    ]
    assert len(counting.asked) == 1
    assert len({reply.data for reply in replies}) == 1
    assert len({reply.headers["ETag"] for reply in replies}) == 1
    assert replies[0].headers["Cache-Control"] == "public, max-age=300"
    assert {name.strip() for name in replies[1].headers["Vary"].split(",")} == {
        "Accept",
        "Accept-Encoding",
    }


def test_another_dataset_or_type_is_another_answer(client: FlaskClient) -> None:
    address = get("SELECT ?s { ?s ?p ?o }")
    tags = [
        client.get(address, headers=CSV).headers["ETag"],
        client.get(address, headers={"Accept": "application/json"}).headers["ETag"],
        client.get(f"{address}&default-graph-uri=urn:x", headers=CSV).headers["ETag"],
        client.get(f"{address}&named-graph-uri=urn:x", headers=CSV).headers["ETag"],
        client.get(address, headers={"Accept": "text/html"}).headers["ETag"],
    ]
    assert len(set(tags)) == len(tags)


def test_what_the_client_has_is_not_sent_again(client: FlaskClient, counting: Counting) -> None:
    address = get("SELECT ?o { ?s ?p ?o }")
    first = client.get(address, headers=CSV)
    for tags in (first.headers["ETag"], f'"x", W/{first.headers["ETag"]}'):
        again = client.get(address, headers={**CSV, "If-None-Match": tags})
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert again.headers["Vary"] == first.headers["Vary"]
        assert again.headers["Access-Control-Allow-Origin"] == "*"
    other = client.get(address, headers={**CSV, "If-None-Match": '"other"'})
    assert other.status_code == 200
    assert len(counting.asked) == 1


def test_query_is_asked_again_as_get_is(client: FlaskClient) -> None:
    asked = {"data": "ASK {}", "content_type": "application/sparql-query"}
    for method, status in (("QUERY", 304), ("POST", 200)):
        tag = client.open("/sparql", method=method, **asked).headers["ETag"]
        fields = {"If-None-Match": tag}
        again = client.open("/sparql", method=method, headers=fields, **asked)
        assert again.status_code == status


def test_a_tag_is_enough_where_the_answer_is_not_remembered(counting: Counting) -> None:
    settings = replace(counting.settings, cache_bytes=0)
    client = create_app(settings, counting, None).test_client()
    tag = client.get(get("ASK {}")).headers["ETag"]
    reply = client.get(get("ASK {}"), headers={"If-None-Match": tag})
    assert (reply.status_code, len(counting.asked)) == (304, 1)


def test_head_has_the_header_of_get(client: FlaskClient) -> None:
    for address in (get(LONG), get("ASK {}"), "/", "/query"):
        get_, head = client.get(address), client.head(address)
        assert head.data == b""
        assert dict(head.headers) == dict(get_.headers)


@pytest.mark.parametrize(
    "text", ["SELECT (NOW() AS ?n) {}", "SELECT (rand() AS ?n) {}", "SELECT (struuid() AS ?n) {}"]
)
def test_what_differs_each_time_is_not_remembered(
    client: FlaskClient, counting: Counting, text: str
) -> None:
    replies = [client.get(get(text), headers=CSV) for _ in range(2)]
    assert len(counting.asked) == 2
    assert replies[0].data != replies[1].data
    assert "ETag" not in replies[0].headers
    assert replies[0].headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("text", ["SELECT nonsense", "ASK { SERVICE <http://a/> {} }"])
def test_a_refusal_is_never_remembered(client: FlaskClient, text: str) -> None:
    for _ in range(2):
        reply = client.get(get(text), headers={"If-None-Match": "*"})
        assert reply.status_code in (400, 403)
        assert reply.headers["Cache-Control"] == "no-store"


def test_a_large_answer_is_packed_for_who_takes_it(client: FlaskClient) -> None:
    plain = client.get(get(LONG), headers={**CSV, "Accept-Encoding": "identity"})
    packed = client.get(get(LONG), headers={**CSV, "Accept-Encoding": "br, gzip;q=0.8"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["ETag"] == plain.headers["ETag"][:-1] + '-gzip"'
    assert len(packed.data) == int(packed.headers["Content-Length"]) < len(plain.data)
    small = client.get(get("ASK {}"), headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in small.headers
    tag = {"If-None-Match": packed.headers["ETag"]}
    assert client.get(get(LONG), headers={**CSV, **tag}).status_code == 200
    both = {**CSV, **tag, "Accept-Encoding": "gzip"}
    assert client.get(get(LONG), headers=both).status_code == 304


def test_pages_and_documents_are_remembered_with_their_tags(client: FlaskClient) -> None:
    for path in ("/", "/query"):
        first = client.get(path)
        again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


def test_the_same_search_is_the_same_page_with_the_same_tag(site: FlaskClient) -> None:
    found = {site.get(f"/search?q=nusra&n={number}").headers["ETag"] for number in range(12)}
    assert len(found) == 1


def test_every_reply_names_what_it_was_answered_from(client: FlaskClient) -> None:
    names = {
        client.get(path).headers["Designata-Release"]
        for path in ("/", get("ASK {}"), get("nonsense"), "/nowhere")
    }
    assert len(names) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK { ?s ?p 'a  b' }", "ASK { ?s ?p 'a b' }"),
        ('ASK { ?s ?p """a\n# b""" }', 'ASK { ?s ?p """a\n""" }'),
        ("ASK { FILTER(?a<?b#>\n&& ?c) }", "ASK { FILTER(?a<?b#> && ?c) }"),
        ("ASK { ?s ?p 'a\\'  b' }", "ASK { ?s ?p 'a\\' b' }"),
        ("ASK { FILTER(?a && ?b) }", "ASK { FILTER(?a & & ?b) }"),
        ("ASK { ?s ?p <http://a/#b> }", "ASK { ?s ?p <http://a/ }"),
        ("SELECT * { ?s ?p 1.0 }", "SELECT * { ?s ?p 1 .0 }"),
        ("ASK { ?s ?p ?Name }", "ASK { ?s ?p ?name }"),
    ],
)
def test_different_questions_have_different_keys(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ASK  {\n\t?s ?p ?o\r\n}\n", "ASK { ?s ?p ?o }"),
        ("# a comment\nASK { ?s ?p ?o } # another", "ASK { ?s ?p ?o }"),
        (
            "PREFIX a: <http://a/b#>\nASK { a:x ?p 'q' }",
            "PREFIX a: <http://a/b#> ASK { a:x ?p 'q' }",
        ),
    ],
)
def test_the_same_question_has_one_key(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


def test_words_that_contain_the_name_of_a_clock_are_harmless() -> None:
    assert is_repeatable("SELECT ?known { ?known ?brand ?randomly }")
    assert not is_repeatable("SELECT (\\u004eOW() AS ?n) {}")


def test_the_triples_of_each_graph_come_in_one_order() -> None:
    assert is_repeatable("SELECT * { GRAPH ?g { ?s ?p ?o } GRAPH <http://a> {} }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (0<1&&RAND()>0.5 AS ?x) {}",
        "SELECT (0<1&&NOW ()>1 AS ?x) {}",
        "SELECT (1 AS ?x) {} HAVING(0<1&&uuid#>\n()>0.5)",
        "SELECT(BNODE()AS?x){}",
        "SELECT (BNODE('a') AS ?x) {}",
        "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }",
        "PREFIX a: <urn:a>CONSTRUCT{?s ?p '}' . _:b ?p ?o}{ ?s ?p ?o }",
        "CONSTRUCT { ?s ?p (1 2) } { ?s ?p ?o }",
        "CONSTRUCT WHERE { ?s ?p [] }",
        "CONSTRUCT { <<?s ?p ?o>> <http://q> 1 } WHERE { ?s ?p ?o } LIMIT 1",
        "CONSTRUCT { << ?s ?p ?o >> } { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o {| <http://q> 1 |} } FROM <http://a> { ?s ?p ?o }",
        "CONSTRUCT { ?s ?p ?o ~ } { ?s ?p ?o }",
        "SELECT ?g { GRAPH ?g {} } LIMIT 1",
        "SELECT (SAMPLE(?g) AS ?x){{GRAPH?g#\n{ # }\n}}}",
        "SELECT * { GRAPH $g { FILTER(true) } }",
    ],
)
def test_what_is_another_answer_each_time_is_not_kept(client: FlaskClient, text: str) -> None:
    assert not is_repeatable(text)
    reply = client.get(get(text))
    assert (reply.status_code, reply.headers["Cache-Control"]) == (200, "no-store")
    assert "ETag" not in reply.headers


@pytest.mark.parametrize(
    "text",
    [
        "SELECT (isBlank(?s) AS ?bnode) { ?s <urn:rand> ?now }",
        "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o . [] ?p ?o FILTER(BOUND(?s)) }",
        "DESCRIBE ?construct { ?construct ?p [] }",
    ],
)
def test_what_is_the_same_answer_each_time_is_kept(client: FlaskClient, text: str) -> None:
    assert "ETag" in client.get(get(text)).headers


@pytest.mark.parametrize("blank", ["\u00a0", "\u2028", "\f", "\x1c", "\x0b", "\x85"])
def test_a_blank_that_is_none_in_sparql_is_refused_each_time(
    client: FlaskClient, blank: str
) -> None:
    clean = f"ASK {{ ?s ?p 'blank {ord(blank)}' }}"
    assert client.get(get(clean)).status_code == 200
    assert client.get(get(clean + blank)).status_code == 400
    assert client.get(get(blank + clean)).status_code == 400


def test_a_query_is_answered_only_if_its_answer_is_the_one_wanted(client: FlaskClient) -> None:
    tag = client.get(get("ASK {}")).headers["ETag"]
    for wanted, status in ((tag, 200), ("*", 200), ('"nope"', 412), (f"W/{tag}", 412)):
        reply = client.get(get("ASK {}"), headers={"If-Match": wanted})
        assert reply.status_code == status
    assert (
        client.get(get("ASK {}"), headers={"If-Match": '"nope"'})
        .json["type"]
        .endswith("/precondition-failed")
    )


@pytest.mark.parametrize(
    ("accept", "entered"),
    [(None, 0), ("*/*", 0), ("application/sparql-results+json", 0), ("text/html", 1)],
)
def test_a_refusal_that_a_program_reads_needs_no_application(
    client: FlaskClient, accept: str | None, entered: int
) -> None:
    requests: list[str] = []
    client.application.before_request(lambda: requests.append("one"))
    call = get("SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }")
    reply = client.get(call, headers={"Accept": accept} if accept else {})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (403, "no-store")
    assert reply.headers["Vary"].startswith("Accept")
    assert reply.headers["Designata-Release"].startswith("loaded-")
    assert "other hosts" in reply.text
    assert len(requests) == entered


def test_the_memory_of_a_cache_is_bounded() -> None:
    cache = Cache(80_000)
    for number in range(100):
        cache.put(number, Reply(200, [], bytes(5_000)))
    kept = [number for number in range(100) if cache.get(number)]
    assert kept == list(range(100 - len(kept), 100))
    assert 10 <= len(kept) <= 16
    cache.put("large", Reply(200, [], bytes(20_000)))
    assert cache.get("large") is None


@pytest.mark.parametrize(
    ("header", "taken"),
    [
        (None, False),
        ("gzip", True),
        ("gzip;q=0", False),
        ("*", True),
        ("*;q=0", False),
        ("identity, gzip;q=0.5", False),
        ("br;q=1, GZIP;q=0.5", True),
        ("gzip;q=nonsense", False),
    ],
)
def test_the_coding_is_chosen_as_the_client_says(header: str | None, taken: bool) -> None:
    assert takes_gzip(header) is taken


def test_results_as_a_page_have_a_tag_too(client: FlaskClient) -> None:
    page = client.get(get("SELECT ?s { ?s ?p ?o }"), headers={"Accept": "text/html"})
    again = client.get(
        get("SELECT ?s { ?s ?p ?o }"),
        headers={"Accept": "text/html", "If-None-Match": page.headers["ETag"]},
    )
    assert again.status_code == 304
    other = client.get(
        get("SELECT ?s { ?s ?p ?o } # as it was written"), headers={"Accept": "text/html"}
    )
    assert other.headers["ETag"] != page.headers["ETag"]
    assert json.loads(client.get(get("ASK {}")).data) == {"head": {}, "boolean": True}
