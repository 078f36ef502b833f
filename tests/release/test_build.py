import random
import re
import shutil
from pathlib import Path

import pytest

from designata.errors import InvalidDataset, NoRelease, UnreadableFile
from designata.release.build import Built, build
from designata.release.ensure import ensure
from designata.store.directory import Release, current
from designata.turtle import read


def quiet(stage: str) -> None:
    pass


def contents(release: Release) -> dict[str, bytes]:
    return {name: release.file(name).read_bytes() for name in release.manifest["files"]}


def shuffle(source: Path, seed: int) -> None:
    """Move every statement of each folder into files of other names, in another order.

    The questions stay: their names say which text belongs to which description.
    """
    chance = random.Random(seed)
    for folder in ("ontology", "shapes", "data"):
        found = sorted((source / folder).rglob("*.ttl"))
        paths = [path for path in found if path.parent.name != "queries"]
        lines = [f"{quad.triple} .\n" for path in paths for quad, _ in read(path)]
        chance.shuffle(lines)
        for path in paths:
            path.unlink()
        for number in range(5):
            name = f"{chance.random()}-{number}.ttl"
            (source / folder / name).write_text("".join(lines[number::5]), encoding="utf-8")


def test_the_stages_come_in_this_order(source: Path, releases: Path) -> None:
    stages: list[str] = []
    build(source, releases, stages.append)
    assert stages == ["reading", "deriving", "validating", "writing", "publishing"]


def test_two_builds_are_identical(source: Path, built: Built, tmp_path: Path) -> None:
    other = build(source, tmp_path / "other", quiet)
    assert contents(other.release) == contents(built.release)


@pytest.mark.parametrize("seed", range(3))
def test_names_and_order_of_files_do_not_matter(
    source: Path, built: Built, tmp_path: Path, seed: int
) -> None:
    shuffle(source, seed)
    other = build(source, tmp_path / "other", quiet)
    assert other.release.id == built.release.id
    assert contents(other.release) == contents(built.release)


@pytest.mark.slow
def test_names_and_order_of_the_real_files_do_not_matter(
    checkout: Path, release: Release, tmp_path: Path
) -> None:
    source = tmp_path / "source"
    for folder in ("ontology", "shapes", "data"):
        shutil.copytree(checkout / folder, source / folder)
    shuffle(source, 7)
    other = build(source, tmp_path / "releases", quiet).release
    assert contents(other) == contents(release)


def test_nothing_published_depends_on_the_place(built: Built, source: Path) -> None:
    for name, content in contents(built.release).items():
        assert str(source).encode() not in content, name
        assert b"file:" not in content, name


def test_warnings_are_counted_and_reported(built: Built) -> None:
    assert built.warnings == 1
    report = built.release.file("report.txt").read_text(encoding="utf-8")
    assert report.splitlines() == [
        "1 result.",
        "       1  warning  MaxCount  shape:Organization-note",
        "",
        "warning: organization:example skos:note: Notes belong to claims.",
    ]


def test_a_violation_names_file_and_line_and_publishes_nothing(
    source: Path, releases: Path, built: Built
) -> None:
    (source / "data" / "bad.ttl").write_text(
        "@prefix dsg: <https://w3id.org/designata/ontology#> .\n\n"
        "<https://w3id.org/designata/id/organization/nameless>\n    a dsg:Organization .\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidDataset) as error:
        build(source, releases, quiet)
    assert str(error.value).splitlines() == [
        "1 violation, nothing was published",
        f"{source}/data/bad.ttl:4: organization:nameless dsg:hasName: "
        "Give the organization at least one name.",
    ]
    assert current(releases) == built.release


def test_many_violations_are_counted(source: Path, releases: Path) -> None:
    text = "".join(
        f"<https://w3id.org/designata/id/organization/o{number}>"
        " a <https://w3id.org/designata/ontology#Organization> .\n"
        for number in range(30)
    )
    (source / "data" / "bad.ttl").write_text(text, encoding="utf-8")
    with pytest.raises(InvalidDataset) as error:
        build(source, releases, quiet)
    lines = str(error.value).splitlines()
    assert len(lines) == 22
    assert lines[0] == "30 violations, nothing was published"
    assert lines[-1] == "… and 10 more: run `designata validate`"
    assert current(releases) is None


def test_a_syntax_error_publishes_nothing(source: Path, releases: Path, built: Built) -> None:
    (source / "data" / "bad.ttl").write_text("<a> <b>\n<c> <d> .\n", encoding="utf-8")
    with pytest.raises(UnreadableFile, match=re.escape(f"{source}/data/bad.ttl:2: ")):
        build(source, releases, quiet)
    assert current(releases) == built.release


def test_a_release_of_this_input_is_not_built_again(
    source: Path, releases: Path, built: Built
) -> None:
    stages: list[str] = []
    assert ensure(source, releases, stages.append, build) == (built.release, None)
    assert stages == []
    (source / "data" / "more.ttl").write_text("<urn:a> a <urn:c> .\n", encoding="utf-8")
    newer, problem = ensure(source, releases, stages.append, build)
    assert (newer.id != built.release.id, problem) == (True, None)


def test_the_former_release_stands_in_for_one_that_cannot_be_built(
    source: Path, releases: Path, built: Built
) -> None:
    (source / "data" / "bad.ttl").write_text("<", encoding="utf-8")
    former, problem = ensure(source, releases, quiet, build)
    assert former == built.release
    assert problem is not None and "bad.ttl:1: " in problem
    (releases / "current").unlink()
    with pytest.raises(UnreadableFile):
        ensure(source, releases, quiet, build)


def test_a_damaged_release_does_not_stand_in(source: Path, releases: Path, built: Built) -> None:
    (built.release.path / "designata.nq").unlink()
    (source / "data" / "bad.ttl").write_text("<", encoding="utf-8")
    with pytest.raises(UnreadableFile):
        ensure(source, releases, quiet, build)
    with pytest.raises(NoRelease, match=r"designata\.nq: No such file"):
        built.release.verify()
