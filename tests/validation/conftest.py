from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from designata.validation import Engine, Report, validate

HEAD = """@prefix ex: <http://example.org/> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix rdf: <http://www.w3.org/1999/02/22-rdf-syntax-ns#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
"""
LINES_OF_HEAD = HEAD.count("\n")
Check = Callable[..., Report]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Validate a text of Turtle against another; line 1 is the first one after the prefixes."""

    def run(data: str | bytes, shapes: str, engine: Engine = "designata") -> Report:
        file, guard = tmp_path / "data.ttl", tmp_path / "shapes.ttl"
        file.write_bytes(data if isinstance(data, bytes) else (HEAD + data).encode())
        guard.write_text(HEAD + shapes, encoding="utf-8")
        return validate([file], [guard], engine=engine)

    return run


@pytest.fixture
def line() -> Callable[[int | None], int | None]:
    """The line of a text that was given to `check`."""
    return lambda number: None if number is None else number - LINES_OF_HEAD
