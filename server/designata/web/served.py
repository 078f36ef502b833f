"""What is served: settings, a pool that answers, and the release, if it is one."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Final

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.web.memory import Memory

_DERIVED: Final = "http://www.w3.org/ns/prov#wasDerivedFrom"
_PAGES_BYTES: Final = 33_554_432


def _nameless() -> str:
    return f"loaded-{secrets.token_hex(6)}"


def _memory_of_pages() -> Memory:
    return Memory(_PAGES_BYTES)


@dataclass(frozen=True, slots=True)
class Served:
    """What a request is answered from; the release is None where other files were loaded.

    What was loaded has a name too, another each time, so that no two answers are taken for the
    same: the files may have changed, and on disk blank nodes have other labels after each loading.
    """

    settings: Settings
    pool: Pool
    release: Release | None
    loaded: str = field(default_factory=_nameless)
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)
    pages: Memory = field(default_factory=_memory_of_pages, compare=False, repr=False)

    @property
    def identity(self) -> str:
        """The name of the content."""
        return self.release.id if self.release else self.loaded

    @property
    def derivation(self) -> str | None:
        """What a Link header says of answers: the release that they are derived from."""
        return f'</release/{self.release.id}/>; rel="{_DERIVED}"' if self.release else None
