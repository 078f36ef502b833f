"""Replies in the form that was asked for, each with a validator of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from flask import Response, request

from designata.errors import NotAcceptable, NotFound
from designata.web import negotiation
from designata.web.conditions import weigh
from designata.web.modified import of_documents, stamp
from designata.web.protocol import ALIASES, NAMES
from designata.web.rdf import BY_SUFFIX, FORMATS, Format
from designata.web.serving import served
from designata.web.stock import etag_of

HOUR = 3600
HTML = BY_SUFFIX["html"]
_IN_TARGETS: Final = "!#$%&'()*+,/:;=?@[]~"
_LONGEST_FIELD: Final = 8_000
_NEEDED: Final = ("linkset", "next", "prev")
_PAGE_FIRST = tuple(
    form.media_type for form in sorted(FORMATS, key=lambda form: form.suffix != "html")
)


class Link(NamedTuple):
    """One link of a Link header (RFC 8288); the header has its target as a URI, in ASCII."""

    target: str
    rel: str
    type: str | None = None

    @property
    def uri(self) -> str:
        """The target in ASCII."""
        return quote(self.target, safe=_IN_TARGETS)

    def __str__(self) -> str:
        kind = f'; type="{self.type}"' if self.type else ""
        return f'<{self.uri}>; rel="{self.rel}"{kind}'


def chosen(
    suffix: str | None,
    address: str | None = None,
    forms: Sequence[Format] = FORMATS,
    *,
    page_first: bool = False,
) -> Format:
    """The format of the suffix or of `?format=`, else the one that Accept asks for.

    The address, where it is given, is one that takes suffixes.
    """
    types = {form.media_type: form for form in forms}
    wanted = suffix or request.args.get("format") or request.args.get("_mediatype")
    if wanted:
        return _named(wanted, forms)
    offered = _PAGE_FIRST if page_first else tuple(types)
    accept = ",".join(request.headers.getlist("Accept"))
    best = negotiation.best(accept, offered, ALIASES)
    if best == "text/html" and not page_first and not negotiation.names(accept, best):
        # Who does not want Turtle has not asked for a page yet.
        others = [kind for kind in offered if kind != best]
        best = negotiation.best(accept, others, ALIASES) or best
    if best is None:
        known = ", ".join(offered)
        raise NotAcceptable(f"this address can be had as {known}", offered, address)
    return types[best]


def _named(wanted: str, forms: Sequence[Format]) -> Format:
    """The format of a suffix, a media type or another short name."""
    known = {form.suffix: form for form in forms} | {form.media_type: form for form in forms}
    for name in (wanted, wanted.replace(" ", "+"), *NAMES.get(wanted.lower(), ())):
        if name in known:
            return known[name]
    suffixes = ", ".join(form.suffix for form in forms)
    raise NotFound(f"there is no form {wanted!r}: ask for one of {suffixes}")


def alternates(path: str, forms: Iterable[Format] = FORMATS, query: str = "") -> list[Link]:
    """A link for each form of a document."""
    return [Link(f"{path}.{form.suffix}{query}", "alternate", form.media_type) for form in forms]


def reply(
    form: Format,
    write: Callable[[], bytes | str],
    links: Iterable[Link] = (),
    *,
    location: str | None = None,
    max_age: int = 300,
    status: int = 200,
) -> Response:
    """The content in a form, or 304 where the client has it; `location` is the form's address."""
    content = write()
    body = content.encode() if isinstance(content, str) else content
    _, _, profile = form.media_type.partition(";")
    etag = etag_of(form.suffix + profile, body)
    return sealed(form, body, etag, links, location=location, max_age=max_age, status=status)


def sealed(
    form: Format,
    body: bytes,
    etag: str,
    links: Iterable[Link] = (),
    *,
    location: str | None = None,
    max_age: int = 300,
    status: int = 200,
    coding: str = "",
) -> Response:
    """The same with bytes whose validator is known, and which may be in a coding."""
    response = Response(body, status, content_type=form.content_type)
    tag = f"{etag}-{coding}" if coding else etag
    response.set_etag(tag)
    response.vary.update(("Accept", "Accept-Encoding"))
    if coding:
        response.content_encoding = coding
    if status == 400:
        response.cache_control.no_store = True
    else:
        response.cache_control.public, response.cache_control.max_age = True, max_age
    if header := _header(links):
        response.headers["Link"] = header
    if location:
        response.headers["Content-Location"] = location
    if status == 200:
        weigh(response, tag)
    if location or form.suffix == HTML.suffix:
        # Where pages are among the forms, a cache needs the same list for all of them.
        response.vary.add("Accept-Language")
    if location:
        release = served().release
        if release:
            stamp(response, of_documents(release), request)
    return response


def _header(links: Iterable[Link]) -> str:
    """The links as a field; of those that clients would not take, where all of them are."""
    texts = {link: str(link) for link in links}
    if sum(map(len, texts.values())) > _LONGEST_FIELD:
        return ", ".join(text for link, text in texts.items() if link.rel in _NEEDED)
    return ", ".join(texts.values())


def page(
    content: str, links: Sequence[Link] = (), *, max_age: int = 300, status: int = 200
) -> Response:
    """An HTML page that has no other form."""
    return reply(HTML, lambda: content, links, max_age=max_age, status=status)
