"""Validation that follows changes: only focus nodes that can see a change are validated again."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence

from designata.validation.engine import Validator
from designata.validation.footprint import Footprint
from designata.validation.graph import Graph
from designata.validation.results import Report, Result
from designata.validation.terms import Node, Triple


class Session:
    """The results for a graph that changes; `results` is always that of a full validation."""

    def __init__(self, data: Graph, shapes: Graph, validate: bool = True) -> None:
        self.validator = Validator(data, shapes)
        self._footprints = {
            node: Footprint(self.validator, shape) for node, shape in self.validator.targets.items()
        }
        self._results: dict[Node, dict[Node, list[Result]]] = {
            node: {} for node in self._footprints
        }
        if validate:
            for node in self._footprints:
                self._run(node, self.validator.focuses(node))
        # The indexes live as long as the session: without this the collector walks through all of
        # them, for ten times as long as a change takes.
        gc.freeze()

    @property
    def results(self) -> list[Result]:
        """All results, by shape and focus node."""
        return [
            result
            for by_focus in self._results.values()
            for results in by_focus.values()
            for result in results
        ]

    def report(self) -> Report:
        """The results as a report, without places."""
        sizes = {node: len(self.validator.focuses(node)) for node in self._footprints}
        return Report(tuple(self.results), sizes, owners=self.validator.owners())

    def change(self, removed: Iterable[Triple], added: Iterable[Triple]) -> dict[Node, set[Node]]:
        """Change the data; gives the focus nodes that were validated again, for each shape."""
        data = self.validator.data
        gone = [triple for triple in dict.fromkeys(removed) if data.has(triple)]
        lost = set(gone)
        new = [each for each in dict.fromkeys(added) if each in lost or not data.has(each)]
        both = lost & set(new)
        gone = [each for each in gone if each not in both]
        new = [each for each in new if each not in both]
        touched = [*gone, *new]
        whole = {node for node, each in self._footprints.items() if each.touches_all(touched)}
        affected = {
            node: set(each.nodes(touched)) if node not in whole else set()
            for node, each in self._footprints.items()
        }
        self.validator.change(gone, new)
        for node, each in self._footprints.items():
            if node in whole:
                affected[node] = {*self.validator.focuses(node), *self._results[node]}
            else:
                affected[node].update(each.nodes(touched))
            self._run(node, sorted(affected[node]))
        return affected

    def _run(self, node: Node, nodes: Sequence[Node]) -> None:
        found = self._results[node]
        for focus in nodes:
            found.pop(focus, None)
        focuses = [focus for focus in nodes if self.validator.is_focus(node, focus)]
        if not focuses:
            return
        shape = self.validator.targets[node]
        if self.validator.is_flat(shape) or self._footprints[node].unbounded:
            for result in self.validator.apply(shape, focuses):
                found.setdefault(result.focus, []).append(result)
        else:
            for focus in focuses:
                results = list(self.validator.apply(shape, [focus]))
                if results:
                    found[focus] = results
