"""Fetching a release from another server, over a real socket."""

import json
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from designata.errors import PublicationFailed
from designata.release.fetch import pull
from designata.store.directory import Release, current


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def offered(release: Release, tmp_path: Path) -> Path:
    """The files of a release, laid out as a server of ours offers them."""
    root = tmp_path / "site"
    for name in (release.id, "latest"):
        shutil.copytree(release.path, root / "release" / name)
    return root


@pytest.fixture
def address(offered: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(offered)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


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
