"""The derived layer: what follows from the claims, so that a simple question is a short query."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files

from pyoxigraph import Triple

from designata.release.sources import Source
from designata.store.construct import construct


def rules() -> Mapping[str, str]:
    """The derivation rules: file name → CONSTRUCT query, sorted by name."""
    folder = files("designata.release") / "derive"
    found = {entry.name: entry.read_text(encoding="utf-8") for entry in folder.iterdir()}
    return {name: found[name] for name in sorted(found) if name.endswith(".rq")}


def derive(source: Source) -> frozenset[Triple]:
    """The triples that the rules add to what the source states."""
    added = construct(source.places, rules())
    return added - source.graph("data").keys() - source.graph("ontology").keys()
