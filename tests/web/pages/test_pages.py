"""What the pages say."""

import re
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from flask.testing import FlaskClient

from designata.store.directory import Release
from designata.vocabulary import BASE
from designata.web import questions, sparql
from designata.web.app import create_app
from designata.web.search import fold
from designata.web.serving import EXTENSION

if TYPE_CHECKING:
    from conftest import Element

Page = Callable[[str], "Element"]
HTS = "/doc/organization/hayat-tahrir-al-sham"
PAGES = [
    "/",
    "/search",
    "/search?q=nusra",
    "/search?q=zzzz",
    "/query",
    "/query?question=asof",
    "/ontology",
    "/shapes",
    "/void",
    "/release/",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Ftype%20%7D%20LIMIT%205",
    "/sparql?query=SELECT",
    "/no-such-page",
    HTS,
    "/doc/organization/russia",
    "/doc/organization/islamic-state",
    "/doc/base/hmeimim",
    "/doc/place/hama",
    "/doc/place/syria",
    "/doc/event/hama-withdrawal",
    "/doc/designation/hts--us-fto",
    "/doc/designation/hts--iran",
    "/doc/act/hts--us-fto--listing",
    "/doc/programme/us-fto",
    "/doc/instrument/fr-2014-11217",
    "/doc/period/hts--us-fto",
    "/doc/citation/hts--un-xml",
    "/doc/source/rt-2024-12-05",
    "/doc/agent/rt",
    "/doc/name/hts--arabic",
    "/doc/claim/hama--airport-regained",
    "/doc/change/hts--rename-2017",
    "/doc/relation/hts--is--splinter",
    "/doc/control/hama--hts",
    "/doc/participation/hama-withdrawal--hts",
    "/doc/tenure/hmeimim--russia",
    "/doc/geometry/hmeimim",
    "/doc/coverage/eu-881-2002",
    "/doc/list/un-consolidated",
    "/doc/list-entry/un--qde-137",
    "/doc/query/asof",
    "/doc/parameter/asof--date",
    "/doc/dataset/designata",
    "/doc/code/act-kind",
    "/doc/code/act-kind/listing",
]


