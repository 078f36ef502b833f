"""Pages of things as they were made, for whoever asks next, in whatever words.

A page names the host that was asked. It is made once for all hosts, and each is put into it.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Final, NamedTuple

from flask import request

from designata.web.coding import SMALLEST, encode
from designata.web.serving import served
from designata.web.stock import Document, Shown, etag_of

# Stands for the host; nobody can know it, and so it is in no data.
HOST: Final = f"http://{secrets.token_hex(16)}.invalid/"


class Made(NamedTuple):
    """A page, and what the links of its document have to know."""

    page: Document
    shown: Shown


def for_host(text: str) -> bytes:
    """A page as the host that was asked sends it."""
    return text.replace(HOST, request.host_url).encode()


def keep(thing: str, number: int, text: str, shown: Shown) -> None:
    """Keep a page as it was made."""
    served().pages.put((thing, number), (text, shown), len(text))


def find(thing: str, number: int, liked: Sequence[str]) -> Made | None:
    """The page in the coding that is liked best; None where it was not made yet."""
    pages = served().pages
    key = (thing, number, request.host_url, liked[:1])
    found: Made | None = pages.get(key)
    if found:
        return found
    kept: tuple[str, Shown] | None = pages.get((thing, number))
    if not kept:
        return None
    text, shown = kept
    content = for_host(text)
    coding = liked[0] if liked and len(content) >= SMALLEST else ""
    body = encode(content, coding) if coding else content
    found = Made(Document(etag_of("html", content), coding, body), shown)
    pages.put(key, found, len(body))
    return found
