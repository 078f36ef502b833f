"""What a request makes depend on the state that there is (RFC 9110, section 13)."""

from __future__ import annotations

from flask import Response, request

from designata.errors import PreconditionFailed
from designata.web.preconditions import is_wanted


def weigh(response: Response, etag: str) -> None:
    """304 where the client has this state; PreconditionFailed where it wants only another."""
    if not is_wanted(request.headers.get("If-Match"), f'"{etag}"'):
        raise PreconditionFailed(f'what is here has the entity tag "{etag}"')
    if request.if_none_match and request.if_none_match.contains_weak(etag):
        response.status_code = 304
