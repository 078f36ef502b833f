"""What things without a label of their own are called."""

import pytest
from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, term
from designata.web.graph import Fact, Graph, iri
from designata.web.labels import label

FIRST_STRONG, POP = "\u2068", "\u2069"
OVERRIDE = "\u202e"


def of(kind: str, key: str) -> str:
    return f"{BASE}id/{kind}/{key}"


def called(thing: str, name: str, language: str = "en") -> Fact:
    return Fact(thing, iri("skos:prefLabel"), Literal(name, language=language))


def linked(subject: str, curie: str, thing: str) -> Fact:
    return Fact(subject, iri(curie), NamedNode(thing))


CHANGE = of("change", "c")
KIND = BASE + "code/change-kind/merger"


def merger(*names: str, language: str = "en") -> str:
    parts = [of("organization", f"o{place}") for place in range(len(names))]
    facts = [
        linked(CHANGE, "dsg:changeKind", KIND),
        called(KIND, "merger"),
        *(linked(CHANGE, "org:originalOrganization", one) for one in parts),
        *(called(one, name, language) for one, name in zip(parts, names, strict=True)),
        linked(CHANGE, "org:resultingOrganization", of("organization", "r")),
        called(of("organization", "r"), "Result"),
    ]
    return label(Graph(facts), CHANGE).value


def test_names_with_commas_do_not_run_together() -> None:
    assert merger("One", "Two") == "Merger: One, Two → Result"
    assert merger("One, the first", "Two") == "Merger: One, the first; Two → Result"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("هيئة تحرير الشام", "هيئة تحرير الشام"),
        (f"One{OVERRIDE}owT", "OneowT"),
        (f"One{POP}{OVERRIDE}", "One"),
    ],
)
def test_a_name_does_not_turn_round_what_follows_it(name: str, shown: str) -> None:
    assert merger(name) == f"Merger: {FIRST_STRONG}{shown}{POP} → Result"


def test_a_label_within_a_label_keeps_what_holds_its_names_apart() -> None:
    act, designation = of("act", "a"), of("designation", "d")
    citation, source = of("citation", "c"), of("source", "s")
    facts = [
        linked(citation, "dsg:source", source),
        Fact(source, iri("dcterms:title"), Literal("مصدر", language="ar")),
        linked(act, "dsg:actsOn", designation),
        linked(designation, "dsg:designates", citation),
    ]
    assert label(Graph(facts), act).value == f"{FIRST_STRONG}مصدر{POP}"


def test_an_act_whose_day_is_not_known_says_in_which_time_it_was() -> None:
    act, period = of("act", "a"), of("period", "p")
    day = term("xsd:date")
    facts = [
        linked(act, "dsg:actBy", of("organization", "x")),
        called(of("organization", "x"), "X"),
        linked(act, "dsg:period", period),
        Fact(period, iri("dsg:startEarliest"), Literal("2013-01-01", datatype=day)),
        Fact(period, iri("dsg:startLatest"), Literal("2013-12-31", datatype=day)),
        linked(period, "dsg:startKind", BASE + "code/start-kind/exact"),
        linked(period, "dsg:endKind", BASE + "code/end-kind/unknown"),
    ]
    assert label(Graph(facts), act).value == "By X, in 2013"


def test_an_empty_label_is_none() -> None:
    thing = of("organization", "some-body")
    assert label(Graph([called(thing, " ")]), thing).value == "some body"
