"""The application over the real release, and over towns in named graphs, without a socket."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.pool import open_pool
from designata.web.app import create_app

TOWNS = Path(__file__).parents[2] / "store" / "fixture" / "towns.trig"
FOREIGN = Path(__file__).parent / "foreign.trig"
STRANGE = Path(__file__).parent / "strange.ttl"


@pytest.fixture(scope="session")
def towns() -> Iterator[FlaskClient]:
    """Four towns in a default and two named graphs, and strange terms in a third at our host."""
    settings = replace(Settings(query_workers=1, page_workers=1), security_contact="a@example.org")
    files = [(TOWNS, None), (STRANGE, "http://localhost/graphs/strange")]
    with open_pool(files, settings) as pool:
        yield create_app(settings, pool, None).test_client()


@pytest.fixture(scope="session")
def foreign() -> Iterator[FlaskClient]:
    """Foreign data: IRIs in Arabic script, a graph that is named by a blank node."""
    with open_pool([(FOREIGN, None)], Settings(query_workers=1, page_workers=1)) as pool:
        yield create_app(Settings(), pool, None).test_client()
