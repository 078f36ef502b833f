"""What every test may use: the release of the real data, and a way to need something optional."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from designata.release.build import build
from designata.settings import CHECKOUT
from designata.store.directory import Release

REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The root of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The release of the real source tree, built once."""
    releases = tmp_path_factory.mktemp("releases")
    return build(CHECKOUT, releases, lambda stage: None).release


@pytest.fixture(scope="session")
def require() -> Callable[[str], str]:
    """Find a program; without it the test is skipped, or fails where everything must run."""

    def find(program: str) -> str:
        found = shutil.which(program)
        if found is None:
            (pytest.fail if REQUIRE_ALL else pytest.skip)(f"{program} is not installed")
        return found

    return find


@pytest.fixture(scope="session")
def material() -> Callable[[str], Path]:
    """A folder of test material from outside the repository, e.g. DESIGNATA_W3C; else skip."""

    def find(variable: str) -> Path:
        folder = os.environ.get(variable)
        if folder is None:
            pytest.skip(f"{variable} names no folder")
        return Path(folder)

    return find