def one(found: "Element", name: str | None = None, css: str | None = None) -> "Element":
    return next(iter(found.all(name, css)))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_can_be_found_through(
    small: FlaskClient, tree: Page, path: str
) -> None:
    reply = small.get(path, headers={"Accept": "text/html"})
    assert reply.headers["Content-Security-Policy"].startswith("default-src 'self'")
    found = tree(reply.text)
    assert one(found, "html").attributes == {"lang": "en", "dir": "ltr"}
    assert len(list(found.all("h1"))) == len(list(found.all("main"))) == 1
    levels = [int(e.name[1]) for e in found.all() if re.fullmatch("h[1-6]", e.name)]
    assert all(later <= before + 1 for before, later in pairwise(levels))
    ids = [e.attributes["id"] for e in found.all() if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    assert not [e for e in found.all() if {"style", "onclick", "onload"} & e.attributes.keys()]
    assert not [e for e in found.all("a") if not e.text]
    assert all(list(table.all("caption")) for table in found.all("table"))


@pytest.mark.parametrize("path", PAGES)
def test_a_page_needs_nothing_from_elsewhere_and_its_links_stay_here(page: Page, path: str) -> None:
    found = page(path)
    sources = [e.attributes["src"] for e in found.all() if "src" in e.attributes]
    styles = [
        e.attributes["href"]
        for e in found.all("link")
        if e.attributes["rel"] in ("stylesheet", "icon")
    ]
    assert all(address.startswith("/static/") for address in [*sources, *styles])
    targets = [e.attributes["href"] for e in found.all("a")]
    assert not [target for target in targets if target.startswith(BASE)]


@pytest.mark.parametrize("path", PAGES)
def test_right_to_left_text_says_so(page: Page, path: str) -> None:
    for element in page(path).all("bdi"):
        own = "".join(child for child in element.children if isinstance(child, str))
        if re.search(r"[\u0600-\u06ff]", own) and "lang" in element.attributes:
            assert element.attributes["dir"] == "rtl"
        assert element.attributes["dir"] in ("ltr", "rtl", "auto")


@pytest.mark.parametrize("path", [HTS, "/doc/base/hmeimim", "/doc/place/hama"])
def test_every_claim_names_its_source_and_its_claimant(page: Page, path: str) -> None:
    claims = [claim.text for claim in page(path).all("li", "claim")]
    assert claims
    unsourced = [text for text in claims if not re.search(r"Says .+?(Source: |sources)", text)]
    assert [text for text in unsourced if not re.match("QDe|Council Regulation", text)] == []


def test_the_organization_says_who_designated_it_under_what_and_from_when_to_when(
    page: Page,
) -> None:
    found = page(HTS)
    claims = {
        claim.attributes["id"]: claim.text
        for claim in found.all("li", "claim")
        if "id" in claim.attributes
    }
    fto = claims["hts--us-fto"]
    for words in (
        "Designated under Foreign Terrorist Organizations",
        "Began between 14 and 15 May 2014; ended on 8 July 2025.",
        "Listed as Al-Nusrah Front for the People of the Levant",
        "Law Immigration and Nationality Act, section 219",
        "Says United States Department of State",
        "Federal Register notice 2014-11217",
    ):
        assert words in fto
    assert "still held when last checked on 24 December 2025" in claims["hts--us-sdgt"]
    assert "Began on 30 May 2013; ended on 14 May 2014" in claims["hts--un-1267-alias"]
    assert "alias of" in claims["hts--un-1267-alias"]
    assert "Says RT" in claims["hts--iran"] and "No act is known" in claims["hts--iran"]


TITLES = [
    (
        "act/hts--us-fto--listing",
        "Hay'at Tahrir al-Sham: listing by United States Department of State "
        "under Foreign Terrorist Organizations, 15 May 2014 · Act · Designata",
    ),
    (
        "designation/hts--un-1267-alias",
        "Hay'at Tahrir al-Sham, designated by United Nations Security Council: "
        "ISIL (Da'esh) and Al-Qaida sanctions (1267), through Islamic State · Designation "
        "· began on 30 May 2013; ended on 14 May 2014",
    ),
    ("name/hts--hts", "HTS · Name of Hay'at Tahrir al-Sham · said on 31 May 2018"),
    ("period/hama--hts", "Began between 5 and 6 December 2024; end unknown · Period of Hama: held"),
    ("code/act-kind/listing", "listing · Code of "),
    ("parameter/asof--date", "date · Parameter of Was the organization designated on a day?"),
    ("geometry/hmeimim", "Position: POINT(35.9487 35.4011) · Position of Hmeimim Air Base"),
    ("instrument/ina-219", "Immigration and Nationality Act, section 219 · Legal instrument · 8 U"),
    ("control/hama--hts", "Hama: held by Hay'at Tahrir al-Sham, began between 5 and 6 December"),
    ("change/hts--rename-2017", "Rename: Al-Nusrah Front"),
    (
        "coverage/eu-881-2002",
        "What was checked for Council Regulation (EC) No 881/2002: Hay'at Tahrir al-Sham",
    ),
]


@pytest.mark.parametrize(("path", "title"), TITLES)
def test_a_title_tells_things_apart(page: Page, path: str, title: str) -> None:
    found = one(page(f"/doc/{path}"), "title").text
    assert found.startswith(title)


def test_no_two_things_have_one_title(small: FlaskClient, tree: Page) -> None:
    pages = re.findall("<loc>http://localhost(.*?)</loc>", small.get("/sitemap-1.xml").text)
    about = [path for path in pages if path.startswith("/doc/")]
    titles = [one(tree(small.get(f"{path}.html").text), "title").text for path in about]
    assert len(about) > 100
    assert [title for title in set(titles) if titles.count(title) > 1] == []


def test_the_names_stand_by_kind_with_language_quality_and_claimant(page: Page) -> None:
    names = [item.text for listing in page(HTS).all("ul", "names") for item in listing.all("li")]
    acronym = next(text for text in names if text.startswith("HTS"))
    assert "English weak acronym of Hay'at Tahrir al-Sham Says United States Depart" in acronym
    assert any(text.startswith("هيئة تحرير الشام Arabic strong") for text in names)


ANSWERS = [
    ("2012-12-10", "United States", "possible"),
    ("2012-12-11", "United States", "certain"),
    ("2014-05-13", "United Nations Security Council", "certain"),
    ("2026-02-27", "United Nations Security Council", "no"),
    ("2026-07-21", "European Union", "no"),
    ("2020-01-01", "European Union", "unknown"),
    ("2024-12-05", "Iran", "certain"),
    ("2024-12-04", "Iran", "unknown"),
]


@pytest.mark.parametrize(("day", "authority", "answer"), ANSWERS)
def test_the_page_answers_for_a_day(page: Page, day: str, authority: str, answer: str) -> None:
    table = one(page(f"{HTS}.html?date={day}"), "table", "stack")
    answers = {
        one(row, "th").text: one(row, "span", "answer").text
        for row in one(table, "tbody").all("tr")
        if "Foreign Terrorist" not in row.text
    }
    assert answers[authority] == answer


def test_the_words_of_the_answers_are_explained(page: Page) -> None:
    section = next(e for e in page(HTS).all("section") if "as-of" in e.attributes.values())
    said = set(re.findall("“(.+?)”", list(section.all("p", "fine"))[-1].text))
    assert said == {answer for _, _, answer in ANSWERS}


NO_DAYS = [
    ("yesterday", "'yesterday' is not a day written as YYYY-MM-DD."),
    ("2024-13-01", "'2024-13-01' is not a day written as YYYY-MM-DD."),
    ("2023-02-29", "'2023-02-29' is not a day written as YYYY-MM-DD."),
    ("2024-W01-1", "'2024-W01-1' is not a day written as YYYY-MM-DD."),
    ("2024-1-5", "'2024-1-5' is not a day written as YYYY-MM-DD."),
    ("20240105", "'20240105' is not a day written as YYYY-MM-DD."),
    ("٢٠٢٤-٠١-٠٥", "'٢٠٢٤-٠١-٠٥' is not a day written as YYYY-MM-DD."),
    ("", "'' is not a day written as YYYY-MM-DD."),
    ("0001-01-01", "0001-01-01 is too far away: ask for a day from 1900-01-01 to 2099-12-31."),
    ("1899-12-31", "1899-12-31 is too far away: ask for a day from 1900-01-01 to 2099-12-31."),
    ("2100-01-01", "2100-01-01 is too far away: ask for a day from 1900-01-01 to 2099-12-31."),
    ('"><b>', "'\"><b>' is not a day written as YYYY-MM-DD."),
]


@pytest.mark.parametrize(("wanted", "message"), NO_DAYS)
def test_a_day_that_is_none_is_refused_in_place(
    small: FlaskClient, tree: Page, wanted: str, message: str
) -> None:
    reply = small.get(f"{HTS}.html", query_string={"date": wanted})
    assert (reply.status_code, reply.headers["Cache-Control"]) == (400, "no-store")
    found = tree(reply.text)
    assert one(found, "p", "error").text == f"{message} Correct it and ask again."
    field = next(e for e in found.all("input") if e.attributes.get("name") == "date")
    assert (field.attributes["value"], field.attributes["type"]) == (wanted, "text")
    assert "Answers for" not in found.text


def test_the_first_and_the_last_day_are_answered(small: FlaskClient) -> None:
    for wanted in ("1900-01-01", "2099-12-31", " 2024-12-05 "):
        assert small.get(f"{HTS}.html", query_string={"date": wanted}).status_code == 200


def test_a_day_says_nothing_to_a_document_without_that_question(small: FlaskClient) -> None:
    for path in (f"{HTS}.ttl", "/doc/base/hmeimim.html"):
        assert small.get(path, query_string={"date": "x"}).status_code == 200


def test_the_timeline_has_a_table_that_says_the_same(page: Page) -> None:
    found = page(HTS)
    strips = [e.attributes["aria-label"] for e in found.all("svg", "strip")]
    assert "began between 14 and 15 May 2014; ended on 8 July 2025" in strips
    tables = [t for t in found.all("table") if "Periods and what is known" in t.text]
    assert len(list(one(tables[0], "tbody").all("tr"))) == len(strips) == 5


def test_claims_that_dispute_each_other_stand_side_by_side(page: Page) -> None:
    group = one(page(HTS), "ul", "dispute")
    assert [one(claim, "p", "head").text for claim in group.all("li", "claim")] == [
        "The Syrian army regained the airport of Hama in the evening of 5 December 2024.",
        "Opposition fighters held the airport of Hama after they took the city.",
    ]


def test_the_base_says_where_it_is_how_exactly_and_who_uses_it(page: Page) -> None:
    found = page("/doc/base/hmeimim")
    caption = "35.4011° N, 35.9487° E, within 1 km. Drawn in the box of Syria, north upwards."
    assert one(found, "figcaption").text == caption
    tenure = next(c.text for c in found.all("li", "claim") if "operator" in c.text)
    assert "Russia operator" in tenure
    assert "Began between 26 August and 30 September 2015" in tenure
    assert "Agreement Agreement of 26 August 2015" in tenure


def test_a_source_lists_the_claims_that_rest_on_it(page: Page) -> None:
    found = page("/doc/source/rt-2024-12-05")
    text = found.text
    address = "https://www.rt.com/news/608749-syria-hama-rebels-hts/"
    assert address in {link.attributes["href"] for link in found.all("a")}
    assert "Claims that rest on it" in text
    assert "Withdrawal from Hama" in text


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("hayat tahrir al sham", "Hay'at Tahrir al-Sham"),
        ("NUSRAH", "Hay'at Tahrir al-Sham"),
        ("هيئه تحرير", "Hay'at Tahrir al-Sham"),
        ("حميميم", "Hmeimim Air Base"),
        ("qde.137", "QDe.137 in United Nations Security Council Consolidated List"),
        ("hama", "Hama"),
    ],
)
def test_search_finds_a_thing_by_any_of_its_names(
    small: FlaskClient, tree: Page, text: str, first: str
) -> None:
    found = tree(small.get("/search", query_string={"q": text}).text)
    assert one(one(found, "ol", "hits"), "h2").text == first


