"""The address of the fragments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Quad

from designata.errors import NotFound, QueryTooLarge
from designata.web.fragments.controls import Addresses, links, quads
from designata.web.fragments.matches import Matches, find
from designata.web.fragments.pattern import PLACES, read
from designata.web.paging import read_page
from designata.web.protocol import HTML, decode_form
from designata.web.replies import Link, reply
from designata.web.syntaxes import DATASETS, asked_for, write_quads, write_triples

blueprint: Final = Blueprint("fragments", __name__)
OFFERS: Final = ("text/turtle", "application/trig", *DATASETS[::2], "application/n-triples", HTML)
_LONGEST: Final = 16_384
_KEPT: Final = "!$&'()*+,;=:@/?%~-._"
_RELATIONS: Final = {"first": "first", "previous": "prev", "next": "next"}


@blueprint.get("/ldf")
@blueprint.get("/ldf/", endpoint="slash")
def fragment() -> Response:
    """A page of the triples that match a pattern, with the controls to ask for others."""
    if len(request.query_string) > _LONGEST:
        raise QueryTooLarge(f"a pattern may have {_LONGEST:,} bytes")
    form = asked_for(OFFERS)
    parameters = decode_form(request.query_string)
    nodes = request.host_url + ".well-known/genid/"
    matches = find(read(parameters, nodes), _page(parameters))
    if matches.page > matches.pages:
        raise NotFound(f"this pattern has {matches.pages:,} pages")
    at = _addresses()
    header = [Link(at.page(page), _RELATIONS[name]) for name, page in links(matches).items()]
    if form.media_type == HTML:
        return reply(form, lambda: _html(matches, at, parameters), header)
    return reply(form, lambda: _written(quads(matches, at, nodes), form.media_type), header)


def _page(parameters: Mapping[str, Sequence[str]]) -> int:
    return read_page(parameters.get("page", ["1"])[-1] or "1")


def _addresses() -> Addresses:
    """The addresses as the client wrote them, since it looks for them in the answer."""
    dataset = request.host_url + "ldf"
    asked = quote(request.query_string, safe=_KEPT)
    rest = [part for part in asked.split("&") if part and not part.startswith("page=")]
    queries = ("&".join(rest), asked)
    fragment, page = (request.base_url + (f"?{query}" if query else "") for query in queries)
    return Addresses(dataset, fragment, page)


def _written(found: Sequence[Quad], media_type: str) -> bytes:
    sample = "\n".join(map(str, found)).encode()
    if media_type in DATASETS:
        return write_quads(found, media_type, sample)
    return write_triples([quad.triple for quad in found], media_type, sample)


def _html(matches: Matches, at: Addresses, parameters: Mapping[str, Sequence[str]]) -> str:
    return render_template(
        "fragment.html",
        matches=matches,
        links={_RELATIONS[name]: at.page(page) for name, page in links(matches).items()},
        given={place: parameters.get(place, [""])[0] for place in PLACES},
    )
