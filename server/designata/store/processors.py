"""On which processor this process runs, and how it keeps off one for a moment."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final


def _finder() -> Callable[[], int] | None:
    """The function of the C library; None where a process cannot choose (macOS, one processor)."""
    if not hasattr(os, "sched_setaffinity") or len(os.sched_getaffinity(0)) < 2:
        return None
    return getattr(ctypes.CDLL(None), "sched_getcpu", None)


_FIND: Final = _finder()


def current() -> int:
    """The number of the processor, from 1; 0 where that is not known, or there is one only."""
    return _FIND() + 1 if _FIND else 0


@contextmanager
def kept_off(number: int) -> Iterator[None]:
    """Run on another processor than that; who runs there is not to wait for this process."""
    if current() != number:
        yield
        return
    allowed = os.sched_getaffinity(0)
    with suppress(OSError):
        os.sched_setaffinity(0, allowed - {number - 1})
    try:
        yield
    finally:
        with suppress(OSError):
            os.sched_setaffinity(0, allowed)
