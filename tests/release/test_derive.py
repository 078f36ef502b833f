from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from designata.errors import QuerySyntaxError
from designata.release.derive import derive, rules
from designata.release.sources import read_source
from designata.store.construct import construct
from designata.vocabulary import compact


def test_the_derived_layer_is_exactly_this(source: Path) -> None:
    found = {
        (
            compact(iri.value),
            compact(predicate.value),
            compact(value.value) if isinstance(value, NamedNode) else str(value),
        )
        for iri, predicate, value in derive(read_source(source))
    }
    example = "organization:example"
    assert found == {
        (example, "dsg:currentlyDesignatedBy", "organization:state-a"),
        ("base:port", "dsg:currentlyOperatedBy", "organization:state-a"),
        (example, "skos:altLabel", '"Front <&> Alliance"@en'),
        (example, "dsg:searchKey", '"example"'),
        (example, "dsg:searchKey", '"front <&> alliance"'),
        (example, "dsg:searchKey", '"مثال"'),
        ("name:example--front", "rdf:type", "dsg:Claim"),
        ("name:example--front", "rdf:type", "dsg:Name"),
        ("name:example--preferred", "rdf:type", "dsg:Claim"),
        ("name:example--same", "rdf:type", "dsg:Claim"),
        ("name:example--same", "rdf:type", "dsg:Name"),
    }


def test_there_is_a_rule_for_each_derived_property() -> None:
    assert list(rules()) == [
        "altLabel.rq",
        "currentlyDesignatedBy.rq",
        "currentlyOperatedBy.rq",
        "searchKey.rq",
        "type.rq",
    ]


@pytest.mark.parametrize("text", ["SELECT * { ?s ?p ?o }", "ASK {}", "CONSTRUCT {"])
def test_a_rule_that_is_no_construct_query_is_refused(text: str) -> None:
    node = NamedNode("http://example.org/a")
    with pytest.raises(QuerySyntaxError, match=r"^rule\.rq: "):
        construct([Quad(node, node, node)], {"rule.rq": text})
