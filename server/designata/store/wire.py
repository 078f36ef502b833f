"""How a question and its answer travel between two processes, in datagrams.

A question is its token (8 bytes), the length of its header (4), both in the byte order of the host,
from where the next is expected (2), the header, a JSON list of the fields of a `Query`,
and the text. A part of an answer is the token, the length of its header, and the header; then a
piece of the result. Only the last part has a header: `[form, media type]`, or an object
`{"error", "message", …}`, after which no piece counts.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from designata import errors
from designata.store.query import Answer, Query

LARGEST: Final = 262_144
PIECE: Final = 131_072
_HEAD: Final = struct.Struct("=QI")
_ASKED: Final = struct.Struct("=QIH")
_MESSAGE: Final = 10_000
_EXTRA: Final = ("line", "column", "available")


class Question(NamedTuple):
    """A query under a token.

    `next_from` is the processor of whoever asks, counted from 1, where the next question is
    expected soon after the answer; else 0.
    """

    token: int
    query: Query
    next_from: int = 0


class Part(NamedTuple):
    """A part of the answer to a question; the last one has a header."""

    token: int
    header: bytes
    piece: bytes


def pack_question(question: Question) -> bytes:
    """A question as a datagram."""
    token, query, next_from = question
    header = _header_of(query[1:])
    return _ASKED.pack(token, len(header), next_from) + header + query.text.encode()


def unpack_question(content: bytes) -> Question:
    """What `pack_question` packed."""
    token, length, next_from = _ASKED.unpack_from(content)
    start = _ASKED.size + length
    query = Query(content[start:].decode(), *_fields_in(content[_ASKED.size : start]))
    return Question(token, query, next_from)


def cut(content: bytes) -> Sequence[bytes]:
    """A result in pieces, one at least, each of which has room in a datagram."""
    if len(content) <= PIECE:
        return (content,)
    return [content[at : at + PIECE] for at in range(0, len(content), PIECE)]


def pack_piece(token: int, piece: bytes) -> bytes:
    """A piece of a result that others follow."""
    return _HEAD.pack(token, 0) + piece


def pack_answer(token: int, answer: Answer) -> bytes:
    """The last piece of a result."""
    header = _header_of(answer[:-1])
    return _HEAD.pack(token, len(header)) + header + answer.body


def pack_refusal(token: int, error: errors.DesignataError) -> bytes:
    """A refusal in the place of a result."""
    found = pack_error(error)
    header = json.dumps({**found, "message": found["message"][:_MESSAGE]}).encode()
    return _HEAD.pack(token, len(header)) + header


def unpack_part(content: memoryview) -> Part:
    """A part of an answer."""
    token, length = _HEAD.unpack_from(content)
    start = _HEAD.size + length
    return Part(token, bytes(content[_HEAD.size : start]), bytes(content[start:]))


def answer_of(header: bytes, body: bytes) -> Answer:
    """The answer from the header of its last part and all of its pieces; a refusal is raised."""
    if header.startswith(b"{"):
        raise unpack_error(json.loads(header))
    form, media_type = _fields_in(header)
    return Answer(form, media_type, body)


@lru_cache(maxsize=32)
def _header_of(fields: tuple[Any, ...]) -> bytes:
    """There are few that differ, but for those that name graphs."""
    return json.dumps(fields).encode()


@lru_cache(maxsize=32)
def _fields_in(header: bytes) -> tuple[Any, ...]:
    return _as_tuples(json.loads(header))


def _as_tuples(found: list[Any]) -> tuple[Any, ...]:
    return tuple(_as_tuples(one) if isinstance(one, list) else one for one in found)


def pack_error(error: errors.DesignataError) -> dict[str, Any]:
    """A refusal as a header."""
    if isinstance(error, errors.UnreadableFile):
        place = {"path": str(error.path), "line": error.line}
        return {"error": "UnreadableFile", "message": error.reason, **place}
    extra = {name: getattr(error, name) for name in _EXTRA if hasattr(error, name)}
    return {"error": type(error).__name__, "message": str(error), **extra}


def unpack_error(header: Mapping[str, Any]) -> errors.DesignataError:
    """The refusal that `pack_error` packed."""
    kind = getattr(errors, header["error"])
    message = header["message"]
    if kind is errors.UnreadableFile:
        return errors.UnreadableFile(header["path"], header["line"], message)
    if kind is errors.QuerySyntaxError:
        return errors.QuerySyntaxError(message, header["line"], header["column"])
    if kind is errors.NotAcceptable:
        return errors.NotAcceptable(message, tuple(header["available"]))
    refusal: errors.DesignataError = kind(message)
    return refusal
