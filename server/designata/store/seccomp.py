"""A filter of system calls for a process that only computes, and reads and writes datagrams.

What is not listed fails with EPERM: sockets, files, other programs, other processes, signals.
The filter is a program for the kernel's BPF machine (seccomp(2), SECCOMP_MODE_FILTER).
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Sequence
from typing import Final

_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_MODE_FILTER: Final = 2

_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06
_NUMBER_OFFSET, _ARCHITECTURE_OFFSET = 0, 4
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EPERM


# The system calls that are allowed, with their numbers on x86_64 and on aarch64.
_CALLS: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "pread64": (17, 67),
    "fadvise64": (221, 223),
    "readv": (19, 65),
    "writev": (20, 66),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "sched_yield": (24, 124),
    "setitimer": (38, 103),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "sendto": (44, 206),
    "recvfrom": (45, 207),
    "epoll_wait": (232, 22),
    "epoll_pwait": (281, 22),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "fcntl": (72, 25),
    "gettimeofday": (96, 169),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "getrlimit": (97, 163),
    "setrlimit": (160, 164),
    "prlimit64": (302, 261),
    "getrusage": (98, 165),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "getcpu": (309, 168),
    "sched_setaffinity": (203, 122),
    "restart_syscall": (219, 128),
    "getrandom": (318, 278),
    "rseq": (334, 293),
    "membarrier": (324, 283),
}
# Each processor's code in the filter, and its column in the table of calls.
_MACHINES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _program(architecture: int, calls: Sequence[int]) -> bytes:
    count = len(calls)
    return b"".join(
        (
            _instruction(_LOAD, _ARCHITECTURE_OFFSET),
            _instruction(_JUMP_EQUAL, architecture, if_true=1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_LOAD, _NUMBER_OFFSET),
            *(
                _instruction(_JUMP_EQUAL, number, if_true=count - index)
                for index, number in enumerate(calls)
            ),
            _instruction(_RETURN, _REFUSE),
            _instruction(_RETURN, _ALLOW),
        )
    )


def install() -> None:
    """Put this process behind the filter, for ever; OSError where the platform has none."""
    machine = _MACHINES.get(platform.machine())
    if platform.system() != "Linux" or machine is None:
        raise OSError(errno.ENOSYS, "no filter of system calls for this platform")
    library = ctypes.CDLL(None, use_errno=True)
    architecture, column = machine
    content = _program(architecture, [numbers[column] for numbers in _CALLS.values()])
    program = _Program(len(content) // 8, content)
    zero = ctypes.c_ulong(0)
    _checked(library.prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero))
    _checked(library.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), zero, zero))


def _checked(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, "the system does not take the filter")
