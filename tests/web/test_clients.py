"""Who asks, how much one client may use, and what those who watch over the server see."""

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.parser import text_string_to_metric_families

from designata.errors import OverBudget, UsageError
from designata.settings import Settings
from designata.store.pool import Pool, open_pool
from designata.web.accounts import _BUCKETS, _COUNTS, _taken, exposition, kind_of
from designata.web.app import create_app
from designata.web.bodies import Bodies
from designata.web.clients import Budgets, Proxies

if TYPE_CHECKING:
    from conftest import Site

TOWNS = Path(__file__).parents[1] / "store" / "fixture" / "towns.trig"
STRANGER = {"X-Forwarded-For": "203.0.113.9"}


@pytest.mark.parametrize(
    ("remote", "forwarded", "client"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("127.0.0.1", "", None),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "nonsense", "unknown"),
        ("127.0.0.1", "203.0.113.9:4711", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8:1:2::9]:4711", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "", "203.0.113.9"),
        ("::1", "2001:db8::1", "2001:db8::/64"),
    ],
)
def test_only_trusted_hosts_say_whom_they_ask_for(
    remote: str, forwarded: str, client: str | None
) -> None:
    proxies = Proxies("127.0.0.1, ::1, 10.0.0.0/8")
    environ = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    assert proxies.client(environ) == client