def test_names_of_one_length_are_not_shown_by_chance(site: FlaskClient) -> None:
    page = site.get("/search", query_string={"q": "a"}).text
    lines = re.findall('<p class="labels">(.*?)</p>', page, re.DOTALL)
    shown = [unescape(re.sub("<[^>]*>", "", line)).split(" · ") for line in lines]
    assert max(map(len, shown)) == 5
    for names in shown:
        order = [(not fold(name).startswith("a"), len(name), name) for name in names]
        assert order == sorted(order)


@pytest.mark.parametrize("accept", ["text/html", "text/csv", "application/json"])
def test_each_form_of_a_result_leads_to_the_release(
    small: FlaskClient, small_release: Release, accept: str
) -> None:
    asked = {"query": "SELECT ?s { ?s ?p ?o } ORDER BY ?s LIMIT 1"}
    reply = small.get("/sparql", query_string=asked, headers={"Accept": accept})
    relation = "http://www.w3.org/ns/prov#wasDerivedFrom"
    assert reply.headers["Link"] == f'</release/{small_release.id}/>; rel="{relation}"'


def test_search_shows_what_was_typed_as_text(
    small: FlaskClient,
) -> None:
    reply = small.get("/search", query_string={"q": '<script>"&'})
    assert "<script>" not in reply.text
    assert "Nothing here has a name with" in reply.text


