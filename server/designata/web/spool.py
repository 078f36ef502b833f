"""Large replies as files, which the server reads as fast as each client takes them.

In memory a client that takes nothing would hold all of its reply until its connection is ended.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Final

from designata.errors import StoreBusy
from designata.web.cache import Reply, Stretch

VARIABLE: Final = "DESIGNATA_SPOOL"
_LARGE: Final = 1_048_576
_OPENED_SECONDS: Final = 5.0


class _File:
    """A file that goes when nobody here needs it; who has opened it reads on."""

    def __init__(self, content: bytes) -> None:
        try:
            handle, name = tempfile.mkstemp(dir=os.environ.get(VARIABLE))
            weakref.finalize(self, _remove, name)
            with open(handle, "wb") as file:
                file.write(content)
        except OSError as error:
            raise StoreBusy(f"there is no room for a large result ({error.strerror})") from None
        self.stretch = Stretch(Path(name), 0, len(content))


def _remove(name: str) -> None:
    with suppress(OSError):
        os.unlink(name)


class Spool:
    """The files of the replies that are large; a reply that is remembered keeps its file."""

    def __init__(self, largest: int = _LARGE) -> None:
        self._largest = largest
        self._files: weakref.WeakKeyDictionary[Reply, _File] = weakref.WeakKeyDictionary()

    async def body(self, reply: Reply) -> bytes | Stretch:
        """The body as it is to be sent; StoreBusy where there is no room for it."""
        body = reply.body
        if isinstance(body, Stretch) or len(body) <= self._largest:
            return body
        file = self._files.get(reply)
        loop = asyncio.get_running_loop()
        if file is None:
            file = self._files[reply] = await loop.run_in_executor(None, _File, body)
        # The server opens it a moment later.
        loop.call_later(_OPENED_SECONDS, id, file)
        return file.stretch
