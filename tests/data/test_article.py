"""Each fact of the article is in the graph, with its claimant."""

from typing import NamedTuple

import pytest

from designata.store.pool import Pool
from designata.store.rows import rows
from designata.vocabulary import BASE, PREFIXES

RT = "agent:rt"
GC = "organization:general-command-of-the-syrian-armed-forces"


class Fact(NamedTuple):
    """What the article says: the pattern, and who is said to say so."""

    name: str
    pattern: str
    asserted_by: str
    reported_by: str | None = None


def claim(slug: str) -> str:
    return f"VALUES ?claim {{ claim:{slug} }} ?claim dsg:statement ?text ."


FACTS = [
    Fact(
        "withdrawal",
        "?claim dsg:participant organization:syrian-arab-army ; "
        "dsg:participantRole participant-role:withdrawing ; dsg:event ?event . "
        "?event dsg:inPlace place:hama ; dsg:period/dsg:startEarliest '2024-12-05'^^xsd:date .",
        GC,
        RT,
    ),
    Fact(
        "attackers-of-hama",
        "?claim dsg:participant organization:hayat-tahrir-al-sham ; "
        "dsg:participantRole participant-role:attacking ; dsg:event event:hama-withdrawal .",
        RT,
    ),
    Fact(
        "statement",
        "VALUES ?claim { event:general-command-statement } ?claim a dsg:Event .",
        GC,
        RT,
    ),
    *(
        Fact(words, claim(f"general-command-{words}"), GC, RT)
        for words in (
            "fierce-battles",
            "heavy-losses",
            "civilians",
            "redeployment",
            "reclaiming-ground",
        )
    ),
    Fact(
        "hama-surrounded",
        "?claim dsg:controlledPlace place:hama ; dsg:controlKind control-kind:surrounded .",
        RT,
    ),
    Fact("hama-central", claim("hama-in-central-syria"), RT),
    Fact(
        "hama-200-km-from-damascus",
        "?claim dsg:distanceFrom place:hama ; dsg:distanceTo place:damascus ; "
        "dsg:distanceInKilometres 200.0 .",
        RT,
    ),
    Fact(
        "hama-50-km-from-homs",
        "?claim dsg:distanceFrom place:hama ; dsg:distanceTo place:homs ; "
        "dsg:distanceInKilometres 50.0 .",
        RT,
    ),
    Fact(
        "formerly-al-nusra",
        "?claim dsg:changeKind change-kind:rename ; "
        "dsg:oldName/skosxl:literalForm 'Jabhat al-Nusra'@ar-latn ; "
        "dsg:newName/skosxl:literalForm 'Hayat Tahrir-al-Sham'@ar-latn .",
        RT,
    ),
    Fact(
        "name-translated",
        "organization:hayat-tahrir-al-sham dsg:hasName ?claim . "
        "?claim skosxl:literalForm 'Organization for the Liberation of the Levant'@en ; "
        "dsg:nameKind name-kind:translation .",
        RT,
    ),
    Fact(
        "name-acronym",
        "organization:hayat-tahrir-al-sham dsg:hasName ?claim . "
        "?claim skosxl:literalForm 'HTS'@en ; dsg:nameKind name-kind:acronym . "
        "?claim dsg:assertedBy agent:rt .",
        RT,
    ),
    Fact(
        "designated-by-iran",
        "?claim dsg:designates organization:hayat-tahrir-al-sham ; "
        "dsg:designatedBy organization:iran ; dsg:period/dsg:startKind start-kind:first-observed .",
        RT,
    ),
    Fact(
        "designated-by-syria",
        "?claim dsg:designates organization:hayat-tahrir-al-sham ; "
        "dsg:designatedBy organization:syria ; "
        "dsg:period/dsg:startKind start-kind:first-observed .",
        RT,
    ),
    Fact("considered-by-others", claim("article-who-considers-hts-terrorist"), RT),
    Fact(
        "attack-in-the-north-west",
        claim("article-attack-last-week") + " ?claim dsg:about event:offensive-2024 .",
        RT,
    ),
    Fact(
        "ground-in-aleppo",
        "?claim dsg:controlledPlace place:aleppo-governorate ; "
        "dsg:controller organization:hayat-tahrir-al-sham .",
        RT,
    ),
    Fact(
        "ground-in-idlib",
        "?claim dsg:controlledPlace place:idlib-governorate ; "
        "dsg:controller organization:hayat-tahrir-al-sham .",
        RT,
    ),
    Fact("aleppo-second-largest", claim("aleppo-second-largest"), RT),
    Fact(
        "aleppo-since-2016",
        "?claim dsg:controlledPlace place:aleppo ; dsg:controlKind control-kind:held ; "
        "dsg:period ?period . ?period dsg:startEarliest '2016-01-01'^^xsd:date ; "
        "dsg:startLatest '2016-12-31'^^xsd:date .",
        RT,
    ),
    Fact("first-clash-since-2020", claim("first-major-clash-since-2020"), RT),
    Fact(
        "russia-brokered",
        "?claim dsg:event event:ceasefire-2020 ; dsg:participant organization:russia ; "
        "dsg:participantRole participant-role:broker .",
        RT,
    ),
    Fact(
        "turkiye-brokered",
        "?claim dsg:event event:ceasefire-2020 ; dsg:participant organization:turkiye ; "
        "dsg:participantRole participant-role:broker .",
        RT,
    ),
    Fact("close-contact", claim("moscow-close-contact"), "organization:russia", RT),
    Fact(
        "russia-intervened",
        "?claim dsg:event event:russian-intervention-2015 ; dsg:participant organization:russia .",
        RT,
    ),
    Fact("russia-helped-defeat", claim("article-russia-helped-defeat"), RT),
    Fact(
        "formerly-isis",
        "?claim dsg:changeKind change-kind:rename ; "
        "dsg:oldName/skosxl:literalForm 'ISIS'@en ; "
        "dsg:newName/skosxl:literalForm 'Islamic State'@en .",
        RT,
    ),
    Fact(
        "base-hmeimim",
        "?claim dsg:tenant organization:russia ; dsg:base base:hmeimim . "
        "base:hmeimim dsg:hostCountry place:syria .",
        RT,
    ),
    Fact(
        "base-tartus",
        "?claim dsg:tenant organization:russia ; dsg:base base:tartus . "
        "base:tartus dsg:hostCountry place:syria .",
        RT,
    ),
    Fact(
        "human-rights-watch", claim("hrw-civilians-at-risk"), "organization:human-rights-watch", RT
    ),
    Fact("freed-troops", claim("damascus-freed-troops"), "organization:syria", RT),
]
PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())


