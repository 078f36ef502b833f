"""Query processes over a small dataset, with short limits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from designata.settings import Settings
from designata.store.pool import Pool, open_pool

FIXTURE = Path(__file__).parent / "fixture"
MEGABYTE = 1024 * 1024


@pytest.fixture(scope="session")
def towns() -> Path:
    """Four towns, two of them in named graphs."""
    return FIXTURE / "towns.trig"


@pytest.fixture(scope="session")
def pool(towns: Path) -> Iterator[Pool]:
    """Two query processes and one for the pages; a query has one second and 4 MB of result."""
    settings = Settings(
        query_seconds=1.0, result_bytes=4 * MEGABYTE, worker_bytes=512 * MEGABYTE, queue=32
    )
    with open_pool([(towns, None)], settings) as pool:
        yield pool
