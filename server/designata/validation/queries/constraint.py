"""Constraints that are a query: sh:sparql, and what it shares with components."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from designata.errors import UnusableShapes
from designata.validation.compiled import Finding, FocusTest, Table
from designata.validation.constraints.context import Context, component
from designata.validation.graph import Graph
from designata.validation.paths import Predicate, PropertyPath, sparql
from designata.validation.queries.database import (
    SHAPES_GRAPH,
    Database,
    Solution,
    as_written,
    check,
)
from designata.validation.queries.rewriting import Prepared, prepare
from designata.validation.reading import Parameters, describe
from designata.validation.terms import (
    OWL,
    Literal,
    Node,
    iri,
    is_iri,
    is_literal,
    quote,
    sh,
    split_literal,
    text_of,
)

_IMPORTS: Final = iri(OWL + "imports")
_FEW: Final = 30
_PLACE: Final = re.compile(r"\{[$?](\w+)\}")


def sparql_constraints(context: Context, database: Database) -> Iterator[FocusTest]:
    """The sh:sparql constraints of a shape."""
    for node in context.parameters.all("sparql"):
        parameters = Parameters(context.parameters.graph, node)
        if parameters.boolean("deactivated"):
            continue
        text = parameters.text("select")
        if text is None:
            raise parameters.wrong("select", "is missing: a constraint needs its query")
        always = {"currentShape": context.shape.node, "shapesGraph": iri(SHAPES_GRAPH)}
        query = Query(context, database, parameters, text, always)
        yield FocusTest(
            component("SPARQL"),
            query.select,
            f"the constraint {describe(node)} does not hold",
            constraint=node,
            messages=tuple(parameters.all("message")),
            reads=query.reads,
        )


class Query:
    """One query of a shape, with the values that are bound for all focus nodes."""

    def __init__(
        self,
        context: Context,
        database: Database,
        parameters: Parameters,
        text: str,
        always: Mapping[str, Node],
        per_value: bool = False,
    ) -> None:
        self._data, self._database = context.data, database
        self._path, self._node = context.shape.path, parameters.node
        self._messages = tuple(parameters.all("message"))
        variables = {*always, "this", *(("value",) if per_value else ())}
        self._query = self._prepared(parameters, text, variables)
        self._always = {name: always[name] for name in always if name in self._query.bound}
        self.reads = self._query.reads
        database.register(self._query)

    def _prepared(self, parameters: Parameters, text: str, variables: set[str]) -> Prepared:
        path = self._path
        written = None if path is None else sparql(path)
        if written is not None and not isinstance(path, Predicate):
            written = f"({written})"
        try:
            return _checked(text, self._prefixes(parameters), written, frozenset(variables))
        except ValueError as error:
            raise UnusableShapes(f"{describe(self._node)}: {error}") from None

    def _prefixes(self, parameters: Parameters) -> tuple[tuple[str, str], ...]:
        given, known = tuple(parameters.all("prefixes")), self._database.prefixes
        if given not in known:
            known[given] = tuple(prefixes(parameters).items())
        return known[given]

    def select(self, table: Table) -> Iterator[Finding]:
        """The findings of a SELECT, for all focus nodes."""
        focuses = list(table)
        literals = any(map(is_literal, focuses))
        found: Iterable[tuple[Node, Solution]]
        whole = self._query.unbound
        if whole and not literals and len(focuses) <= _FEW:
            one = self._database.for_one
            found = ((focus, each) for focus in focuses for each in one(self._query, focus))
        elif whole and not literals:
            by_node = self._database.for_all(whole)
            found = ((focus, each) for focus in focuses for each in by_node.get(focus, ()))
        else:
            rows = [{"this": focus, **self._always} for focus in focuses]
            answers = self._database.for_rows(self._query, rows) if rows else ()
            found = ((focuses[number], solution) for number, solution in answers)
        seen = set()
        for focus, solution in found:
            finding = self._finding(focus, solution)
            if finding not in seen:
                seen.add(finding)
                yield finding

    def ask(self, table: Table) -> Iterator[Finding]:
        """The values for which an ASK says no."""
        pairs: Sequence[tuple[Node, Node]]
        if "this" in self._query.bound:
            pairs = [(focus, value) for focus, values in table.items() for value in values]
            rows = [{"this": focus, "value": value, **self._always} for focus, value in pairs]
        else:
            distinct = dict.fromkeys(value for values in table.values() for value in values)
            pairs = [("", value) for value in distinct]
            rows = [{"value": value, **self._always} for value in distinct]
        good = {number for number, _ in self._database.for_rows(self._query, rows)} if rows else ()
        bad = {pair for number, pair in enumerate(pairs) if number not in good}
        for focus, values in table.items():
            for value in values:
                if (focus, value) in bad or ("", value) in bad:
                    bound = {"this": focus, "value": value}
                    yield Finding(focus, value, None, self._texts(bound))

    def _finding(self, focus: Node, solution: Solution) -> Finding:
        if solution.get("failure", "").startswith('"true"'):
            raise UnusableShapes(f"{describe(self._node)}: the query reports a failure")
        path, value = solution.get("path"), solution.get("value")
        if value is not None:
            value = as_written(self._data, focus, value)
        elif self._path is None:
            value = focus
        found: PropertyPath | None = Predicate(path) if path and is_iri(path) else None
        message = solution.get("message")
        texts = (message,) if message and is_literal(message) else self._texts(solution)
        return Finding(focus, value, found, texts)

    def _texts(self, solution: Mapping[str, Node]) -> tuple[Node, ...]:
        bound = {**self._always, **solution}
        return tuple(fill(message, bound) for message in self._messages)


@lru_cache(maxsize=1024)
def _checked(
    text: str, known: tuple[tuple[str, str], ...], path: str | None, variables: frozenset[str]
) -> Prepared:
    """A query as it is asked: the same for whatever data, which fixtures change by the thousand."""
    made = prepare(text, dict(known), path, variables)
    check(re.sub(r"[$?]PATH\b", lambda _: path or "", text), dict(known))
    check(made.text)
    return made


def fill(message: Node, bound: Mapping[str, Node]) -> Node:
    """A message with `{$name}` and `{?name}` replaced by the values."""
    value, _, language = split_literal(message)
    if "{" not in value:
        return message
    filled = _PLACE.sub(lambda place: _shown(bound, place), value)
    return quote(filled) + (f"@{language}" if language else "")


def _shown(bound: Mapping[str, Node], place: re.Match[str]) -> str:
    node = bound.get(place[1])
    return place[0] if node is None else text_of(node) if node[0] in '<"' else node


def prefixes(parameters: Parameters) -> dict[str, str]:
    """The prefixes that sh:prefixes gives to a query, over owl:imports too."""
    graph, found = parameters.graph, dict[str, str]()
    todo, seen = list(parameters.all("prefixes")), set[Node]()
    while todo:
        ontology = todo.pop()
        if ontology in seen:
            continue
        seen.add(ontology)
        todo.extend(graph.objects(ontology, _IMPORTS))
        for declaration in graph.objects(ontology, sh("declare")):
            name, namespace = _declared(graph, declaration)
            if found.setdefault(name, namespace) != namespace:
                raise parameters.wrong("prefixes", f"gives the prefix {name} two meanings")
    return found


def _declared(graph: Graph, node: Node) -> tuple[str, str]:
    declared = Parameters(graph, node)
    name, namespace = declared.text("prefix"), declared.one("namespace")
    if name is None or namespace is None or not is_literal(namespace):
        raise declared.wrong("declare", "needs sh:prefix and sh:namespace")
    literal: Literal = split_literal(namespace)
    return name, literal.value
