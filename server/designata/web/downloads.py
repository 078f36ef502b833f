"""The files of a release, byte for byte as they were built."""

from __future__ import annotations

import base64
from datetime import datetime
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from designata.errors import NotFound, RangeNotHere, StoreUnavailable
from designata.store.directory import ARCHIVES, MANIFEST, Release
from designata.web.cache import Stretch
from designata.web.coding import liked
from designata.web.conditions import weigh
from designata.web.exchange import STRETCH
from designata.web.modified import of_file, stamp
from designata.web.packed import Representation, archive, named_by, represent
from designata.web.preconditions import check_moment
from designata.web.ranges import Unsatisfiable, requested, unchanged
from designata.web.releases import LATEST, named, to_dated

blueprint: Final = Blueprint("downloads", __name__)
_BESIDE: Final = {MANIFEST: "application/json", "SHA256SUMS": "text/plain"}
_FOR_EVER: Final = "public, max-age=31536000, immutable"


@blueprint.get("/release/<release_id>/<name>")
def file(release_id: str, name: str) -> AnyResponse:
    """A file, whole or in part, packed where the client takes it so."""
    release = named(release_id)
    found = _represent(release, name)
    if release_id == LATEST:
        return to_dated(release, name)
    path = found.content.path if isinstance(found.content, Stretch) else release.path / MANIFEST
    response = send(found, of_file(path), is_for_ever=True)
    response.headers["Cache-Control"] = _FOR_EVER
    response.headers["Content-Location"] = f"/release/{release.id}/{name}"
    return response


def _represent(release: Release, name: str) -> Representation:
    """The bytes of a file; `.gz` or `.zst` after a name asks for it packed, as a file of that name.

    A part is one of the plain bytes, unless `If-Range` names those in a coding, and none is wanted
    where the client has the whole in the coding that it likes.
    """
    plain, dot, end = name.rpartition(".")
    end = dot + end
    packed = end in ARCHIVES and name not in release.manifest["files"]
    path, media_type = _find(release, plain if packed else name)
    if packed:
        return archive(path, end)
    # What is packed is looked at where that matters: it takes long where the file is large.
    if not range_asked() or request.if_none_match:
        whole = represent(path, media_type, liked(request.headers.get("Accept-Encoding")))
        if not range_asked() or request.if_none_match.contains_weak(whole.etag):
            return whole
    return represent(path, media_type, named_by(request.headers.get("If-Range")))


def _find(release: Release, name: str) -> tuple[Path, str]:
    files = release.manifest["files"]
    if name not in files and name not in _BESIDE:
        raise NotFound(f"release {release.id} has no file {name!r}; see /release/")
    media_type = files[name]["mediaType"] if name in files else _BESIDE[name]
    if not (release.path / name).is_file():
        raise StoreUnavailable(f"the file {name!r} of release {release.id} is not there now")
    return release.path / name, media_type


def send(one: Representation, moment: datetime, *, is_for_ever: bool = False) -> Response:
    """The whole, a part, or 304; RangeNotHere where the part lies beyond the end.

    It is as it is since a moment, and may stay so for ever.
    """
    response = Response(content_type=_content_type(one.media_type))
    response.set_etag(one.etag)
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(one.digest).decode()}:"
    response.vary.add("Accept-Encoding")
    if one.encoding:
        response.headers["Content-Encoding"] = one.encoding
    if one.attachment:
        response.headers.set("Content-Disposition", "attachment", filename=one.attachment)
    stamp(response, moment, request, is_for_ever=is_for_ever)
    weigh(response, one.etag)
    if response.status_code == 304:
        return response
    try:
        _fill(response, one)
    except Unsatisfiable:
        if "If-Match" not in request.headers:
            check_moment(request.environ, response.headers["Last-Modified"])
        raise RangeNotHere(f"there are {one.length:,} bytes", one.length) from None
    return response


def _fill(response: Response, one: Representation) -> None:
    """Let the bytes follow, or those that were asked for."""
    part = None
    # All codings have one date, so it says nothing to who may have had another.
    dated = None if liked(request.headers.get("Accept-Encoding")) else response.last_modified
    if unchanged(request.headers.get("If-Range"), one.etag, dated):
        part = requested(range_asked(), one.length)
    if part is not None:
        response.status_code = 206
        response.headers["Content-Range"] = f"bytes {part.start}-{part.stop - 1}/{one.length}"
    whole = range(one.length)
    request.environ[STRETCH] = one.part(whole if part is None else part)
    response.content_length = len(whole if part is None else part)


def range_asked() -> str | None:
    """The Range header, which means nothing but with GET (RFC 9110, section 14.2)."""
    return request.headers.get("Range") if request.method == "GET" else None


def _content_type(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type
