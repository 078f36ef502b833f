"""A small source tree that each test may change."""

import shutil
from pathlib import Path

import pytest

from designata.release.build import Built, build

SOURCE = Path(__file__).parent / "source"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A copy of the small source tree."""
    return Path(shutil.copytree(SOURCE, tmp_path / "source"))


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    """A folder for releases that does not exist yet."""
    return tmp_path / "some" / "releases"


@pytest.fixture
def built(source: Path, releases: Path) -> Built:
    """The small source tree, built."""
    return build(source, releases, lambda stage: None)
