"""What the tests see of a server's processes in Linux's /proc."""

import os
import signal
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path


def children(parent: int, word: str = "") -> list[int]:
    """The processes that a process has started and whose command line has a word.

    One that ends while it is looked at is left out.
    """
    found = []
    with suppress(OSError):
        for task in Path(f"/proc/{parent}/task").iterdir():
            with suppress(OSError):
                for child in (task / "children").read_text().split():
                    with suppress(OSError):
                        if word in Path(f"/proc/{child}/cmdline").read_text():
                            found.append(int(child))
    return found


def nurseries(main: int) -> list[int]:
    """The process of a server that forks those that answer requests."""
    return children(main, "web.nursery")


def web_processes(main: int) -> list[int]:
    """The processes of a server that answer requests."""
    return [child for nursery in nurseries(main) for child in children(nursery)]


def zygotes(main: int) -> list[int]:
    """The processes of a server that hold a release."""
    return children(main, "store.zygote")


def kill(processes: Iterable[int]) -> None:
    """Kill them without a word; one that has ended meanwhile is left out."""
    for process in processes:
        with suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
