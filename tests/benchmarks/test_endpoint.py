import json
from itertools import islice
from pathlib import Path

import pytest
from benchmarks.endpoint import data, queries, summary, table
from benchmarks.endpoint.client import Answer, values
from benchmarks.endpoint.measure import Times
from benchmarks.endpoint.ratios import ratios
from pyoxigraph import QueryBoolean, QueryResultsFormat, RdfFormat, Store

from designata.settings import Settings
from designata.store import guard
from designata.store.normal import is_repeatable, normalise

TRIPLES = 100_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    file: Path = tmp_path_factory.mktemp("bench") / "data.nt"
    count = data.write(file, TRIPLES)
    store = Store()
    store.bulk_load(path=file, format=RdfFormat.N_TRIPLES)
    assert len(store) == count
    return store


def test_the_generated_data_is_the_same_each_time() -> None:
    assert list(data.generate(2_000)) == list(data.generate(2_000))
    assert list(islice(data.generate(2_000), 2)) == [
        (f"{data.ID}/place/syria", data.TYPE, f"<{data.DSG}Place>"),
        (f"{data.ID}/place/syria", f"{data.SKOS}prefLabel", '"Place syria"@en'),
    ]


def test_the_generated_data_has_about_as_many_triples_as_asked_for() -> None:
    count = sum(1 for _ in data.generate(100_000))
    assert 98_000 < count < 103_000


@pytest.mark.parametrize("question", queries.QUESTIONS, ids=lambda question: question.name)
def test_a_question_has_an_answer_that_its_number_does_not_change(
    store: Store, question: queries.Question
) -> None:
    answers = [store.query(question.text(queries.GENERATED, number)) for number in (0, 12_345)]
    if isinstance(answers[0], QueryBoolean):
        assert [bool(answer) for answer in answers] == [True, True]
        return
    one, other = (sorted(map(str, answer)) for answer in answers)
    assert one
    assert one == other


@pytest.mark.parametrize("constants", [queries.GENERATED, queries.REAL], ids=["generated", "real"])
@pytest.mark.parametrize("question", queries.QUESTIONS, ids=lambda question: question.name)
def test_each_number_makes_another_text_that_may_be_remembered(
    question: queries.Question, constants: dict[str, str]
) -> None:
    texts = [question.text(constants, number) for number in range(3)]
    assert len({normalise(text) for text in texts}) == 3
    for text in texts:
        guard.check(text, Settings())
        assert is_repeatable(text)


def test_there_are_sixteen_questions() -> None:
    assert len({question.name for question in queries.QUESTIONS}) == 16


def test_answers_are_compared_without_their_order() -> None:
    store = Store()
    store.update('INSERT DATA { <a:a> <a:b> "1"@en , 2 }')
    bodies = [
        store.query(f"SELECT ?o {{ ?s ?p ?o }} ORDER BY {order}(STR(?o))").serialize(  # type: ignore[union-attr]
            format=QueryResultsFormat.JSON
        )
        for order in ("ASC", "DESC")
    ]
    kind = "application/sparql-results+json"
    one, other = (values(Answer(200, 0.1, body or b"", kind)) for body in bodies)
    assert one == other == [("1",), ("2",)]


def test_the_table_shows_what_was_measured_and_names_what_is_missing(
    report: dict[str, object],
) -> None:
    text = table.markdown(report)
    assert "| point lookup | 0.50 (2.00) | 1.00 (1.00) | 0.50 (2.00) | - |" in text
    assert "Missing: Virtuoso (not installed)." in text
    assert "Promised ratios that hold: 2 of 3." in text


def test_the_summary_shows_medians_and_requests_a_second(report: dict[str, object]) -> None:
    text = summary.summary(report)
    assert "100,000 triples, 2026-11-25, 2 shared cores: designata 1, oxigraph, disk 1." in text
    assert "| point lookup | 0.50 | 1.00 | 0.50 |" in text
    assert "| requests a second, uncached | 100 | 400 |" in text


def test_a_ratio_that_is_not_kept_is_told(report: dict[str, object]) -> None:
    assert [(one.what, one.found, one.holds) for one in ratios(report)] == [
        ("point lookup: uncached to oxigraph, disk", 0.5, True),
        ("8 connections: designata, uncached to oxigraph, disk, uncached", 0.25, False),
        ("designata, uncached, 8 connections: p99 to median (oxigraph, disk: 3)", 3.0, True),
    ]


@pytest.fixture
def report() -> dict[str, object]:
    def times(*found: float) -> dict[str, float] | None:
        return Times(list(found)).summary()

    def server() -> dict[str, object]:
        return {"version": "1", "load seconds": 1.0, "MB loaded": 10, "MB at the end": 20}

    ours, theirs = times(0.4, 0.5, 2.0), times(1.0)
    cell = {"p50": 1.0, "p95": 2.0, "p99": 3.0, "failed": 0}
    answer = {"rows": 8, "bytes": 1300, "same": True}
    found = {
        "data": "generated",
        "triples": TRIPLES,
        "machine": {"cores": "2", "date": "2026-11-25"},
        "rounds": 1,
        "missing": {"Virtuoso": "not installed"},
        "servers": {"designata": server(), "oxigraph, disk": server()},
        "answers": {"point lookup": {"designata": answer, "oxigraph, disk": answer}},
        "latency": {
            "point lookup": {
                "designata": {"uncached": ours, "repeated": ours},
                "oxigraph, disk": {"uncached": theirs},
            }
        },
        "throughput": {
            "designata, uncached": {"8": {"rate": 100.0, **cell}},
            "oxigraph, disk, uncached": {"8": {"rate": 400.0, **cell}},
        },
    }
    whole: dict[str, object] = json.loads(json.dumps(found))
    return whole


def test_a_triple_in_two_graphs_is_given_to_the_others_once(tmp_path: Path) -> None:
    quads, triples = tmp_path / "data.nq", tmp_path / "data.nt"
    quads.write_text('<a:a> <a:b> "c" <a:g> .\n<a:a> <a:b> "c" .\n<a:a> <a:b> "d"@en <a:g> .\n')
    assert data.flatten(quads, triples) == 2
    assert triples.read_text() == '<a:a> <a:b> "c" .\n<a:a> <a:b> "d"@en .\n'