@pytest.mark.parametrize("fact", FACTS, ids=[fact.name for fact in FACTS])
def test_fact_has_its_claimant(pool: Pool, fact: Fact) -> None:
    found = rows(
        pool,
        PROLOGUE
        + "SELECT DISTINCT ?claim ?assertedBy ?reportedBy { "
        + fact.pattern
        + " ?claim a dsg:Claim ; dsg:assertedBy ?assertedBy ; dsg:claimStatus ?status ;"
        + " dsg:citation/dsg:source source:rt-2024-12-05 ."
        + " OPTIONAL { ?claim dsg:reportedBy ?reportedBy } }",
    )
    claimants = {
        (row["assertedBy"].value, getattr(row.get("reportedBy"), "value", None)) for row in found
    }
    assert claimants == {(iri(fact.asserted_by), fact.reported_by and iri(fact.reported_by))}


def iri(curie: str) -> str:
    prefix, _, local = curie.partition(":")
    return PREFIXES[prefix] + local


def test_us_and_russian_designations_rest_on_legal_acts(pool: Pool) -> None:
    found = rows(
        pool,
        PROLOGUE + "SELECT DISTINCT ?authority { ?act dsg:actsOn ?designation ; "
        "dsg:actKind act-kind:listing . ?designation dsg:designatedBy ?authority ; "
        "dsg:designates organization:hayat-tahrir-al-sham }",
    )
    authorities = {row["authority"].value for row in found}
    assert {iri("organization:united-states"), iri("organization:russia")} <= authorities
    assert authorities.isdisjoint({iri("organization:iran"), iri("organization:syria")})


def test_no_term_of_ours_calls_anybody_a_terrorist(pool: Pool) -> None:
    found = rows(
        pool,
        "SELECT DISTINCT ?term { { ?s a ?term } UNION { ?s ?term ?o } "
        f"FILTER(STRSTARTS(STR(?term), '{BASE}') && CONTAINS(LCASE(STR(?term)), 'terror')) }}",
    )
    assert found == []