def test_an_empty_search_says_what_to_type(
    small: FlaskClient,
) -> None:
    assert "Type a name" in small.get("/search?q=%20").text


def test_the_query_page_offers_the_published_questions_with_their_parameters(page: Page) -> None:
    found = page("/query?question=asof")
    fields = {e.attributes["name"]: e for e in found.all() if "name" in e.attributes}
    assert fields["date"].attributes["type"] == "date"
    assert fields["date"].attributes["value"] == "2024-12-05"
    chosen = [e.text for e in fields["organization"].all("option") if "selected" in e.attributes]
    assert chosen == ["Hay'at Tahrir al-Sham"]
    assert "PREFIX dsg:" in one(found, "textarea").text


def test_a_question_that_has_no_answer_without_a_value_asks_for_one(
    page: Page, small: FlaskClient, tree: Page
) -> None:
    fields = {e.attributes["name"]: e for e in page("/query").all() if "name" in e.attributes}
    assert "required" in fields["date"].attributes
    assert "any" in [e.text for e in fields["authority"].all("option")]
    reply = small.get("/query", query_string={"question": "asof", "date": "", "run": "yes"})
    said = one(tree(reply.text), "p", "error").text
    assert (reply.status_code, said) == (400, "date: without a value this question has no answer")
    kept = {
        e.attributes.get("name"): e.attributes.get("value") for e in tree(reply.text).all("input")
    }
    assert kept["date"] == "2024-12-05"
    anybody = {"question": "asof", "organization": "", "authority": "", "run": "yes"}
    assert small.get("/query", query_string=anybody).status_code == 303


