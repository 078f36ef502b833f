"""One request and what can be known of its client, whatever interface it came through."""

from __future__ import annotations

from typing import Any, Final, Protocol

Environ = dict[str, Any]

# Who asks, by a name; None for our own side.
CLIENT: Final = "designata.client"
# Under which key the reply may be remembered; None: under none.
KEY: Final = "designata.key"
# The body that the application wants to be sent, in the place of the one that it gives.
STRETCH: Final = "designata.stretch"


class Exchange(Protocol):
    """A request: its environment as WSGI has it (PEP 3333), its body, its client."""

    environ: Environ

    async def body(self, most: int) -> bytes:
        """The body, as far as it comes; reading stops after more than `most` bytes."""

    async def gone(self) -> None:
        """Return when the client has left."""
