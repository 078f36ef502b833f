"""Profiles of documents: with the labels of what is linked to, and the forms of JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from flask import request
from pyoxigraph import Literal

from designata.store.jsonld import tag
from designata.store.wellformed import refuse_triple_terms
from designata.vocabulary import PREFIXES
from designata.web.graph import TYPE, Fact, Term, key
from designata.web.negotiation import ranges
from designata.web.rdf import BY_TYPE, Format

JSON_LD: Final = "http://www.w3.org/ns/json-ld#"
LABELLED: Final = "labelled"
_MEDIA_TYPE: Final = "application/ld+json"
_FULL: Final = ("expanded", "flattened")
_STRING: Final = PREFIXES["xsd"] + "string"


def is_labelled() -> bool:
    """Whether the request wants the labels of what a thing links to."""
    return LABELLED in request.args.getlist("profile")


def refine(form: Format, *, is_named: bool) -> Format:
    """The form, with the profile of JSON-LD that is asked for if it is one of the full ones.

    `?profile=` asks for it, or Accept, which is not looked at where the address names the form.
    """
    if form.media_type != _MEDIA_TYPE:
        return form
    asked = request.args.getlist("profile") + ([] if is_named else list(_accepted()))
    profile = next((one for one in asked if one in _FULL), None)
    return Format(form.suffix, f'{_MEDIA_TYPE}; profile="{JSON_LD}{profile}"') if profile else form


def _accepted() -> Iterator[str]:
    """The profiles of JSON-LD in Accept, without what their IRIs have in common."""
    for one in ranges(",".join(request.headers.getlist("Accept"))):
        if one.quality and one.matches(_MEDIA_TYPE):
            for profile in one.parameters.get("profile", "").split():
                yield profile.removeprefix(JSON_LD)


def named(form: Format) -> Sequence[str]:
    """The profiles of what is sent, as `?profile=` has them."""
    full = form.media_type.partition(f'profile="{JSON_LD}')[2].rstrip('"')
    return [*([LABELLED] if is_labelled() else []), *([full] if full else [])]


def is_full(form: Format) -> bool:
    """Whether names are to be written out: no context, every value an object in a list."""
    return "profile=" in form.media_type


def write_full(facts: Iterable[Fact]) -> bytes:
    """Expanded JSON-LD, flat: one object a subject."""
    nodes: dict[str, dict[str, Any]] = {}
    every = set(facts)
    refuse_triple_terms(every, tuple(BY_TYPE))
    for one in sorted(every, key=str):
        node = nodes.setdefault(one.subject, {"@id": one.subject})
        if one.predicate == TYPE and not isinstance(one.object, Literal):
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
