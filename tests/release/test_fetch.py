"""Fetching a release from another server, over a real socket."""

import fcntl
import hashlib
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
from designata.release.publish import held
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


def test_where_it_leads_is_shown_without_signs_that_a_terminal_obeys(
    offered: Path, tmp_path: Path
) -> None:
    with (
        serving(offered, "/\x1b[31mred") as address,
        pytest.raises(PublicationFailed, match="redirects to /\ufffd\\[31mred, which"),
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


def offer(root: Path, files: dict[str, bytes], **facts: object) -> str:
    """Lay out other files, with a manifest and digests that are true of them; the id."""
    folders = list((root / "release").iterdir())
    manifest = json.loads((folders[0] / "manifest.json").read_text(encoding="utf-8"))
    release_id = f"1.0.0-{digest(files['designata.nq'])[:12]}"
    files["SHA256SUMS"] = "".join(
        f"{digest(content)}  {name}\n"
        for name, content in sorted(files.items())
        if name != "SHA256SUMS"
    ).encode()
    manifest |= {"id": release_id, **facts}
    manifest["files"] = {
        name: {"bytes": len(content), "mediaType": "text/plain", "sha256": digest(content)}
        for name, content in files.items()
    }
    for folder in folders:
        shutil.rmtree(folder)
    for name in ("latest", release_id):
        place = root / "release" / name
        place.mkdir()
        (place / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
        for file, content in files.items():
            (place / file).write_bytes(content)
    return release_id


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def contents(release: Release) -> dict[str, bytes]:
    return {name: release.file(name).read_bytes() for name in release.manifest["files"]}


def test_files_with_a_true_manifest_are_fetched(
    address: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    release_id = offer(offered, contents(release))
    assert pull(address, tmp_path / "releases", lambda _: None).id == release_id


@pytest.mark.parametrize(
    "name", ["bases.ttl.gz", "designata.nq.br", "names.csv.zst", "documents-ea07e7897877.sqlite"]
)
def test_a_name_of_what_is_made_here_is_refused(
    name: str, address: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    offer(offered, {**contents(release), name: b"other"})
    with pytest.raises(PublicationFailed, match=f"describes a file '{name}' that no release has"):
        pull(address, tmp_path / "releases", lambda _: None)
    assert not (tmp_path / "releases").exists()


@pytest.mark.parametrize("name", ["designata.nt", "ontology.ttl", "void.ttl", "context.jsonld"])
def test_a_release_without_a_file_that_a_server_reads_is_refused(
    name: str, address: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    files = contents(release)
    del files[name]
    offer(offered, files)
    with pytest.raises(PublicationFailed, match=f"the manifest names no {name}"):
        pull(address, tmp_path / "releases", lambda _: None)
    assert not (tmp_path / "releases").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("designata.nq", b"this is garbage\n" * 3, "designata.nq cannot be read"),
        ("designata.nq", b"", "the manifest names other quads"),
        ("void.ttl", b"<a> <b>", "void.ttl cannot be read"),
        ("context.jsonld", b"\xff{", "context.jsonld cannot be read"),
    ],
)
def test_what_is_not_readable_does_not_become_current(
    name: str,
    content: bytes,
    said: str,
    address: str,
    offered: Path,
    release: Release,
    tmp_path: Path,
) -> None:
    releases = tmp_path / "releases"
    former = pull(address, releases, lambda _: None)
    offer(offered, {**contents(release), name: content})
    with pytest.raises(PublicationFailed, match=said):
        pull(address, releases, lambda _: None)
    assert {path.name for path in releases.iterdir()} == {".lock", "current", former.id}
    found = current(releases)
    assert found is not None and found.id == former.id


def test_a_release_that_holds_nothing_is_refused(
    address: str, offered: Path, release: Release, tmp_path: Path
) -> None:
    offer(offered, {**contents(release), "designata.nq": b""}, quads=0)
    with pytest.raises(PublicationFailed, match=r"designata\.nq holds nothing"):
        pull(address, tmp_path / "releases", lambda _: None)
    assert current(tmp_path / "releases") is None


@pytest.mark.parametrize("text", ["\ud800", "\udcff", "\x1b[2J"])
@pytest.mark.parametrize("key", ["version", "input"])
def test_a_text_that_cannot_be_written_is_refused(
    key: str, text: str, address: str, offered: Path, tmp_path: Path
) -> None:
    change(offered, **{key: text})
    with pytest.raises(PublicationFailed, match=f"the manifest has no text for {key}"):
        pull(address, tmp_path / "releases", lambda _: None)
    assert current(tmp_path / "releases") is None


def test_what_broke_off_is_cleared_away_when_another_release_is_published(
    address: str, tmp_path: Path
) -> None:
    releases = tmp_path / "releases"
    ended, going_on = releases / ".pull-1.0.0-000000000000", releases / ".pull-1.0.0-111111111111"
    for folder in (ended, going_on):
        folder.mkdir(parents=True)
        (folder / "designata.nq").write_bytes(b"half")
    with held(going_on, fcntl.LOCK_SH):
        pull(address, releases, lambda _: None)
        assert [path.name for path in releases.glob(".pull-*")] == [going_on.name]
