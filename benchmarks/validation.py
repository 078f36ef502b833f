"""Validation side by side: ours, pySHACL, and the same constraints written as SPARQL by hand.

Each engine runs in a process of its own, loading included, on the same generated files.
`python benchmarks/validation.py [TRIPLES …] [--engines designata,sparql,pyshacl,reference] [--core]`
"""

# ruff: noqa: E501 (a query or a row of a table stays on its line)

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

ENGINES = ["designata", "sparql", "pyshacl"]
USUAL = (
    (10_000, False, ENGINES),
    (100_000, False, ENGINES),
    (100_000, True, ENGINES),
    (1_000_000, False, ENGINES[:2]),
)
EX = "http://example.org/ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
SH = "http://www.w3.org/ns/shacl#"
HEAD = f"@prefix ex: <{EX}> .\n@prefix xsd: <{XSD}> .\n@prefix sh: <{SH}> .\n"
PREFIXES = f"PREFIX ex: <{EX}>\nPREFIX xsd: <{XSD}>\n"
DEFECTS = 0.002


class Property(NamedTuple):
    """A property of a class: how its values are made, how many, and its constraints."""

    name: str
    make: str
    number: tuple[int, int]
    rules: dict[str, str]


def text(least: int = 1, most: int = 1, **rules: str) -> Property:
    return Property("label", "text", (least, most), {"minCount": "1", "minLength": "3", **rules})


def link(name: str, target: str, least: int = 1, most: int = 1, **rules: str) -> Property:
    counts = {"minCount": "1"} if least else {}
    return Property(
        name,
        f"link {target}",
        (least, most),
        {"class": f"ex:{target}", "nodeKind": "sh:IRI", **counts, **rules},
    )


def date(name: str, **rules: str) -> Property:
    return Property(name, "date", (1, 1), {"datatype": "xsd:date", "maxCount": "1", **rules})


def code(name: str, *values: str) -> Property:
    return Property(
        name,
        "code " + " ".join(values),
        (1, 1),
        {"in": "(" + " ".join(f"ex:{v}" for v in values) + ")", "minCount": "1", "maxCount": "1"},
    )


KEY = Property(
    "key",
    "key",
    (1, 1),
    {
        "datatype": "xsd:string",
        "pattern": '"^[a-z0-9]+(-[a-z0-9]+)*$"',
        "minCount": "1",
        "maxCount": "1",
    },
)
SCORE = Property(
    "score", "score", (1, 1), {"datatype": "xsd:decimal", "minInclusive": "0", "maxInclusive": "1"}
)
CLASSES: dict[str, tuple[int, tuple[Property, ...]]] = {
    "Organization": (
        10,
        (
            text(1, 3, uniqueLang="true"),
            KEY,
            link("hasName", "Alias", 1, 3),
            code("kind", "State", "Group", "Party"),
            date("founded"),
        ),
    ),
    "Alias": (
        20,
        (text(), KEY, code("quality", "Strong", "Weak"), link("citation", "Citation", 1, 2)),
    ),
    "Designation": (
        16,
        (
            KEY,
            link("designates", "Organization", maxCount="1"),
            link("designatedBy", "Agent"),
            link("under", "Programme"),
            link("period", "Period", 1, 2),
        ),
    ),
    "Act": (
        12,
        (
            KEY,
            link("actsOn", "Designation", 1, 2),
            code("actKind", "Listing", "Amendment", "Revocation"),
            date("decided", lessThanOrEquals="ex:published"),
            date("published", minCount="1"),
            link("instrument", "Instrument", 0, 1),
        ),
    ),
    "Period": (
        14,
        (
            KEY,
            date("start", lessThan="ex:end"),
            date("end"),
            code("startKind", "Exact", "Observed"),
        ),
    ),
    "Citation": (12, (KEY, link("source", "Source", maxCount="1"), SCORE)),
    "Source": (3, (text(), KEY, link("publisher", "Agent"), date("issued"))),
    "Programme": (1, (text(), KEY, link("issuer", "Agent"))),
    "Agent": (1, (text(), KEY)),
    "Instrument": (2, (text(), KEY, date("signed"))),
    "Base": (2, (text(), KEY, link("inPlace", "Place"), SCORE)),
    "Tenure": (
        3,
        (KEY, link("tenant", "Organization"), link("base", "Base"), link("period", "Period")),
    ),
    "Place": (2, (text(), KEY, SCORE)),
    "Event": (2, (text(), KEY, link("inPlace", "Place"), link("period", "Period"))),
    "Claim": (3, (text(), KEY, link("about", "Organization", 1, 2), link("citation", "Citation"))),
}
QUERIES = {
    "Designation-dates": (
        "Designation",
        "$this ex:period ?value . ?value ex:start ?start . ?act ex:actsOn $this ; ex:actKind ex:Revocation ; ex:decided ?day . FILTER(?day < ?start)",
    ),
    "Organization-names": (
        "Organization",
        "$this ex:hasName ?value, ?other . ?value ex:key ?key . ?other ex:key ?key . FILTER(?value != ?other)",
    ),
    "Alias-used": (
        "Alias",
        "$this ex:quality ex:Strong . FILTER NOT EXISTS { ?organization ex:hasName $this }",
    ),
    "Tenure-in-place": (
        "Tenure",
        "$this ex:base ?value . FILTER NOT EXISTS { ?value ex:inPlace ?place }",
    ),
    "Claim-cited": (
        "Claim",
        "$this ex:about ?value . FILTER NOT EXISTS { ?value ex:hasName ?name . FILTER EXISTS { ?name ex:citation ?citation } }",
    ),
}


