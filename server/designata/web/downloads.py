"""The files of a release, byte for byte as they were built."""

from __future__ import annotations

import base64
import re
from datetime import datetime
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from designata.errors import NoRelease, NotFound, RangeNotHere
from designata.store.directory import ARCHIVES, MANIFEST, Release, open_release
from designata.web.cache import Stretch
from designata.web.coding import liked
from designata.web.conditions import weigh
from designata.web.exchange import STRETCH
from designata.web.modified import of_file, stamp
from designata.web.packed import Representation, archive, named_by, represent
from designata.web.published import released
from designata.web.ranges import Unsatisfiable, requested, unchanged
from designata.web.replies import page
from designata.web.serving import served

blueprint: Final = Blueprint("downloads", __name__)
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+]*-[0-9a-f]{12}")
_BESIDE: Final = {MANIFEST: "application/json", "SHA256SUMS": "text/plain"}
_LATEST: Final = "latest"
_FIVE_MINUTES: Final = "public, max-age=300"
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@blueprint.get("/release/")
def index() -> AnyResponse:
    """Which files there are."""
    return page(render_template("release.html", release=released()))


@blueprint.get("/release")
@blueprint.get("/release/latest")
@blueprint.get("/release/latest/")
def latest() -> AnyResponse:
    """The one list of files."""
    return redirect("/release/", 308 if request.path == "/release" else 302)


@blueprint.get("/release/<release_id>/")
def dated(release_id: str) -> AnyResponse:
    """The files of one release."""
    return page(render_template("release.html", release=_open(release_id)), max_age=3600)


@blueprint.get("/release/<release_id>/<name>")
def file(release_id: str, name: str) -> AnyResponse:
    """A file, whole or in part, packed where the client takes it so."""
    release = _open(release_id)
    found = _represent(release, name)
    if release_id == _LATEST and name not in _BESIDE:
        return _dated(release, name)
    path = found.content.path if isinstance(found.content, Stretch) else release.path / MANIFEST
    response = _send(found, of_file(path))
    if response.status_code < 400:
        kept = _FIVE_MINUTES if release_id == _LATEST else _FOR_EVER
        response.headers["Cache-Control"] = kept
    response.headers["Content-Location"] = f"/release/{release.id}/{name}"
    return response


def _dated(release: Release, name: str) -> AnyResponse:
    """A redirect, so that parts that are fetched later are of the same file."""
    response = redirect(f"/release/{release.id}/{name}", 302)
    response.headers["Cache-Control"] = _FIVE_MINUTES
    return response


def _open(release_id: str) -> Release:
    current = released()
    if release_id in (_LATEST, current.id):
        return current
    try:
        if not _ID.fullmatch(release_id):
            raise NoRelease("not the name of a release")
        return open_release(served().settings.releases / release_id)
    except NoRelease:
        raise NotFound(f"there is no release {release_id!r}; see /release/") from None


def _represent(release: Release, name: str) -> Representation:
    """The bytes of a file; `.gz` or `.zst` after a name asks for it packed, as a file of that name.

    A part is one of the plain bytes, unless `If-Range` names those in a coding.
    """
    plain, dot, end = name.rpartition(".")
    end = dot + end
    packed = end in ARCHIVES and name not in release.manifest["files"]
    path, media_type = _find(release, plain if packed else name)
    if packed:
        return archive(path, end)
    if _range_asked():
        return represent(path, media_type, named_by(request.headers.get("If-Range")))
    return represent(path, media_type, liked(request.headers.get("Accept-Encoding")))


def _find(release: Release, name: str) -> tuple[Path, str]:
    files = release.manifest["files"]
    if name not in files and name not in _BESIDE:
        raise NotFound(f"release {release.id} has no file {name!r}; see /release/")
    media_type = files[name]["mediaType"] if name in files else _BESIDE[name]
    if not (release.path / name).is_file():
        raise NotFound(f"release {release.id} has no file {name!r}; see /release/")
    return release.path / name, media_type


def _send(one: Representation, moment: datetime) -> Response:
    """The whole, a part, or 304; RangeNotHere where the part lies beyond the end."""
    response = Response(content_type=_content_type(one.media_type))
    response.set_etag(one.etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(one.digest).decode()}:"
    response.vary.add("Accept-Encoding")
    if one.encoding:
        response.headers["Content-Encoding"] = one.encoding
    if one.attachment:
        response.headers.set("Content-Disposition", "attachment", filename=one.attachment)
    stamp(response, moment, request)
    weigh(response, one.etag)
    if response.status_code == 304:
        return response
    try:
        _fill(response, one)
    except Unsatisfiable:
        raise RangeNotHere(f"there are {one.length:,} bytes", one.length) from None
    return response


def _fill(response: Response, one: Representation) -> None:
    """Let the bytes follow, or those that were asked for."""
    part = None
    if unchanged(request.headers.get("If-Range"), one.etag):
        part = requested(_range_asked(), one.length)
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{one.length}"
    whole = range(one.length)
    request.environ[STRETCH] = one.part(whole if part is None else part)
    response.content_length = len(whole if part is None else part)


def _range_asked() -> str | None:
    """The Range header, which means nothing but with GET (RFC 9110, section 14.2)."""
    return request.headers.get("Range") if request.method == "GET" else None


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
