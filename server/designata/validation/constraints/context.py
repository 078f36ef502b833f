"""What a constraint needs to know when it is compiled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from designata.validation.compiled import Shape
from designata.validation.graph import Graph
from designata.validation.reading import Parameters
from designata.validation.terms import Node, sh


@dataclass(frozen=True, slots=True)
class Context:
    """The data, the shape's parameters, and how another shape is referred to.

    `refer(node, negative)` compiles a shape; `negative` says that its failure makes for success.
    """

    data: Graph
    shape: Shape
    parameters: Parameters
    refer: Callable[[Node, bool], Shape]

    @property
    def is_property(self) -> bool:
        """Whether the shape has a path."""
        return self.shape.path is not None

    def only_for_properties(self, local: str) -> None:
        """Refuse a parameter that means nothing on a shape without a path."""
        if not self.is_property:
            raise self.parameters.wrong(local, "needs a property shape: this one has no sh:path")


def component(name: str) -> Node:
    """The constraint component of SHACL Core with this name."""
    return sh(f"{name}ConstraintComponent")
