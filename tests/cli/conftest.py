"""Command lines over a small release with a simplified question."""

import shutil
from pathlib import Path

import pytest

from designata.release.build import build

HERE = Path(__file__).parent
SMALL = HERE.parent / "release" / "source"
DESCRIPTION = """
<https://w3id.org/designata/id/query/asof> a <http://www.w3.org/ns/shacl#SPARQLSelectExecutable> .
<https://w3id.org/designata/id/organization/state-a>
    a <https://w3id.org/designata/ontology#Organization> ;
    <https://w3id.org/designata/ontology#hasName> <https://w3id.org/designata/id/name/state-a> .
"""


@pytest.fixture(scope="session")
def small_source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small source tree with the question `asof`."""
    source = Path(shutil.copytree(SMALL, tmp_path_factory.mktemp("cli") / "source"))
    shutil.copy(HERE / "asof.rq", source / "data" / "queries" / "asof.rq")
    (source / "data" / "queries" / "asof.ttl").write_text(DESCRIPTION, encoding="utf-8")
    return source


@pytest.fixture(scope="session")
def small_releases(small_source: Path) -> Path:
    """Its release."""
    releases = small_source.parent / "releases"
    build(small_source, releases, lambda stage: None)
    return releases


@pytest.fixture
def here(small_source: Path, small_releases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands use the small source tree and its release."""
    monkeypatch.setenv("DESIGNATA_SOURCE", str(small_source))
    monkeypatch.setenv("DESIGNATA_RELEASES", str(small_releases))
