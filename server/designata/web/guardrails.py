"""What every response carries and every address answers, whatever happens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed

CONTENT_SECURITY: Final = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'"
)
_EXPOSED: Final = (
    "Link, Location, Content-Location, ETag, Last-Modified, Memento-Datetime, Retry-After, "
    "Accept-Ranges, Content-Range, Repr-Digest, RateLimit, RateLimit-Policy, Designata-Release"
)
_TAKEN: Final = (
    "Accept, Accept-Datetime, Accept-Language, Authorization, Content-Type, If-Match, "
    "If-Modified-Since, If-None-Match, If-Range, Range"
)
HEADERS: Final = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": _EXPOSED,
    "Content-Security-Policy": CONTENT_SECURITY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def register(app: Flask) -> None:
    """Put the guard rails along every route of an application."""
    app.before_request(_check_method)
    app.before_request(_answer_options)
    app.after_request(_add_headers)


def allow(methods: Iterable[str]) -> str:
    """The value of an Allow header."""
    return ", ".join(sorted(methods))


def _check_method() -> None:
    """The framework takes methods in small letters for the others; they are none (RFC 9110)."""
    rule = request.url_rule
    if rule and request.environ["REQUEST_METHOD"] != request.method:
        raise MethodNotAllowed(valid_methods=rule.methods)


def _answer_options() -> Response | None:
    """OPTIONS says what an address can do, and answers the preflight of a browser."""
    if request.method != "OPTIONS":
        return None
    if request.routing_exception is not None:
        # A browser reads what is wrong with an address where it may ask for it.
        is_preflight = "Access-Control-Request-Method" in request.headers
        return options(("GET", "HEAD", "OPTIONS")) if is_preflight else None
    assert request.url_rule is not None
    return options(request.url_rule.methods or ())


def options(methods: Iterable[str]) -> Response:
    """What an address with these methods says to OPTIONS."""
    response = Response(status=204, headers=options_headers(methods))
    del response.headers["Content-Type"]
    return response


def options_headers(methods: Iterable[str]) -> list[tuple[str, str]]:
    """The same as header fields."""
    allowed = allow(methods)
    return [
        ("Allow", allowed),
        ("Access-Control-Allow-Methods", allowed),
        ("Access-Control-Allow-Headers", _TAKEN),
        ("Access-Control-Max-Age", "86400"),
    ]


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
