"""The pages in a browser: what only a browser can tell."""

from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

HTS = "/doc/organization/hayat-tahrir-al-sham"
PAGES = [
    "/",
    "/search?q=nusra",
    "/search?q=%D8%A7%D9%84%D8%B4%D8%A7%D9%85",
    "/query?question=asof",
    "/all/organizations",
    "/sparql?query=SELECT%20*%20%7B%20%3Fs%20a%20%3Ftype%20%7D%20LIMIT%2020",
    "/ontology",
    "/shapes",
    "/void",
    "/release/",
    HTS,
    "/doc/organization/russia",
    "/doc/base/hmeimim",
    "/doc/place/hama",
    "/doc/event/hama-withdrawal",
    "/doc/source/rt-2024-12-05",
    "/doc/code/act-kind",
    "/doc/query/asof",
]
REFUSED = ["/no-such-page", "/sparql?query=SELECT"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opens_without_a_complaint(tab: Any, server: str, path: str) -> None:
    reply = tab.goto(server + path)
    assert reply.status == 200
    assert tab.locator("h1").count() == 1
    assert tab.complaints == []


@pytest.mark.parametrize("path", [*PAGES, *REFUSED])
def test_a_page_fits_a_telephone(tab: Any, server: str, path: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(server + path)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_narrow_screen_also_with_large_text(tab: Any, server: str, path: str) -> None:
    tab.set_viewport_size({"width": 320, "height": 640})
    tab.goto(server + path)
    for size in ("100%", "200%"):
        tab.evaluate("size => document.documentElement.style.fontSize = size", size)
        assert tab.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("path", "scheme"),
    [
        *((path, "light") for path in (*PAGES, *REFUSED)),
        *((path, "dark") for path in ("/", HTS, "/query?question=asof", "/no-such-page")),
    ],
)
def test_a_page_has_no_barrier_that_axe_finds(
    tab: Any, server: str, axe: Callable[[Any], Any], path: str, scheme: str
) -> None:
    tab.emulate_media(color_scheme=scheme)
    tab.goto(server + path)
    found = axe(tab)
    barriers = [
        (one["id"], [node["html"][:120] for node in one["nodes"][:3]])
        for one in found["violations"]
    ]
    assert barriers == []
    assert len(found["passes"]) > 10


def test_the_style_sheet_is_at_work(tab: Any, server: str) -> None:
    tab.goto(server)
    before = "getComputedStyle(document.body).backgroundColor"
    light = tab.evaluate(before)
    tab.emulate_media(color_scheme="dark")
    assert (light, tab.evaluate(before)) == ("rgb(252, 252, 250)", "rgb(21, 24, 26)")


def test_arabic_runs_from_right_to_left(tab: Any, server: str) -> None:
    tab.goto(server + HTS)
    arabic = tab.locator("bdi[lang=ar]")
    assert arabic.count() > 3
    directions = arabic.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert set(directions) == {"rtl"}
    latin = tab.locator("bdi[lang='ar-Latn' i]")
    directions = latin.evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert set(directions) == {"ltr"}


def test_the_first_key_press_reaches_the_skip_link(tab: Any, server: str) -> None:
    tab.goto(server + HTS)
    tab.keyboard.press("Tab")
    skip = tab.locator("a.skip")
    assert skip.evaluate("one => one === document.activeElement")
    assert skip.bounding_box()["y"] >= 0
    tab.keyboard.press("Enter")
    assert tab.evaluate("document.activeElement.id") == "content"


def test_the_as_of_form_works_by_keyboard_and_without_scripts(chromium: Any, server: str) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(server + HTS)
    day = page.get_by_role("textbox", name="Day")
    day.fill("2014-05-14")
    day.press("Enter")
    assert page.locator("table.stack caption").inner_text() == "Answers for 14 May 2014"
    assert page.locator("span.answer.certain").count() >= 3
    context.close()


def test_a_question_runs_from_the_query_page(tab: Any, server: str) -> None:
    tab.goto(f"{server}/query?question=names")
    tab.locator("details[open] button[name=run]").click()
    assert tab.url.startswith(f"{server}/sparql?query=")
    assert "rows" in tab.locator("h1").inner_text()
    tab.locator("tbody a").first.click()
    assert tab.url.startswith(f"{server}/doc/name/")


def test_a_query_that_is_refused_is_mended_where_it_stands(tab: Any, server: str) -> None:
    tab.goto(f"{server}/query")
    tab.locator("#query").fill("SELECT * { ?s ?p }")
    tab.get_by_role("button", name="Run").first.click()
    assert tab.locator("h1").inner_text() == "The query is not well-formed"
    assert tab.locator("#query").input_value() == "SELECT * { ?s ?p }"
    tab.locator("#query").fill("SELECT * { ?s ?p ?o } LIMIT 2")
    tab.get_by_role("button", name="Run").click()
    assert tab.locator("h1").inner_text() == "2 rows"


def test_a_query_in_the_editor_keeps_its_empty_lines_and_its_title(tab: Any, server: str) -> None:
    tab.goto(f"{server}/query?question=timeline")
    asked = tab.locator("#query").input_value()
    tab.get_by_role("button", name="Run").first.click()
    assert tab.title().startswith("The whole timeline of an organization across authorities ")
    tab.goto(f"{server}/query")
    tab.locator("#query").fill(f"\n\n{asked}}}")
    tab.get_by_role("button", name="Run").first.click()
    assert tab.locator("h1").inner_text() == "The query is not well-formed"
    assert tab.locator("#query").input_value() == f"\n\n{asked}}}"


def test_a_term_of_the_ontology_is_scrolled_to(tab: Any, server: str) -> None:
    tab.emulate_media(reduced_motion="reduce")
    tab.goto(f"{server}/ontology#hasName")
    target = tab.locator(":target")
    assert target.get_attribute("id") == "hasName"
    assert 0 <= target.bounding_box()["y"] < 200


def test_all_of_a_page_is_printed(tab: Any, server: str) -> None:
    tab.goto(server + HTS)
    closed = tab.locator("details:not([open]) td, details:not([open]) li").first
    assert not closed.is_visible()
    tab.emulate_media(media="print")
    assert closed.is_visible()
    overflow = "all => all.map(one => getComputedStyle(one).overflowX)"
    assert set(tab.locator(".scroll").evaluate_all(overflow)) == {"visible"}
    tab.set_viewport_size({"width": 794, "height": 1123})
    assert tab.evaluate("document.documentElement.scrollWidth") == 794
    assert not [one for one in tab.locator("form").all() if one.is_visible()]


def test_the_key_of_the_timeline_keeps_its_colours(tab: Any, server: str) -> None:
    tab.emulate_media(forced_colors="active")
    tab.goto(server + HTS)
    colour = "one => getComputedStyle(one).backgroundColor"
    assert tab.locator(".key.sure").evaluate(colour) == "rgb(10, 90, 104)"


def test_motion_is_reduced_where_that_is_wished(tab: Any, server: str) -> None:
    behaviour = "getComputedStyle(document.documentElement).scrollBehavior"
    tab.goto(server)
    assert tab.evaluate(behaviour) == "smooth"
    tab.emulate_media(reduced_motion="reduce")
    assert tab.evaluate(behaviour) == "auto"
