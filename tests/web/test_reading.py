"""Requests as they are read from bytes: the same ones, however the bytes are cut on their way."""

import asyncio
import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from designata.web import heads
from designata.web.exchange import Leaving
from designata.web.reading import Reader
from designata.web.request import Request

HOST = b"Host: x\r\n"
POST = b"POST /sparql HTTP/1.1\r\n" + HOST
REQUESTS = (
    b"GET /a?b#c HTTP/1.1\r\n" + HOST + b"\r\n",
    b"HEAD http://y/\xc3\xa9 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"\r\n- * HTTP/1.1\r\n" + HOST + b"\r\n",
    b"CONNECT y:443 HTTP/1.1\r\n" + HOST + b"\r\n",
    POST + b"Content-Length: 8\r\n\r\n\r\n\r\nGET ",
    POST + b"Transfer-Encoding: chunked\r\n\r\n4;a=b\r\n\r\n\r\n\r\n0\r\nA: b\r\n\r\n",
    POST + b"Connection: Upgrade\r\nUpgrade: y\r\nContent-Length: 3\r\n\r\nabc",
    POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /last HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n",
)
ODD = (b"\r", b"\n", b"\0", b" ", b"\xff", b":", b"0", b"-", b"\r\n\r\n", b"GET ", b"chunked", b"3")


class Client:
    """Nobody, who sends no more than there is."""

    leaving = Leaving()

    async def more(self) -> None:
        raise AssertionError

    def call_for_body(self) -> None:
        raise AssertionError


def requests(*pieces: bytes, room: int = 1_000) -> list[tuple[Any, ...]]:
    """What is read from pieces that come one after the other, with room for so many at a time."""

    async def read() -> list[Request]:
        found: list[Request] = []
        reader = Reader(Client(), heads.environ_for(None, None), found.append)
        for piece in pieces:
            reader.take(piece)
            most = len(found) + room
            while reader.read(lambda most=most: len(found) < most) or reader.rest:
                most = len(found) + room
        return found

    # A browser of other tests may have a loop running in this thread.
    with ThreadPoolExecutor(1) as thread:
        found = thread.submit(asyncio.run, read()).result()
    return [
        (
            one.environ["REQUEST_METHOD"],
            one.environ["PATH_INFO"],
            one.environ.get("HTTP_HOST"),
            bytes(one.content) if one.whole else None,
            one.keep,
            str(one.refusal),
        )
        for one in found
    ]


def test_each_request_is_read_as_it_is_meant() -> None:
    found = requests(b"".join(REQUESTS[:7] + REQUESTS[8:]))
    assert [one[:4] for one in found] == [
        ("GET", "/a", "x", b""),
        ("HEAD", "/\xc3\xa9", "y", b""),
        ("-", "*", "x", None),
    ]
    found = requests(b"".join(REQUESTS[3:7] + REQUESTS[8:]), room=1)
    assert [one[:4] for one in found] == [
        ("CONNECT", "/", "x", b""),
        ("POST", "/sparql", "x", b"\r\n\r\nGET "),
        ("POST", "/sparql", "x", b"\r\n\r\n"),
        ("POST", "/sparql", "x", b"abc"),
        ("GET", "/last", "x", b""),
    ]


TARGETS = (
    b"/a",
    b"/a?b=%00#c",
    b"/%zz",
    b"//x/",
    b'/~`|^"<>{}',
    b"/\x7f",
    b"/\xc3\xa9",
    b"*",
    b"x:1",
)


@pytest.mark.parametrize("fields", [HOST, HOST + b"A: b\r\n", b"A: b\r\n", HOST + HOST])
def test_the_next_head_that_says_the_same_is_read_as_the_first(fields: bytes) -> None:
    heads = [
        b"%b %b HTTP/1.1\r\n%b\r\n" % (method, target, fields)
        for target in TARGETS
        for method in (b"GET", b"HEAD", b"OPTIONS", b"get")
    ]
    for head in heads:
        alone = requests(head)
        # After a request that is refused nobody reads on.
        first = requests(b"GET / HTTP/1.1\r\n" + fields + b"\r\n")
        again = requests(b"GET / HTTP/1.1\r\n" + fields + b"\r\n" + head)
        assert again == (first if "None" not in first[0][-1] else first + alone), head


@pytest.mark.parametrize("seed", range(20))
def test_bytes_mean_the_same_however_they_are_cut(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(20):
        content = b"".join(chance.choices(REQUESTS, k=4))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(len(content))
            content = content[:at] + chance.choice(ODD) + content[at + chance.randrange(3) :]
        cuts = sorted(chance.sample(range(len(content)), chance.randrange(1, len(content))))
        ends = [*cuts, len(content)]
        pieces = [content[start:end] for start, end in zip([0, *cuts], ends, strict=True)]
        assert requests(*pieces, room=1) == requests(content), content
