"""The whole release: each of its IRIs, and the answers for a day."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from designata.store.directory import Release
from designata.store.question import fill
from designata.store.rows import rows
from designata.vocabulary import BASE, PREFIXES, term
from designata.web.serving import EXTENSION

if TYPE_CHECKING:
    from conftest import Element

HTS = "organization:hayat-tahrir-al-sham"
DAYS = (
    "2012-12-31 2013-06-15 2014-05-14 2018-06-06 2024-12-05 2025-07-08 2025-12-31 2026-03-15"
).split()
DOWNLOADS = ("release/", "sparql", "context.jsonld")


def ours(release: Release) -> list[str]:
    """Every IRI of ours that occurs in the release, without what follows a `#`."""
    found = set()
    for quad in parse(path=release.file("designata.nq"), format=RdfFormat.N_QUADS):
        for node in (quad.subject, quad.predicate, quad.object, quad.graph_name):
            if isinstance(node, NamedNode) and node.value.startswith(BASE):
                found.add(node.value.partition("#")[0])
    return sorted(found)


def complaint(client: FlaskClient, iri: str) -> str | None:
    """What is wrong with the answers for an IRI."""
    path = "/" + iri.removeprefix(BASE)
    for media_type in ("text/turtle", "text/html"):
        reply = client.get(path, headers={"Accept": media_type}, follow_redirects=True)
        if reply.status_code != 200:
            return f"{iri}: {reply.status_code} for {media_type}"
        if path[1:].startswith(DOWNLOADS):
            continue
        if reply.mimetype != media_type:
            return f"{iri}: {reply.mimetype} instead of {media_type}"
        if media_type == "text/turtle":
            subjects = {triple.subject.value for triple in parse(reply.data, RdfFormat.TURTLE)}
            if not any(one == iri or one.startswith(f"{iri}#") for one in subjects):
                return f"{iri}: its document does not say anything about it"
        elif "<h1>" not in reply.text:
            return f"{iri}: its page has no heading"
    return None


def test_every_iri_of_the_release_leads_to_turtle_and_to_a_page_about_it(
    site: FlaskClient, release: Release
) -> None:
    iris = ours(release)
    assert len(iris) > 1000
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda iri: complaint(site.application.test_client(), iri), iris))
    assert [one for one in found if one] == []


@pytest.mark.parametrize("day", DAYS)
def test_the_page_answers_as_the_published_question_does(
    site: FlaskClient, tree: Callable[[str], Element], day: str
) -> None:
    pool = site.application.extensions[EXTENSION].pool
    text = rows(pool, f"SELECT ?text {{ {term('query:asof')} {term('sh:select')} ?text }}")
    date = Literal(day, datatype=NamedNode(PREFIXES["xsd"] + "date"))
    asked = fill(str(text[0]["text"].value), {"date": date, "organization": term(HTS)})
    expected = {
        (local(row["authority"]), local(row["programme"]), row["answer"].value)
        for row in rows(pool, asked)
    }
    page = tree(site.get(f"/doc/organization/hayat-tahrir-al-sham.html?date={day}").text)
    table = next(page.all("table", "stack"))
    body = next(table.all("tbody"))
    found = set()
    for row in body.all("tr"):
        links = [link.attributes["href"] for link in row.all("a")]
        answer = next(row.all("span", "answer")).attributes["class"].split()[-1]
        found.add((links[0], links[1], answer))
    assert found == expected
    assert len(found) >= 14


def test_a_page_with_more_pages_has_one_content_under_its_addresses(site: FlaskClient) -> None:
    browser = {"Accept": "text/html"}
    found = site.get("/doc/code/start-kind/first-observed", headers=browser)
    there = site.get(found.headers["Content-Location"], headers=browser)
    assert 'rel="next"' in found.text
    assert (found.data, found.headers["ETag"]) == (there.data, there.headers["ETag"])


def local(node: NamedNode) -> str:
    return "/doc/" + node.value.removeprefix(BASE + "id/")