def test_graphs_that_are_named_twice_or_not_at_all_are_offered_once_or_not(
    small: FlaskClient, tree: Page
) -> None:
    graphs = "&default-graph-uri=".join(("", "", "a:b", "a:b"))
    shown = small.get(f"/query?query=ASK%7B%7D{graphs}")
    boxes = [e for e in tree(shown.text).all("input") if "checked" in e.attributes]
    assert [box.attributes["value"] for box in boxes] == ["a:b"]


def test_a_result_without_columns_says_so(small: FlaskClient, tree: Page) -> None:
    found = results(small, tree, "SELECT * {}")
    assert one(found, "h1").text == "1 row"
    assert "names no variable" in one(found, "p", "empty").text
    assert not list(found.all("table"))


def test_what_there_is_too_much_of_to_choose_from_is_written(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_OPTIONS", 5)
    found = page("/query?question=asof&fresh=1")
    field = next(e for e in found.all("input") if e.attributes.get("name") == "organization")
    assert field.attributes["value"] == "organization:hayat-tahrir-al-sham"


def test_a_question_is_filled_in_and_run(
    small: FlaskClient,
    tree: Page,
) -> None:
    asked = {"question": "asof", "date": "2014-05-13", "authority": "", "run": "yes"}
    asked["organization"] = "organization:islamic-state"
    reply = small.get("/query", query_string=asked)
    assert reply.status_code == 303
    query = parse_qs(urlsplit(reply.headers["Location"]).query)["query"][0]
    assert 'VALUES ?date { "2014-05-13"^^<http://www.w3.org/2001/XMLSchema#date> }' in query
    assert f"VALUES ?organization {{ <{BASE}id/organization/islamic-state> }}" in query
    assert "VALUES ?authority { UNDEF }" in query
    results = tree(small.get(reply.headers["Location"], headers={"Accept": "text/html"}).text)
    assert one(results, "h1").text == "1 row"
    assert "/doc/organization/islamic-state" in {e.attributes["href"] for e in results.all("a")}
    title = "Was the organization designated on a day? 2014-05-13, Islamic State"
    assert one(results, "title").text == f"{title} · Results · Designata"
    shown = tree(small.get("/query", query_string={"query": query}).text)
    assert one(shown, "title").text == f"{title} · Query · Designata"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"question": "nothing"}, "there is no published question 'nothing'"),
        ({"question": "asof", "date": "soon"}, "'soon' is not a day written as YYYY-MM-DD"),
        ({"question": "asof", "date": "2024-W01-1"}, "'2024-W01-1' is not a day written"),
        ({"question": "asof", "date": "1066-10-14"}, "date: 1066-10-14 is too far away"),
        ({"question": "asof", "organization": "a b"}, "'a b' is not an IRI"),
        ({"question": "asof", "organization": "http://x/> } #"}, "is not an IRI"),
        ({"question": "asof", "organization": "/doc/a b"}, "'/doc/a b' is not an IRI"),
        ({"question": "asof", "organization": "/doc/<>"}, "'/doc/<>' is not an IRI"),
        ({"question": "asof", "organization": "http://[::1"}, "'http://[::1' is not an IRI"),
    ],
)
def test_a_question_that_cannot_be_filled_in_says_why(
    small: FlaskClient, tree: Page, asked: dict[str, str], message: str
) -> None:
    reply = small.get("/query", query_string=asked)
    assert (reply.status_code, reply.headers["Cache-Control"]) == (400, "no-store")
    found = tree(reply.text)
    assert message in one(found, "p", "error").text
    kept = {e.attributes.get("name"): e.attributes.get("value") for e in found.all("input")}
    if "date" in asked:
        assert kept["date"] == asked["date"]
        field = next(e for e in found.all("input") if e.attributes.get("name") == "date")
        assert field.attributes["type"] == ("date" if "1066" in message else "text")


