import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

pytestmark = pytest.mark.slow
FOLDERS = ("ontology", "shapes", "data")


@pytest.fixture(scope="module")
def wheel(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (found,) = folder.glob("designata-*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and what `pip` needs for it, and nothing else."""
    place = tmp_path_factory.mktemp("environment")
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    locked = ["--require-hashes", "-r", str(checkout / "requirements.txt")]
    for arguments in (locked, [str(wheel)]):
        subprocess.run([*pip, *arguments], check=True, stdin=subprocess.DEVNULL)
    return place / "bin" / "designata"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Variables as in a fresh account."""
    return {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}


@pytest.fixture
def address(installed: Path, environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where `designata serve` says that it serves."""
    process = subprocess.Popen(
        [str(installed), "serve", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        found = re.search(r"http://\S+", process.stdout.readline())
        assert found is not None
        yield found[0]
    finally:
        process.terminate()
        process.wait(timeout=30)
        process.stdout.close()


def test_the_wheel_carries_everything_that_is_not_python(wheel: Path, checkout: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = checkout / "server"
    sources = {
        f"designata/dataset/{path.relative_to(checkout)}"
        for folder in FOLDERS
        for path in (checkout / folder).rglob("*")
        if path.is_file()
    }
    others = {
        str(path.relative_to(package))
        for path in (package / "designata").rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert len(sources) > 50
    assert {".html", ".css", ".rq", ".py"} <= {Path(name).suffix for name in others}
    assert sources | others <= names
    assert not [name for name in names if "tests" in Path(name).parts]


def test_the_lock_holds_every_dependency(checkout: Path) -> None:
    project = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    text = (checkout / "requirements.txt").read_text(encoding="utf-8")
    locked = {name.lower() for name in re.findall(r"^([\w.-]+)==", text, re.M)}
    needed = [*project["dependencies"], *project["optional-dependencies"]["build"]]
    assert {re.split(r"[<>=]", name)[0].lower() for name in needed} <= locked


def test_the_wheel_serves_without_the_repository(address: str) -> None:
    with urlopen(address) as home:
        assert (home.status, home.headers.get_content_type()) == (200, "text/html")
    with urlopen(f"{address}release/latest/designata.ttl") as dump:
        assert b"organization:hayat-tahrir-al-sham\n" in dump.read()


def test_the_wheel_answers_without_the_repository(
    installed: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s a <https://w3id.org/designata/ontology#Organization> }"
    done = subprocess.run(
        [str(installed), "query", query, "--format", "csv"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert int(done.stdout.split()[1]) > 10
    assert (tmp_path / ".local/state/designata/releases/current/manifest.json").is_file()
