"""A page is made once, however it is asked for."""

import gzip

import pytest
from flask.testing import FlaskClient

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.web import views
from designata.web.app import create_app
from designata.web.description import Description

HTS = "/doc/organization/hayat-tahrir-al-sham"
HTML = {"Accept": "text/html"}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The things whose pages were made, in order."""
    found: list[str] = []
    render = views.render

    def noting(description: Description) -> tuple[str, int]:
        found.append(description.iri)
        return render(description)

    monkeypatch.setattr(views, "render", noting)
    return found


@pytest.fixture
def client(small_release: Release, small_pool: Pool) -> FlaskClient:
    """One that has not been asked for anything."""
    return create_app(Settings(), small_pool, small_release).test_client()


def test_a_page_is_made_once_for_all_who_ask(client: FlaskClient, made: list[str]) -> None:
    first = client.get(HTS, headers=HTML)
    for more in ({"Accept-Language": "ar"}, {"Accept": "text/html;q=0.9"}, {"Host": "b.example"}):
        assert client.get(HTS, headers={**HTML, **more}).status_code == 200
    packed = client.get(f"{HTS}.html", headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == first.data
    assert packed.headers["ETag"] == f'{first.headers["ETag"][:-1]}-gzip"'
    assert packed.headers["Link"] == first.headers["Link"]
    assert len(made) == 1


def test_each_host_is_named_in_its_own_page(client: FlaskClient, made: list[str]) -> None:
    pages = {host: client.get(HTS, headers={**HTML, "Host": host}) for host in ("a.x", "b.x:8")}
    for host, page in pages.items():
        assert f'"url": "http://{host}{HTS}"' in page.text
        assert ".invalid" not in page.text
    assert len({page.headers["ETag"] for page in pages.values()}) == 2
    assert len(made) == 1


def test_a_page_for_a_day_is_none_of_the_others(client: FlaskClient, made: list[str]) -> None:
    usual = client.get(HTS, headers=HTML)
    then = client.get(f"{HTS}?date=2014-05-13", headers=HTML)
    again = client.get(HTS, headers={**HTML, "Accept-Language": "ar"})
    assert then.data != usual.data == again.data
    assert ".invalid" not in then.text
    assert len(made) == 2
