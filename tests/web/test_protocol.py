import random
import re
from urllib.parse import unquote_to_bytes

import pytest

from designata.errors import NotAcceptable, RequestRefused, UnsupportedBody, UpdateRefused
from designata.store.query import JSON_RESULTS, XML_RESULTS, Query
from designata.web.protocol import (
    FORM_BODY,
    QUERY_BODY,
    Asked,
    Described,
    Request,
    decode_form,
    read,
)

ASK = b"query=ASK%7B%7D"


def asked(request: Request) -> Asked:
    found = read(request)
    assert isinstance(found, Asked)
    return found


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", ASK),
        Request("HEAD", ASK),
        Request("GET", b"query=ASK{}"),
        Request("GET", b"&&query=ASK%7b%7d&unknown=1&version=1.2"),
        Request("POST", content_type=FORM_BODY, body=ASK),
        Request("POST", content_type=FORM_BODY + "; charset=UTF-8", body=ASK),
        Request("POST", content_type="Application/X-WWW-Form-Urlencoded", body=ASK),
        Request("POST", content_type=QUERY_BODY, body=b"ASK{}"),
        Request("POST", content_type=QUERY_BODY + '; charset="utf-8"', body=b"ASK{}"),
        Request("QUERY", content_type=QUERY_BODY, body=b"ASK{}"),
        Request("GET", ASK, content_type="text/plain", body=b"ignored"),
        Request("POST", content_type=QUERY_BODY, content_encoding="identity", body=b"ASK{}"),
    ],
)
def test_every_way_to_ask(request_: Request) -> None:
    assert asked(request_).query.text == "ASK{}"


@pytest.mark.parametrize(
    ("request_", "refusal", "message"),
    [
        (Request("GET", ASK + b"&" + ASK), RequestRefused, "has 2"),
        (
            Request("POST", ASK, content_type=QUERY_BODY, body=b"ASK{}"),
            RequestRefused,
            "has 2",
        ),
        (Request("POST", content_type=FORM_BODY), RequestRefused, "no query"),
        (
            Request("GET", b"default-graph-uri=a:b", accept=JSON_RESULTS),
            RequestRefused,
            "query is missing",
        ),
        (Request("GET", b"update=CLEAR+ALL"), UpdateRefused, "read-only"),
        (
            Request("POST", content_type=FORM_BODY, body=b"update=CLEAR+ALL"),
            UpdateRefused,
            "read-only",
        ),
        (
            Request("POST", content_type="application/sparql-update", body=b"CLEAR ALL"),
            UpdateRefused,
            "read-only",
        ),
        (Request("POST", body=b"ASK{}"), UnsupportedBody, r"\(none\)"),
        (Request("POST", content_type="text/plain", body=b"ASK{}"), UnsupportedBody, "text/plain"),
        (
            Request("POST", content_type=QUERY_BODY + ";charset=utf-16", body=b"ASK{}"),
            UnsupportedBody,
            "utf-16",
        ),
        (
            Request("POST", content_type=QUERY_BODY, content_encoding="gzip", body=b"\x1f\x8b"),
            UnsupportedBody,
            "compressed",
        ),
        (Request("POST", content_type=QUERY_BODY, body=b"ASK{\xff}"), RequestRefused, "byte 5"),
        (Request("GET", b"query=%FF%FE"), RequestRefused, "UTF-8"),
        (Request("GET", b"query=\xff\xfe"), RequestRefused, "UTF-8"),
        (Request("GET", b"query=%ED%A0%80"), RequestRefused, "UTF-8"),
        (Request("GET", b"query=%C0%AF"), RequestRefused, "UTF-8"),
        (Request("GET", b"query=100%"), RequestRefused, "hexadecimal"),
        (Request("GET", ASK, accept="application/pdf"), NotAcceptable, "none of the accepted"),
        (Request("GET", ASK + b"&format=pdf"), NotAcceptable, "pdf"),
    ],
)
def test_what_is_refused(request_: Request, refusal: type[Exception], message: str) -> None:
    with pytest.raises(refusal, match=message):
        read(request_)


def test_the_dataset_comes_from_the_address_and_the_body() -> None:
    body = ASK + b"&named-graph-uri=c:c&default-graph-uri=b:b"
    request = Request("POST", b"default-graph-uri=a:a", content_type=FORM_BODY, body=body)
    assert asked(request).query == Query(
        "ASK{}", default_graphs=("a:a", "b:b"), named_graphs=("c:c",)
    )


@pytest.mark.parametrize(
    ("accept", "parameters", "select", "ask", "graph"),
    [
        (None, b"", JSON_RESULTS, JSON_RESULTS, "text/turtle"),
        ("*/*", b"", JSON_RESULTS, JSON_RESULTS, "text/turtle"),
        (f"{JSON_RESULTS},text/turtle", b"", JSON_RESULTS, JSON_RESULTS, "text/turtle"),
        ("application/json", b"", JSON_RESULTS, JSON_RESULTS, "application/ld+json"),
        ("application/xml", b"", XML_RESULTS, XML_RESULTS, "application/rdf+xml"),
        ("text/csv", b"", "text/csv", None, None),
        ("text/html", b"", "text/html", "text/html", "text/html"),
        ("application/trig", b"", None, None, "application/trig"),
        ("text/html", b"&format=json", JSON_RESULTS, JSON_RESULTS, "application/ld+json"),
        ("text/html", b"&format=xml", XML_RESULTS, XML_RESULTS, "application/rdf+xml"),
        ("text/html", b"&format=ttl", None, None, "text/turtle"),
        ("text/html", b"&format=json-ld", None, None, "application/ld+json"),
        (None, b"&format=application/sparql-results+json", JSON_RESULTS, JSON_RESULTS, None),
        (None, b"&format=text/csv&output=csv", "text/csv", None, None),
    ],
)
def test_each_form_of_query_has_a_type(
    accept: str | None, parameters: bytes, select: str, ask: str, graph: str
) -> None:
    found = asked(Request("GET", ASK + parameters, accept=accept))
    assert found.media_types == {"select": select, "ask": ask, "graph": graph}


def test_a_page_is_made_from_what_can_be_read_back() -> None:
    query = asked(Request("GET", ASK, accept="text/html")).query
    assert (query.select, query.ask, query.graph) == (
        JSON_RESULTS,
        JSON_RESULTS,
        "application/n-triples",
    )


@pytest.mark.parametrize(
    ("accept", "parameters", "media_type"),
    [
        (None, b"", "text/turtle"),
        ("*/*", b"", "text/turtle"),
        ("application/rdf+xml", b"", "application/rdf+xml"),
        ("text/html,*/*;q=0.8", b"", "text/html"),
        ("text/html", b"format=jsonld", "application/ld+json"),
        ("application/ld+json", b"format=", "application/ld+json"),
    ],
)
def test_without_a_query_the_service_describes_itself(
    accept: str | None, parameters: bytes, media_type: str
) -> None:
    assert read(Request("GET", parameters, accept)) == Described(media_type)


def test_parameters_are_decoded_as_the_standard_library_does() -> None:
    rng = random.Random(3)
    for _ in range(5_000):
        raw = bytes(rng.choices(range(128), k=rng.randrange(12)))
        written = "".join(f"%{one:02x}" if rng.random() < 0.6 else chr(one) for one in raw)
        content = re.sub(r"%(?![0-9a-f]{2})|&", "%25", written).encode()
        expected = unquote_to_bytes(content.replace(b"+", b" ")).decode()
        assert decode_form(b"x=" + content) == {"x": [expected]}
