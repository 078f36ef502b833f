"""What is believed of a manifest and of files that came from elsewhere: what they are held against.

PublicationFailed where they are not those of a release that can be served here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any, Final, NamedTuple

from pyoxigraph import RdfFormat, parse

from designata.errors import PublicationFailed
from designata.release.packing import ENDS
from designata.release.publish import SUMS, File, checksums
from designata.store.directory import DATASET, DOCUMENTS, MANIFEST, TRIPLES

ID: Final = re.compile(r"([0-9A-Za-z][0-9A-Za-z.+]{0,40})-([0-9a-f]{12})(-[0-9]{1,4})?")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_LONGEST: Final = 200
_MOST_FILES: Final = 1_000
_MOST_BYTES: Final = 4 * 1024**3
_CONTEXT: Final = "context.jsonld"
# What a server reads of a release, and so has to be readable.
_READ: Final = {
    DATASET: RdfFormat.N_QUADS,
    TRIPLES: RdfFormat.N_TRIPLES,
    "ontology.ttl": RdfFormat.TURTLE,
    "shapes.ttl": RdfFormat.TURTLE,
    "void.ttl": RdfFormat.TURTLE,
}
_NEEDED: Final = (*_READ, _CONTEXT, SUMS)
_COUNTED: Final = {DATASET: "quads", TRIPLES: "triples"}


class Wanted(NamedTuple):
    """A file as the manifest describes it."""

    size: int
    sha256: str
    media_type: str


def wanted(manifest: Mapping[str, Any]) -> Mapping[str, Wanted]:
    """The files of the manifest, each with a name and size that one of a release may have."""
    found = {}
    for name, facts in manifest["files"].items():
        try:
            entry = Wanted(int(facts["bytes"]), facts["sha256"], facts["mediaType"])
            usable = (
                _is_name(name)
                and entry.size >= 0
                and _DIGEST.fullmatch(entry.sha256)
                and _MEDIA_TYPE.fullmatch(entry.media_type)
            )
        except (ValueError, LookupError, TypeError, OverflowError):
            usable = None
        if not usable:
            raise PublicationFailed(f"the manifest describes a file {name!r} that no release has")
        found[name] = entry
    if len(found) > _MOST_FILES or sum(entry.size for entry in found.values()) > _MOST_BYTES:
        raise PublicationFailed("the manifest describes more than a release may have")
    if missing := [name for name in _NEEDED if name not in found]:
        raise PublicationFailed(f"the manifest names no {', '.join(missing)}")
    return found


def _is_name(name: str) -> bool:
    """Whether a file of a release is called like this; what is made here beside them is none."""
    made_here = name.endswith(ENDS) or fnmatchcase(name, DOCUMENTS.format("*"))
    return bool(_NAME.fullmatch(name)) and name != MANIFEST and not made_here


def examine(manifest: Mapping[str, Any], files: Mapping[str, File]) -> dict[str, Any]:
    """What the manifest says besides the table of files, all of which are here and readable."""
    named = ID.fullmatch(manifest["id"])
    assert named is not None
    if files[DATASET].sha256[:12] != named[2]:
        raise PublicationFailed(f"the quads are not those that {named[0]} is named after")
    if files[SUMS].content != checksums({k: v for k, v in files.items() if k != SUMS}):
        raise PublicationFailed(f"{SUMS} differs from the manifest; the former release stays")
    counts = _counts(files)
    for name, key in _COUNTED.items():
        if type(manifest.get(key)) is not int or manifest[key] != counts[name]:
            raise PublicationFailed(f"the manifest names other {key} than there are in {name}")
        if not counts[name]:
            raise PublicationFailed(f"{name} holds nothing; the former release stays")
    found = {key: manifest[key] for key in ("id", *_COUNTED.values())}
    for key in ("version", "input"):
        if key in manifest:
            found[key] = _text(key, manifest[key])
    return found


def _text(key: str, value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST or not value.isprintable():
        raise PublicationFailed(f"the manifest has no text for {key}")
    return value


def _counts(files: Mapping[str, File]) -> Mapping[str, int]:
    """How many statements are in each file that is read."""
    found: dict[str, int] = {}
    name = _CONTEXT
    try:
        json.loads(files[name].content)
        for name, syntax in _READ.items():
            found[name] = sum(1 for _ in parse(files[name].content, syntax))
    except (ValueError, SyntaxError, RecursionError) as error:
        raise PublicationFailed(f"{name} cannot be read: {error}") from None
    return found
