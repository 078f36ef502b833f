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
from contextlib import suppress
from typing import Final, TextIO

_MOST: Final = 1_000
_LAST_SECONDS: Final = 1.0


def put(text: str, output: TextIO | None) -> None:
    """Write to a standard stream, if there is one, without the lock that it wants at the end."""
    if output is None:
        return
    try:
        handle = output.fileno()
    except (AttributeError, OSError, ValueError):
        # It is none of the system.
        output.write(text)
        return
    content = memoryview(text.encode("utf-8", "backslashreplace"))
    while content:
        content = content[os.write(handle, content) :]


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
