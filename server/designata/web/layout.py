"""The private folder of a server, as all of its processes know it.

It has a folder for each thing that has been served, with the pickled `Served` and a lock, and the
link `current`, which the main process replaces in one step. So that nobody needs a call of the
system to see that, the byte in the file `turn`, which all have in memory, changes after each
replacement. Beside them are the folders for the counts of Prometheus and for large replies, which
their libraries find through the environment.
"""

from __future__ import annotations

import mmap
from collections.abc import Mapping
from pathlib import Path
from typing import Final

CURRENT: Final = "current"
LOCK: Final = "lock"
CONTENT: Final = "served"
COUNTS: Final = "PROMETHEUS_MULTIPROC_DIR"
SPOOL: Final = "DESIGNATA_SPOOL"
_TURN: Final = "turn"


def lay_out(root: Path) -> Mapping[str, str]:
    """Make the folders; the variables that say to other processes where they are."""
    folders = {COUNTS: root / "counts", SPOOL: root / "spool"}
    for folder in folders.values():
        folder.mkdir()
    return {name: str(folder) for name, folder in folders.items()}


def shared_turn(root: Path) -> mmap.mmap:
    """The byte that changes when something newer is served, in the memory of all processes."""
    path = root / _TURN
    if not path.exists():
        path.write_bytes(b"\0")
    with path.open("r+b") as file:
        return mmap.mmap(file.fileno(), 1)
