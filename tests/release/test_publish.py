import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from designata.errors import NoRelease, PublicationFailed
from designata.release.build import Built, build
from designata.release.ensure import ensure
from designata.release.publish import LOCK
from designata.store.directory import Release, current, open_release

from .stops import build_killed_at, build_with_file_limit


def quiet(stage: str) -> None:
    pass


def change(source: Path) -> None:
    (source / "data" / "more.ttl").write_text(
        "<https://w3id.org/designata/id/place/x>"
        ' a <http://example.org/Place>; <http://www.w3.org/2004/02/skos/core#prefLabel> "X"@en .\n',
        encoding="utf-8",
    )


def intact(releases: Path) -> Release:
    found = current(releases)
    assert found is not None
    found.verify()
    return found


def test_the_manifest_is_true_of_every_file(built: Built) -> None:
    path = built.release.path
    manifest = json.loads((path / "manifest.json").read_bytes())
    assert set(manifest) == {"files", "id", "input", "quads", "triples", "version"}
    packed = {file.name for file in path.iterdir() if file.suffix in (".gz", ".br", ".zst")}
    listed = {*manifest["files"], "manifest.json"}
    assert listed == {file.name for file in path.iterdir()} - packed
    assert {Path(name).stem for name in packed} < listed
    for name, facts in manifest["files"].items():
        content = (path / name).read_bytes()
        assert facts["bytes"] == len(content)
        assert facts["sha256"] == hashlib.sha256(content).hexdigest()
        assert "/" in facts["mediaType"]


def test_a_release_holds_these_files(built: Built) -> None:
    assert sorted(built.release.manifest["files"]) == [
        "SHA256SUMS",
        "context.jsonld",
        "designata.jsonld",
        "designata.nq",
        "designata.nt",
        "designata.rdf",
        "designata.trig",
        "designata.ttl",
        "designations.csv",
        "designations.ttl",
        "names.csv",
        "names.ttl",
        "ontology.ttl",
        "organizations.csv",
        "organizations.ttl",
        "report.ttl",
        "report.txt",
        "shapes.ttl",
        "void.ttl",
    ]


def test_all_files_of_a_release_have_come_at_one_moment(built: Built) -> None:
    assert len({path.stat().st_mtime_ns for path in built.release.path.iterdir()}) == 1


