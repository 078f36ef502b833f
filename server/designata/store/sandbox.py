"""What a query process gives up for ever, and what it gives up while a query runs."""

from __future__ import annotations

import ctypes
import fcntl
import math
import os
import platform
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

from designata.store import seccomp

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_COURTESY: Final = 2


def install(parent: int, memory: int) -> tuple[str, ...]:
    """Close this process in; the names of the guards that could not be had here.

    It ends with its parent; `memory` is what it may use above what it has now, in bytes.
    """
    guards: tuple[tuple[str, Callable[[], None]], ...] = (
        ("the end with its parent", lambda: end_with_parent(parent)),
        ("the limit on memory", lambda: _limit_memory(memory)),
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
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


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


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """No new file or socket; the kernel ends the process when the time is over.

    SIGALRM keeps its default disposition, so that it works also where no Python code runs.
    """
    _, most_files = resource.getrlimit(resource.RLIMIT_NOFILE)
    _, most_time = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, most_files))
    resource.setrlimit(resource.RLIMIT_CPU, (_cpu_allowance(seconds), most_time))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(64, most_files), most_files))


@contextmanager
def ending_with(connection: socket.socket) -> Iterator[None]:
    """The kernel ends the process when the other side of the connection goes.

    SIGIO keeps its default disposition, for the same reason. ConnectionError where the other side
    has gone already.
    """
    flags = fcntl.fcntl(connection, fcntl.F_GETFL)
    fcntl.fcntl(connection, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(connection, fcntl.F_SETFL, flags | os.O_ASYNC)
    try:
        if _has_gone(connection):
            raise ConnectionError("nobody waits for the answer")
        yield
    finally:
        fcntl.fcntl(connection, fcntl.F_SETFL, flags)


def _has_gone(connection: socket.socket) -> bool:
    try:
        return not connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False


def _cpu_allowance(seconds: float) -> int:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return math.ceil(used.ru_utime + used.ru_stime + seconds) + 1


def peak_memory() -> int:
    """The most memory that this process has held, in bytes."""
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def give_way() -> None:
    """Let processes that wait more than they compute go first, where the system knows how."""
    os.nice(_COURTESY)
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


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
