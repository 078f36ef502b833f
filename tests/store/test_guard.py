import random
import re
from dataclasses import replace

import pytest
from pyoxigraph import Store

from designata.errors import (
    DesignataError,
    FederationRefused,
    QuerySyntaxError,
    QueryTooLarge,
    UpdateRefused,
)
from designata.settings import Settings
from designata.store import guard
from designata.store.tokens import tokens

SETTINGS = Settings()

CALLS = {
    "plain": "ASK { SERVICE <http://h/> {} }",
    "lower case": "ask { service <http://h/> {} }",
    "silent": "ASK { SERVICE SILENT <http://h/> {} }",
    "variable": "ASK { ?s ?p ?g SERVICE ?g {} }",
    "escaped letter": r"ASK { \u0053ERVICE <http://h/> {} }",
    "escaped, long": r"ASK { \U00000053ERVICE <http://h/> {} }",
    "long s": "ASK { ſERVICE <http://h/> {} }",
    "comment ended by CR": "ASK { #\rSERVICE <http://h/> {} }",
    "comparison that looks like an IRI": "ASK { FILTER(1<2)SERVICE#>\n<http://h/> {} }",
    "comparison of prefixed names": (
        "PREFIX b: <x:> ASK { FILTER(?a<b:c)SERVICE#>\n<http://h/> {} }"
    ),
    "hidden between quotes of relative IRIs": (
        "ASK { ?s <x'''> ?o FILTER(1<2)SERVICE#>\n<http://h/> {} ?s <y'''> ?o }"
    ),
    "glued to its prefixed name": "PREFIX x: <http://h/> ASK { SERVICEx:y {} }",
    "glued, and also a prefix": (
        "PREFIX SERVICEx: <http://a/> PREFIX x: <http://h/> ASK { SERVICEx:y {} }"
    ),
    "glued to true": "ASK { ?s ?p trueSERVICE<http://h/> {} }",
    "glued to a number": "ASK { ?s ?p 1SERVICE<http://h/> {} }",
    "glued to SILENT": "ASK { SERVICESILENT<http://h/> {} }",
    "after a string": 'ASK { ?s ?p "x"SERVICE<http://h/> {} }',
    "after a dot": "ASK { <urn:s> ?p ?a.SERVICE<http://h/> {} }",
    "bare prefix beside comparisons": (
        "PREFIX : <x:> ASK { FILTER(?a<:b)SERVICE#>\n: #>\n{ ?s ?p ?o } }"
    ),
    "escaped sign in its name": "PREFIX b: <x:> ASK { FILTER(?a<b:c)SERVICE#>\nb:d\\#e {} }",
    "options of Virtuoso": (
        "ASK { FILTER(?a<?b&&'>'!='x') SERVICE <http://evil/> (IN ?a) { ?s ?p ?o } }"
    ),
    "graphs of Virtuoso": (
        "ASK { FILTER(?a<?b&&'>'!='x') SERVICE ?e FROM <http://g/> { ?s ?p ?o } }"
    ),
    "long name beside comparisons": (
        f"ASK {{ FILTER(?a<?b&&'>'!='x') SERVICE {'a' * 1_200}:x {{ ?s ?p ?o }} }}"
    ),
    "variable beside comparisons": "PREFIX b: <x:> ASK { FILTER(?a<b:c)SERVICE#>\nSILENT?g{} }",
    "after a quote that a name escapes": (
        "PREFIX ex: <http://ex/> ASK { VALUES ?z { ex:a\\_\\'c } SERVICE SILENT <http://h/> {} }"
    ),
    "after a quote beside a combining mark": (
        "PREFIX ex: <http://ex/> SELECT * { VALUES ?z { ex:a\u0301\\'c } SERVICE <http://h/> {} }"
    ),
    "in a subquery": "ASK { { SELECT * { SERVICE <http://h/> {} } } }",
}
HARMLESS = {
    "variable": "ASK { ?service ?p $service }",
    "prefix": "PREFIX service: <http://a/> ASK { ?s service:port ?o ; a service:Thing }",
    "graph name": "PREFIX service: <http://a/> ASK { GRAPH service:x { ?s ?p ?o } }",
    "local name": "PREFIX ex: <http://a/> ASK { ?s ex:service ?o }",
    "string": 'ASK { ?s ?p \'SERVICE <http://h/>\' , """a "SERVICE" <http://h/>""" }',
    "IRI": "ASK { ?s <http://example.org/SERVICE> ?o }",
    "comment": "ASK { # SERVICE <http://h/> {}\n ?s ?p ?o }",
    "comparisons": "ASK { ?a ?b ?c FILTER(?a < 2 && ?b > 1) FILTER(?a<?b) }",
    "relative IRI": "ASK { <service> ?p </service/1> }",
    "variable beside an IRI of another scheme": "SELECT ?service { ?service <urn:p> ?o }",
    "variable that ends so": "SELECT * { ?o <urn:p> $webservice . ?webservice ?p ?o }",
    "prefixed name beside an IRI of another scheme": (
        "PREFIX dcat: <http://www.w3.org/ns/dcat#> ASK { <urn:d> dcat:service <urn:s> }"
    ),
    "part of an IRI of another scheme": "ASK { ?s <urn:service:a> ?o }",
    "prefix of an IRI of another scheme": (
        "PREFIX service: <urn:a:> ASK { ?s service:port <urn:o> ; service:of [] }"
    ),
    "comment beside an IRI of another scheme": "ASK # a service of all\n{ <urn:s> ?p ?o }",
    "call in a comment beside an IRI of another scheme": (
        "PREFIX u: <urn:u:> SELECT ?o {\n # SERVICE <http://x/> { ?s ?p ?o }\n ?s ?p ?o }"
    ),
    "call in a string beside an IRI of another scheme": (
        'SELECT ?o { ?o <urn:says> "the service http://x/ {y}" , <mailto:a@b.example> }'
    ),
    "path beside an IRI of another scheme": (
        "PREFIX service: <urn:a:> SELECT ?o { service:x (service:p|service:q)+ ?o }"
    ),
    "local name with an escape": r"PREFIX ex: <http://ex/> SELECT ?o { ?s ex:my\_service ?o }",
    "local name with a combining mark": (
        "PREFIX ex: <http://ex/> SELECT ?o { ?s ex:a\u0301service ?o }"
    ),
    "end of a sentence before a group": (
        "PREFIX service: <http://s/> ASK { ?s a service:Office. { ?s ?p 1 } UNION { ?s ?p 2 } }"
    ),
    "string beside an IRI of another scheme": "ASK { <urn:s> ?p 'service <http://h/>' }",
}