def generate(triples: int, seed: int = 1) -> Iterator[str]:
    """Turtle with about so many triples, some of them wrong."""
    rng = random.Random(seed)
    total = sum(share * (1 + sum(sum(p.number) / 2 for p in ps)) for share, ps in CLASSES.values())
    sizes = {name: max(2, round(triples * share / total)) for name, (share, _) in CLASSES.items()}
    yield HEAD
    for name, (_, properties) in CLASSES.items():
        for number in range(sizes[name]):
            lines = [f"ex:{name}{number} a ex:{name}"]
            day = rng.randrange(3000)
            for each in properties:
                count = rng.randint(*each.number)
                if rng.random() < DEFECTS:
                    count += rng.choice((-1, 1))
                for index in range(count):
                    bad = rng.random() < DEFECTS
                    lines.append(
                        f"ex:{each.name} {_value(rng, each, sizes, number, index, day, bad)}"
                    )
                day += rng.randrange(1, 400)
            yield " ;\n    ".join(lines) + " .\n"


def _value(
    rng: random.Random,
    each: Property,
    sizes: dict[str, int],
    number: int,
    index: int,
    day: int,
    bad: bool,
) -> str:
    kind, *words = each.make.split()
    match kind:
        case "text":
            return (
                '"x"'
                if bad
                else f'"{each.name} {number} {rng.randrange(10**6)}"@{("en", "fr", "ar", "ru")[index]}'
            )
        case "key":
            return f'"Not a key {number}"' if bad else f'"k{number}-{rng.randrange(10**6)}"'
        case "date":
            if bad:
                wrong = ['"1066-10-14"^^xsd:date']
                if each.name in ("founded", "issued", "signed"):
                    wrong = ['"2013-02-30"^^xsd:date', '"2013"^^xsd:gYear']
                return rng.choice(wrong)
            return f'"{2000 + day // 366}-{day % 12 + 1:02}-{day % 28 + 1:02}"^^xsd:date'
        case "score":
            return '"7.5"^^xsd:decimal' if bad else f'"0.{rng.randrange(1, 9999)}1"^^xsd:decimal'
        case "code":
            return "ex:Nonsense" if bad else f"ex:{rng.choice(words)}"
        case _:
            return (
                f"ex:Nowhere{number}" if bad else f"ex:{words[0]}{rng.randrange(sizes[words[0]])}"
            )


def shapes(core: bool) -> str:
    """The shapes graph."""
    parts = [HEAD, f'ex: sh:declare [ sh:prefix "ex" ; sh:namespace "{EX}"^^xsd:anyURI ] .\n']
    for name, (_, properties) in CLASSES.items():
        lines = [f"ex:{name}Shape a sh:NodeShape ; sh:targetClass ex:{name}"]
        for each in properties:
            rules = " ; ".join(f"sh:{rule} {value}" for rule, value in each.rules.items())
            lines.append(f"sh:property ex:{name}-{each.name}")
            parts.append(
                f"ex:{name}-{each.name} a sh:PropertyShape ; sh:path ex:{each.name} ; {rules} .\n"
            )
        lines += [
            f"sh:sparql ex:{key}" for key, (of, _) in QUERIES.items() if of == name and not core
        ]
        parts.append(" ; ".join(lines) + " .\n")
    for key, (_, body) in QUERIES.items():
        value = " ?value" if "?value" in body else ""
        query = f"SELECT DISTINCT $this{value} WHERE {{ {body} }}"
        parts.append(
            f'ex:{key} a sh:SPARQLConstraint ; sh:prefixes ex: ; sh:select """{query}""" .\n'
            * (not core)
        )
    return "".join(parts)


