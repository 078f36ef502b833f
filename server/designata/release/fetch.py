"""Fetch a release from another Designata server, and make it the current one here once verified.

Nothing that the other server says is believed: the names of the files are held against the ones
that a release may have, their number and sizes against limits, each file against its digest, the
digests against SHA256SUMS, and the name of the release against the digest of its quads. What was
fetched whole is kept in a folder of its own until all is there, so that a broken fetch goes on.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from designata.errors import PublicationFailed, UsageError
from designata.release.packing import pack
from designata.release.publish import PARTIAL, File, Finish, held, publish
from designata.release.received import ID, Wanted, examine, wanted
from designata.store.client import (
    Expired,
    Limits,
    Reply,
    TooLong,
    Unreachable,
    check_address,
    printable,
    send,
)
from designata.store.directory import MANIFEST, Release

Progress = Callable[[str], None]

_DATED: Final = re.compile(rf"/release/({ID.pattern})/{re.escape(MANIFEST)}$")
_MANIFEST_LIMITS: Final = Limits(seconds=30, body_bytes=2_000_000)
_SECONDS: Final = 60
_SLOWEST: Final = 100_000
_REDIRECTS: Final = (301, 302, 303, 307, 308)


def pull(
    address: str,
    releases: Path,
    progress: Progress,
    release_id: str = "latest",
    finish: Finish | None = None,
) -> Release:
    """The release of the server at an address, verified, finished and current here.

    PublicationFailed where anything of it is missing, different or not as a release is; the former
    release stays then.
    """
    if release_id != "latest" and not ID.fullmatch(release_id):
        raise UsageError(f"{release_id!r} is no id of a release: write one as 1.0.0-1ce4a673ff51")
    root = _root(address)
    manifest = _manifest(root, release_id)
    described = wanted(manifest)
    here = releases / manifest["id"]
    partial = releases / f"{PARTIAL}{manifest['id']}"
    try:
        partial.mkdir(parents=True, exist_ok=True)
        with held(partial, fcntl.LOCK_SH):
            for name, facts in described.items():
                url = f"{root}/release/{manifest['id']}/{name}"
                _fetch(url, partial / name, here / name, facts, progress)
            files = {
                name: File(facts.media_type, (partial / name).read_bytes())
                for name, facts in described.items()
            }
            try:
                told = examine(manifest, files)
            except PublicationFailed:
                shutil.rmtree(partial, ignore_errors=True)
                raise
            release = publish(releases, files, told, pack(files), finish)
            shutil.rmtree(partial, ignore_errors=True)
            return release
    except OSError as error:
        raise PublicationFailed(f"{error.filename or partial}: {error.strerror}") from None


def _root(address: str) -> str:
    """The address of a server, to which the paths of its files are added."""
    if "?" in check_address(address):
        raise UsageError("the address of a server has no query: write only what comes before the ?")
    return address.rstrip("/")


def _manifest(root: str, release_id: str) -> dict[str, Any]:
    """The manifest of a release at a server, if it names a release as ours are named."""
    url = f"{root}/release/{release_id}/{MANIFEST}"
    reply = _reply(url, _MANIFEST_LIMITS)
    dated = _DATED.search(reply.headers.get("location", "")) if reply.status == 302 else None
    if release_id == "latest" and dated:
        # Wherever that leads to: what is fetched is the release of that name at this server.
        url = f"{root}/release/{dated[1]}/{MANIFEST}"
        reply = _reply(url, _MANIFEST_LIMITS)
    try:
        found = json.loads(_body(url, reply))
        usable = ID.fullmatch(found["id"]) and isinstance(found["files"], dict)
    except (ValueError, LookupError, TypeError, RecursionError):
        usable = None
    if not usable or release_id not in ("latest", found["id"]):
        raise PublicationFailed(f"{url} is not the manifest of that release")
    assert isinstance(found, dict)
    return found


def _fetch(url: str, path: Path, here: Path, facts: Wanted, progress: Progress) -> None:
    """A file with the size and digest of the manifest, kept where it was fetched before.

    It may also be here, in a release of the same name.
    """
    for known in (path, here):
        with suppress(OSError):
            content = known.read_bytes()
            if hashlib.sha256(content).hexdigest() == facts.sha256:
                if known == here:
                    _keep(path, content)
                return
    progress(f"fetching {path.name}, {facts.size:,} bytes")
    content = _get(url, Limits(_SECONDS + facts.size / _SLOWEST, facts.size))
    if hashlib.sha256(content).hexdigest() != facts.sha256:
        raise PublicationFailed(f"{url} differs from the manifest; the former release stays")
    _keep(path, content)


def _keep(path: Path, content: bytes) -> None:
    unfinished = path.with_name(f".{path.name}-{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.rename(path)


def _get(url: str, limits: Limits) -> bytes:
    return _body(url, _reply(url, limits))


def _reply(url: str, limits: Limits) -> Reply:
    try:
        return send("GET", url, limits)
    except Expired:
        raise PublicationFailed(f"{url} was not there after {limits.seconds:.0f} seconds") from None
    except TooLong:
        raise PublicationFailed(f"{url} has more than {limits.body_bytes:,} bytes") from None
    except Unreachable as error:
        raise PublicationFailed(f"{url} cannot be fetched: {error}") from None


def _body(url: str, reply: Reply) -> bytes:
    if reply.status in _REDIRECTS:
        place = printable(reply.headers.get("location", "nowhere"))
        raise PublicationFailed(f"{url} redirects to {place}, which is not followed")
    if reply.status != 200 or reply.headers.get("content-encoding"):
        raise PublicationFailed(f"{url} answered with status {reply.status}")
    return reply.body