@pytest.mark.parametrize(
    ("value", "called"),
    [
        ("organization:islamic-state", "Islamic State"),
        ("organization:nobody-here", "nobody here"),
        ("foo:bar", "foo:bar"),
        (f"<{BASE}id/organization/a%zz>", "a%zz"),
        ("<no iri>", "no iri"),
        ('"a \\\\"b\\\\" c"', 'a "b" c'),
        ("<http://example.org/x>", "example.org/x"),
    ],
)
def test_a_published_question_is_titled_by_what_it_is_asked_about(
    small: FlaskClient, tree: Page, value: str, called: str
) -> None:
    found = tree(small.get("/query?question=asof").text)
    (text,) = one(found, "textarea").children
    assert isinstance(text, str)
    asked = re.sub(r"(\?organization \{).*", rf"\1 {value} }}", text)
    assert asked != text
    found = tree(small.get("/query", query_string={"query": asked}).text)
    assert one(found, "title").text.startswith(
        f"Was the organization designated on a day? 2024-12-05, {called} · "
    )


def test_a_query_is_shown_as_it_was_written(
    small: FlaskClient,
    tree: Page,
) -> None:
    text = 'SELECT * {\n  ?s ?p "</textarea><b>" }'
    found = tree(small.get("/query", query_string={"query": text}).text)
    assert one(found, "textarea").children == [text]


@pytest.mark.parametrize(
    ("text", "status", "title"),
    [
        ("SELECT *\nWHERE {\n  ?s ?p <b> } }", 400, "The query is not well-formed"),
        ("DELETE WHERE { ?s ?p ?o }", 403, "This endpoint is read-only"),
    ],
)
def test_a_query_that_is_refused_can_be_changed_at_once(
    small: FlaskClient, tree: Page, text: str, status: int, title: str
) -> None:
    reply = small.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"})
    found = tree(reply.text)
    assert (reply.status_code, one(found, "h1").text) == (status, title)
    form = one(found, "form", "query")
    assert form.attributes["action"] == "/sparql"
    assert one(form, "textarea").children == [text]
    assert "autocomplete" not in one(form, "textarea").attributes
    assert one(form, "textarea").attributes["aria-invalid"] == "true"


