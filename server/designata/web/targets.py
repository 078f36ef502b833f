"""The address of a request as it was sent."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote_to_bytes

from flask import Flask, request

from designata.errors import RequestRefused

# What is the same escaped or not (RFC 3986, section 2.3).
_UNRESERVED: Final = re.compile("%(?:2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])", re.I)
_SLASH: Final = re.compile("/|%2F", re.I)


def register(app: Flask) -> None:
    """Refuse parameters that are no text in UTF-8, which the framework would keep."""
    app.before_request(_check_parameters)


def _check_parameters() -> None:
    try:
        unquote_to_bytes(request.query_string).decode("utf-8")
    except UnicodeDecodeError:
        raise RequestRefused("the parameters are not text in UTF-8") from None


def path_sent() -> str:
    """The path with the escapes that make a difference, which routing has undone."""
    path: str = request.environ["REQUEST_URI"].partition("?")[0]
    if "%" not in path and path.isascii():
        return path
    path = path.encode("latin-1").decode("utf-8", "replace")
    return _UNRESERVED.sub(lambda one: chr(int(one[0][1:], 16)), path)


def rest_sent() -> str:
    """The same without its first part."""
    _, *rest = _SLASH.split(path_sent().lstrip("/"), maxsplit=1)
    return rest[0] if rest else ""
