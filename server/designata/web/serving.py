"""Where a request finds what is served."""

from __future__ import annotations

from typing import Final

from flask import current_app, has_request_context, request

from designata.web.served import Served

EXTENSION: Final = "designata"
SERVING: Final = "designata.serving"


def served() -> Served:
    """What the current request is answered from, from its beginning to its end."""
    if has_request_context() and SERVING in request.environ:
        found = request.environ[SERVING].served
    else:
        found = current_app.extensions[EXTENSION]
    assert isinstance(found, Served)
    return found
