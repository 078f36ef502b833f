"""Large replies as files, which the server reads as fast as each client takes them.

In memory a client that takes nothing would hold all of its reply until its connection is ended.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from designata.errors import StoreBusy
from designata.web.cache import Reply, Stretch

VARIABLE: Final = "DESIGNATA_SPOOL"
LARGE: Final = 1_048_576
_LEFT_FREE: Final = 16_777_216


class _Keeper:
    """Removes a file when nobody here needs it; who has opened it reads on."""

    def __init__(self, name: str) -> None:
        weakref.finalize(self, _remove, name)


def filed(reply: Reply) -> Reply:
    """The reply with a large body in a file of its own; StoreBusy where there is no room for it.

    The folder keeps some room: what counts requests has its files beside it.
    """
    body = reply.body
    if isinstance(body, Stretch) or len(body) <= LARGE:
        return reply
    folder = os.environ.get(VARIABLE) or tempfile.gettempdir()
    try:
        if shutil.disk_usage(folder).free < len(body) + _LEFT_FREE:
            raise StoreBusy("there is no room for a large result now")
        handle, name = tempfile.mkstemp(dir=folder)
        keeper = _Keeper(name)
        with open(handle, "wb") as file:
            file.write(body)
    except OSError as error:
        raise StoreBusy(f"there is no room for a large result ({error.strerror})") from None
    return replace(reply, body=Stretch(Path(name), 0, len(body)), keeper=keeper)


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)