@pytest.mark.parametrize("text", CALLS.values(), ids=CALLS)
def test_a_call_to_another_host_is_refused(text: str) -> None:
    with pytest.raises(FederationRefused, match="other hosts"):
        guard.check(text, SETTINGS)


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_the_word_service_elsewhere_is_no_call(text: str) -> None:
    guard.check(text, SETTINGS)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <a:a> <a:b> 1 }",
        "PREFIX a: <a:> BASE <b:> delete where { ?s ?p ?o }",
        "# a comment\nWITH <a:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
        "LOAD <http://h/>",
        "CLEAR ALL",
        "DROP GRAPH <a:g>",
        r"\u0049NSERT DATA {}",
    ],
)
def test_an_update_is_refused(text: str) -> None:
    with pytest.raises(UpdateRefused, match="read-only"):
        guard.check(text, SETTINGS)


def test_an_update_keyword_inside_a_query_is_no_update() -> None:
    guard.check("PREFIX insert: <a:> SELECT ?delete { ?delete insert:load 'DROP' }", SETTINGS)


def test_the_size_limit_counts_bytes() -> None:
    text = "ASK {} # " + "ح" * 10
    guard.check(text, replace(SETTINGS, query_bytes=29))
    with pytest.raises(QueryTooLarge, match="29 bytes; the limit is 28"):
        guard.check(text, replace(SETTINGS, query_bytes=28))


@pytest.mark.parametrize("pair", ["()", "[]", "{}"])
def test_the_depth_limit_counts_brackets(pair: str) -> None:
    guard.check("ASK " + pair[0] * 40 + pair[1] * 40, SETTINGS)
    with pytest.raises(QueryTooLarge, match="more than 40 deep"):
        guard.check("ASK " + pair[0] * 41 + pair[1] * 41, SETTINGS)


def test_brackets_in_strings_and_comments_have_no_depth() -> None:
    guard.check("ASK { ?s ?p '" + "(" * 100 + "' } #" + "{" * 100, SETTINGS)


def test_the_limit_of_words_and_signs() -> None:
    guard.check("ASK {" + " ." * 3_997 + "}", SETTINGS)
    with pytest.raises(QueryTooLarge, match="4,000 words and signs"):
        guard.check("ASK {" + " ." * 3_998 + "}", SETTINGS)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_an_empty_query_is_refused(text: str) -> None:
    with pytest.raises(QuerySyntaxError, match="empty"):
        guard.check(text, SETTINGS)


