"""Validating what changed: since a git revision, or while files are being edited."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from designata.errors import UsageError
from designata.validation import lexicon, positions
from designata.validation.graph import Graph
from designata.validation.loading import load
from designata.validation.results import Report
from designata.validation.session import Session

Stamp = tuple[int, int] | None


def validate_changes(data: Sequence[Path], shapes: Sequence[Path], revision: str) -> Report:
    """The results of those focus nodes that can see a change since a git revision.

    A full validation has no other result for them, and the same results for all others as at that
    revision. Raises UsageError where git does not know the revision.
    """
    guard = _guard(shapes)
    former = {path: _former(path, revision) for path in data}
    same = [path for path in data if former[path] == _content(path)]
    changed = [path for path in data if path not in set(same)]
    old = load((*same, *changed), {path: former[path] or b"" for path in changed})
    new = load((*same, *changed))
    session = Session(old, guard, validate=False)
    _bring(session, new)
    return _report(session, new, guard)


def follow(
    data: Sequence[Path], shapes: Sequence[Path], wait: Callable[[], object]
) -> Iterator[Report]:
    """A report now, and another one after each change of a file; `wait` is called in between."""
    guard = _guard(shapes)
    new = load(data)
    session = Session(load(data), guard)
    yield _report(session, new, guard)
    stamps = _stamps((*data, *shapes))
    while True:
        wait()
        now = _stamps((*data, *shapes))
        if now == stamps:
            continue
        reshaped = any(now[path] != stamps[path] for path in shapes)
        stamps = now
        new = load(data)
        if reshaped:
            guard = _guard(shapes)
            session = Session(load(data), guard)
        else:
            _bring(session, new)
        yield _report(session, new, guard)


def _bring(session: Session, new: Graph) -> None:
    """Change the session's data into the new ones."""
    before, after = set(session.validator.data.triples()), set(new.triples())
    session.change(sorted(before - after), sorted(after - before))


def _report(session: Session, data: Graph, shapes: Graph) -> Report:
    report = session.report()
    located = positions.locate(data, report.results)
    return replace(report, results=tuple(located), prefixes={**shapes.prefixes, **data.prefixes})


def _guard(shapes: Sequence[Path]) -> Graph:
    guard = load(shapes)
    lexicon.check(guard)
    return guard


def _content(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None


def _former(path: Path, revision: str) -> bytes | None:
    """A file as it was at a revision, None where it was not there."""
    folder = path.absolute().parent
    return _git(folder, "show", f"{_commit(folder, revision)}:./{path.name}")


@lru_cache(maxsize=1_000)
def _commit(folder: Path, revision: str) -> str:
    known = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if known is None:
        raise UsageError(f"{revision}: git knows no such revision in {folder}")
    return known.decode().strip()


def _git(folder: Path, *arguments: str) -> bytes | None:
    try:
        done = subprocess.run(["git", "-C", folder, *arguments], capture_output=True, check=False)
    except OSError as error:
        raise UsageError(f"git is needed for this: {error.strerror}") from None
    return done.stdout if done.returncode == 0 else None


def _stamps(paths: Sequence[Path]) -> Mapping[Path, Stamp]:
    found: dict[Path, Stamp] = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            found[path] = None
        else:
            found[path] = status.st_mtime_ns, status.st_size
    return found
