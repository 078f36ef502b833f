import hashlib

import pytest
from pyoxigraph import Literal, NamedNode, Triple

from designata.errors import InvalidDataset
from designata.release.build import Built
from designata.release.describe import dataset_of
from designata.turtle import read
from designata.vocabulary import BASE, VOID, compact, term

DATASET = term("dataset:designata")


def facts(built: Built, subject: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for quad, _ in read(built.release.file("void.ttl")):
        if quad.subject == NamedNode(subject):
            value = getattr(quad.object, "value", "")
            found.setdefault(compact(quad.predicate.value), set()).add(value)
    return found


def test_the_dataset_is_counted(built: Built) -> None:
    dataset = facts(built, DATASET.value)
    numbers = {name: value for name, value in dataset.items() if all(v.isdigit() for v in value)}
    assert numbers == {
        "void:triples": {"82"},
        "void:entities": {"12"},
        "void:distinctSubjects": {"18"},
        "void:distinctObjects": {"57"},
        "void:classes": {"13"},
        "void:properties": {"32"},
    }
    assert dataset["dcterms:license"] == {"https://creativecommons.org/licenses/by/4.0/"}
    assert dataset["void:sparqlEndpoint"] == {BASE + "sparql"}
    assert len(dataset["dcat:distribution"]) == 3 * (6 + 3 + 3)
    assert len(dataset["void:dataDump"]) == len(dataset["void:feature"]) == 6


def test_a_class_and_its_property_are_counted(built: Built) -> None:
    part = facts(built, VOID + "#class-dsg-Name")
    assert part["void:class"] == {term("dsg:Name").value}
    assert part["void:entities"] == {"3"}
    inner = VOID + "#class-dsg-Name-property-skosxl-literalForm"
    assert inner in part["void:propertyPartition"]
    assert facts(built, inner) == {
        "void:property": {term("skosxl:literalForm").value},
        "void:triples": {"3"},
        "void-ext:datatypePartition": {inner + "-datatype-rdf-langString"},
    }
    assert facts(built, inner + "-datatype-rdf-langString") == {
        "void-ext:datatype": {term("rdf:langString").value},
        "void:triples": {"3"},
    }


def test_the_things_that_a_property_leads_to_are_counted_by_their_class(built: Built) -> None:
    inner = VOID + "#class-dsg-Organization-property-dsg-hasName"
    kinds = ("dsg-Alias", "dsg-Claim", "dsg-Name")
    found = facts(built, inner)["void:classPartition"]
    assert found == {f"{inner}-class-{kind}" for kind in kinds}
    assert facts(built, inner + "-class-dsg-Name") == {
        "void:class": {term("dsg:Name").value},
        "void:triples": {"3"},
    }


def test_the_links_to_wikidata_are_counted(built: Built) -> None:
    assert facts(built, VOID + "#links-wikidata")["void:triples"] == {"1"}


@pytest.mark.parametrize("suffix", ["ttl", "nt", "jsonld", "rdf", "trig", "nq"])
def test_a_download_has_its_size_and_digest(built: Built, suffix: str) -> None:
    content = built.release.file(f"designata.{suffix}").read_bytes()
    entry = facts(built, f"{VOID}#distribution-{suffix}")
    assert entry["dcat:downloadURL"] == {f"{BASE}release/latest/designata.{suffix}"}
    assert entry["dcat:byteSize"] == {str(len(content))}
    (checksum,) = entry["spdx:checksum"]
    assert facts(built, checksum)["spdx:checksumValue"] == {hashlib.sha256(content).hexdigest()}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "dcterms:LicenseDocument"),
        ("https://www.iana.org/assignments/media-types/application/zstd", "dcterms:MediaType"),
        ("https://www.w3.org/TR/sparql11-protocol/", "dcterms:Standard"),
        (BASE, "foaf:Document"),
        ("http://spdx.org/rdf/terms#checksumAlgorithm_sha256", "spdx:ChecksumAlgorithm"),
    ],
)
def test_what_the_catalogue_leads_to_has_the_class_that_dcat_ap_wants(
    built: Built, name: str, kind: str
) -> None:
    assert facts(built, name)["rdf:type"] == {term(kind).value}


def test_the_catalogue_lists_dataset_and_endpoint(built: Built) -> None:
    catalog = facts(built, VOID + "#catalog")
    assert catalog["dcat:dataset"] == {DATASET.value, VOID + "#series"}
    services = {one: facts(built, one) for one in catalog["dcat:service"]}
    addresses = {name.rpartition("#")[2]: one["dcat:endpointURL"] for name, one in services.items()}
    assert addresses == {
        "sparql": {BASE + "sparql"},
        "fragments": {BASE + "ldf"},
    }


def test_the_version_comes_from_the_one_dataset() -> None:
    kind = Triple(DATASET, term("rdf:type"), term("dcat:Dataset"))
    version = Triple(DATASET, term("owl:versionInfo"), Literal("1.2.3"))
    assert dataset_of([kind, version]) == (DATASET, "1.2.3")
    with pytest.raises(InvalidDataset, match="0 datasets with an owl:versionInfo"):
        dataset_of([kind])
    with pytest.raises(InvalidDataset, match="cannot name a directory"):
        dataset_of([kind, Triple(DATASET, term("owl:versionInfo"), Literal("../1"))])
