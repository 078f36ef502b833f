import pytest

from designata.web.negotiation import best, ranges

GRAPHS = ("text/turtle", "application/n-triples", "application/ld+json", "text/html")
TABLES = ("application/sparql-results+json", "text/csv", "text/html")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"

CASES = [
    (None, GRAPHS, "text/turtle"),
    ("", GRAPHS, "text/turtle"),
    ("*/*", GRAPHS, "text/turtle"),
    ("*", GRAPHS, "text/turtle"),
    ("text/html", GRAPHS, "text/html"),
    (BROWSER, GRAPHS, "text/html"),
    ("text/html, */*", GRAPHS, "text/html"),
    ("application/ld+json", GRAPHS, "application/ld+json"),
    ("APPLICATION/LD+JSON", GRAPHS, "application/ld+json"),
    ("application/*", GRAPHS, "application/n-triples"),
    ("text/*;q=0.5, application/ld+json;q=0.6", GRAPHS, "application/ld+json"),
    ("text/turtle;q=0, */*", GRAPHS, "application/n-triples"),
    ("*/*, text/turtle;q=0, application/*;q=0", GRAPHS, "text/html"),
    ("text/*;q=0, text/turtle;q=0.2", GRAPHS, "text/turtle"),
    ("text/turtle;q=0", GRAPHS, None),
    ("application/pdf", GRAPHS, None),
    ("application/pdf, text/turtle;q=0.1", GRAPHS, "text/turtle"),
    ("text/turtle;q=0.3, text/html;q=0.30001", GRAPHS, "text/html"),
    ("text/turtle;charset=utf-8", GRAPHS, "text/turtle"),
    ('text/turtle; charset="UTF-8" ; q=1.000', GRAPHS, "text/turtle"),
    ("text/turtle;charset=utf-16", GRAPHS, None),
    ("text/turtle;charset=utf-16, text/html;q=0.1", GRAPHS, "text/html"),
    ('application/ld+json;profile="a,b;q=0"', GRAPHS, "application/ld+json"),
    ("text/html;level=1", GRAPHS, None),
    ("text/html;level=1, text/turtle;q=0.1", GRAPHS, "text/turtle"),
    ("text/csv; header=present", TABLES, "text/csv"),
    ("text/csv; header=absent", TABLES, None),
    ("text/turtle;q=0.5;ext=1", GRAPHS, "text/turtle"),
    ("text/turtle;;q=0.5", GRAPHS, "text/turtle"),
    (" , ,text/html,,", GRAPHS, "text/html"),
    ("text/turtle;q=nonsense, text/html;q=0.1", GRAPHS, "text/html"),
    ("nonsense", GRAPHS, "text/turtle"),
    ('///,;;,"', GRAPHS, "text/turtle"),
    ("application/sparql-results+json,text/turtle", GRAPHS, "text/turtle"),
    ("application/sparql-results+json,text/turtle", TABLES, "application/sparql-results+json"),
    (
        "application/ld+json, application/trig, application/n-quads, application/n-triples, "
        "text/n3, text/turtle, application/rdf+xml",
        GRAPHS,
        "text/turtle",
    ),
]


@pytest.mark.parametrize(("accept", "offered", "expected"), CASES)
def test_the_best_offer(accept: str | None, offered: tuple[str, ...], expected: str | None) -> None:
    assert best(accept, offered) == expected


def test_an_alias_stands_for_the_type_that_is_sent() -> None:
    aliases = {"application/sparql-results+json": ("application/json",)}
    assert best("application/json", TABLES, aliases) == "application/sparql-results+json"
    assert best("application/json;q=0.1, text/csv", TABLES, aliases) == "text/csv"
    excluded = "application/sparql-results+json;q=0, */*;q=0.5"
    assert best(excluded, TABLES, aliases) == "text/csv"


ALIASES = {
    "text/turtle": ("application/x-turtle", "text/n3"),
    "application/ld+json": ("application/json",),
    "application/rdf+xml": ("text/xml",),
}
OTHER_NAMES = [
    ("application/*", "application/ld+json"),
    ("text/*, text/turtle;q=0", "text/csv"),
    ("application/json, application/ld+json;q=0", None),
    ("application/json;q=0, application/ld+json", "application/ld+json"),
    ("application/json;q=0.5, */*;q=0.1", "application/ld+json"),
    ("text/xml, */*;q=0.1", "application/rdf+xml"),
    ("text/turtle;q=0, text/n3, text/csv;q=0.1", "text/csv"),
    ('application/ld+json;profile="a";q=0, application/ld+json', "application/ld+json"),
    ('application/ld+json;profile="a";q=0', None),
]


@pytest.mark.parametrize(("accept", "expected"), OTHER_NAMES)
def test_a_range_and_an_exclusion_mean_the_type_itself(accept: str, expected: str | None) -> None:
    offered = ("text/turtle", "application/ld+json", "application/rdf+xml", "text/csv")
    assert best(accept, offered, ALIASES) == expected


def test_a_long_header_is_read_in_linear_time() -> None:
    assert len(ranges("text/turtle;q=0.5," * 20_000)) == 20_000
    assert ranges("a" * 400_000) == []
    assert ranges('"' * 100_000) == []
    assert ranges("a/b" + ";" * 100_000) != []
