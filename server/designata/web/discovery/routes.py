"""The addresses at which machines look for descriptions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from flask import Blueprint, Response, current_app, render_template, request

from designata.errors import NotFound
from designata.vocabulary import BASE
from designata.web import pages, published
from designata.web.discovery import (
    catalog,
    crawlers,
    examples,
    frames,
    kinds,
    limits,
    openapi,
    prefixes,
    schemaorg,
    security,
)
from designata.web.protocol import HTML
from designata.web.rdf import BY_SUFFIX, Format, write
from designata.web.replies import Link, page, reply
from designata.web.serving import served
from designata.web.syntaxes import TRIPLES, asked_for

blueprint: Final = Blueprint("discovery", __name__)
_DAY: Final = 86_400
_JSON: Final = "application/json"
_TEXT: Final = Format("txt", "text/plain")
_XML: Final = Format("xml", "application/xml")
_LD: Final = BY_SUFFIX["jsonld"]


@blueprint.get(catalog.ADDRESS)
def api_catalog() -> Response:
    """The interfaces of this server as a linkset."""
    links = [Link(catalog.ADDRESS, "api-catalog")]
    released = served().release is not None
    content = catalog.catalog(request.host_url, released=released)
    return reply(catalog.FORM, lambda: content, links, max_age=_DAY)


@blueprint.get("/openapi.json")
def open_api() -> Response:
    """Every address of this server, in OpenAPI 3.1."""
    rules, views = list(current_app.url_map.iter_rules()), current_app.view_functions
    form = Format("json", openapi.FORM)
    return reply(form, lambda: openapi.document(rules, views, request.host_url), max_age=_DAY)


@blueprint.get("/prefixes", defaults={"suffix": None})
@blueprint.get("/prefixes.<suffix>")
def prefix_map(suffix: str | None) -> Response:
    """The prefixes that are used here, as one JSON object or as RDF."""
    form = _fixed(suffix) if suffix else asked_for((_JSON, *TRIPLES))
    if form.media_type == _JSON:
        return reply(form, prefixes.as_json, max_age=_DAY)
    facts = list(prefixes.declarations())
    return reply(form, lambda: write(facts, form.suffix, prefixes.DOCUMENT), max_age=_DAY)


def _fixed(suffix: str) -> Format:
    known = {"json": Format("json", _JSON), **BY_SUFFIX}
    if suffix not in known or suffix == "html":
        raise NotFound(f"there is no form {suffix!r} of the prefixes")
    return known[suffix]


@blueprint.get("/frames/<name>.jsonld")
def frame(name: str) -> Response:
    """The JSON-LD frame of a class."""
    known = frames.classes(published.graph_of("ontology"))
    if name not in known:
        raise NotFound(f"there is no frame {name!r}; there are {', '.join(known)}")
    return reply(_LD, lambda: frames.frame(known[name]), max_age=_DAY)


@blueprint.get("/.well-known/sparql-examples")
def sparql_examples() -> Response:
    """The published questions as examples of queries."""
    form = asked_for((*TRIPLES, HTML))
    if form.media_type == HTML:
        # The page on which a question is chosen lists them.
        return reply(form, pages.render_query_page)
    facts = list(examples.examples(request.host_url + "sparql"))
    return reply(form, lambda: write(facts, form.suffix, examples.ADDRESS))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """What robots may visit."""
    return reply(_TEXT, lambda: crawlers.robots(request.host_url), max_age=_DAY)


@blueprint.get("/sitemap.xml")
def sitemap_index() -> Response:
    """The list of the site maps."""
    return reply(_XML, lambda: crawlers.index(request.host_url))


@blueprint.get("/sitemap-<int:number>.xml")
def site_map(number: int) -> Response:
    """The addresses of the pages about things, fifty thousand at a time."""
    found = crawlers.site_map(request.host_url, number)
    # The framework reads `01` and digits of any script as numbers, too.
    if found is None or request.path != f"/sitemap-{number}.xml":
        raise NotFound(f"there is no site map {number}; see /sitemap.xml")
    return reply(_XML, lambda: found)


@blueprint.get("/.well-known/security.txt")
def security_text() -> Response:
    """Where to report a weakness."""
    contact = served().settings.security_contact
    if not contact:
        raise NotFound("the operator of this server has named no contact")
    today = datetime.now(UTC).date()
    return reply(_TEXT, lambda: security.report_address(contact, request.host_url, today))


@blueprint.get("/limits")
def what_is_allowed() -> Response:
    """What a request may use here at most."""
    form = asked_for((_JSON, HTML))
    settings = served().settings
    writers: dict[str, Callable[[], str]] = {
        _JSON: lambda: limits.as_json(settings),
        HTML: lambda: render_template(
            "limits.html", limits=list(limits.listed(settings)), deviations=limits.DEVIATIONS
        ),
    }
    return reply(form, writers[form.media_type])


@blueprint.get("/problem/", defaults={"slug": None})
@blueprint.get("/problem/<slug>")
def problem(slug: str | None) -> Response:
    """What the type of a refusal means."""
    known = kinds.kinds()
    if slug is not None and slug not in known:
        raise NotFound(f"there is no refusal {slug!r}; see /problem/")
    found = [known[slug]] if slug else list(known.values())
    return page(render_template("kinds.html", kinds=found, base=BASE), max_age=_DAY)


@blueprint.app_context_processor
def structured_data() -> dict[str, Any]:
    """What templates call to embed a page's content in the terms of schema.org."""
    return {"schema_about": schemaorg.about, "schema_dataset": schemaorg.dataset}


@blueprint.app_template_global()
def interfaces() -> list[Link]:
    """The links from the home page to the descriptions of the interfaces."""
    return catalog.home_links(released=served().release is not None)
