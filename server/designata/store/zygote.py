"""The process that loads the data once, and forks the query processes that share its memory.

Started as a program of its own, so that it has one thread. It reads its plan, a line of JSON, from
standard input, answers with one line, `{"ready": true, "missing": […]}` or an error, and ends when
standard input is closed or its parent is gone.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn

from pyoxigraph import Store

from designata.errors import CannotServe, DesignataError
from designata.store import sandbox, wire, worker
from designata.store.board import Board
from designata.store.disk import make
from designata.store.evaluate import evaluate
from designata.store.formats import FORMATS
from designata.store.loading import Files, load_in_order
from designata.store.post import bound, clear
from designata.store.query import LANES, Form, Lane, Query
from designata.store.signals import heard, read
from designata.store.summary import Loaded, summarise

_CHECK_SECONDS: Final = 1.0
_NICENESS: Final = 10
# How a process ends that has found the store on disk damaged.
_UNREADABLE: Final = 3
_SAMPLE_BYTES: Final = 10_000
_SAMPLES: Final[Mapping[Form, str]] = {
    "select": "SELECT * {?a ?b ?c}",
    "ask": "ASK {}",
    "graph": "DESCRIBE <a>",
}


@dataclass
class Workers:
    """The query processes of each lane: as many as wanted, forked again when one ends."""

    loaded: Loaded | None
    disk: Path | None
    limits: worker.Limits
    wanted: Mapping[Lane, int]
    questions: Mapping[Lane, socket.socket]
    board: Board
    children: dict[int, Lane] = field(default_factory=dict)

    def replenish(self) -> None:
        """Bury what has ended and fork what is missing; what finds no room is tried again later."""
        while self.children:
            child, status = os.waitpid(-1, os.WNOHANG)
            if child == 0:
                break
            self.board.bury(child)
            del self.children[child]
            if os.waitstatus_to_exitcode(status) == _UNREADABLE:
                # Who watches over this one starts another, which makes the store anew.
                self.end()
                os._exit(_UNREADABLE)
        with suppress(OSError):
            for lane, count in self.wanted.items():
                for _ in range(count - list(self.children.values()).count(lane)):
                    self._fork(lane)

    def _fork(self, lane: Lane) -> None:
        parent, row = os.getpid(), self.board.row()
        child = os.fork()
        if child == 0:
            self._become_worker(parent, lane, row)
        self.children[child] = lane

    def _become_worker(self, parent: int, lane: Lane, row: int) -> NoReturn:
        try:
            sandbox.reset_signals()
            if lane == "queries":
                _yield_to_others()
            for other, questions in self.questions.items():
                if other != lane:
                    questions.close()
            loaded = self.loaded or self._opened()
            self.board.enter(row, os.getpid())
            worker.run(parent, self.questions[lane], self.board, row, loaded, self.limits)
        finally:
            os._exit(1)

    def _opened(self) -> Loaded:
        """The store on disk; who makes it anew says what was wrong with it."""
        try:
            return Loaded(Store.read_only(str(self.disk)))
        except (FileNotFoundError, RuntimeError):
            os._exit(_UNREADABLE)

    def release(self) -> None:
        """End the work for those who have ended."""
        for child in self.board.orphans():
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with suppress(OSError):
            clear(Path(self.board.directory))

    def end(self) -> None:
        """Kill every process of every lane."""
        for child in self.children:
            os.kill(child, signal.SIGKILL)


def _yield_to_others() -> None:
    """Pages, and the processes that answer, go first where all want the processor.

    And nobody is interrupted by a question for this process: each change from one process to
    another makes the processor slow for a while, and several questions can be answered after one.
    """
    os.nice(_NICENESS)
    if hasattr(os, "SCHED_BATCH"):
        with suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def main() -> None:
    """Load, fork, and replace what ends, until the parent is gone."""
    parent = os.getppid()
    line = sys.stdin.buffer.readline()
    if not line:
        return
    plan = json.loads(line)
    try:
        missing = _missing_guards(plan)
        workers = _prepare(plan)
    except DesignataError as error:
        _announce(wire.pack_error(error))
        return
    except OSError as error:
        problem = f"{error.filename or plan['directory']}: {error.strerror or error}"
        _announce(wire.pack_error(CannotServe(problem)))
        return
    try:
        workers.replenish()
        _announce({"ready": True, "missing": missing})
        _watch(workers, parent)
    finally:
        workers.end()
        for folder in plan["folders"]:
            shutil.rmtree(folder, ignore_errors=True)


def _prepare(plan: Mapping[str, Any]) -> Workers:
    disk = Path(plan["disk"]) if plan["disk"] else None
    loaded = None
    if disk:
        if not _in_child(partial(_made, disk, plan["files"])):
            raise CannotServe("what makes the store on disk was ended: is there enough memory?")
    else:
        store = Store()
        _apart(partial(load_in_order, store, plan["files"]))
        loaded = Loaded(store, summarise(store))
    _warm_up()
    directory, lanes = Path(plan["directory"]), plan["lanes"]
    board = Board.begin(directory, sum(lanes.values()))
    questions = {lane: bound(directory / lane) for lane in LANES}
    gc.collect()
    gc.freeze()
    return Workers(loaded, disk, worker.Limits(**plan["limits"]), lanes, questions, board)


def _made(disk: Path, files: Files) -> bool:
    make(disk, files)
    return True


def _apart(work: Callable[[], None]) -> None:
    """Do a piece of work in a thread, which has ended when this returns.

    The allocator of the C library has memory of its own for each thread. What is free among the
    quads of a store would be used by each forked process for its queries, which copies the pages
    around it; so the store lies elsewhere.
    """
    with ThreadPoolExecutor(1) as crew:
        crew.submit(work).result()


def _warm_up() -> None:
    """Write each format once, so that no process has to open a module's file for it later."""
    for form, media_types in FORMATS.items():
        for media_type in media_types:
            wanted: dict[str, Any] = {form: media_type}
            evaluate(Loaded(Store()), Query(_SAMPLES[form], **wanted), _SAMPLE_BYTES)


