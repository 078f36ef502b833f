"""JSON-LD frames: the shape in which a program gets the things of one class as trees."""

from __future__ import annotations

import json
import re

from designata.vocabulary import BASE, compact, term
from designata.web.graph import Graph


def classes(ontology: Graph) -> dict[str, str]:
    """The classes of the ontology by the names that their frames have in addresses."""
    found = ontology.subjects("rdf:type", term("owl:Class").value)
    return {_hyphenated(one.rpartition("#")[2]): one for one in sorted(found) if "#" in one}


def frame(class_: str) -> str:
    """Things of a class with what they link to inside, each thing once."""
    document = {
        "@context": f"{BASE}context.jsonld",
        "@type": compact(class_),
        "@embed": "@once",
        "@explicit": False,
        "@omitDefault": True,
    }
    return json.dumps(document, indent=1) + "\n"


def _hyphenated(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).lower()
