"""One address for each document: what has a slash too many leads to the same without it."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.wrappers import Response

_KEPT: Final = "/:@!$&'()*+,;=~-._"


def register(app: Flask) -> None:
    """Redirect every address that is known without the slashes at its end."""
    app.before_request(_drop_slashes)


def without_slash() -> Response:
    """A permanent redirect, which keeps the method, to the same address without them."""
    query = request.query_string.decode("ascii", "ignore")
    path = quote(request.path.rstrip("/"), safe=_KEPT)
    return redirect(path + (f"?{query}" if query else ""), 308)


def _drop_slashes() -> Response | None:
    unknown = isinstance(request.routing_exception, NotFound)
    return without_slash() if unknown and request.path.endswith("/") and _is_known() else None


def _is_known() -> bool:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        adapter.match(request.path.rstrip("/"))
    except MethodNotAllowed:
        return True
    except HTTPException:
        return False
    return True
