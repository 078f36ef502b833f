"""A release as it lies on disk: what one half of Designata writes and the other half serves."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from designata.errors import NoRelease

CURRENT: Final = "current"
MANIFEST: Final = "manifest.json"
# What is not finished begins with that; who publishes next removes it.
UNFINISHED: Final = ".tmp-"
DATASET: Final = "designata.nq"
TRIPLES: Final = "designata.nt"
# What is made beside the files of a release by one version of the program.
DOCUMENTS: Final = "documents-{}.sqlite"
# How a file is packed that is one of its own: the end of its name, and its media type.
ARCHIVES: Final = {".gz": "application/gzip", ".zst": "application/zstd"}


_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*")
_FACTS: Final[Mapping[str, type]] = {"bytes": int, "mediaType": str, "sha256": str}


@dataclass(frozen=True, slots=True)
class Release:
    """A release directory that has been opened: its name, its place, its manifest."""

    id: str
    path: Path
    manifest: Mapping[str, Any]

    def file(self, name: str) -> Path:
        """The path of a file that the manifest names; KeyError where it names none."""
        self.manifest["files"][name]
        return self.path / name

    def is_there(self) -> bool:
        """Whether nobody has removed it since."""
        return (self.path / MANIFEST).is_file() and (self.path / DATASET).is_file()

    def verify(self) -> None:
        """Compare each file with its size and digest in the manifest."""
        for name, facts in self.manifest["files"].items():
            try:
                with (self.path / name).open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise NoRelease(f"{self.path / name}: {error.strerror}; build again") from None
            if digest != facts["sha256"]:
                raise NoRelease(f"{self.path / name}: differs from the manifest; build again")


def open_release(path: Path) -> Release:
    """The release in a directory; NoRelease where it has no readable manifest."""
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        _check(manifest)
        return Release(manifest["id"], path, manifest)
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise NoRelease(f"{path}: not a release ({error}); run `designata build`") from None


def _check(manifest: Any) -> None:
    """ValueError or LookupError where a manifest is none that was written here."""
    if not isinstance(manifest, dict) or not _ID.fullmatch(manifest["id"]):
        raise ValueError("it has no id")
    if not isinstance(manifest["files"][DATASET], dict):
        raise ValueError("it names no data")
    for name, facts in manifest["files"].items():
        for key, kind in _FACTS.items():
            if not isinstance(facts[key], kind):
                raise ValueError(f"it says no {key} of {name}")
    for key in ("quads", "triples"):
        if not isinstance(manifest.get(key, 0), int):
            raise ValueError(f"it does not count {key}")


def target(releases: Path) -> Path:
    """Where the link to the release that is served leads; NoRelease where it leads to itself."""
    link = releases / CURRENT
    try:
        return link.resolve()
    except RuntimeError:
        raise NoRelease(f"{link}: this link leads to itself") from None


def current(releases: Path) -> Release | None:
    """The release that is served, or None where none has been built; NoRelease if hidden."""
    try:
        if not (releases / CURRENT).exists():
            return None
        return open_release(target(releases))
    except OSError as error:
        raise NoRelease(f"{releases / CURRENT}: {error.strerror}") from None
