"""Pages as they were made, for whoever asks next, in whatever words.

A page names the host that was asked. It is made once for all hosts, and each is put into it. The
longest ones were made with their release.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from typing import Final

from flask import request

from designata.store.directory import Release
from designata.web import stock
from designata.web.coding import SMALLEST, encode, liked
from designata.web.serving import served
from designata.web.stock import Document, Found, Shown, etag_of

_OF_NOTHING: Final = Shown("", 1)
# Stands for the host; nobody can know it, and so it is in no data.
HOST: Final = f"http://{secrets.token_hex(16)}.invalid/"


def for_host(text: str) -> bytes:
    """A page as the host that was asked sends it."""
    return text.replace(HOST, request.host_url).encode()


def for_stock(release: Release, text: str) -> str:
    """A page as it is put in stock, where the name of the host is the same each time."""
    return text.replace(HOST, _host_in(release))


def once(address: str, number: int, write: Callable[[], str]) -> Document:
    """A page that is the same for all, made when the first one asks; its thing is its address."""
    codings = liked(request.headers.get("Accept-Encoding"))
    found = find(address, number, codings)
    return (found or keep(address, number, codings, write(), _OF_NOTHING)).document


def find(thing: str, number: int, liked: Sequence[str]) -> Found | None:
    """The page in the coding that is liked best; None where it was not made yet."""
    found: Found | None = served().pages.get((thing, number, request.host_url, liked[:1]))
    if found:
        return found
    kept = as_made(thing, number)
    return keep(thing, number, liked, *kept) if kept else None


def keep(thing: str, number: int, liked: Sequence[str], text: str, shown: Shown) -> Found:
    """Keep a page as it was made, and in the coding that is liked best, which it gives."""
    pages = served().pages
    pages.put((thing, number), (text, shown), len(text))
    content = for_host(text)
    coding = liked[0] if liked and len(content) >= SMALLEST else ""
    body = encode(content, coding) if coding else content
    found = Found(Document(etag_of("html", content), coding, body), shown)
    pages.put((thing, number, request.host_url, liked[:1]), found, len(body))
    return found


def as_made(thing: str, number: int) -> tuple[str, Shown] | None:
    """The text of the page for no host yet, from memory or from stock."""
    kept: tuple[str, Shown] | None = served().pages.get((thing, number))
    release = served().release
    if kept or not release or number != 1:
        return kept
    found = stock.find(release, thing, "html", ())
    if not found:
        return None
    document, shown = found
    return document.body.decode().replace(_host_in(release), HOST), shown


def _host_in(release: Release) -> str:
    """The same there: the identity of a release is a digest of its data, which cannot hold it."""
    return f"http://{hashlib.sha256(release.id.encode()).hexdigest()}.invalid/"