NAMED_GRAPH, ONLY = "urn:x:nothing-is-here", "SELECT * { ?s ?p ?o } LIMIT 3"


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize("start", ["/sparql", "/query"])
def test_a_query_of_some_graphs_stays_one_of_them_on_every_way_from_its_page(
    small: FlaskClient, tree: Page, parameter: str, start: str
) -> None:
    asked = {"query": ONLY, parameter: NAMED_GRAPH}
    found = tree(small.get(start, query_string=asked, headers={"Accept": "text/html"}).text)
    if start == "/sparql":
        assert one(found, "h1").text == "0 rows"
        ways = {a.text: a.attributes["href"] or "" for a in found.all("a")}
        for name in ("CSV", "JSON"):
            assert "http" not in small.get(ways[name]).text.replace("http://www.w3", "")
        found = tree(small.get(ways["Change the query"]).text)
    box = next(e for e in found.all("input") if e.attributes["type"] == "checkbox")
    assert (box.attributes["name"], box.attributes["value"]) == (parameter, NAMED_GRAPH)
    assert "checked" in box.attributes
    on = small.get("/query", query_string={**asked, "run": "yes"}).location
    assert on and dict(parse_qsl(on.partition("?")[2])) == asked


def test_a_graph_that_is_no_iri_is_no_fault_of_the_query(small: FlaskClient, tree: Page) -> None:
    asked = {"query": ONLY, "default-graph-uri": "not one"}
    reply = small.get("/sparql", query_string=asked, headers={"Accept": "text/html"})
    found = tree(reply.text)
    assert (reply.status_code, one(found, "h1").text) == (400, "The query is not answered")
    assert "aria-invalid" not in one(found, "textarea").attributes
    box = next(e for e in found.all("input") if e.attributes["type"] == "checkbox")
    assert box.attributes["value"] == "not one"


def test_results_link_to_pages_here_and_to_the_same_in_other_forms(
    small: FlaskClient,
    tree: Page,
) -> None:
    text = (
        "SELECT ?name ?text ?nothing { ?name "
        "<http://www.w3.org/2008/05/skos-xl#literalForm> ?text FILTER(LANG(?text) = 'ar') }"
    )
    reply = small.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"})
    found = tree(reply.text)
    targets = {e.attributes["href"]: e.text for e in found.all("a")}
    assert targets["/doc/name/hts--arabic"] == "هيئة تحرير الشام"
    short = {e.attributes["title"] for e in one(found, "tbody").all("a")}
    assert short == {"name:hts--arabic", "name:hmeimim--arabic"}
    assert {e.attributes["dir"] for e in one(found, "tbody").all("bdi")} == {"rtl"}
    for name in ("CSV", "JSON"):
        other = next(href for href, said in targets.items() if said == name)
        assert small.get(other).status_code == 200
    assert len([e for e in found.all("span", "none")]) == 2


def results(small: FlaskClient, tree: Page, text: str) -> "Element":
    asked = {"query": text}
    return tree(small.get("/sparql", query_string=asked, headers={"Accept": "text/html"}).text)


