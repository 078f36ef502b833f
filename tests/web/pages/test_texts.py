"""Languages, directions, links: what pages decide about a single value."""

from urllib.parse import unquote

import pytest
from pyoxigraph import Literal

from designata.vocabulary import BASE
from designata.web.links import href, kind_of, local, things_of
from designata.web.search import fold
from designata.web.texts import direction, language_name, preferred
from designata.web.tombstones import moved


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("ar", "rtl"),
        ("fa", "rtl"),
        ("he", "rtl"),
        ("ur-PK", "rtl"),
        ("ar-Latn", "ltr"),
        ("ku-Arab", "rtl"),
        ("ru", "ltr"),
        ("", "auto"),
    ],
)
def test_the_direction_follows_the_script(tag: str, expected: str) -> None:
    assert direction(tag) == expected


def test_english_stands_in_first_then_no_language_then_latin_script() -> None:
    texts = [Literal("Х", language="ru"), Literal("H", language="ar-Latn"), Literal("N")]
    orders = [texts, texts[::-1], [*texts, Literal("E", language="en")]]
    found = [preferred(order) for order in orders]
    assert [one and one.value for one in found] == ["N", "N", "E"]
    assert preferred([]) is None


def test_a_language_is_named_with_its_script() -> None:
    assert language_name("ar-Latn") == "Arabic (Latin script)"
    assert language_name("tlh") == "tlh"


@pytest.mark.parametrize(
    ("iri", "path"),
    [
        ("id/organization/russia", "/doc/organization/russia"),
        ("code/act-kind/listing", "/doc/code/act-kind/listing"),
        ("code/act-kind", "/doc/code/act-kind"),
        ("ontology#hasName", "/ontology#hasName"),
        ("", "/"),
    ],
)
def test_an_iri_of_ours_leads_to_a_path_of_this_server(iri: str, path: str) -> None:
    assert (local(BASE + iri), href(BASE + iri)) == (path, path)


@pytest.mark.parametrize("iri", ["/evil.example/", "//evil.example/x"])
def test_no_iri_of_ours_leads_to_another_host(iri: str) -> None:
    assert (local(BASE + iri), href(BASE + iri)) == (BASE + iri, BASE + iri)
    assert moved(BASE + iri).headers["Location"] == BASE + iri


def test_only_web_addresses_are_linked() -> None:
    assert href("https://example.org/a?b=c") == "https://example.org/a?b=c"
    bad = ("javascript:alert(1)", "data:text/html,x", 'https://e/"><script>', "urn:isbn:1")
    assert [href(iri) for iri in bad] == [None] * 4


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("organization/a-b", ["id/organization/a-b"]),
        ("code/act-kind/listing", ["code/act-kind/listing"]),
        ("organization/Q42", ["id/organization/Q42"]),
        ("a/b/c", ["id/a/b/c"]),
        ("x/y z%", ["id/x/y%20z%25"]),
        ("x/حماس", ["id/x/حماس", "id/x/%D8%AD%D9%85%D8%A7%D8%B3"]),
        ("a/b>", ["id/a/b%3E"]),
        ("a/\ufffe", ["id/a/%EF%BF%BE"]),
    ],
)
def test_an_address_names_the_iris_that_lead_to_it(path: str, names: list[str]) -> None:
    expected = [BASE + name for name in names]
    assert list(things_of(path)) == expected
    assert {unquote(local(iri)).removeprefix("/doc/") for iri in expected} == {unquote(path)}


def test_the_kind_is_read_from_the_iri() -> None:
    expected = {
        "id/list-entry/x": "list-entry",
        "code/act-kind/listing": "code",
        "code/act-kind": "scheme",
        "ontology#Name": "term",
        "shapes#Name": "shape",
        "ontology#": None,
        "release/latest/x": None,
    }
    assert {iri: kind_of(BASE + iri) for iri in expected} == expected


def test_search_folds_case_punctuation_and_arabic_variants() -> None:
    assert fold("Hay’at Tahrir al-Sham") == fold("HAY'AT TAHRIR AL SHAM") == "hayattahriralsham"
    assert fold("هيئة تحرير الشام") == fold("هيئه تحرير الشام")
