"""Large pages are asked for where nobody has reserved them."""

from __future__ import annotations

from pathlib import Path

import pytest

from designata.store.allocator import with_large_pages

MIMALLOC = {"MIMALLOC_LARGE_OS_PAGES", "MIMALLOC_ALLOW_LARGE_OS_PAGES"}


def _reserved(folder: Path, kept: str, more: str) -> Path:
    (folder / "nr_hugepages").write_text(f"{kept}\n")
    (folder / "nr_overcommit_hugepages").write_text(f"{more}\n")
    return folder


def test_both_allocators_are_asked(tmp_path: Path) -> None:
    found = with_large_pages({"PATH": "/bin"}, _reserved(tmp_path, "0", "0"))
    assert {name for name in found if found[name] == "1"} == MIMALLOC
    assert found["GLIBC_TUNABLES"] == "glibc.malloc.hugetlb=1"
    assert found["PATH"] == "/bin"


@pytest.mark.parametrize(("kept", "more"), [("120", "0"), ("0", "8"), ("", "0")])
def test_reserved_pages_are_left_to_others(tmp_path: Path, kept: str, more: str) -> None:
    assert not MIMALLOC & set(with_large_pages({}, _reserved(tmp_path, kept, more)))


def test_where_nobody_knows_none_are_taken(tmp_path: Path) -> None:
    assert not MIMALLOC & set(with_large_pages({}, tmp_path / "absent"))


def test_what_is_set_already_stays(tmp_path: Path) -> None:
    given = {"MIMALLOC_LARGE_OS_PAGES": "0", "GLIBC_TUNABLES": ""}
    found = with_large_pages(given, _reserved(tmp_path, "0", "0"))
    assert {name: found[name] for name in given} == given