BY_HAND: dict[str, Callable[[str, str, str], str]] = {
    "minCount": lambda c, p, v: f"?this a {c} . FILTER NOT EXISTS {{ ?this {p} ?v }}",
    "maxCount": lambda c, p, v: f"?this a {c} ; {p} ?v, ?w . FILTER(STR(?v) < STR(?w))",
    "class": lambda c, p, v: f"?this a {c} ; {p} ?value . FILTER NOT EXISTS {{ ?value a {v} }}",
    "nodeKind": lambda c, p, v: f"?this a {c} ; {p} ?value . FILTER(!isIRI(?value))",
    "datatype": lambda c, p, v: (
        f"?this a {c} ; {p} ?value . FILTER(COALESCE(DATATYPE(?value), ex:none) != {v} || COALESCE(STR({v}(STR(?value))) = 'x', true))"
    ),
    "pattern": lambda c, p, v: f"?this a {c} ; {p} ?value . FILTER(!REGEX(STR(?value), {v}))",
    "minLength": lambda c, p, v: f"?this a {c} ; {p} ?value . FILTER(STRLEN(STR(?value)) < {v})",
    "in": lambda c, p, v: (
        f"?this a {c} ; {p} ?value . FILTER(?value NOT IN ({', '.join(v[1:-1].split())}))"
    ),
    "minInclusive": lambda c, p, v: (
        f"?this a {c} ; {p} ?value . FILTER(!COALESCE(?value >= {v}, false))"
    ),
    "maxInclusive": lambda c, p, v: (
        f"?this a {c} ; {p} ?value . FILTER(!COALESCE(?value <= {v}, false))"
    ),
    "lessThan": lambda c, p, v: (
        f"?this a {c} ; {p} ?value ; {v} ?w . FILTER(!COALESCE(?value < ?w, false))"
    ),
    "lessThanOrEquals": lambda c, p, v: (
        f"?this a {c} ; {p} ?value ; {v} ?w . FILTER(!COALESCE(?value <= ?w, false))"
    ),
    "uniqueLang": lambda c, p, v: (
        f"?this a {c} ; {p} ?v, ?w . FILTER(LANG(?v) != '' && LANG(?v) = LANG(?w) && STR(?v) < STR(?w)) BIND(LANG(?v) AS ?value)"
    ),
}
FOCUS_RULES = ("minCount", "maxCount")


def run_sparql(data: Path, core: bool) -> Counter[str]:
    """The constraints as queries, each written for its purpose."""
    from pyoxigraph import QuerySolutions, RdfFormat, Store

    store, found = Store(), Counter[str]()
    store.bulk_load(path=str(data), format=RdfFormat.TURTLE)

    def count(query: str) -> int:
        solutions = store.query(query)
        assert isinstance(solutions, QuerySolutions)
        return len(list(solutions))

    for name, (_, properties) in CLASSES.items():
        for each in properties:
            for rule, value in each.rules.items():
                body = BY_HAND[rule](f"ex:{name}", f"ex:{each.name}", value)
                head = "DISTINCT ?this" if rule in FOCUS_RULES else "?this ?value"
                if rule == "uniqueLang":
                    head = "DISTINCT ?this ?value"
                rows = count(f"{PREFIXES}SELECT {head} WHERE {{ {body} }}")
                found[f"{name}-{each.name} {rule}"] += rows
    for name, body in () if core else QUERIES.values():
        query = f"{PREFIXES}SELECT DISTINCT ?this ?value WHERE {{ ?this a ex:{name} . {body} }}"
        found[f"{name}Shape sparql"] += count(query)
    return found


def run_ours(data: Path, guard: Path, engine: str) -> Counter[str]:
    """Our engine, or pySHACL with its queries parsed once."""
    from designata.validation import validate

    report = validate([data], [guard], engine="pyshacl" if engine == "reference" else "designata")
    return Counter(_key(each.source_shape, each.component) for each in report.results)


def run_pyshacl(data: Path, guard: Path) -> Counter[str]:
    """pySHACL as it comes."""
    import pyshacl
    import rdflib

    _, found, _ = pyshacl.validate(
        str(data), shacl_graph=str(guard), data_graph_format="turtle", shacl_graph_format="turtle"
    )
    query = f"PREFIX sh: <{SH}> SELECT ?s ?c {{ ?r sh:sourceShape ?s ; sh:sourceConstraintComponent ?c }}"
    assert isinstance(found, rdflib.Graph)
    shape, component = rdflib.Variable("s"), rdflib.Variable("c")
    rows = found.query(query).bindings
    return Counter(_key(f"<{row[shape]}>", f"<{row[component]}>") for row in rows)


