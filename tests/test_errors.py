"""The tree of errors: each class says its exit code, its status and its name, once."""

import re

import pytest

from designata import errors
from designata.cli import EXIT_CODES
from designata.errors import DesignataError


def below(one: type[DesignataError]) -> list[type[DesignataError]]:
    return [one, *(found for child in one.__subclasses__() for found in below(child))]


TREE = below(DesignataError)


@pytest.mark.parametrize("error", TREE, ids=[error.__name__ for error in TREE])
def test_the_drawing_says_what_the_class_says(error: type[DesignataError]) -> None:
    if error is DesignataError:
        assert (error.exit_code, error.status) == (70, 500)
        return
    line = re.search(rf"[├└]── {error.__name__} +(\d+) +(\d+)\b", errors.__doc__ or "")
    assert line is not None
    assert (int(line[1]), int(line[2])) == (error.exit_code, error.status)


def test_every_exit_code_is_documented_and_every_slug_is_unique() -> None:
    assert {error.exit_code for error in TREE} <= set(EXIT_CODES)
    assert len({error.slug for error in TREE}) == len(TREE)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", error.slug) for error in TREE)
