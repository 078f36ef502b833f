"""What a request wants of the state that there is before it is answered (RFC 9110, section 13)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from designata.errors import PreconditionFailed
from designata.web.cache import Reply
from designata.web.exchange import Environ

_CODED: Final = re.compile(r'-(?:gzip|br)"$')
_WEIGHED: Final = (200, 206, 304)


def check(environ: Environ, reply: Reply) -> None:
    """PreconditionFailed where the client wants only another state than the one of the reply."""
    if reply.status not in _WEIGHED:
        return
    tags = environ.get("HTTP_IF_MATCH")
    if tags is not None:
        if not is_wanted(tags, reply.etag):
            raise PreconditionFailed(f"what is here has the entity tag {reply.etag}")
        return
    check_moment(environ, reply.last_modified)


def check_moment(environ: Environ, last_modified: str | None) -> None:
    """PreconditionFailed where the client wants only what has not changed since a moment."""
    since = _moment(environ.get("HTTP_IF_UNMODIFIED_SINCE"))
    modified = _moment(last_modified) if since else None
    if since and modified and modified > since:
        raise PreconditionFailed(f"what is here is as it is since {last_modified}")


def is_wanted(field: str | None, etag: str | None) -> bool:
    """Whether a field of strong validators names a state, be it in a coding or not."""
    if field is None:
        return True
    tags = [tag.strip() for tag in field.split(",")]
    return "*" in tags or etag in tags or etag in [_CODED.sub('"', tag) for tag in tags]


def _moment(text: str | None) -> datetime | None:
    """A moment of HTTP; a field that is none is ignored."""
    try:
        found = parsedate_to_datetime(text) if text else None
    except (ValueError, OverflowError):
        return None
    return found.replace(tzinfo=found.tzinfo or UTC) if found else None
