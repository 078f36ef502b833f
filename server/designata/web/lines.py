"""Lines for whoever reads them, written by a thread: nobody waits for that reader.

A reader that has stopped, or a disk that is full, would hold up who answers, and who replaces what
has ended.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from select import PIPE_BUF
from typing import Final, TextIO

_MOST: Final = 1_000
_LAST_SECONDS: Final = 1.0


def put(text: str, output: TextIO | None) -> None:
    """Write to a standard stream, if there is one, without the lock that it wants at the end."""
    for _ in _written(text, output):
        pass


def _written(text: str, output: TextIO | None) -> Iterator[bytes]:
    """The same; what has been taken, part by part."""
    content = text.encode("utf-8", "backslashreplace")
    try:
        handle = output.fileno() if output else -1
    except (AttributeError, OSError, ValueError):
        assert output
        # It is none of the system.
        output.write(text)
        handle = -1
    if handle < 0:
        yield content
        return
    while content:
        size = os.write(handle, content)
        yield content[:size]
        content = content[size:]


class Writer:
    """Writes lines to a standard stream beside other processes.

    Whole lines go together as far as a pipe takes them in one piece. A longer one may be mixed with
    those of others there.
    """

    def __init__(self) -> None:
        # The last line may be cut off, of this process or of another.
        self._failed = False

    def write(self, lines: Sequence[str], output: TextIO | None) -> int:
        """How many of the lines were written; the others cannot be now."""
        written = 0
        with suppress(OSError, ValueError):
            if self._failed and lines:
                put("\n", output)
                self._failed = False
            for piece in _pieces(lines):
                for part in _written(piece, output):
                    written += part.count(b"\n")
            return written
        self._failed = True
        return written


def _pieces(lines: Iterable[str]) -> Iterator[str]:
    """Lines together, as many as a pipe takes in one piece, and one at least."""
    piece = ""
    for line in lines:
        if piece and len(piece) + len(line) > PIPE_BUF:
            yield piece
            piece = ""
        piece += line
    if piece:
        yield piece


class Apart(logging.Handler):
    """Messages of the log, handed to a thread; where too many wait, the oldest are left out."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=_MOST)
        self._wake = threading.Event()
        self._empty = threading.Event()
        self._empty.set()
        threading.Thread(target=self._run, name="messages", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Take a message in."""
        try:
            self._lines.append(self.format(record) + "\n")
        except Exception:
            self.handleError(record)
        self._empty.clear()
        self._wake.set()

    def flush(self) -> None:
        """Wait for a moment until all is written."""
        self._empty.wait(_LAST_SECONDS)

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with suppress(OSError, ValueError):
                while self._lines:
                    put(self._lines.popleft(), sys.stderr)
            self._empty.set()


def write_apart() -> None:
    """Let all messages of this process go that way, if nobody has said how they go."""
    if not logging.getLogger().handlers:
        logging.getLogger().addHandler(Apart())