@pytest.mark.parametrize(
    ("remote", "said", "scheme"),
    [
        ("127.0.0.1", "https", "https"),
        ("127.0.0.1", "http, https", "https"),
        ("127.0.0.1", "https, http", "http"),
        ("127.0.0.1", "javascript", "http"),
        ("127.0.0.1", "", "http"),
        ("203.0.113.9", "https", "http"),
        ("", "https", "http"),
    ],
)
def test_only_trusted_hosts_say_how_they_were_asked(remote: str, said: str, scheme: str) -> None:
    environ = {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_PROTO": said, "wsgi.url_scheme": "http"}
    assert Proxies("127.0.0.1").scheme(environ) == scheme


def test_addresses_have_the_scheme_that_the_proxy_was_asked_by(server: "Site") -> None:
    said = {"X-Forwarded-Proto": "https", "Host": "kb.example"}
    assert "https://kb.example/" in server.send("/robots.txt", headers=said).text
    assert "http://kb.example/" in server.send("/robots.txt", headers={"Host": "kb.example"}).text


def test_a_list_of_proxies_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(UsageError, match="DESIGNATA_TRUSTED_PROXIES"):
        Proxies("10.0.0.0/8, nobody")


def test_a_budget_is_used_up_and_comes_back() -> None:
    budgets = Budgets(seconds=0.1, refill=0.1, at_once=2)
    with budgets.asking("a"), budgets.spending("a"):
        time.sleep(0.15)
    with pytest.raises(OverBudget) as refusal, budgets.asking("a"):
        pass
    assert refusal.value.wait in (11, 12)
    with budgets.asking("b"), budgets.asking(None):
        pass
    time.sleep(1)
    with budgets.asking("a"):
        pass


def test_who_only_waits_pays_nothing() -> None:
    budgets = Budgets(seconds=0.1, refill=0.000_1, at_once=2)
    with budgets.asking("a"):
        time.sleep(0.15)
    with budgets.asking("a"):
        pass


def test_a_client_has_few_queries_at_the_same_time() -> None:
    budgets = Budgets(seconds=10, refill=1, at_once=2)
    with budgets.asking("a"), budgets.asking("a"):
        with pytest.raises(OverBudget), budgets.asking("a"):
            pass
        with budgets.asking("b"):
            pass
    with budgets.asking("a"):
        pass


def test_only_so_many_clients_are_remembered() -> None:
    budgets = Budgets(seconds=10, refill=1, at_once=2)
    for number in range(10_500):
        with budgets.asking(str(number)):
            pass
    assert len(budgets._accounts) == 10_000


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with open_pool([(TOWNS, None)], Settings(query_workers=1, page_workers=1)) as pool:
        yield pool


@pytest.fixture
def poor(pool: Pool) -> FlaskClient:
    """An application whose clients may use next to nothing."""
    settings = replace(pool.settings, client_seconds=0.000_001, client_refill=0.000_1)
    return create_app(settings, pool, None).test_client()


def ask(number: int) -> str:
    return "/sparql?query=" + quote(f"SELECT ?x {{ BIND({number} AS ?x) }}")


def test_who_is_over_budget_is_told_when_to_come_back(poor: FlaskClient) -> None:
    first = poor.get(ask(1), headers=STRANGER)
    assert first.status_code == 200
    assert first.headers["RateLimit-Policy"].startswith('"query-seconds";q=')
    second = poor.get(ask(2), headers=STRANGER)
    assert second.status_code == 429
    assert int(second.headers["Retry-After"]) >= 1
    assert second.headers["RateLimit"].startswith('"query-seconds";r=0;t=')
    assert second.headers["Cache-Control"] == "no-store"
    assert json.loads(second.data)["type"].endswith("problem/over-budget")
    assert poor.get(ask(1), headers=STRANGER).status_code == 200
    assert poor.get("/", headers=STRANGER).status_code == 200
    assert poor.get(ask(3), headers={"X-Forwarded-For": "203.0.113.10"}).status_code == 200
    assert poor.get(ask(4)).status_code == 200


def test_a_long_address_is_refused_with_advice(poor: FlaskClient) -> None:
    reply = poor.get("/sparql?query=" + "x" * 200_000)
    assert reply.status_code == 414
    assert b"POST" in reply.data


def test_one_client_does_not_take_all_places_for_bodies() -> None:
    bodies = Bodies()
    places = [bodies._place("a") for _ in range(17)]
    for place in places[:16]:
        place.__enter__()
    with pytest.raises(OverBudget):
        places[16].__enter__()
    with bodies._place("b"):
        pass
    for place in places[:16]:
        place.__exit__(None, None, None)
    with bodies._place("a"):
        pass


def test_probes_tell_the_truth(pool: Pool, poor: FlaskClient, tmp_path: Path) -> None:
    assert (poor.get("/healthz").status_code, poor.get("/healthz").text) == (200, "alive\n")
    assert poor.get("/readyz").status_code == 200
    empty = tmp_path / "empty.nt"
    empty.write_text("")
    with open_pool([(empty, None)], pool.settings) as nothing:
        client = create_app(pool.settings, nothing, None).test_client()
        assert (client.get("/readyz").status_code, client.get("/healthz").status_code) == (503, 200)
        assert "the dataset is empty" in client.get("/readyz").text
    assert client.get("/readyz").status_code == 503


def test_the_counts_have_few_labels(poor: FlaskClient) -> None:
    for path in ("/", "/nowhere", f"/{'x' * 50}", "/doc/x"):
        poor.get(path)
    text = poor.get("/metrics").text
    assert 'designata_requests_total{by="application",kind="other",status="404"}' in text
    assert "designata_request_seconds_bucket" in text
    assert {kind_of(path) for path in ("/a", "/b/c", "x", "//")} == {"other"}


def test_times_are_counted_as_prometheus_counts_them() -> None:
    kind, times = "release", (0.0, 0.001, 0.0011, 0.2, 30.0, 31.0, 31.0)
    before = _found(kind)
    for seconds in times:
        _COUNTS.add(kind, 200, "application", seconds)
    _COUNTS.add(kind, 200, "memory", 5.0)
    after = _found(kind)
    own = Histogram("seconds", "…", ("kind",), buckets=_BUCKETS, registry=CollectorRegistry())
    for seconds in times:
        own.labels(kind).observe(seconds)
    expected = {
        (one.name.removeprefix("seconds"), one.labels.get("le")): one.value
        for one in next(iter(own.collect())).samples
        if not one.name.endswith("_created")
    }
    assert {key: after[key] - before.get(key, 0) for key in expected} == pytest.approx(expected)


def _found(kind: str) -> dict[tuple[str, str | None], float]:
    families = text_string_to_metric_families(exposition().decode())
    (family,) = [one for one in families if one.name == "designata_request_seconds"]
    return {
        (one.name.removeprefix("designata_request_seconds"), one.labels.get("le")): one.value
        for one in family.samples
        if one.labels["kind"] == kind
    }


def test_equal_questions_have_equal_digests(
    serving: Callable[..., AbstractContextManager["Site"]], capfd: pytest.CaptureFixture[str]
) -> None:
    with serving("--load", str(TOWNS), environment={}) as site:
        for text in ("ASK%7B%7D", "ASK%7B%7D", "ASK%7B%7D", "%0AASK%7B%7D", "ASK%7B%3Fa+a+%3Fb%7D"):
            site.send(f"/sparql?query={text}", headers=STRANGER)
        site.send("/metrics")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    # Two processes write them, each now and then.
    digests = Counter(one["digest"] for one in lines if one["path"] == "/sparql")
    assert sorted(digests.values()) == [1, 4]


def test_a_line_for_each_request_says_no_query(
    serving: Callable[..., AbstractContextManager["Site"]], capfd: pytest.CaptureFixture[str]
) -> None:
    with serving("--load", str(TOWNS), environment={}) as site:
        site.send("/sparql?query=ASK%7B%7D", headers=STRANGER)
        assert site.send("/metrics").status == 200
        assert site.send("/readyz").text.startswith("ready: loaded-")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    (line,) = [one for one in lines if one["path"] == "/sparql"]
    assert (line["status"], line["method"], line["client"]) == (200, "GET", "203.0.113.9")
    assert len(line["digest"]) == 16
    assert "query" not in line


def test_what_two_threads_take_is_taken_once() -> None:
    noted = deque(range(200_000))
    taken: list[list[int]] = [[], [], []]
    threads = [threading.Thread(target=lambda own=own: own.extend(_taken(noted))) for own in taken]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sum(taken, [*noted])) == list(range(200_000))
