"""Folders for temporary files go, however their owner has ended."""

import subprocess
import sys
from pathlib import Path

import pytest

from designata.store.folders import Folder

KILLED = """
import os, pathlib, signal, sys
from designata.store.folders import Folder
folder = Folder("web-", pathlib.Path(sys.argv[1]))
(folder.path / "result").write_bytes(b"large")
print(folder.path, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_owner_left_behind_goes_with_the_next_folder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    left = Path(done.stdout.strip())
    assert done.returncode == -9
    assert (left / "result").read_bytes() == b"large"
    folder = Folder("store-", tmp_path)
    assert list(tmp_path.iterdir()) == [folder.path]
    folder.remove()


def test_a_folder_in_use_stays(tmp_path: Path) -> None:
    first = Folder("web-", tmp_path)
    second = Folder("web-", tmp_path)
    assert first.path.is_dir() and second.path.is_dir()
    assert first.path.stat().st_mode & 0o077 == 0
    first.remove()
    assert not first.path.exists() and second.path.is_dir()
    second.remove()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["folder without a mark", "link", "file"])
def test_what_is_not_ours_stays(tmp_path: Path, kind: str) -> None:
    other, found = tmp_path / "other", tmp_path / "designata-web-x"
    other.mkdir()
    (other / ".designata").touch()
    if kind == "link":
        found.symlink_to(other)
    elif kind == "file":
        found.touch()
    else:
        found.mkdir()
    Folder("web-", tmp_path).remove()
    assert (other / ".designata").exists()
    assert found.exists()


def test_without_a_place_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Folder("web-", tmp_path / "nowhere")
