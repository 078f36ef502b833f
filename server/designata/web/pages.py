"""The pages that are about no single thing: home, search, and the one to write a query."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Blueprint, redirect, render_template, request
from markupsafe import Markup, escape
from pyoxigraph import Literal, NamedNode
from werkzeug.wrappers import Response

from designata.errors import UsageError
from designata.vocabulary import BASE, compact
from designata.web import made, markup, protocol, questions, rdf
from designata.web.asking import recall, text_of
from designata.web.description import DATASET, describe
from designata.web.discovery.catalog import home_links
from designata.web.graph import Fact, Graph, Term, iri, plain
from designata.web.groups import GROUPS, PER_PAGE, Group
from designata.web.links import href, query_page, sparql
from designata.web.paging import Part, asked_page
from designata.web.replies import HTML, Link, alternates, chosen, page, reply, sealed
from designata.web.search import search
from designata.web.serving import served
from designata.web.texts import Text
from designata.web.things import Thing

blueprint: Final = Blueprint("pages", __name__)
_TITLE: Final = 100
_PROLOGUE: Final = re.compile(r"(PREFIX\s+\S*\s*|BASE\s+)<[^>]*>|^\s*#.*$", re.I | re.M)
_FIRST: Final = ("current-designations", "timeline", "foreign-bases")


@blueprint.get("/")
def home() -> Response:
    """What this is; for machines, the dataset."""
    form = chosen(None, "/doc/dataset/designata", page_first=True)
    released = served().release is not None
    about = [Link(BASE, "describes"), *alternates("/doc/dataset/designata")] if released else []
    links = [*about, *home_links(released=released)]
    if form.suffix != "html":
        return reply(form, lambda: _dataset(form.suffix), links)
    return _once("/", _home, links)


@blueprint.get("/search")
def look_for() -> Response:
    """The things with a name that contains the text."""
    text = request.args.get("q", "").strip()
    try:
        found = search(text) if text else None
    except UsageError as error:
        refused = render_template("search.html", searched=text, error=str(error))
        return page(refused, status=error.status)
    return page(render_template("search.html", searched=text, found=found))


@blueprint.get(f"/all/<any({', '.join(GROUPS)}):name>")
def all_of(name: str) -> Response:
    """All things of one of the groups on the home page."""
    group = GROUPS[name]
    return _once(f"/all/{name}", lambda: _group(group), number=asked_page())


@blueprint.get("/query")
def write_query() -> Response:
    """The page to write a query, empty or with one to start from."""
    if not request.args:
        return _once("/query", render_query_page)
    key = request.args.get("question")
    try:
        text = _asked(key) if key else request.args.get("query")
    except UsageError as error:
        return page(render_query_page(error=str(error)), status=error.status)
    dataset = [
        (name, one)
        for name in protocol.DATASET
        for one in dict.fromkeys(request.args.getlist(name))
        if one
    ]
    if text and "run" in request.args:
        return redirect(sparql(text, dataset), 303)
    return page(render_query_page(text, dataset))


def render_query_page(
    query_text: str | None = None,
    dataset: Sequence[tuple[str, str]] = (),
    error: str | None = None,
) -> str:
    """The page to write a query: a text, its graphs, what is wrong, the published questions."""
    return render_template(
        "query.html",
        query_text=query_text or "",
        dataset=dataset,
        error=error,
        questions=questions.questions(),
        chosen=request.args.get("question"),
        given=request.args,
    )


def _asked(key: str) -> str:
    found = questions.question(key)
    if found is None:
        raise UsageError(f"there is no published question {key!r}")
    return found.filled(request.args)


def _once(
    address: str, write: Callable[[], str], links: Sequence[Link] = (), number: int = 1
) -> Response:
    """A page that is the same for all, and about nothing that has an IRI."""
    etag, coding, body = made.once(address, number, write)
    return sealed(HTML, body, etag, links, coding=coding)


def _dataset(suffix: str) -> bytes:
    about = Fact(BASE, iri("foaf:primaryTopic"), NamedNode(DATASET))
    return rdf.write((about, *describe(DATASET, whole=True).facts()), suffix, BASE)


def _home() -> str:
    groups = [one.listed(Part(1, PER_PAGE, one.count())) for one in GROUPS.values()]
    counts = {
        row["class"].value.rsplit("#")[-1]: int(row["count"].value)
        for row in recall(text_of("counts"))
    }
    return render_template("home.html", groups=groups, counts=counts, examples=_examples())


def _group(group: Group) -> str:
    listed = group.listed(Part.asked(PER_PAGE, group.count()))
    return render_template("group.html", group=group, listed=listed)


def _examples() -> Sequence[questions.Question]:
    """Three questions to begin with."""
    every = questions.questions()

    def order(one: questions.Question) -> int:
        starts = (rank for rank, start in enumerate(_FIRST) if one.key.startswith(start))
        return next(starts, len(_FIRST))

    return sorted(every, key=order)[:3]


@blueprint.app_context_processor
def release_in_templates() -> dict[str, Any]:
    """The release that every page names at its foot."""
    return {"release": served().release}


@blueprint.app_template_filter("query_page")
def query_page_filter(text: str, dataset: Sequence[tuple[str, str]] = ()) -> str:
    """The query page with a query filled in."""
    return query_page(text, dataset)


@blueprint.app_template_filter("sparql")
def sparql_filter(text: str, dataset: Sequence[tuple[str, str]], form: str) -> str:
    """The address of a result in a form."""
    return sparql(text, dataset, format=form)


@blueprint.app_template_filter("query_title")
def query_title(text: str) -> str:
    """What a query asks, in as few words as a title can hold."""
    return questions.title_of(text) or _cut(" ".join(_PROLOGUE.sub("", text).split()))


def _cut(text: str) -> str:
    """As much of a line as a title can hold, in whole words where they are not too long."""
    if len(text) <= _TITLE:
        return text
    words = text[:_TITLE].rpartition(" ")[0]
    return f"{words if len(words) > _TITLE // 2 else text[: _TITLE - 1]}…"


@blueprint.app_template_filter("cell")
def cell(term: Term, names: Graph | None = None) -> Markup:
    """A term of a result: IRIs of ours lead to the pages here, texts have their direction.

    What has a name among those that are given is shown by it.
    """
    if isinstance(term, NamedNode):
        target, short = href(term.value), escape(compact(term.value))
        if target and names and names.predicates(term.value):
            name = markup.text(Thing.of(term.value, names).label)
            return Markup('<a href="{}" title="{}">{}</a>').format(target, short, name)
        return Markup('<a href="{}">{}</a>').format(target, short) if target else short
    if isinstance(term, Literal) and term.language:
        return markup.text(Text.of(term))
    return Markup('<bdi dir="auto">{}</bdi>').format(plain(term))
