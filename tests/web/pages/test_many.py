"""Pages over more things than one page can show."""

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.pool import open_pool
from designata.web import search
from designata.web.app import create_app

if TYPE_CHECKING:
    from conftest import Element

MANY = 120
HEAD = """
@prefix dsg: <https://w3id.org/designata/ontology#> .
@prefix organization: <https://w3id.org/designata/id/organization/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client over organizations that are called `Body 0` and so on."""
    bodies = (
        f'organization:body-{n:03} a dsg:Organization ; skos:prefLabel "Body {n}"@en .\n'
        for n in range(MANY)
    )
    ways = (f"organization:body-000 rdfs:seeAlso <http://example.org/{n}> .\n" for n in range(250))
    back = (f"organization:body-{n:03} rdfs:seeAlso organization:body-000 .\n" for n in range(MANY))
    file = tmp_path_factory.mktemp("many") / "many.ttl"
    file.write_text(HEAD + "".join((*bodies, *ways, *back)))
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool([(file, None)], settings) as pool:
        yield create_app(settings, pool, None).test_client()


def names(page: "Element", element: str, css: str) -> list[str]:
    """The texts of the links in the list of a class."""
    return [a.text for found in page.all(element, css) for a in found.all("a")]


def test_a_search_says_how_many_things_there_are_and_leads_to_all_of_them(
    many: FlaskClient, tree: Callable[[str], "Element"]
) -> None:
    address, found, said = "/search?q=body", [], []
    while address:
        page = tree(many.get(address, headers={"Accept": "text/html"}).text)
        found += names(page, "ol", "hits")
        said.append(next(page.all("p", "lead")).text)
        address = next((a.attributes["href"] for a in page.all("a") if a.text == "Next"), "")
    assert said == [
        f"120 things have a name with “ body ” in it; these are {which}."
        for which in ("the closest 50", "51 to 100", "101 to 120")
    ]
    assert len(found) == len(set(found)) == MANY
    assert found[:3] == ["Body 0", "Body 1", "Body 2"]
    beyond = many.get("/search?q=body&page=4")
    assert (beyond.status_code, "there are 3 pages" in beyond.text) == (404, True)
    assert many.get("/search?q=body&page=0").status_code == 400
    assert "there is 1 page, and no page 2" in many.get("/search?q=nobody&page=2").text


def test_a_search_that_finds_too_much_to_count_says_so(
    many: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MOST_NAMES", 60)
    text = many.get("/search?q=Body&page=2").text
    assert "At least 60 things have a name with" in text
    assert "these are 51 to 60" in text
    assert "Page 2 of at least 2" in text


def test_a_text_that_is_longer_than_names_is_not_cut_in_silence(many: FlaskClient) -> None:
    reply = many.get("/search", query_string={"q": "body" * 51})
    assert reply.status_code == 400
    assert "A name may have 200 characters here, and this has 204." in reply.text
    assert re.search(f'name="q" value="{"body" * 51}"', reply.text)


def test_the_home_page_lists_some_says_how_many_there_are_and_leads_to_the_rest(
    many: FlaskClient, tree: Callable[[str], "Element"]
) -> None:
    home = tree(many.get("/").text)
    assert "120 organizations" in next(home.all("ul", "counts")).text
    assert next(home.all("h2")).text == "Other organizations and bodies 120"
    first = names(home, "ul", "columns")
    assert (len(first), "These are the first 100." in home.text) == (100, True)
    (more,) = (a.attributes["href"] for a in home.all("a") if a.text.startswith("The next ones"))
    rest = tree(many.get(more).text)
    assert len({*first, *names(rest, "ul", "columns")}) == MANY
    assert next(rest.all("nav", "pages")).text == "Previous Page 2 of 2"
    assert tree(many.get("/all/organizations").text).text.count("Body") == 100
    assert many.get("/all/organizations?page=3").status_code == 404
    assert many.get("/all/bases").status_code == 200


def test_a_page_of_a_thing_leads_to_what_is_new_on_the_next(
    many: FlaskClient, tree: Callable[[str], "Element"]
) -> None:
    address = "/doc/organization/body-000.html"
    path, seen = address.removesuffix(".html"), []
    while address:
        page = tree(many.get(address, headers={"Accept": "text/html"}).text)
        place = address.partition("#")[2]
        assert not place or [one for one in page.all("h2") if one.attributes.get("id") == place]
        seen.append(address.removeprefix(path))
        address = next((a.attributes["href"] for a in page.all("a") if a.text == "Next"), "")
    assert seen == [".html", "?page=2#links", "?page=3"]