def test_what_has_no_name_or_is_one_of_too_many_stands_as_its_iri(
    small: FlaskClient, tree: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (
        f"SELECT * {{ VALUES ?thing {{ <{BASE}id/base/none> <{BASE}id/base/hmeimim> "
        f"<{BASE}ontology#Name> <http://example.org/x> }} }}"
    )
    shown = [a.text for a in one(results(small, tree, text), "tbody").all("a")]
    assert shown == ["base:none", "Hmeimim Air Base", "dsg:Name", "http://example.org/x"]
    monkeypatch.setattr(sparql, "NAMED_THINGS", 1)
    shown = [a.text for a in one(results(small, tree, text + " #"), "tbody").all("a")]
    assert shown[1] == "base:hmeimim"


@pytest.mark.parametrize(
    ("text", "headline", "title"),
    [
        ("ASK {}", "Yes", "ASK {} · Results · Designata"),
        ("ASK { <a:b> <a:b> <a:b> }", "No", "ASK { <a:b> <a:b> <a:b> } · Results · Designata"),
        (
            "# Three\nPREFIX a: <http://a/>\nCONSTRUCT  { ?s ?p ?o }\n{ ?s ?p ?o } LIMIT 3",
            "3 triples",
            "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o } LIMIT 3 · Results · Designata",
        ),
        ("SELECT (1 AS ?x) {}", "1 row", "SELECT (1 AS ?x) {} · Results · Designata"),
        (
            f"SELECT({'+'.join('1' * 60)}AS?x){{}}",
            "1 row",
            f"SELECT({'1+' * 46}… · Results · Designata",
        ),
        ("SELECT * { VALUES ?x {} }", "0 rows", "SELECT * { VALUES ?x {} } · Results · Designata"),
    ],
)
def test_a_result_says_what_it_is_and_what_was_asked(
    small: FlaskClient, tree: Page, text: str, headline: str, title: str
) -> None:
    found = results(small, tree, text)
    assert (one(found, "h1").text, one(found, "title").text) == (headline, title)


@pytest.mark.parametrize(
    "text", ["ASK {}", "CONSTRUCT WHERE { ?s ?p ?o } LIMIT 3", f"DESCRIBE <{BASE}id/base/hmeimim>"]
)
def test_a_result_of_every_form_leads_to_the_same_in_other_forms(
    small: FlaskClient, tree: Page, text: str
) -> None:
    reply = small.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"})
    hrefs = [e.attributes["href"] for e in tree(reply.text).all("a")]
    others = [href for href in hrefs if href and href.startswith("/sparql?") and "format=" in href]
    assert len(others) == 2
    for other in others:
        assert small.get(other).status_code == 200


def test_an_empty_result_says_so(
    small: FlaskClient,
) -> None:
    text = "SELECT * { <http://example.org/none> ?p ?o }"
    reply = small.get("/sparql", query_string={"query": text}, headers={"Accept": "text/html"})
    assert "nothing in this release answers it" in reply.text


def test_the_home_page_counts_and_lists(page: Page) -> None:
    found = page("/")
    assert (
        "9 organizations 8 names 6 designations 4 acts 1 base 1 event 4 sources"
        in one(found, "ul", "counts").text
    )
    targets = {e.attributes["href"] for e in found.all("a")}
    for path in (HTS, "/doc/base/hmeimim", "/doc/organization/united-states", "/query"):
        assert path in targets


@pytest.mark.parametrize("path", ["/void", "/ontology", "/shapes", "/doc/dataset/designata"])
def test_what_a_page_leads_to_on_a_vocabulary_is_there(
    site: FlaskClient, tree: Page, path: str
) -> None:
    def read(address: str) -> "Element":
        return tree(site.get(address, headers={"Accept": "text/html"}).text)

    hrefs = [a.attributes["href"] for a in read(path).all("a")]
    targets = [urlsplit(href) for href in hrefs if "#" in href and not href.startswith("http")]
    anchors = {
        where: {e.attributes.get("id") for e in read(where or path).all()}
        for where in {one.path for one in targets}
    }
    assert targets
    assert [
        one.geturl() for one in targets if (one.fragment or None) not in anchors[one.path]
    ] == []


def test_the_home_page_is_a_page_unless_rdf_is_asked_for(
    small: FlaskClient,
) -> None:
    assert small.get("/").mimetype == small.get("/", headers={"Accept": "*/*"}).mimetype
    assert small.get("/").mimetype == "text/html"


def test_loaded_files_have_pages_without_what_only_a_release_has(
    small: FlaskClient, small_release: Release, tree: Page
) -> None:
    served = small.application.extensions[EXTENSION]
    loaded = create_app(served.settings, served.pool, None).test_client()
    home = tree(loaded.get("/").text)
    targets = {e.attributes["href"] for e in home.all("a")}
    assert HTS in targets and "/query" in targets
    assert not {"/ontology", "/release/", "/void"} & targets
    assert "not from a release" in home.text
    assert loaded.get(f"{HTS}.ttl").status_code == 200
    limits = tree(loaded.get("/limits", headers={"Accept": "text/html"}).text)
    assert "/release/" not in {e.attributes["href"] for e in limits.all("a")}
    for path in ("/ontology", "/void", "/release/", "/release/latest/designata.ttl"):
        assert loaded.get(path).status_code == 404
