"""What a request makes depend on the state that there is (RFC 9110, section 13)."""

from __future__ import annotations

import re
from typing import Final

from flask import Response, request

from designata.errors import PreconditionFailed

_CODED: Final = re.compile(r'-(?:gzip|br)"$')


def weigh(response: Response, etag: str) -> None:
    """304 where the client has this state; PreconditionFailed where it wants only another."""
    if not _is_wanted(request.headers.get("If-Match"), f'"{etag}"'):
        raise PreconditionFailed(f'what is here has the entity tag "{etag}"')
    if request.if_none_match and request.if_none_match.contains_weak(etag):
        response.status_code = 304


def _is_wanted(field: str | None, etag: str) -> bool:
    """Whether a field of strong validators names a state, be it in a coding or not."""
    if field is None:
        return True
    tags = [tag.strip() for tag in field.split(",")]
    return "*" in tags or etag in tags or etag in [_CODED.sub('"', tag) for tag in tags]
