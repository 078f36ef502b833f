"""What the pages need beside their text: a style and an icon."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, request

from designata.errors import NotFound
from designata.web.coding import liked
from designata.web.downloads import range_asked, send
from designata.web.modified import of_file
from designata.web.packed import represent
from designata.web.releases import FIVE_MINUTES

blueprint: Final = Blueprint("assets", __name__)
_FOLDER: Final = Path(__file__).parent / "static"
_FILES: Final[Mapping[str, str]] = {"designata.css": "text/css", "icon.svg": "image/svg+xml"}


@blueprint.get("/static/<name>")
def asset(name: str) -> Response:
    """A file of the pages."""
    if name not in _FILES:
        raise NotFound(f"the pages have no file {name!r}")
    path = _FOLDER / name
    codings = () if range_asked() else liked(request.headers.get("Accept-Encoding"))
    response = send(represent(path, _FILES[name], codings), of_file(path))
    response.headers["Cache-Control"] = FIVE_MINUTES
    return response
