"""The head of a request, as WSGI has it, and what nobody has to look at."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from email.utils import formatdate
from functools import lru_cache
from ipaddress import IPv6Address
from typing import Any, Final
from urllib.parse import unquote_to_bytes

from designata.errors import AddressTooLong, DesignataError, FieldsTooLong, RequestRefused
from designata.web.exchange import Environ

Fields = Sequence[tuple[bytes, bytes]]

MOST_BYTES: Final = 131_072
ADDRESS_BYTES: Final = 98_304
FIELD_BYTES: Final = 16_384
FIELDS: Final = 100
# A head has so many seconds to arrive, and a body has as many.
SECONDS: Final = 10.0
_HOST: Final = re.compile(r"(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::([0-9]{1,5}))?")
_ABSOLUTE: Final = re.compile(rb"https?://([^/?#]*)", re.IGNORECASE)
_WHOLE: Final = frozenset((b"content-type", b"content-length"))


def environ_for(client: Any, server: Any) -> Environ:
    """What the requests of one connection have in common, from the addresses of its sockets."""
    return {
        "REQUEST_METHOD": "-",
        "SCRIPT_NAME": "",
        "PATH_INFO": "",
        "QUERY_STRING": "",
        "REMOTE_ADDR": client[0] if client else "",
        "SERVER_NAME": server[0] if server else "",
        "SERVER_PORT": str(server[1]) if server else "",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def fill(environ: Environ, method: str, target: bytes, version: str, fields: Fields) -> None:
    """Put the head of a request into its environment (PEP 3333).

    Fields whose names have a `_` are left out: they could not be told from those with a `-`.
    """
    environ["SERVER_PROTOCOL"] = f"HTTP/{version}"
    for name, value in fields:
        key = _key(name)
        if key is not None:
            text = value.decode("latin-1").rstrip(" \t")
            environ[key] = f"{environ[key]}, {text}" if key in environ else text
    if version == "1.0" and "HTTP_HOST" not in environ:
        # It need not say whom it asks (RFC 9112, section 3.2): this server, by its address.
        name, port = environ["SERVER_NAME"], environ["SERVER_PORT"]
        host = f"[{name}]" if ":" in name else name
        environ["HTTP_HOST"] = host if port == "80" else f"{host}:{port}"
    direct(environ, method, target)


def direct(environ: Environ, method: str, target: bytes) -> None:
    """Put what a request is to do, and where, into its environment, after its fields."""
    environ["REQUEST_METHOD"] = method
    found = None if target.startswith(b"/") else _ABSOLUTE.match(target)
    if found:
        # A second field Host stays, and is refused, as its absence is.
        if "," not in environ.get("HTTP_HOST", ","):
            environ["HTTP_HOST"] = found[1].decode("latin-1")
        target = b"/" + target[found.end() :].removeprefix(b"/")
    target = target.partition(b"#")[0]
    environ["REQUEST_URI"] = target.decode("latin-1")
    path, _, query = target.partition(b"?")
    environ["QUERY_STRING"] = query.decode("latin-1")
    # CONNECT names a host, and OPTIONS may name all there is: the front page answers for both.
    if method == "CONNECT" or (method == "OPTIONS" and path == b"*"):
        path = b"/"
    environ["PATH_INFO"] = (unquote_to_bytes(path) if b"%" in path else path).decode("latin-1")


def too_long(size: int, target: bytes, fields: Fields) -> DesignataError | None:
    """Why nobody has to look at the fields of a request whose head has so many bytes."""
    if size <= FIELD_BYTES and len(fields) <= FIELDS:
        return None
    if len(target) > ADDRESS_BYTES:
        return address_too_long()
    if len(fields) > FIELDS or sum(len(name) + len(value) for name, value in fields) > FIELD_BYTES:
        return fields_too_long()
    return None


def wrong_with(environ: Environ) -> DesignataError | None:
    """Why nobody has to look at a request."""
    if not environ["PATH_INFO"].startswith("/"):
        return RequestRefused("the address of a request is a path")
    if environ["SERVER_PROTOCOL"] not in ("HTTP/1.1", "HTTP/1.0"):
        return RequestRefused("a request names its version of HTTP, 1.1 or 1.0")
    if not _is_known_coding(environ):
        return RequestRefused("a body comes as it is or, since HTTP 1.1, in chunks")
    if not _is_host(environ.get("HTTP_HOST", "")):
        return RequestRefused("a request names one host, in the field Host")
    return None


def _is_known_coding(environ: Environ) -> bool:
    """Llhttp takes what ends with chunks; nobody here would undo what comes before them."""
    coding: str | None = environ.get("HTTP_TRANSFER_ENCODING")
    if coding is None:
        return True
    return coding.lower() == "chunked" and environ["SERVER_PROTOCOL"] == "HTTP/1.1"


def address_too_long() -> AddressTooLong:
    """The refusal of a request whose first line has no end."""
    return AddressTooLong(
        f"an address may have {ADDRESS_BYTES:,} bytes; send a longer query with POST"
    )


def fields_too_long() -> FieldsTooLong:
    """The refusal of a request with too many fields, or with long ones."""
    return FieldsTooLong(
        f"a request may have {FIELDS} fields, and {FIELD_BYTES:,} bytes in all of them together"
    )


def date_field() -> bytes:
    """The field Date for a reply that is sent now."""
    return _date(int(time.time()))


@lru_cache(maxsize=2)
def _date(seconds: int) -> bytes:
    return f"Date: {formatdate(seconds, usegmt=True)}\r\n".encode()


@lru_cache(maxsize=512)
def _key(name: bytes) -> str | None:
    # An upgrade may be left out (RFC 9110, section 7.8): nothing is served but this protocol.
    if b"_" in name or name.lower() == b"upgrade":
        return None
    key = name.decode("latin-1").upper().replace("-", "_")
    return key if name.lower() in _WHOLE else f"HTTP_{key}"


@lru_cache(maxsize=512)
def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text) if len(text) < 300 else None
    if not found:
        return False
    name, address, port = found.groups()
    if port and int(port) > 65_535:
        return False
    try:
        # Addresses of this server are made with it, and nobody could read those.
        return bool(name.lower().encode().decode("idna") if name else IPv6Address(address))
    except ValueError:
        return False
