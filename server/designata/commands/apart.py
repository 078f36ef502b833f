"""Work that needs much memory once, in a program that goes on for long."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from designata.errors import DesignataError, PublicationFailed
from designata.store.sandbox import end_with_parent

Result = TypeVar("Result")


def in_a_process_of_its_own(work: Callable[..., Result], *arguments: object) -> Result:
    """What the work gives, or its refusal; the system gets back all memory that it took.

    PublicationFailed where the process cannot be started, is ended, or fails, which it has said
    then; it ends with this one.
    """
    (found,) = in_processes(work, [arguments])
    return found


def in_processes(work: Callable[..., Result], calls: Iterable[tuple[object, ...]]) -> list[Result]:
    """What the work gives for the arguments of each call, each at once in a process of its own.

    As `in_a_process_of_its_own`; none goes on when one has failed, or somebody presses a key.
    """
    with ExitStack() as stack:
        begun = [stack.enter_context(_begun(work, arguments)) for arguments in calls]
        return [_found(process, told) for process, told in begun]


@contextmanager
def _begun(
    work: Callable[..., Any], arguments: tuple[object, ...]
) -> Iterator[tuple[BaseProcess, Connection[Any, Any]]]:
    """A process that works, and what it tells; it is over at the end."""
    spawning = get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_tell, args=(theirs, os.getpid(), work, arguments))
    try:
        process.start()
    except OSError as error:
        ours.close()
        raise PublicationFailed(f"no process can be started: {error.strerror}") from None
    finally:
        theirs.close()
    with ours:
        try:
            yield process, ours
        except BaseException:
            process.terminate()
            raise
        finally:
            process.join()


def _found(process: BaseProcess, told: Connection[Any, Any]) -> Any:
    """What a process gives, or its refusal."""
    try:
        found = told.recv()
    except (EOFError, OSError):
        process.join()
        raise PublicationFailed(_end(process.exitcode or 0)) from None
    if isinstance(found, DesignataError):
        raise found
    return found


def _end(code: int) -> str:
    """What is to be said of a process that told nothing; a negative code is that of a signal."""
    if code < 0:
        how = f"was ended by signal {-code} ({signal.strsignal(-code)})"
    else:
        how = f"ended with status {code}"
    return f"the build {how}; start again, with more memory where that was short"


def _tell(
    result: Connection[Any, Any], parent: int, work: Callable[..., Any], arguments: tuple[Any, ...]
) -> None:
    """Do the work in this process; end without a word when somebody presses a key."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    with suppress(OSError):
        end_with_parent(parent)
    try:
        result.send(work(*arguments))
    except DesignataError as error:
        result.send(error)
