"""Files of a release in the codings that clients take, packed once for all of them.

They are no part of the manifest: their bytes depend on the version of the compressor, and what they
hold is known by the digest of the file that they were made from.
"""

from __future__ import annotations

import gzip
from collections.abc import Mapping
from typing import Final

import brotli
import zstandard

from designata.release.publish import File
from designata.store.directory import ARCHIVES

ENDS: Final = (*ARCHIVES, ".br")
SMALLEST: Final = 1_000
_GZIP_LEVEL: Final = 9
_BROTLI_QUALITY: Final = 9
_ZSTD_LEVEL: Final = 12


def pack(files: Mapping[str, File]) -> dict[str, File]:
    """Each file that is worth it as `.gz`, `.br` and `.zst`; the same bytes for the same file."""
    found = {}
    for name, file in sorted(files.items()):
        if len(file.content) >= SMALLEST:
            zipped = gzip.compress(file.content, _GZIP_LEVEL, mtime=0)
            found[f"{name}.gz"] = File(ARCHIVES[".gz"], zipped)
            packed = brotli.compress(file.content, quality=_BROTLI_QUALITY)
            found[f"{name}.br"] = File(file.media_type, packed)
            squeezed = zstandard.compress(file.content, _ZSTD_LEVEL)
            found[f"{name}.zst"] = File(ARCHIVES[".zst"], squeezed)
    return found
