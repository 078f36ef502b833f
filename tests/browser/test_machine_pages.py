"""What is embedded for machines does not trouble a browser, and their pages have no barriers."""

import json
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.browser

EMBEDDED = 'script[type="application/ld+json"]'
PAGES = ["/limits", "/ldf", '/ldf?predicate=&object="Idlib"@en', "/ldf?page=2"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "Dataset"),
        ("/doc/organization/hayat-tahrir-al-sham", "Organization"),
        ("/doc/base/hmeimim", "Place"),
    ],
)
def test_the_security_policy_lets_data_in_pages_be(
    tab: Any, server: str, path: str, kind: str
) -> None:
    tab.goto(server + path)
    (text,) = tab.locator(EMBEDDED).all_text_contents()
    assert json.loads(text)["@type"] == kind
    assert tab.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_for_machines_has_no_barriers(
    tab: Any, server: str, axe: Callable[[Any], Any], path: str
) -> None:
    tab.goto(server + path)
    assert tab.complaints == []
    found = axe(tab)
    assert [one["id"] for one in found["violations"]] == []


def test_the_form_of_the_fragments_asks_for_a_pattern(tab: Any, server: str) -> None:
    tab.goto(f"{server}/ldf")
    tab.get_by_label("Predicate").fill("http://www.w3.org/2004/02/skos/core#prefLabel")
    tab.get_by_role("button", name="Show").click()
    assert "predicate=http" in tab.url
    assert tab.locator("tbody tr").count() == 100
    tab.get_by_role("link", name="Next").click()
    assert "page=2" in tab.url
    assert tab.complaints == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_for_machines_fits_a_telephone(tab: Any, server: str, path: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(server + path)
    assert tab.evaluate("document.documentElement.scrollWidth") == 390
