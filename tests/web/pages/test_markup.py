"""The pieces of pages: nothing that the data says becomes markup."""

from pyoxigraph import Literal, NamedNode

from designata.vocabulary import BASE, term
from designata.web import markup
from designata.web.graph import Fact, Graph, iri
from designata.web.texts import Text
from designata.web.things import Thing

EVIL = "</bdi><script>alert('\"1&2\"')</script>"
SAFE = "&lt;/bdi&gt;&lt;script&gt;alert(&#39;&#34;1&amp;2&#34;&#39;)&lt;/script&gt;"
CLAIM, SOURCE, CITATION, SPEAKER = (
    f"{BASE}id/{name}" for name in ("claim/a", "source/b", "citation/c", "agent/d")
)
ADDRESS = "https://example.org/?a=1&b='2'"
GRAPH = Graph(
    (
        Fact(CLAIM, iri("dsg:citation"), NamedNode(CITATION)),
        Fact(CLAIM, iri("dsg:assertedBy"), NamedNode(SPEAKER)),
        Fact(CLAIM, iri("skos:note"), Literal(EVIL, language="ar")),
        Fact(CITATION, iri("dsg:source"), NamedNode(SOURCE)),
        Fact(CITATION, iri("dsg:locator"), Literal(EVIL)),
        Fact(CITATION, iri("dsg:quote"), Literal(EVIL, language="en")),
        Fact(SOURCE, iri("dcterms:title"), Literal(EVIL, language="en")),
        Fact(SOURCE, iri("dcterms:issued"), Literal("2024-12", datatype=term("xsd:gYearMonth"))),
        Fact(SOURCE, iri("schema:url"), Literal(ADDRESS, datatype=term("xsd:anyURI"))),
    )
)


def test_a_text_is_escaped_whatever_its_form() -> None:
    assert markup.text(Text(EVIL)) == f'<bdi dir="auto">{SAFE}</bdi>'
    assert markup.text(Text(EVIL, "fa")) == f'<bdi lang="fa" dir="rtl">{SAFE}</bdi>'
    assert markup.text(Text("\n" + EVIL)) == f'<bdi dir="auto">\n{SAFE}</bdi>'
    assert markup.block(Text("\n" + EVIL)) == f'<pre dir="ltr"><code>\n{SAFE}</code></pre>'
    assert markup.block(Text(f"{EVIL}\n", "ar")) == f'<bdi lang="ar" dir="rtl">{SAFE}\n</bdi>'
    dated = markup.text(Text(EVIL, "en", EVIL + "x"))
    assert dated == f'<time datetime="{SAFE}x">{SAFE}</time>'


def test_evidence_is_escaped_and_whole() -> None:
    assert str(markup.evidence(Thing.of(CLAIM, GRAPH))) == (
        '<div class="evidence">\n'
        '<span class="says">Says <a href="/doc/agent/d"><bdi dir="auto">d</bdi></a>.</span>\n'
        '<span class="source">Source: <cite><a href="/doc/source/b"><bdi lang="en" dir="ltr">'
        f'{SAFE}</bdi></a></cite>, <time datetime="2024-12">December 2024</time>, '
        f'<bdi dir="auto">{SAFE}</bdi> '
        '<a class="out" href="https://example.org/?a=1&amp;b=&#39;2&#39;" '
        f'rel="external noreferrer">open<span class="hidden"> {SAFE}</span></a> '
        f'<q><bdi lang="en" dir="ltr">{SAFE}</bdi></q>.</span>\n'
        f'<p class="note"><bdi lang="ar" dir="rtl">{SAFE}</bdi></p>\n'
        "</div>"
    )


def test_pairs_and_values_are_escaped() -> None:
    rows = [(EVIL, [Text(EVIL), Thing.of(SPEAKER, GRAPH)])]
    assert str(markup.pairs(rows)) == (
        f'<dl class="pairs">\n<div><dt>{SAFE}</dt><dd><bdi dir="auto">{SAFE}</bdi>, '
        '<a href="/doc/agent/d"><bdi dir="auto">d</bdi></a></dd></div>\n</dl>'
    )


def test_who_says_nothing_has_no_evidence() -> None:
    assert markup.evidence(Thing.of(SOURCE, GRAPH)) == ""
