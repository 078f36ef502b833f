from pathlib import Path

import pytest

from designata.errors import UnreadableFile
from designata.settings import Settings
from designata.store.pool import open_pool
from designata.store.query import Query

SETTINGS = Settings(query_workers=1, page_workers=1)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        (
            "bad.ttl",
            "<a:s> <a:p> 1 .\n\n<a:s> x:p 2 .\n",
            r"bad\.ttl:3: .*x: has not been declared",
        ),
        ("bad.nt", "<a:s> <a:p> <a:o> .\n<a:s> <a p> <a:o> .\n", r"bad\.nt:2: "),
        ("cut.trig", "<a:g> { <a:s> <a:p> 1 .\n", r"cut\.trig:\d: "),
        ("bytes.ttl", b"<a:s> <a:p> '\xff' .\n", r"bytes\.ttl:1: "),
        ("data.xml", "<x/>", r"data\.xml: the name must end in"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UnreadableFile, match=message), open_pool([(path, None)], SETTINGS):
        pass


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "none.ttl"
    with (
        pytest.raises(UnreadableFile, match=r"none\.ttl: No such file"),
        open_pool([(path, None)], SETTINGS),
    ):
        pass


def test_files_go_into_the_graphs_that_are_named(tmp_path: Path, towns: Path) -> None:
    one, two = tmp_path / "one.ttl", tmp_path / "two.nt"
    one.write_text("<#s> <#p> 'one' .")
    two.write_text('<a:s> <a:p> "two" .')
    text = "SELECT ?g ?o { GRAPH ?g { ?s ?p ?o } FILTER(!STRSTARTS(STR(?g), 'http')) } ORDER BY ?g"
    with open_pool([(one, "a:1"), (two, "a:2"), (towns, None)], SETTINGS) as pool:
        body = pool.query(Query(text, "text/csv")).body
        base = pool.query(Query("SELECT ?s { ?s ?p 'one' }", "text/csv")).body
    assert body == b"g,o\r\na:1,one\r\na:2,two\r\n"
    assert base.decode() == f"s\r\n{one.as_uri()}#s\r\n"


def test_a_triple_in_two_graphs_is_found_in_each_of_them(tmp_path: Path) -> None:
    """Not the merge that SPARQL describes: see the decision record on graphs, and /limits."""
    file = tmp_path / "one.nt"
    file.write_text("<a:s> <a:p> <a:o> .")
    with open_pool([(file, None), (file, "a:1"), (file, "a:2")], SETTINGS) as pool:

        def found(count: str, clause: str = "") -> bytes:
            text = f"SELECT ({count} AS ?n) {clause} {{ ?s ?p ?o }}"
            return pool.query(Query(text, "text/csv")).body.split()[1]

        assert found("COUNT(*)") == b"3"
        assert found("COUNT(*)", "FROM <a:1> FROM <a:2>") == b"2"
        assert found("COUNT(*)", "FROM <a:1>") == b"1"
        assert found("COUNT(DISTINCT *)") == b"1"


def test_two_files_do_not_share_blank_nodes(tmp_path: Path) -> None:
    files = [tmp_path / "one.nt", tmp_path / "two.nt"]
    for path in files:
        path.write_text(f'_:x <a:p> "{path.stem}" .\n')
    with open_pool([(path, None) for path in files], SETTINGS) as pool:
        count = "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"
        assert pool.query(Query(count, "text/csv")).body == b"n\r\n2\r\n"
