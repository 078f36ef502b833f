"""What is loaded in an order of our own is what the files say."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import CanonicalizationAlgorithm, Dataset, NamedNode, Quad, Store

from designata.errors import UnreadableFile
from designata.store.loading import load_in_order, load_into
from designata.store.query import DEFAULT_GRAPH

TRIG = r"""
@prefix e: <http://example.org/> .
e:z a e:Later ; e:says "one\nline", "and\r\u2028another \"quoted\""@en-GB, "مقاتل"@ar .
e:a a e:Later, e:Also ; e:knows [ e:says 1, 1.0, "1"^^e:odd ; e:knows _:x ] .
_:x e:says <#relative> .
e:g { e:a e:says "in a graph" . _:x e:knows e:a . e:untyped e:says "" . }
"""

LABELLED = r"""
@prefix e: <http://example.org/> .
[] e:says "_:a \" _:b" ; e:knows [ e:says "<" ], <http://example.org/_:c>, _:عين.d .
e:s e:says <<( e:s e:knows _:عين.d )>> .
"""


def _read(store: Store) -> set[Quad]:
    """What is in a store, with names for its blank nodes that depend on nothing but that."""
    dataset = Dataset(store)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    return set(dataset)


@pytest.mark.parametrize(
    ("name", "content", "graph"),
    [
        ("data.trig", TRIG, None),
        ("data.ttl", TRIG.replace("e:g {", "").replace("}", ""), "http://example.org/target"),
        ("data.trig", TRIG + "e:h { _:x e:says _:y }", "http://example.org/target"),
        ("data.nt", "_:a <http://e/p> _:b .\n_:b <http://e/p> <http://e/o> .\n", None),
        ("data.nq", "<http://e/s> <http://e/p> <http://e/o> <http://e/g> .\n# end", None),
        ("empty.ttl", "# nothing\n", None),
    ],
)
def test_the_order_changes_nothing(
    tmp_path: Path, name: str, content: str, graph: str | None
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    plain, ordered = Store(), Store()
    load_into(plain, [(str(path), graph)])
    load_in_order(ordered, [(str(path), graph)])
    assert len(ordered) == len(plain)
    assert _read(ordered) == _read(plain)


def test_blank_nodes_have_the_same_labels_each_time(tmp_path: Path) -> None:
    path = tmp_path / "data.ttl"
    path.write_text(LABELLED, encoding="utf-8")
    found = []
    for _ in range(2):
        store = Store()
        load_in_order(store, [(str(path), None), (str(path), "http://example.org/g")])
        found.append(list(map(str, store)))
    assert found[0] == found[1]
    assert len(found[0]) == 12
    text = " ".join(found[0])
    assert {label for label in re.findall(r"_:f\d+n\d+", text)} == {
        f"_:f{file}n{node}" for file in (0, 1) for node in range(3)
    }
    assert text.count(r'"_:a \" _:b"') == 2
    assert text.count("<http://example.org/_:c>") == 2


def test_blank_nodes_of_two_files_stay_apart(tmp_path: Path) -> None:
    files = []
    for number in (1, 2):
        path = tmp_path / f"{number}.nt"
        path.write_text(f'_:same <http://e/p> "{number}" .\n')
        files.append((str(path), None))
    store = Store()
    load_in_order(store, files)
    assert len({quad.subject for quad in store}) == 2


def test_what_cannot_be_read_is_named_with_its_line_and_nothing_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "broken.nt"
    path.write_text("<http://e/s> <http://e/p> 'fine' .\n".replace("'", '"') + "<http://e/s> .\n")
    store = Store()
    with pytest.raises(UnreadableFile, match="2"):
        load_in_order(store, [(str(path), None)])
    assert not list(store.quads_for_pattern(NamedNode("http://e/s"), None, None, None))


def test_a_term_that_is_too_long_for_the_parser_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "long.nt"
    path.write_text(f'# a comment\n<http://e/s> <http://e/p> "{"x" * 17_000_000}" .\n')
    for load in (load_into, load_in_order):
        with pytest.raises(UnreadableFile, match=r"long\.nt:2: Reached the buffer maximal size"):
            load(Store(), [(str(path), None)])


@pytest.mark.parametrize("load", [load_into, load_in_order])
def test_no_graph_has_the_name_of_the_default_graph(
    load: Callable[..., None], tmp_path: Path
) -> None:
    path = tmp_path / "named.nq"
    path.write_text(f"<urn:s> <urn:p> <urn:o> <{DEFAULT_GRAPH}> .\n")
    with pytest.raises(UnreadableFile, match="names the default graph"):
        load(Store(), [(str(path), None)])


@pytest.mark.parametrize("load", [load_into, load_in_order])
def test_a_byte_order_mark_at_the_start_is_no_part_of_the_data(
    load: Callable[..., None], tmp_path: Path
) -> None:
    path = tmp_path / "marked.ttl"
    path.write_bytes(b"\xef\xbb\xbf<urn:s> <urn:p> '\xef\xbb\xbf' .\n")
    store = Store()
    load(store, [(str(path), None)])
    (quad,) = store
    assert str(quad.object) == '"\ufeff"'
    path.write_bytes(path.read_bytes() + b"\n<urn:s> a b .\n")
    with pytest.raises(UnreadableFile, match=r"line 3|:3"):
        load(Store(), [(str(path), None)])


def test_the_engine_rewrites_what_limits_says_it_rewrites(tmp_path: Path) -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    path = tmp_path / "a.ttl"
    path.write_text(
        f'<urn:s> <urn:p> 1.50, "+1"^^<{xsd}int>, "1e400"^^<{xsd}double>, "1"^^<{xsd}boolean>, '
        f'"x"@en-US, "2020-01-01T00:00:00.0Z"^^<{xsd}dateTime>, "1.50" .'
    )
    store = Store()
    load_in_order(store, [(str(path), None)])
    assert {str(quad.object) for quad in store} == {
        f'"1.5"^^<{xsd}decimal>',
        f'"1"^^<{xsd}integer>',
        f'"INF"^^<{xsd}double>',
        f'"true"^^<{xsd}boolean>',
        '"x"@en-us',
        f'"2020-01-01T00:00:00Z"^^<{xsd}dateTime>',
        '"1.50"',
    }
