"""Where the forms are that a client could have had instead of the one that there is not."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from flask import request

from designata.errors import NotAcceptable
from designata.web.rdf import OF_THINGS
from designata.web.replies import Link, alternates

_LONGEST: Final = 500
_KEPT: Final = "!$&'()*+,;=:@/?%~-._"


def others(error: NotAcceptable) -> list[Link]:
    """A link to each form on offer; none where the address would have to hold too much again."""
    if error.address:
        return alternates(
            error.address, [one for one in OF_THINGS if one.media_type in error.available]
        )
    if request.method not in ("GET", "HEAD") or len(request.query_string) > _LONGEST:
        return []
    pairs = request.query_string.decode("latin-1").split("&")
    kept = [quote(pair, safe=_KEPT) for pair in pairs if pair and pair.split("=")[0] != "format"]
    here = quote(request.path, safe=_KEPT.replace("?", ""))
    return [
        Link(f"{here}?{'&'.join([*kept, f'format={quote(kind)}'])}", "alternate", kind)
        for kind in error.available
        if "/" in kind
    ]
