"""SPARQL 1.1 Graph Store Protocol: the manifests of the W3C, whose writes are refused here.

What a write would have done is done from outside, by serving the graphs that it would have left;
then each read of the manifest must answer as it says.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from rdflib import RDF, RDFS, Graph, Namespace, Node
from rdflib.collection import Collection
from rdflib.compare import isomorphic

MF: Final = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
HT: Final = Namespace("http://www.w3.org/2011/http#")
CNT: Final = Namespace("http://www.w3.org/2011/content#")
STATUSES: Final = {"OK": 200, "NotFound": 404}
HOST: Final = "http://www.example"
STORE: Final = "/rdf-graph-store"
WRITES: Final = ("PUT", "POST", "DELETE")
# A new graph would be named by a server that takes it.
NEW: Final = ("post_get_new_graph",)
COUNTS: Final = {"manifest-direct.ttl": 5, "manifest-indirect.ttl": 9}
NAMES: Final = (
    ("manifest-direct.ttl", "put_get_repeat_direct"),
    ("manifest-direct.ttl", "put_delete_get_delete_direct"),
    ("manifest-direct.ttl", "post_get_post_get_direct"),
    ("manifest-direct.ttl", "head_existing_direct"),
    ("manifest-direct.ttl", "head_non_existing_direct"),
    ("manifest-indirect.ttl", "put_get_repeat_indirect"),
    ("manifest-indirect.ttl", "put_get_default"),
    ("manifest-indirect.ttl", "put_delete_get_delete_indirect"),
    ("manifest-indirect.ttl", "post_get_post_get_indirect"),
    ("manifest-indirect.ttl", "post_get_new_graph"),
    ("manifest-indirect.ttl", "head_existing_indirect"),
    ("manifest-indirect.ttl", "head_non_existing_indirect"),
    ("manifest-indirect.ttl", "put_get_uri_pct_encoded_indirect"),
    ("manifest-indirect.ttl", "put_get_uri_pct_encoded_twice"),
)
Over = Callable[..., AbstractContextManager[FlaskClient]]


@dataclass(frozen=True)
class Exchange:
    """A request of a manifest and what it expects of the reply."""

    method: str
    path: str
    accept: str | None
    body: str | None
    statuses: frozenset[str]
    answer: str | None

    @property
    def graph(self) -> str | None:
        """The graph that the request names; None for the default graph."""
        parts = urlsplit(self.path)
        asked = parse_qs(parts.query, keep_blank_values=True)
        if "default" in asked:
            return None
        return asked["graph"][0] if "graph" in asked else HOST + parts.path


def ours(text: str) -> str:
    """A text of a manifest, with the store at our address."""
    return text.replace("www.example/gsp", f"www.example{STORE}").replace(
        "www.example%2Fgsp", f"www.example%2F{STORE[1:]}"
    )


def entries(folder: Path, file: str) -> dict[str, list[Exchange]]:
    manifest = Graph().parse(data=(folder / file).read_text(), format="turtle")
    found = {}
    for test in manifest.subjects(RDF.type, MF.GraphStoreProtocolTest):
        listed = manifest.value(manifest.value(test, MF.action), HT.requests)
        requests = Collection(manifest, listed)
        found[str(test).rpartition("#")[2]] = [exchange(manifest, one) for one in requests]
    return found


def exchange(manifest: Graph, request: Node) -> Exchange:
    def chars(message: Any) -> str | None:
        body = manifest.value(message, HT.body)
        return ours(str(manifest.value(body, CNT.chars))) if body else None

    response = manifest.value(request, HT.resp)
    path = ours(f"{HOST}{manifest.value(request, HT.absolutePath)}").removeprefix(HOST)
    return Exchange(
        str(manifest.value(request, HT.methodName)),
        path,
        header(manifest, request, "accept"),
        chars(request),
        frozenset(
            str(one).rpartition("#")[2] for one in manifest.objects(response, MF.expectedStatus)
        ),
        chars(response),
    )


def header(manifest: Graph, message: Node, name: str) -> str | None:
    listed = manifest.value(message, HT.headers)
    for one in Collection(manifest, listed) if listed else ():
        if str(manifest.value(one, HT.fieldName)).lower() == name:
            return str(manifest.value(one, HT.fieldValue))
    return None


@pytest.mark.parametrize("file", COUNTS)
def test_the_table_is_the_manifest(sparql11: Path, file: str) -> None:
    found = set(entries(sparql11 / "graph-store-protocol", file))
    assert found == {name for manifest, name in NAMES if manifest == file}
    assert len(found) == COUNTS[file]


@pytest.mark.parametrize(("file", "name"), NAMES)
def test_graph_store(sparql11: Path, over: Over, tmp_path: Path, file: str, name: str) -> None:
    graphs: dict[str | None, Graph] = {}
    for one in entries(sparql11 / "graph-store-protocol", file)[name]:
        if one.method not in WRITES and name in NEW:
            continue
        with serving(over, tmp_path, graphs) as client:
            check(client, one, graphs)
        if one.method in WRITES:
            apply(one, graphs)


def check(client: FlaskClient, one: Exchange, graphs: dict[str | None, Graph]) -> None:
    headers = {"Accept": one.accept} if one.accept else {}
    reply = client.open(one.path, method=one.method, base_url=HOST, headers=headers, data=one.body)
    if one.method in WRITES:
        assert reply.status_code == 405
        assert reply.headers["Allow"] == "GET, HEAD, OPTIONS"
        return
    assert reply.status_code in {STATUSES[status] for status in one.statuses}
    if reply.status_code == 404:
        return
    assert reply.headers["Content-Type"] == "text/turtle; charset=utf-8"
    assert int(reply.headers["Content-Length"]) > 0
    if one.method == "GET":
        served = Graph().parse(data=reply.data, format="turtle")
        assert isomorphic(served, graphs[one.graph])
        expected = Graph().parse(data=one.answer, format="turtle", publicID=HOST + one.path)
        assert isomorphic(served, expected)


def apply(one: Exchange, graphs: dict[str | None, Graph]) -> None:
    """What the write would do to the graphs."""
    if one.method == "DELETE":
        graphs.pop(one.graph, None)
        return
    fresh = graphs.get(one.graph, Graph()) if one.method == "POST" else Graph()
    for part in parts(one.body or ""):
        fresh.parse(data=part, format="turtle")
    graphs[one.graph] = fresh


def parts(body: str) -> list[str]:
    """The documents in a body, which may be a form of several."""
    if not body.lstrip().startswith("--"):
        return [body]
    boundary = body.split()[0]
    inner = (part.replace("\r\n", "\n").partition("\n\n")[2] for part in body.split(boundary))
    return [part for part in inner if part.strip()]


def serving(
    over: Over, folder: Path, graphs: dict[str | None, Graph]
) -> AbstractContextManager[FlaskClient]:
    files = []
    for number, (name, graph) in enumerate(graphs.items()):
        path = folder / f"{number}.nt"
        path.write_text(graph.serialize(format="nt"))
        files.append((path, name))
    return over(files or [(empty(folder), None)])


def empty(folder: Path) -> Path:
    path = folder / "empty.nt"
    path.write_text("")
    return path


def told(sparql11: Path) -> Iterator[tuple[str, str, str, int]]:
    """The reads that the older manifest tells in prose: name, method, path, status."""
    file = sparql11 / "http-rdf-update" / "manifest.ttl"
    manifest = Graph().parse(data=file.read_text(), format="turtle")
    for test in manifest.subjects(RDF.type, MF.GraphStoreProtocolTest):
        text = str(manifest.value(test, RDFS.comment, default="", any=True))
        prose = max((str(one) for one in manifest.objects(test, RDFS.comment)), key=len, default="")
        request = re.search(r"(GET|HEAD) (\S+) HTTP", prose or text)
        status = re.search(r"#### Response\s+(\d{3})", prose or text)
        if request and status:
            yield str(test).rpartition("#")[2], request[1], request[2], int(status[1])


def test_the_reads_of_the_older_manifest(sparql11: Path, over: Over, tmp_path: Path) -> None:
    graph = Graph().parse(data="<http://a/s> <http://a/p> 1 .", format="turtle")
    named = {None: graph, **{f"{HOST}{STORE}/person/{n}.ttl": graph for n in (1, 2)}}
    reads = [read for read in told(sparql11) if "$NEWPATH$" not in read[2]]
    assert len(reads) == 8
    for name, method, path, status in reads:
        here = {key: value for key, value in named.items() if "delete" not in name or not key}
        address = path.replace("$GRAPHSTORE$", STORE).replace(
            "http://$HOST$/" + STORE, HOST + STORE
        )
        with serving(over, tmp_path, here) as client:
            reply = client.open(
                address.replace("$HOST$", "www.example"), method=method, base_url=HOST
            )
        assert reply.status_code == status, name