def _missing_guards(plan: Mapping[str, Any]) -> list[str]:
    """What the sandbox lacks on this system, tried out in a process of its own.

    CannotServe where the plan insists on the sandbox.
    """
    parent = os.getpid()
    report = _in_child(lambda: list(sandbox.install(parent, plan["limits"]["memory"])))
    missing: list[str] = ["a sandbox"] if report is None else report
    if missing and plan["sandbox"]:
        raise CannotServe(
            f"this system does not offer {', '.join(missing)}, so a query could do harm; "
            "set DESIGNATA_SANDBOX=no to go on without"
        )
    return missing


def _in_child(work: Callable[[], Any]) -> Any:
    """What a piece of work gives, done in a process of its own; None where that dies.

    This process stays one that can be forked: no threads, no files of a store.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writer, json.dumps(_outcome(work)).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        report = pipe.read()
    os.waitpid(child, 0)
    if not report:
        return None
    outcome = json.loads(report)
    if "error" in outcome:
        raise wire.unpack_error(outcome)
    return outcome["done"]


def _outcome(work: Callable[[], Any]) -> Mapping[str, Any]:
    try:
        return {"done": work()}
    except DesignataError as error:
        return wire.pack_error(error)
    except OSError as error:
        return wire.pack_error(CannotServe(f"the store on disk cannot be made: {error}"))


def _announce(message: Mapping[str, Any]) -> None:
    """Tell who has started this; where that is gone, it will be noticed."""
    with suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(message).encode() + b"\n")


def _watch(workers: Workers, parent: int) -> None:
    with heard(signal.SIGCHLD) as hearing:
        while os.getppid() == parent:
            workers.release()
            workers.replenish()
            ready, _, _ = select.select([sys.stdin, hearing], [], [], _CHECK_SECONDS)
            if sys.stdin in ready:
                return
            if hearing in ready:
                read(hearing)


if __name__ == "__main__":
    main()
