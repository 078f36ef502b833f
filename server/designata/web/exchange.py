"""One request and what can be known of its client, whatever interface it came through."""

from __future__ import annotations

from typing import Any, Final, Protocol

Environ = dict[str, Any]

# Who asks, by a name; None for our own side.
CLIENT: Final = "designata.client"
# Under which key the reply may be remembered; None: under none.
KEY: Final = "designata.key"
# The entity tag of what is asked, once it is known.
TAG: Final = "designata.tag"
# The body that the application wants to be sent, in the place of the one that it gives.
STRETCH: Final = "designata.stretch"


class Watcher(Protocol):
    """Who wants to know when a client leaves."""

    def left(self) -> None:
        """It has left."""


class Leaving:
    """Whether a client has left, and who wants to know."""

    def __init__(self) -> None:
        self.has_left = False
        self._watchers: set[Watcher] = set()

    def watch(self, watcher: Watcher) -> None:
        """Tell of it, now where the client has left already."""
        self._watchers.add(watcher)
        if self.has_left:
            watcher.left()

    def ignore(self, watcher: Watcher) -> None:
        """Tell no more."""
        self._watchers.discard(watcher)

    def leave(self) -> None:
        """The client leaves."""
        if not self.has_left:
            self.has_left = True
            for watcher in tuple(self._watchers):
                watcher.left()


class Exchange(Protocol):
    """A request: its environment as WSGI has it (PEP 3333), its body, its client."""

    environ: Environ
    leaving: Leaving

    async def body(self, most: int) -> bytes:
        """The body, as far as it comes; reading stops after more than `most` bytes."""
