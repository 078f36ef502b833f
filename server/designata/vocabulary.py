"""The namespaces, and how an IRI of ours is read and made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/designata/"
ONTOLOGY: Final = BASE + "ontology"
SHAPES: Final = BASE + "shapes"
EXAMPLES: Final = BASE + ".well-known/sparql-examples"
VOID: Final = BASE + ".well-known/void"

KINDS: Final = (
    "organization name designation act programme period citation source agent base tenure "
    "geometry place event participation control relation change claim instrument list "
    "list-entry coverage query parameter dataset"
).split()

SCHEMES: Final = (
    "actor-kind name-kind name-quality coverage-kind act-kind derivation programme-kind "
    "measure base-kind tenure-role start-kind end-kind claim-status event-kind "
    "participant-role control-kind relation-kind change-kind place-kind source-kind"
).split()

PREFIXES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
        "owl": "http://www.w3.org/2002/07/owl#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "skosxl": "http://www.w3.org/2008/05/skos-xl#",
        "dcterms": "http://purl.org/dc/terms/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "void": "http://rdfs.org/ns/void#",
        "void-ext": "http://ldf.fi/void-ext#",
        "prov": "http://www.w3.org/ns/prov#",
        "org": "http://www.w3.org/ns/org#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "time": "http://www.w3.org/2006/time#",
        "geo": "http://www.opengis.net/ont/geosparql#",
        "sf": "http://www.opengis.net/ont/sf#",
        "wgs84": "http://www.w3.org/2003/01/geo/wgs84_pos#",
        "cito": "http://purl.org/spar/cito/",
        "eli": "http://data.europa.eu/eli/ontology#",
        "schema": "https://schema.org/",
        "sh": "http://www.w3.org/ns/shacl#",
        "spdx": "http://spdx.org/rdf/terms#",
        "hydra": "http://www.w3.org/ns/hydra/core#",
        "vann": "http://purl.org/vocab/vann/",
        "wikidata": "http://www.wikidata.org/entity/",
        "dsg": ONTOLOGY + "#",
        "shape": SHAPES + "#",
        **{kind: f"{BASE}id/{kind}/" for kind in KINDS},
        **{scheme: f"{BASE}code/{scheme}/" for scheme in SCHEMES},
    }
)

KEY: Final = re.compile(r"[a-z0-9]+(-{1,2}[a-z0-9]+)*")
_LOCAL: Final = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_-])?")
_REMEMBERED: Final = 16_384
_BY_NAMESPACE: Final = {namespace: prefix for prefix, namespace in PREFIXES.items()}


def term(curie: str) -> NamedNode:
    """The IRI that `prefix:local` stands for, e.g. `dsg:hasName`."""
    prefix, _, local = curie.partition(":")
    return NamedNode(PREFIXES[prefix] + local)


def is_iri(text: object) -> bool:
    """Whether something is a text that is an IRI."""
    try:
        return isinstance(text, str) and bool(NamedNode(text))
    except ValueError:
        return False


@lru_cache(maxsize=_REMEMBERED)
def split(iri: str) -> tuple[str, str] | None:
    """The prefix and local name of an IRI, or None where it has to be written in full."""
    cut = max(iri.rfind("#"), iri.rfind("/")) + 1
    prefix = _BY_NAMESPACE.get(iri[:cut])
    if prefix is None or not _LOCAL.fullmatch(iri[cut:]):
        return None
    return prefix, iri[cut:]


def compact(iri: str) -> str:
    """The IRI as `prefix:local` where a prefix of ours fits, else in full."""
    parts = split(iri)
    return ":".join(parts) if parts else iri