def test_half_a_surrogate_pair_is_refused_with_its_place() -> None:
    with pytest.raises(QuerySyntaxError) as caught:
        guard.check("ASK\n{ '\ud800' }", SETTINGS)
    assert (caught.value.line, caught.value.column) == (2, 4)


@pytest.mark.parametrize(
    "text", ['"' * 32_000, '"""\\' * 8_000, "<" * 32_000, "a:" * 16_000, "a-" * 16_000]
)
def test_no_text_keeps_the_guard_busy(text: str) -> None:
    guard_takes_long = replace(SETTINGS, query_tokens=10**9, query_depth=10**9)
    guard.check(text[:32_000], guard_takes_long)


def test_tokens_tell_kinds_apart() -> None:
    text = "SELECT ?x { ?x <http://a/#b> 'c\\'d'@en-GB ; p:q-r 1.5e3 , _:b # no\n}"
    assert [(token.kind, token.text) for token in tokens(text)] == [
        ("word", "SELECT"),
        ("variable", "?x"),
        ("sign", "{"),
        ("variable", "?x"),
        ("iri", "<http://a/#b>"),
        ("string", "'c\\'d'"),
        ("language", "@en-GB"),
        ("sign", ";"),
        ("name", "p:q-r"),
        ("number", "1.5e3"),
        ("sign", ","),
        ("blank", "_:b"),
        ("sign", "}"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"ex:a\_\'b", [("name", r"ex:a\_\'b")]),
        ("ex:a.b. .", [("name", "ex:a.b"), ("sign", "."), ("sign", ".")]),
        ("ex:%41.%42:c-", [("name", "ex:%41.%42:c-")]),
        ("ex:-1", [("name", "ex:"), ("sign", "-"), ("number", "1")]),
        ("?नाम·x-y", [("variable", "?नाम·x"), ("sign", "-"), ("word", "y")]),
        ("_:a.b-c.", [("blank", "_:a.b-c"), ("sign", ".")]),
        ("a.b:c", [("name", "a.b:c")]),
        ("<urn:a:b#c>", [("iri", "<urn:a:b#c>")]),
    ],
)
def test_names_end_where_the_grammar_ends_them(text: str, expected: list[tuple[str, str]]) -> None:
    assert [(token.kind, token.text) for token in tokens(text)] == expected
    certain = tokens(text, only_certain_iris=True)
    assert [(token.kind, token.text) for token in certain] == expected


def test_every_sign_of_a_name_is_one_for_the_engine_too() -> None:
    store = Store()
    odd = set()
    for code in (*range(1, 0x3000), 0xFEFF, 0xFFFE, 0x10000, 0x1F600, 0xE000):
        for form in ("?a{}b", "ex:a{}b", "ex:{}b", r"ex:a\{}b", "_:a{}b"):
            name = form.format(chr(code))
            if ([token.text for token in tokens(name)] == [name]) != _is_term(store, name):
                odd.add(code)
    # These are in the grammar, and the engine refuses the query.
    assert odd == {ord("%"), 0x10000, 0x1F600}


def _is_term(store: Store, name: str) -> bool:
    try:
        store.query(f"PREFIX ex: <http://ex/> ASK {{ {name} <urn:p> 1 }}")
    except SyntaxError:
        return False
    return True


def test_what_is_passed_at_a_glance_is_passed_when_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of hostile and harmless texts, put together at random."""
    settings = replace(SETTINGS, query_depth=3, query_tokens=60)
    pieces = [
        piece
        for text in (*CALLS.values(), *HARMLESS.values(), "LOAD <a:> ({[ }]) WITH <a:g> DELETE")
        for piece in re.findall(r"\w+|\W", text)
    ]
    rng = random.Random(4)
    texts = ["".join(rng.choices(pieces, k=rng.randrange(1, 30))) for _ in range(5_000)]
    quickly = [_refusal(text, settings) for text in texts]
    monkeypatch.setattr(guard, "_is_plain", lambda text, settings: False)
    assert quickly == [_refusal(text, settings) for text in texts]
    assert {None, FederationRefused, QueryTooLarge, UpdateRefused} <= set(quickly)


def _refusal(text: str, settings: Settings) -> type[DesignataError] | None:
    try:
        guard.check(text, settings)
    except DesignataError as error:
        return type(error)
    return None
