"""From the IRI of a thing to what the release says about it."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlencode

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from designata.errors import NotAcceptable, NotFound
from designata.vocabulary import BASE
from designata.web import made, profiles, published, stock, tombstones, views
from designata.web.coding import liked
from designata.web.description import Description, describe, exists, find_thing
from designata.web.features import write_features
from designata.web.links import local
from designata.web.paging import asked_page
from designata.web.rdf import OF_THINGS, SUFFIXES_OF_THINGS, Format, in_order, write
from designata.web.replies import Link, chosen, reply, sealed
from designata.web.serving import served
from designata.web.signposts import blueprint as signposts_blueprint
from designata.web.signposts import links_of, shown, signposts
from designata.web.slashes import without_slash
from designata.web.tables import write_table
from designata.web.targets import rest_sent

blueprint: Final = Blueprint("documents", __name__)
blueprint.register_blueprint(published.blueprint)
blueprint.register_blueprint(signposts_blueprint)
_SUFFIX: Final = re.compile("[a-z]+")
_DAY: Final = 86_400


@blueprint.get("/id/<path:path>")
def thing(path: str) -> AnyResponse:
    """A thing is not a document: see the document about it (the same for every Accept)."""
    return _see("id", path)


@blueprint.get("/code/<path:path>")
def code(path: str) -> AnyResponse:
    """A code or a scheme is not a document either."""
    return _see("code", path)


@blueprint.get("/doc/<path:path>")
def document(path: str) -> AnyResponse:
    """What the release says about a thing, in the form asked for."""
    subject = None
    try:
        subject, suffix = _read()
        return _document(subject, suffix)
    except NotFound:
        # A thing may be called like the document of another, or end with a slash.
        whole = find_thing(rest_sent())
        if whole and whole != subject and exists(whole):
            return _document(whole, None)
        if path.endswith("/"):
            return without_slash()
        raise


def _document(subject: str, suffix: str | None) -> AnyResponse:
    form = profiles.refine(_form(subject, suffix), is_named=_names_form(suffix))
    if found := _ready(subject, form):
        return _sent(subject, form, found)
    description = describe(subject, asked_page())
    survivor = tombstones.successor(description)
    if survivor:
        return tombstones.moved(survivor, form.suffix if _names_form(suffix) else None)
    body, status = content(description, form)
    if isinstance(body, str):
        if _is_usual(form) and not tombstones.is_withdrawn(description):
            return _sent(
                subject, form, made.keep(subject, asked_page(), _liked(), body, shown(description))
            )
        body = made.for_host(body)
    return reply(
        form,
        lambda: body,
        signposts(description),
        location=_location(subject, form) if status == 200 else None,
        status=410 if tombstones.is_withdrawn(description) else status,
    )


def _ready(subject: str, form: Format) -> stock.Found | None:
    """The document as it was made with the release, or the page as it was made for others."""
    if _is_usual(form):
        return made.find(subject, asked_page(), _liked())
    release = served().release
    plain = not profiles.is_labelled() and not profiles.is_full(form)
    if not (release and plain and form.suffix in stock.SUFFIXES and asked_page() == 1):
        return None
    return stock.find(release, subject, form.suffix, _liked())


def _sent(subject: str, form: Format, found: stock.Found) -> AnyResponse:
    """What is ready, as it is sent."""
    etag, coding, body = found.document
    links, location = links_of(subject, found.shown, asked_page()), _location(subject, form)
    return sealed(form, body, etag, links, location=location, coding=coding)


def _liked() -> tuple[str, ...]:
    return liked(request.headers.get("Accept-Encoding"))


def _is_usual(form: Format) -> bool:
    """Whether a page is asked for as nearly everybody does, and for no day."""
    return form.suffix == "html" and "date" not in request.args


def content(description: Description, form: Format) -> tuple[bytes | str, int]:
    """The document in one form, and its status: a page may have been asked for nonsense."""
    if form.suffix == "html":
        return views.render(description)
    facts = description.facts(labelled=profiles.is_labelled())
    if profiles.is_full(form):
        return profiles.write_full(facts), 200
    if form.suffix == "csv":
        return write_table(in_order(facts)), 200
    if form.suffix == "geojson":
        return write_features((*facts, *description.names.facts)), 200
    return write(facts, form.suffix, description.iri), 200


def _see(start: str, path: str) -> AnyResponse:
    sent = rest_sent()
    subject = find_thing(sent if start == "id" else f"code/{sent}")
    if not subject or not subject.startswith(f"{BASE}{start}/") or not exists(subject):
        if path.endswith("/"):
            return without_slash()
        raise NotFound(f"{BASE}{start}/{path}: this release does not mention it")
    survivor = tombstones.find_successor(subject)
    if survivor:
        return tombstones.moved(survivor)
    address = local(subject)
    response = Response(status=303)
    response.headers["Location"] = address
    response.headers["Link"] = str(Link(address, "describedby"))
    response.cache_control.public, response.cache_control.max_age = True, _DAY
    return response


def _read() -> tuple[str, str | None]:
    """The thing and the suffix that the address names; a name may have points, too."""
    path = rest_sent()
    stem, _, suffix = path.rpartition(".")
    whole = None if suffix in SUFFIXES_OF_THINGS else find_thing(path)
    if not stem or (whole and (not _SUFFIX.fullmatch(suffix) or exists(whole))):
        subject, named = whole, None
    else:
        subject, named = find_thing(stem), suffix
    if not subject:
        raise NotFound(f"/doc/{unquote(path)}: nothing has an address like this here")
    return subject, named


def _form(subject: str, suffix: str | None) -> Format:
    try:
        return chosen(suffix, local(subject), OF_THINGS)
    except NotAcceptable:
        if exists(subject):
            raise
        raise NotFound(f"{subject}: this release does not mention it") from None


def _names_form(suffix: str | None) -> bool:
    """Whether the address names the form, so that Accept means nothing."""
    return bool(suffix or request.args.get("format") or request.args.get("_mediatype"))


def _location(subject: str, form: Format) -> str:
    return f"{local(subject)}.{form.suffix}{_query(form)}"


def _query(form: Format) -> str:
    """What an address says beside the thing and the form, where it makes a difference."""
    given = [("page", str(asked_page()))] if "page" in request.args else []
    if form.suffix == "html" and "date" in request.args:
        given.append(("date", request.args["date"]))
    given += [("profile", one) for one in profiles.named(form)]
    return f"?{urlencode(given)}" if given else ""
