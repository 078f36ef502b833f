"""Work in a process of its own gives what it gives here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from designata import turtle
from designata.commands.apart import in_a_process_of_its_own
from designata.errors import PublicationFailed, UnreadableFile


def test_its_result_comes_back() -> None:
    pid = in_a_process_of_its_own(os.getpid)
    assert pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_its_refusal_comes_back_whole() -> None:
    with pytest.raises(UnreadableFile) as here:
        turtle.format_of(Path("a.docx"))
    with pytest.raises(UnreadableFile) as there:
        in_a_process_of_its_own(turtle.format_of, Path("a.docx"))
    assert str(there.value) == str(here.value)
    assert there.value.path == Path("a.docx")


@pytest.mark.parametrize("work", [os._exit, os.abort])
def test_that_it_was_ended_is_said(work: object) -> None:
    arguments = (9,) if work is os._exit else ()
    with pytest.raises(PublicationFailed, match="ended from outside"):
        in_a_process_of_its_own(work, *arguments)  # type: ignore[arg-type]
