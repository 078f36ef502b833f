"""Run a build in a child process that is stopped in the middle."""

import os
import resource
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

from designata.errors import DesignataError
from designata.release.build import build

STEPS = (
    (os, "fsync"),
    (os, "open"),
    (Path, "mkdir"),
    (Path, "open"),
    (Path, "rename"),
    (Path, "symlink_to"),
)


def in_child(act: Callable[[], None]) -> int:
    """Run the action in a forked process; its wait status."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            act()
            code = 0
        except DesignataError as error:
            code = error.exit_code
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def build_killed_at(step: int, source: Path, releases: Path) -> bool:
    """Build, with SIGKILL before the given step of the publication; whether it came so far."""

    def act() -> None:
        count = 0

        def counted(function: Any) -> Any:
            def call(*arguments: Any, **named: Any) -> Any:
                nonlocal count
                count += 1
                if count == step:
                    os.kill(os.getpid(), signal.SIGKILL)
                return function(*arguments, **named)

            return call

        def when_publishing(stage: str) -> None:
            if stage == "publishing":
                for owner, name in STEPS:
                    setattr(owner, name, counted(getattr(owner, name)))

        build(source, releases, when_publishing)

    return os.WIFSIGNALED(in_child(act))


def build_with_file_limit(limit: int, source: Path, releases: Path) -> int:
    """Build where no file may become larger than the limit; the exit code."""

    def act() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        build(source, releases, lambda stage: None)

    return os.waitstatus_to_exitcode(in_child(act))
