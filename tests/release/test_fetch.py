"""Fetching a release from another server, over a real socket."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from designata.errors import PublicationFailed, UsageError
from designata.release.fetch import pull
from designata.store.directory import Release, current


@pytest.fixture
def offered(release: Release, tmp_path: Path) -> Path:
    """The files of a release, laid out as a server of ours offers them."""
    root = tmp_path / "site"
    for name in (release.id, "latest"):
        shutil.copytree(release.path, root / "release" / name)
    return root


@contextmanager
def serving(folder: Path, latest: str | None = None) -> Iterator[str]:
    """A server of the files of a folder, which says where the latest manifest is."""

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            if latest and "/latest/" in self.path:
                self.send_response(302)
                self.send_header("Location", latest)
                self.end_headers()
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def address(offered: Path) -> Iterator[str]:
    with serving(offered) as found:
        yield found


def test_a_release_is_fetched_and_made_current(
    address: str, release: Release, tmp_path: Path
) -> None:
    told: list[str] = []
    fetched = pull(address, tmp_path / "releases", told.append)
    assert fetched.id == release.id
    found = current(tmp_path / "releases")
    assert found is not None and found.id == release.id
    found.verify()
    assert found.file("designata.ttl").read_bytes() == release.file("designata.ttl").read_bytes()
    assert any("designata.nq" in line for line in told)


@pytest.mark.parametrize("leads", ["{}", "https://other.example{}"])
def test_the_latest_may_lead_to_its_date(
    leads: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    shutil.rmtree(offered / "release" / "latest")
    with serving(offered, leads.format(f"/release/{release.id}/manifest.json")) as address:
        assert pull(address, tmp_path / "releases", lambda _: None).id == release.id


@pytest.mark.parametrize("leads", ["/release/x/manifest.json", "http://169.254.169.254/latest"])
def test_it_may_lead_nowhere_else(leads: str, offered: Path, tmp_path: Path) -> None:
    with (
        serving(offered, leads) as address,
        pytest.raises(PublicationFailed, match=f"redirects to {leads}, which is not followed"),
    ):
        pull(address, tmp_path / "releases", lambda _: None)


def test_a_file_that_differs_is_refused_and_nothing_becomes_current(
    address: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    path = offered / "release" / release.id / "designata.ttl"
    path.write_bytes(path.read_bytes().replace(b"2014-05-14", b"2014-05-15", 1))
    with pytest.raises(PublicationFailed, match=r"designata\.ttl differs from the manifest"):
        pull(address, tmp_path / "releases", lambda line: None)
    assert current(tmp_path / "releases") is None


@pytest.mark.parametrize("name", ["../outside.ttl", "/etc/passwd", "a/b.ttl", ".hidden"])
def test_a_name_that_leads_elsewhere_is_refused(
    address: str, offered: Path, tmp_path: Path, name: str
) -> None:
    path = offered / "release" / "latest" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"][name] = manifest["files"]["designata.ttl"]
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(PublicationFailed, match="that no release has"):
        pull(address, tmp_path / "releases", lambda line: None)
    assert not (tmp_path / "releases").exists() or current(tmp_path / "releases") is None


def test_what_is_no_manifest_is_refused(address: str, offered: Path, tmp_path: Path) -> None:
    (offered / "release" / "latest" / "manifest.json").write_text("<html></html>")
    with pytest.raises(PublicationFailed, match="is not the manifest"):
        pull(address, tmp_path / "releases", lambda line: None)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("quads", None),
        ("quads", "x"),
        ("quads", 1),
        ("triples", True),
        ("triples", []),
        ("version", {}),
        ("input", "x" * 1_000),
    ],
)
def test_a_manifest_that_says_something_else_is_refused_before_the_switch(
    address: str, offered: Path, tmp_path: Path, key: str, value: object
) -> None:
    change(offered, **{key: value})
    with pytest.raises(PublicationFailed, match=key):
        pull(address, tmp_path / "releases", lambda line: None)
    assert current(tmp_path / "releases") is None


@pytest.mark.parametrize("size", [float("inf"), "1e400", -1, None, []])
def test_a_size_that_is_none_is_refused(
    address: str, offered: Path, tmp_path: Path, size: object
) -> None:
    path = offered / "release" / "latest" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest["files"]["designata.ttl"]["bytes"] = size
    path.write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(PublicationFailed, match="that no release has"):
        pull(address, tmp_path / "releases", lambda line: None)


def test_what_is_here_is_not_fetched_again(address: str, tmp_path: Path) -> None:
    pull(address, tmp_path / "releases", lambda line: None)
    told: list[str] = []
    pull(address, tmp_path / "releases", told.append)
    assert told == []


def test_a_manifest_may_be_nested_too_deep(address: str, offered: Path, tmp_path: Path) -> None:
    (offered / "release" / "latest" / "manifest.json").write_text("[" * 100_000)
    with pytest.raises(PublicationFailed, match="is not the manifest"):
        pull(address, tmp_path / "releases", lambda line: None)


def test_the_address_of_a_server_has_no_query(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no query"):
        pull(f"{address}/?key=secret", tmp_path / "releases", lambda line: None)


def change(offered: Path, **facts: object) -> None:
    path = offered / "release" / "latest" / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**manifest, **facts}), encoding="utf-8")