def _key(shape: str, component: str) -> str:
    name = component.removeprefix(f"<{SH}").removesuffix("ConstraintComponent>")
    rule = "sparql" if name == "SPARQL" else name[0].lower() + name[1:]
    return f"{shape.removeprefix(f'<{EX}')[:-1]} {rule}"


def child(engine: str, data: Path, guard: Path, core: bool) -> None:
    """Run one engine and print what it found."""
    if engine == "sparql":
        found = run_sparql(data, core)
    elif engine == "pyshacl":
        found = run_pyshacl(data, guard)
    else:
        found = run_ours(data, guard, engine)
    print(json.dumps({key: count for key, count in found.items() if count}))


def measure(
    engine: str, data: Path, guard: Path, core: bool
) -> tuple[float, float, dict[str, int]]:
    """CPU seconds, peak memory in MB, and the results of one engine."""
    command = [sys.executable, __file__, "--child", engine, str(data), str(guard)] + [
        "--core"
    ] * core
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    found = json.loads(output) if process.returncode == 0 else {}
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, found


def main() -> None:
    """Print one table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("triples", nargs="*", type=int, help="sizes in place of the usual ones")
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--core", action="store_true", help="leave out the constraints in SPARQL")
    parser.add_argument("--edits", type=int, default=1_000, help="so many changes of a session")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child[0], Path(given.child[1]), Path(given.child[2]), given.core)
        return
    asked = [(triples, given.core, given.engines.split(",")) for triples in given.triples]
    for triples, core, engines in asked or USUAL:
        with tempfile.TemporaryDirectory() as folder:
            data, guard = Path(folder, "data.ttl"), Path(folder, "shapes.ttl")
            with data.open("w", encoding="utf-8") as stream:
                stream.writelines(generate(triples))
            guard.write_text(shapes(core), encoding="utf-8")
            table(triples, data, guard, engines, core)
            if given.edits and not core:
                edits(data, guard, given.edits)


def table(triples: int, data: Path, guard: Path, engines: list[str], core: bool) -> None:
    """Measure each engine on one file and compare what they found."""
    print(f"{triples:,} triples, {'core' if core else 'full'} shapes")
    print(f"{'engine':<12}{'CPU s':>10}{'MB':>8}{'results':>9}  same results as the first")
    first: dict[str, int] | None = None
    for engine in engines:
        seconds, memory, found = measure(engine, data, guard, core)
        first = found if first is None else first
        different = sorted(key for key in first | found if first.get(key, 0) != found.get(key, 0))
        same = "yes" if not different else f"no: {', '.join(different[:4])}"
        print(f"{engine:<12}{seconds:>10.2f}{memory:>8.0f}{sum(found.values()):>9}  {same}")


def edits(data: Path, guard: Path, number: int) -> None:
    """Load once, then time edits: objects exchanged, triples taken away and put back."""
    from designata.validation.engine import Validator
    from designata.validation.loading import load
    from designata.validation.session import Session

    start = time.process_time()
    session = Session(load([data]), load([guard]))
    loaded = time.process_time() - start
    rng, pool = random.Random(5), list(session.validator.data.triples())
    alike: dict[str, list[str]] = {}
    for _, predicate, value in pool:
        alike.setdefault(predicate, []).append(value)
    taken: list[float] = []
    for _ in range(number):
        one, other = rng.sample(pool, 2)
        added = [(one[0], one[1], rng.choice(alike[one[1]])), other][: rng.randrange(3)]
        start = time.process_time()
        session.change([one], added)
        taken.append((time.process_time() - start) * 1_000)
    taken.sort()
    whole = Validator(session.validator.data, load([guard])).run().results
    same = "yes" if Counter(map(_seen, whole)) == Counter(map(_seen, session.results)) else "no"
    middle, late, last = taken[number // 2], taken[number * 99 // 100], taken[-1]
    print(f"{number:,} batches of edits, after {loaded:.2f} CPU s to load and validate")
    print(f"{'median ms':>12}{'99 % ms':>10}{'most ms':>10}  same results as a full run")
    print(f"{middle:>12.2f}{late:>10.2f}{last:>10.2f}  {same}")


def _seen(result: Any) -> object:
    return result.focus, result.path, result.value, result.source_shape, result.component


if __name__ == "__main__":
    main()
