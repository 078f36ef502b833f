"""Since when what is served is as it is.

Two releases may say the same day of themselves, so what counts is when the release came here, and
for what this program makes of it also when the program did.
"""

from __future__ import annotations

import importlib.resources
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from flask import Request, Response

from designata.store.directory import MANIFEST, Release

_PARTS: Final = (".py", ".rq", ".html")


def of_file(path: Path) -> datetime:
    """Since when a file is here; a proxy that serves it says the same."""
    return _moment(path.stat().st_mtime)


def of_documents(release: Release) -> datetime:
    """Since when there are this release and this program, which makes documents of it."""
    return max(of_file(release.path / MANIFEST), _of_program())


def stamp(
    response: Response, moment: datetime, request: Request, *, is_for_ever: bool = False
) -> None:
    """Say since when; 304 where the client names this very moment and no validator.

    A later one counts where the address has the same for ever. Elsewhere it says nothing: who goes
    back to a former release has older documents again, and other replicas have other moments.
    """
    response.last_modified = moment
    named = request.headers.get("If-Modified-Since")
    if response.status_code != 200 or "If-None-Match" in request.headers or not named:
        return
    since = request.if_modified_since if is_for_ever else None
    later = since is not None and moment <= since <= datetime.now(UTC)
    if later or named == response.headers["Last-Modified"]:
        response.status_code = 304


@cache
def _of_program() -> datetime:
    with importlib.resources.as_file(importlib.resources.files("designata")) as folder:
        return _moment(max(file.stat().st_mtime for file in _parts(str(folder))))


def _parts(folder: str) -> Iterator[os.DirEntry[str]]:
    for one in os.scandir(folder):
        if one.is_dir():
            yield from _parts(one.path)
        elif one.name.endswith(_PARTS):
            yield one


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
