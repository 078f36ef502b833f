"""The release of the real data, open for questions."""

from collections.abc import Iterator

import pytest

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool, open_pool


@pytest.fixture(scope="session")
def pool(release: Release) -> Iterator[Pool]:
    with open_pool([(release.file("designata.nq"), None)], Settings.load({})) as pool:
        yield pool
