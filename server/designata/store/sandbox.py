"""What a query process gives up for ever, and what it gives up while a query runs."""

from __future__ import annotations

import ctypes
import math
import os
import platform
import resource
import signal
from collections.abc import Callable
from typing import Final, NamedTuple

from designata.store import seccomp

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_UNIT: Final = 1 if platform.system() == "Darwin" else 1024


def install(parent: int, memory: int) -> tuple[str, ...]:
    """Close this process in; the names of the guards that could not be had here.

    It ends with its parent; `memory` is what it may use above what it has now, in bytes.
    """
    guards: tuple[tuple[str, Callable[[], None]], ...] = (
        ("the end with its parent", lambda: end_with_parent(parent)),
        ("the limit on memory", lambda: _limit_memory(memory)),
        ("the limit on files", _limit_files),
        ("the ban on core dumps", _forbid_dumps),
        ("the filter of system calls", seccomp.install),
    )
    missing = []
    for name, guard in guards:
        try:
            guard()
        except (OSError, ValueError):
            missing.append(name)
    return tuple(missing)


def end_with_parent(parent: int) -> None:
    """Let the kernel end this process when the one that started it ends, or has ended already."""
    _control(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit_memory(memory: int) -> None:
    with open("/proc/self/statm", encoding="ascii") as sizes:
        pages = int(sizes.read().split()[0])
    limit = pages * resource.getpagesize() + memory
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _limit_files() -> None:
    """As many as there are: nothing can be opened any more."""
    free = os.dup(0)
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free, free))


def _forbid_dumps() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _control(_PR_SET_DUMPABLE, 0)


def _control(option: int, value: int) -> None:
    if platform.system() != "Linux":
        raise OSError("only Linux has prctl")
    library = ctypes.CDLL(None, use_errno=True)
    zero = ctypes.c_ulong(0)
    if library.prctl(option, ctypes.c_ulong(value), zero, zero, zero) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def end_after(seconds: float) -> None:
    """The kernel ends the process when the time is over; 0: never.

    SIGALRM keeps its default disposition, so that it works also where no Python code runs.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds)


class Usage(NamedTuple):
    """The most memory that a process has held, in bytes, and its seconds of processor time."""

    memory: int
    seconds: float


def usage() -> Usage:
    """What this process has used."""
    found = resource.getrusage(resource.RUSAGE_SELF)
    return Usage(found.ru_maxrss * _UNIT, found.ru_utime + found.ru_stime)


def allow_time(seconds: float) -> None:
    """The kernel ends the process after so much processor time in all, in whole seconds."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), most))


def reset_signals() -> None:
    """Take back the dispositions that a fork inherits from the zygote."""
    signal.set_wakeup_fd(-1)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
