"""One address for each document: what has a slash too many leads to the same without it."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
from urllib.parse import quote, urlsplit

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response

from designata.web.guardrails import options
from designata.web.targets import path_sent

_KEPT: Final = "/:@!$&'()*+,;=~-._"
_ENDS: Final = re.compile("(?:/|%2F)++$", re.IGNORECASE)


def register(app: Flask) -> None:
    """Redirect every address that is known without the slashes at its end."""
    app.before_request(_drop_slashes)


def without_slash() -> Response:
    """A permanent redirect, which keeps the method, to the same address without them."""
    query = request.query_string.decode("ascii", "ignore")
    return _redirect(quote(_ENDS.sub("", path_sent()), safe=_KEPT + "%"), query)


def _redirect(path: str, query: str) -> Response:
    # What begins with two slashes would lead to another host.
    return redirect("/" + path.lstrip("/") + (f"?{query}" if query else ""), 308)


def _drop_slashes() -> Response | None:
    if isinstance(request.routing_exception, RequestRedirect):
        # The framework would name the host as the client does.
        there = urlsplit(request.routing_exception.new_url)
        return _redirect(there.path, there.query)
    unknown = isinstance(request.routing_exception, NotFound)
    methods = _methods() if unknown and request.path.endswith("/") else None
    if methods is None:
        return None
    # The preflight of a browser follows no redirect.
    return options(methods) if request.method == "OPTIONS" else without_slash()


def _methods() -> Collection[str] | None:
    """What can be done with the address without the slashes; None where there is no such."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None
    try:
        rule, _ = adapter.match(request.path.rstrip("/"), "GET", return_rule=True)
    except HTTPException:
        return None
    return rule.methods or ()
