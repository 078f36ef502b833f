"""Reading a file so that each statement has its line, however long the lines are."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from pyoxigraph import parse

from designata.errors import UnreadableFile
from designata.turtle import Statement, format_of


class _Lines(io.RawIOBase):
    """A reader that never gives more than the rest of one line, nor more than it is asked for."""

    def __init__(self, content: bytes) -> None:
        self._content, self._at, self._next = content, 0, 0
        self.number = 0

    def read(self, size: int = -1, /) -> bytes:
        start = self._at
        if start == self._next:
            self._next = self._content.find(b"\n", start) + 1 or len(self._content)
            self.number += start < self._next
        end = self._next if size < 0 else min(self._next, start + size)
        self._at = end
        return self._content[start:end]


def statements(path: Path) -> Iterator[Statement]:
    """The statements of a file with their lines, counted from 1.

    Raises UnreadableFile where the file is missing or not well-formed.
    """
    syntax = format_of(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None
    lines = _Lines(content)
    try:
        for quad in parse(cast(IO[bytes], lines), syntax, base_iri=path.absolute().as_uri()):
            yield Statement(quad, lines.number)
    except SyntaxError as error:
        reason = error.msg.partition(": ")[2] if error.msg.startswith("Parser") else error.msg
        raise UnreadableFile(path, error.lineno or lines.number, reason) from None
    except ValueError as error:
        raise UnreadableFile(path, lines.number, str(error)) from None