def test_the_checksums_are_those_of_sha256sum(built: Built, require: Callable[[str], str]) -> None:
    command = [require("sha256sum"), "--check", "--strict", "SHA256SUMS"]
    done = subprocess.run(command, cwd=built.release.path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert len(done.stdout.splitlines()) == len(built.release.manifest["files"]) - 1


def test_the_id_is_version_and_digest_of_the_quads(built: Built) -> None:
    quads = built.release.file("designata.nq").read_bytes()
    assert built.release.id == f"0.1.0-{hashlib.sha256(quads).hexdigest()[:12]}"
    assert built.release.path.name == built.release.id


def test_current_is_a_relative_link(built: Built, releases: Path) -> None:
    assert str((releases / "current").readlink()) == built.release.id


def test_building_again_changes_nothing(source: Path, releases: Path, built: Built) -> None:
    before = {path: path.lstat() for path in releases.rglob("*") if path.name != ".lock"}
    assert build(source, releases, quiet).release.id == built.release.id
    after = {path: path.lstat() for path in releases.rglob("*") if path.name != ".lock"}
    assert [(path, facts.st_ino, facts.st_mtime_ns) for path, facts in before.items()] == [
        (path, facts.st_ino, facts.st_mtime_ns) for path, facts in after.items()
    ]


def test_a_damaged_release_is_replaced(source: Path, releases: Path, built: Built) -> None:
    (built.release.path / "designata.ttl").write_bytes(b"cut off")
    again, problem = ensure(source, releases, quiet, build)
    assert (again.id, problem) == (f"{built.release.id}-2", None)
    assert intact(releases).id == again.id


def test_a_damaged_manifest_is_replaced(source: Path, releases: Path, built: Built) -> None:
    (built.release.path / "manifest.json").write_bytes(b"{")
    with pytest.raises(NoRelease, match="not a release"):
        current(releases)
    ensure(source, releases, quiet, build)
    assert intact(releases).id == f"{built.release.id}-2"


def kill_at_steps(source: Path, releases: Path, former: str, steps: range) -> int:
    """Kill a build at each of these steps, and build again; the first that it has not."""
    for step in steps:
        if not build_killed_at(step, source, releases):
            return step
        left = intact(releases)
        build(source, releases, quiet)
        newer = intact(releases)
        assert newer.id != former
        assert not list(releases.glob(".tmp-*"))
        assert left.id in {former, newer.id}
        # Back to the former state, for the next kill.
        (releases / "current").unlink()
        (releases / "current").symlink_to(former)
        shutil.rmtree(newer.path)
    raise AssertionError("a build has no end")


def test_a_kill_at_any_step_leaves_a_whole_release(
    source: Path, releases: Path, built: Built, tmp_path: Path
) -> None:
    change(source)
    crew = os.cpu_count() or 1
    places = [tmp_path / f"releases-{number}" for number in range(crew)]
    for place in places:
        shutil.copytree(releases, place, symlinks=True)
    work = [
        (source, place, built.release.id, range(number, 1000, crew))
        for number, place in enumerate(places, start=1)
    ]
    with get_context("fork").Pool(crew) as pool:
        ends = pool.starmap(kill_at_steps, work)
    assert min(ends) > 24


@pytest.mark.parametrize("limit", [0, 100, 4096])
def test_a_full_disk_leaves_the_former_release(
    source: Path, releases: Path, built: Built, limit: int
) -> None:
    change(source)
    assert build_with_file_limit(limit, source, releases) == PublicationFailed.exit_code
    assert intact(releases).id == built.release.id
    assert not list(releases.glob(".tmp-*"))
    assert build(source, releases, quiet).release.id != built.release.id


@pytest.fixture
def small_disk(tmp_path: Path, require: Callable[[str], str]) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [require("mount"), "-t", "tmpfs", "-o", "size=800k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield disk
    subprocess.run([require("umount"), str(disk)], check=True)


def test_a_disk_that_runs_full_is_named(source: Path, small_disk: Path) -> None:
    first = build(source, small_disk, quiet).release
    change(source)
    with pytest.raises(PublicationFailed, match=r"No space left on device; the former release"):
        build(source, small_disk, quiet)
    assert intact(small_disk).id == first.id
    assert not list(small_disk.glob(".tmp-*"))


def test_a_place_that_cannot_be_written_is_named(source: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(PublicationFailed, match=r"file/releases: Not a directory"):
        build(source, blocked / "releases", quiet)


def test_two_publishers_at_once_make_one_release(source: Path, releases: Path) -> None:
    command = [sys.executable, "-m", "designata", "build", "--out", str(releases)]
    environment = {"DESIGNATA_SOURCE": str(source), "PATH": ""}
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) for _ in range(3)]
    outputs = {process.communicate()[0] for process in running}
    assert {process.returncode for process in running} == {0}
    assert len(outputs) == 1
    assert intact(releases).path == open_release(next(releases.glob("0.1.0-*"))).path


def test_who_waits_for_another_publication_says_so(
    source: Path, releases: Path, caplog: pytest.LogCaptureFixture
) -> None:
    releases.mkdir(parents=True)
    with (releases / LOCK).open("wb") as other, ThreadPoolExecutor(1) as crew:
        fcntl.flock(other, fcntl.LOCK_EX)
        building = crew.submit(build, source, releases, quiet)
        while not caplog.messages and not building.done():
            time.sleep(0.01)
        fcntl.flock(other, fcntl.LOCK_UN)
        made = building.result()
    waiting = f"waiting for another process that writes a release into {releases}"
    assert caplog.messages == [waiting]
    assert intact(releases).id == made.release.id


def test_what_was_damaged_on_the_way_does_not_become_current(
    source: Path, releases: Path, built: Built
) -> None:
    change(source)

    def damage(release: Release) -> None:
        (release.path / "designata.ttl").write_bytes(b"other")

    with pytest.raises(NoRelease, match=r"designata\.ttl: differs from the manifest"):
        build(source, releases, quiet, damage)
    assert intact(releases).id == built.release.id
