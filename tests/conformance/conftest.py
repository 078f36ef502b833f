"""The tests of the W3C, from a folder named by DESIGNATA_W3C that holds sparql11/."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.pool import open_pool
from designata.web.app import create_app


@pytest.fixture(scope="session")
def sparql11(material: Callable[[str], Path]) -> Path:
    """The folder of the SPARQL 1.1 tests."""
    folder = material("DESIGNATA_W3C") / "sparql11"
    assert folder.is_dir()
    return folder


@contextmanager
def client_over(files: Sequence[tuple[Path, str | None]]) -> Iterator[FlaskClient]:
    """A client of the application over some files."""
    settings = Settings(query_workers=1, page_workers=1)
    with open_pool(files, settings) as pool:
        yield create_app(settings, pool, None).test_client()


@pytest.fixture(scope="session")
def over() -> Callable[[Sequence[tuple[Path, str | None]]], object]:
    """How a client over some files is made."""
    return client_over
