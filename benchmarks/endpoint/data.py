"""Synthetic data in our vocabulary: the same triples for the same size, always."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from pyoxigraph import RdfFormat, parse

ID = "https://w3id.org/designata/id"
CODE = "https://w3id.org/designata/code"
DSG = "https://w3id.org/designata/ontology#"
SKOS = "http://www.w3.org/2004/02/skos/core#"
SKOSXL = "http://www.w3.org/2008/05/skos-xl#"
WGS84 = "http://www.w3.org/2003/01/geo/wgs84_pos#"
XSD = "http://www.w3.org/2001/XMLSchema#"
TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"

AUTHORITIES = (
    "united-states united-kingdom european-union united-nations-security-council canada australia "
    "russia turkiye kazakhstan saudi-arabia united-arab-emirates iran"
).split()
KINDS = "militant-organization government-body ngo state-force military-command state party".split()
COUNTRIES = ("syria", *(f"country-{number}" for number in range(39)))
PROGRAMMES = ("us-fto", *(f"programme-{number}" for number in range(29)))
SYLLABLES = ("ba", "ko", "ri", "ta", "ne", "zu", "mo", "li")
WORDS = ("brigade", *[a + b for a in SYLLABLES for b in SYLLABLES][:57])
NAMES_EACH = 4
TRIPLES_EACH = 45.9
Triple = tuple[str, str, str]


def write(path: Path, triples: int) -> int:
    """A file of N-Triples with about so many triples; how many there are."""
    lines = [
        f"<{subject}> <{predicate}> {value} .\n" for subject, predicate, value in generate(triples)
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return len(lines)


def flatten(quads: Path, path: Path) -> int:
    """The triples of all graphs of a release, as its endpoint answers from them; how many."""
    with quads.open("rb") as stream:
        lines = {
            f"{quad.subject} {quad.predicate} {quad.object} .\n"
            for quad in parse(stream, format=RdfFormat.N_QUADS)
        }
    path.write_text("".join(sorted(lines)), encoding="utf-8")
    return len(lines)


def generate(triples: int, seed: int = 1) -> Iterator[Triple]:
    """About so many triples; the object is written as in N-Triples."""
    rng = random.Random(seed)
    organizations = max(1, round(triples / TRIPLES_EACH))
    bases, towns = organizations // 2 + 1, organizations // 6 + 1
    yield from places(rng, towns)
    for number in range(bases):
        yield from base(rng, number, towns)
    for number in range(organizations):
        yield from organization(rng, number)
        for index in range(2):
            yield from designation(rng, number, index)
        tenure = f"{ID}/tenure/t{number}"
        yield tenure, TYPE, iri(f"{DSG}Tenure")
        yield tenure, f"{DSG}tenant", iri(f"{ID}/organization/o{number}")
        yield tenure, f"{DSG}base", iri(f"{ID}/base/b{rng.randrange(bases)}")


def places(rng: random.Random, towns: int) -> Iterator[Triple]:
    """Towns in governorates in countries."""
    for country in COUNTRIES:
        yield from place(country, None)
        for number in range(10):
            yield from place(f"{country}-{number}", country)
    for number in range(towns):
        yield from place(f"town-{number}", f"{rng.choice(COUNTRIES)}-{rng.randrange(10)}")


def place(name: str, within: str | None) -> Iterator[Triple]:
    subject = f"{ID}/place/{name}"
    yield subject, TYPE, iri(f"{DSG}Place")
    yield subject, f"{SKOS}prefLabel", f'"Place {name}"@en'
    if within:
        yield subject, f"{DSG}inPlace", iri(f"{ID}/place/{within}")


def base(rng: random.Random, number: int, towns: int) -> Iterator[Triple]:
    subject = f"{ID}/base/b{number}"
    yield subject, TYPE, iri(f"{DSG}MilitaryBase")
    yield subject, f"{SKOS}prefLabel", f'"Base {number} {rng.choice(WORDS)}"@en'
    yield subject, f"{DSG}hostCountry", iri(f"{ID}/place/{rng.choice(COUNTRIES)}")
    yield subject, f"{DSG}inPlace", iri(f"{ID}/place/town-{rng.randrange(towns)}")
    yield subject, f"{WGS84}lat", decimal(rng, 60)
    yield subject, f"{WGS84}long", decimal(rng, 120)


def organization(rng: random.Random, number: int) -> Iterator[Triple]:
    """An organization with its names, of which the first is the preferred one."""
    subject = f"{ID}/organization/o{number}"
    yield subject, TYPE, iri(f"{DSG}Organization")
    yield subject, f"{DSG}actorKind", iri(f"{CODE}/actor-kind/{rng.choice(KINDS)}")
    yield subject, f"{SKOS}prefLabel", f'"{text(rng)}"@en'
    yield subject, f"{DSG}preferredName", iri(f"{ID}/name/o{number}-0")
    for index in range(NAMES_EACH):
        name = f"{ID}/name/o{number}-{index}"
        quality = rng.choice(("strong", "weak", "unspecified"))
        yield subject, f"{DSG}hasName", iri(name)
        yield name, TYPE, iri(f"{DSG}{'Alias' if index else 'Name'}")
        yield name, f"{SKOSXL}literalForm", f'"{text(rng)}"@{("en", "fr", "ar", "ru")[index]}'
        yield name, f"{DSG}nameQuality", iri(f"{CODE}/name-quality/{quality}")


def designation(rng: random.Random, number: int, index: int) -> Iterator[Triple]:
    """A designation of an organization with its period; four of ten are over."""
    subject, period = f"{ID}/designation/o{number}-{index}", f"{ID}/period/o{number}-{index}"
    yield subject, TYPE, iri(f"{DSG}Designation")
    yield subject, f"{DSG}designates", iri(f"{ID}/organization/o{number}")
    yield subject, f"{DSG}designatedBy", iri(f"{ID}/organization/{rng.choice(AUTHORITIES)}")
    yield subject, f"{DSG}underProgramme", iri(f"{ID}/programme/{rng.choice(PROGRAMMES)}")
    yield (
        subject,
        f"{DSG}listedUnderName",
        iri(f"{ID}/name/o{number}-{rng.randrange(NAMES_EACH)}"),
    )
    yield subject, f"{DSG}period", iri(period)
    year = rng.randrange(1995, 2024)
    yield period, TYPE, iri(f"{DSG}Period")
    yield period, f"{DSG}startEarliest", day(rng, year)
    yield period, f"{DSG}startLatest", day(rng, year)
    if rng.random() < 0.4:
        yield period, f"{DSG}endEarliest", day(rng, year + rng.randrange(1, 9))


def iri(name: str) -> str:
    return f"<{name}>"


def text(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS).capitalize() for _ in range(3))


def decimal(rng: random.Random, most: int) -> str:
    return f'"{rng.randrange(most)}.{rng.randrange(999)}1"^^<{XSD}decimal>'


def day(rng: random.Random, year: int) -> str:
    return f'"{year}-{rng.randrange(1, 13):02}-{rng.randrange(1, 29):02}"^^<{XSD}date>'
