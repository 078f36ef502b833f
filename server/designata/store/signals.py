"""Signals as something to wait for, beside other things."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


@contextmanager
def heard(*numbers: signal.Signals) -> Iterator[int]:
    """Where the numbers of these signals are read, a byte for each, by a process's main thread."""
    hearing, said = os.pipe()
    os.set_blocking(said, False)
    former = {number: signal.signal(number, lambda *_: None) for number in numbers}
    before = signal.set_wakeup_fd(said, warn_on_full_buffer=False)
    try:
        yield hearing
    finally:
        signal.set_wakeup_fd(before)
        for number, handler in former.items():
            signal.signal(number, handler)
        os.close(hearing)
        os.close(said)


def leave_when_told() -> None:
    """Let SIGTERM end this program before there is anything to be finished.

    It counts once, so that what was made is removed.
    """
    signal.signal(signal.SIGTERM, _leave)


def _leave(*_: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit()


def read(hearing: int) -> Sequence[int]:
    """The numbers that have been heard."""
    return os.read(hearing, 1_024)
