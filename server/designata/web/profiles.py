"""Profiles of documents: with the labels of what is linked to, and the forms of JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Final

from flask import request
from pyoxigraph import Literal, Triple

from designata.store.jsonld import tag
from designata.store.wellformed import no_place
from designata.vocabulary import PREFIXES
from designata.web.graph import TYPE, Fact, Term, key
from designata.web.negotiation import ranges
from designata.web.rdf import BY_TYPE, Format

JSON_LD: Final = "http://www.w3.org/ns/json-ld#"
LABELLED: Final = "labelled"
_MEDIA_TYPE: Final = "application/ld+json"
_FULL: Final = (f"{JSON_LD}expanded", f"{JSON_LD}flattened")
_STRING: Final = PREFIXES["xsd"] + "string"


def is_labelled() -> bool:
    """Whether the request wants the labels of what a thing links to."""
    return LABELLED in request.args.getlist("profile")


def refine(form: Format) -> Format:
    """The form, with the profile of JSON-LD that Accept names if it is one of the full ones."""
    if form.media_type != _MEDIA_TYPE:
        return form
    accept = ",".join(request.headers.getlist("Accept"))
    for one in ranges(accept):
        asked = one.parameters.get("profile", "").split() if one.matches(_MEDIA_TYPE) else []
        for profile in asked:
            if profile in _FULL:
                return Format(form.suffix, f'{_MEDIA_TYPE}; profile="{profile}"')
    return form


def is_full(form: Format) -> bool:
    """Whether names are to be written out: no context, every value an object in a list."""
    return form.media_type.partition("profile=")[2].strip('"') in _FULL


def write_full(facts: Iterable[Fact]) -> bytes:
    """Expanded JSON-LD, flat: one object a subject."""
    nodes: dict[str, dict[str, Any]] = {}
    for one in sorted(set(facts), key=str):
        if isinstance(one.object, Triple):
            raise no_place(tuple(BY_TYPE))
        node = nodes.setdefault(one.subject, {"@id": one.subject})
        if one.predicate == TYPE:
            node.setdefault("@type", []).append(key(one.object))
        else:
            node.setdefault(one.predicate, []).append(_value(one.object))
    return (json.dumps(list(nodes.values()), ensure_ascii=False, indent=1) + "\n").encode()


def _value(term: Term) -> dict[str, str]:
    if not isinstance(term, Literal):
        return {"@id": key(term)}
    if term.language:
        return {"@value": term.value, **tag(term)}
    if term.datatype.value == _STRING:
        return {"@value": term.value}
    return {"@value": term.value, "@type": term.datatype.value}
