"""A store in this process, for questions of our own: nothing could stop one from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from pyoxigraph import Store

from designata.settings import Settings
from designata.store.departure import Departure
from designata.store.evaluate import evaluate
from designata.store.loading import load_into
from designata.store.pool import Pool
from designata.store.query import Answer, Lane, Query
from designata.store.summary import Loaded


@dataclass(frozen=True, slots=True, eq=False)
class Inside(Pool):
    """Answers as the query processes do, for as long as this process lasts."""

    store: Store

    @classmethod
    def load(cls, files: Sequence[tuple[Path, str | None]], settings: Settings) -> Self:
        """With the content of RDF files; UnreadableFile where one is not well-formed."""
        store = Store()
        load_into(store, [(str(path), graph) for path, graph in files])
        return cls(Path(), settings, store)

    def query(
        self, query: Query, *, lane: Lane = "queries", departure: Departure | None = None
    ) -> Answer:
        """The whole answer, or a refusal."""
        return evaluate(Loaded(self.store), query, self.settings.result_bytes)
