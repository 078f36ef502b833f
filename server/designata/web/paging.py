"""Lists that are too long for one page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import request

from designata.errors import NotFound, RequestRefused


@dataclass(frozen=True, slots=True)
class Part:
    """One page of a list: its number, how many things are on one, and how many in all."""

    number: int
    size: int
    total: int

    @classmethod
    def asked(cls, size: int, total: int) -> Part:
        """The page that the request names; NotFound where the list has none of that number."""
        part = cls(asked_page(), size, total)
        if part.number > part.pages:
            there = "is 1 page" if part.pages == 1 else f"are {part.pages:,} pages"
            raise NotFound(f"there {there}, and no page {part.number}")
        return part

    @property
    def pages(self) -> int:
        """How many pages there are; of an empty list one."""
        return pages_of(self.total, self.size)

    @property
    def first(self) -> int:
        """How many things stand on the pages before."""
        return (self.number - 1) * self.size

    @property
    def last(self) -> int:
        """How many things stand on the pages up to this one."""
        return min(self.first + self.size, self.total)


def pages_of(total: int, size: int) -> int:
    """How many pages so many things fill; nothing fills one."""
    return max(1, -(-total // size))


def asked_page() -> int:
    """The number in the address of a request, from 1."""
    return read_page(request.args.get("page", "1"))


def read_page(text: str) -> int:
    """The number of a page, from 1."""
    if not re.fullmatch(r"[1-9][0-9]{0,8}", text):
        raise RequestRefused(f"pages are numbered from 1, and {text!r} is no such number")
    return int(text)
