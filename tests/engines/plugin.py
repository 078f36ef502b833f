"""A plugin for pytest with which other suites run as they are, but over an engine.

Loaded with `-p`, before any test is collected: what a suite opens as query processes over files is
published into the engine that DESIGNATA_ENGINE describes, and asked there. EXCEPTIONS lists what an
engine cannot do; each of these tests must fail, so that the list does not outlive its reasons.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse, serialize

from designata import turtle
from designata.release.fill import Target, fill, remove
from designata.settings import Settings
from designata.store import pool, remote
from designata.store.engine import Dataset, Engine, credentials_of, engine_of
from designata.store.pool import Pool

HERE = json.loads(os.environ["DESIGNATA_ENGINE"])
REPORT = Path(HERE["report"])
ALL = ("virtuoso", "fuseki")
NAMELESS = "SPARQL has no way to ask an engine for one of its blank nodes; releases have none"
EXCEPTIONS = {
    "test_fragments.py::test_blank_nodes_have_names_that_can_be_asked_for": (
        ALL,
        NAMELESS,
    ),
    "test_fragments.py::test_blank_nodes_in_triple_terms_have_the_same_names": (
        ALL,
        "these engines take RDF 1.1, which has no triple terms",
    ),
    "test_service_description.py::test_every_function_that_is_described_works": (
        ALL,
        "an engine over HTTP has functions of its own, which nobody knows here",
    ),
    **{
        "test_graphstore.py::test_a_graph_with_a_blank_node_for_a_name_is_part_of_the_dataset"
        f"[{syntax}]": (ALL, "engines take no graph that is named by a blank node")
        for syntax in ("N-Quads", "TriG", "JSON-LD")
    },
    **{
        f"test_loaded.py::test_blank_nodes_are_described_where_something_leads_to_them[{suffix}]": (
            ALL,
            NAMELESS,
        )
        for suffix in ("ttl", "nt", "rdf", "jsonld", "trig", "nq")
    },
}
LEFT_OUT = {
    "test_release.py::test_every_iri_of_the_release_leads_to_turtle_and_to_a_page_about_it": (
        "takes minutes; test_documents.py compares a sample with what processes here answer"
    ),
    "test_stock.py::test_each_has_the_same_bytes_and_fields_in_every_coding": (
        "processes here make what a release has in stock; test_documents.py compares the two"
    ),
}

counts: Counter[str] = Counter()
ask = Engine.ask


def counted(self: Engine, text: str, dataset: Dataset, media_type: str) -> Any:
    counts["asked"] += 1
    return ask(self, text, dataset, media_type)


def quads(path: Path, graph: str | None) -> Iterator[Quad]:
    """The quads of a file, those of the default graph in the graph given."""
    base = path.absolute().as_uri()
    for quad in parse(path=path, format=turtle.format_of(path), base_iri=base):
        moved = graph and not isinstance(quad.graph_name, NamedNode)
        name = NamedNode(graph) if moved and graph else quad.graph_name
        yield Quad(quad.subject, quad.predicate, quad.object, name)


@contextmanager
def open_engine(files: Sequence[tuple[Path, str | None]], settings: Settings) -> Iterator[Pool]:
    """The files as a release in the engine, named after their content."""
    content = serialize(
        (quad for path, graph in files for quad in quads(path, graph)), format=RdfFormat.N_QUADS
    )
    assert content is not None
    release_id = f"1.0.0-{hashlib.sha256(content).hexdigest()[:12]}"
    here = replace(
        settings, store=HERE["url"], store_user=HERE["user"], store_password=HERE["password"]
    )
    target = Target(HERE["update"], HERE["graph_store"], credentials_of(here))
    with tempfile.NamedTemporaryFile(suffix=".nq") as file:
        file.write(content)
        file.flush()
        record = fill(engine_of(here), target, release_id, Path(file.name), lambda stage: None)
    with remote.open_remote(release_id, here) as opened:
        yield opened
    remove(target, record)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the engine cannot do, and leave out what is tested in another way."""
    for item in items:
        name = item.nodeid.rpartition("/")[2]
        kinds, reason = EXCEPTIONS.get(name, ((), ""))
        if HERE["kind"] in kinds:
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))
        if name in LEFT_OUT:
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT[name]))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count each test once, and keep why one did not run."""
    if report.when == "call" or report.outcome != "passed":
        counts[report.outcome] += 1


def pytest_sessionfinish() -> None:
    """Say what happened to who started this."""
    REPORT.write_text(json.dumps(counts), encoding="utf-8")


Engine.ask = counted  # type: ignore[method-assign]
pool.open_pool = open_engine  # type: ignore[assignment]
