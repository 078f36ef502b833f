"""Tables of text for people."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side under their heads."""
    clean = [[_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column)) for column in zip(head, *clean, strict=True)]
    ruler = ["─" * width for width in widths]
    lines = (_line(row, widths) for row in (head, ruler, *clean))
    return "\n".join(lines) if head else ""


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell + " " * (width - _width(cell)) for cell, width in zip(cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()


def _one_line(text: str) -> str:
    return "".join(char if unicodedata.category(char) != "Cc" else " " for char in text)


def _width(text: str) -> int:
    """The number of terminal cells: marks and format characters take none, wide ones two."""
    return sum(
        0
        if unicodedata.category(char) in ("Mn", "Me", "Cf")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in text
    )
