"""The data against the collection of sourced facts, and claims against the rules for them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from designata.store.pool import Pool
from designata.store.rows import rows
from designata.vocabulary import PREFIXES

PROLOGUE = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
ARTICLE = ("sy_gc", "saa", "hts", "jn", "jfs", "is", "hrw")


@pytest.fixture(scope="module")
def facts(material: Callable[[str], Path]) -> dict[str, Any]:
    text = (material("DESIGNATA_FACTS") / "facts.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@pytest.fixture(scope="module")
def literals(pool: Pool) -> dict[str, set[str]]:
    found = rows(
        pool,
        PROLOGUE
        + "SELECT ?text ?source { ?n skosxl:literalForm ?text ; dsg:citation/dsg:source ?source }",
    )
    by_text: dict[str, set[str]] = {}
    for row in found:
        by_text.setdefault(row["text"].value, set()).add(row["source"].value)
    return by_text


def test_every_sourced_name_of_the_article_is_there(
    facts: dict[str, Any], literals: dict[str, set[str]]
) -> None:
    names = [n for n in facts["names"] if n["org"] in ARTICLE and n["status"] == "sourced"]
    assert len(names) > 100
    assert [n["name"] for n in names if n["name"] not in literals] == []


def test_unsourced_name_needs_a_source_of_its_own(
    facts: dict[str, Any], literals: dict[str, set[str]]
) -> None:
    unsourced = {n["name"] for n in facts["names"] if n["status"] == "unsourced"}
    sourced = {n["name"] for n in facts["names"] if n["status"] == "sourced"}
    published = (unsourced - sourced) & set(literals)
    assert all(literals[name] for name in published)
    assert published <= {"القيادة العامة للجيش والقوات المسلحة", "قاعدة حميميم"}


def test_every_sourced_designation_of_the_article_is_there(
    facts: dict[str, Any], pool: Pool
) -> None:
    programme = {
        "unsc": "un-1267",
        "us_state_fto": "us-fto",
        "us_sdgt": "us-sdgt",
        "eu_881": "eu-881-2002",
        "uk_ta2000": "uk-terrorism-act-2000",
        "ca_cc": "canada-criminal-code",
        "au_cc": "australia-criminal-code",
        "ru_sc": "russia-federal-list",
        "tr_gov": "turkiye-asset-freeze",
        "sa_moi": "saudi-interior-ministry-list",
        "ae_cab": "uae-cabinet-list",
        "kg_court": "kyrgyzstan-court-rulings",
        "ir_gov": "iran-stated-position",
        "sy_gov": "syria-stated-position",
    }
    slug = {"is": "islamic-state", "aq": "al-qaida"} | dict.fromkeys(
        ("hts", "jn", "jfs"), "hayat-tahrir-al-sham"
    )
    wanted = {
        (slug[d["org"]], programme[d["authority"]], str(d["date_listed"]))
        for d in facts["designations"]
        if d["org"] in ("hts", "jn", "jfs", "is") and d.get("date_precision") == "day"
    }
    found = rows(
        pool,
        PROLOGUE + "SELECT ?o ?p ?d { ?x dsg:designates ?o ; dsg:underProgramme ?p . "
        "{ ?x dsg:period/(dsg:startEarliest|dsg:startLatest) ?d } UNION "
        "{ ?act dsg:actsOn ?x ; dsg:decisionDate|dsg:effectiveDate|dsg:publicationDate"
        "|dsg:announcementDate ?d } }",
    )
    have = {
        (row["o"].value.rpartition("/")[2], row["p"].value.rpartition("/")[2], row["d"].value)
        for row in found
    }
    assert len(wanted) == 20
    assert wanted - have == set()


CLAIM_RULES = {
    "citation with a source": "dsg:citation/dsg:source ?x",
    "asserter": "dsg:assertedBy ?x",
    "status": "dsg:claimStatus ?x",
    "period or date": "dsg:period|dsg:statedOn|dsg:decisionDate|dsg:announcementDate"
    "|dsg:publicationDate|dsg:effectiveDate ?x",
}


@pytest.mark.parametrize("rule", CLAIM_RULES.values(), ids=list(CLAIM_RULES))
def test_every_claim_has(pool: Pool, rule: str) -> None:
    counted = rows(pool, PROLOGUE + "SELECT (COUNT(*) AS ?n) { ?claim a dsg:Claim }")
    assert int(counted[0]["n"].value) > 500
    missing = rows(
        pool,
        PROLOGUE + f"SELECT ?claim {{ ?claim a dsg:Claim FILTER NOT EXISTS {{ ?claim {rule} }} }}",
    )
    assert missing == []


def test_contested_points_dispute_each_other(pool: Pool) -> None:
    found = rows(pool, PROLOGUE + "SELECT ?a ?b { ?a cito:disputes ?b . ?b cito:disputes ?a }")
    pairs = {
        (row["a"].value.rpartition("/")[2], row["b"].value.rpartition("/")[2]) for row in found
    }
    assert {
        ("us-2012-12-10-al-nusra-alias", "us-2012-12-11-al-nusra-alias"),
        ("trt-fto-since-2018", "us-2014-05-15-al-nusra-fto"),
        ("un-2025-11-06-hts-removal-claimed", "un-2026-02-27-hts-removal"),
        ("uk-2025-10-21-hts-removal", "uk-order-takes-effect-later"),
        ("al-nusra-formation-2012-01-23", "al-nusra-formation-2012-01-24"),
        ("hama-airport-2024-12-07", "hama-airport-regained"),
        ("trt-us-revoked-designation", "hayat-tahrir-al-sham--us-sdgt"),
        ("damascus-freed-troops", "freed-troops-were-besieged"),
        ("hmeimim-indefinite", "hmeimim-49-years"),
    } <= pairs


def test_the_history_of_hts_is_whole(pool: Pool) -> None:
    found = rows(
        pool,
        PROLOGUE + "SELECT ?act ?kind { ?act dsg:actsOn ?d ; dsg:actKind ?kind . "
        "?d dsg:designates organization:hayat-tahrir-al-sham ; "
        "dsg:underProgramme programme:un-1267 }",
    )
    acts = {
        row["act"].value.rpartition("/")[2]: row["kind"].value.rpartition("/")[2] for row in found
    }
    assert acts == {
        "un-2013-05-30-al-nusra-alias": "listing",
        "un-2014-05-14-al-nusra-alias-ends": "revocation",
        "un-2014-05-14-al-nusra-listing": "listing",
        "un-2017-06-07-jfs-names": "amendment",
        "un-2018-06-05-hts-names": "amendment",
        "un-2021-11-15-review": "review",
        "un-2025-11-06-hts-removal-claimed": "revocation",
        "un-2026-02-27-hts-removal": "revocation",
    }
