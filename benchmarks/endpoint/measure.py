"""Rounds in which every server has its turn, so that what disturbs the machine hits all alike."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from statistics import median

from benchmarks.endpoint.client import SECONDS, Answer, Client, values
from benchmarks.endpoint.processes import end
from benchmarks.endpoint.queries import ASK, Question
from benchmarks.endpoint.ratios import REPEATED
from benchmarks.endpoint.stage import Server

MOST_REQUESTS = 200
LEAST_REQUESTS = 3
SLOW_SECONDS = 2.0
TOO_SLOW_MILLISECONDS = 10_000.0
MANNERS = ("uncached", "repeated", "304")


@dataclass(slots=True)
class Times:
    """How long the answers took, in milliseconds, and the statuses of those that were none."""

    found: list[float] = field(default_factory=list)
    failed: list[int] = field(default_factory=list)

    def add(self, answer: Answer, expected: int) -> None:
        """Take in an answer."""
        if answer.status == expected:
            self.found.append(answer.seconds * 1000)
        else:
            self.failed.append(answer.status)

    def summary(self) -> dict[str, object] | None:
        """Median, the time within which 95 of 100 came, how many; None where none came."""
        if not self.found:
            return {"failed": self.failed} if self.failed else None
        ordered = sorted(self.found)
        late = ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]
        found = {"p50": round(median(ordered), 3), "p95": round(late, 3)}
        more = {"failed": self.failed} if self.failed else {}
        return {**found, "number": len(ordered), **more}


Latencies = dict[tuple[str, str, str], Times]


def compare(
    servers: Sequence[Server], questions: Sequence[Question], constants: Mapping[str, str]
) -> tuple[dict[str, dict[str, dict[str, object]]], dict[str, str]]:
    """For each question and server: rows, bytes, and whether the values are the first server's.

    Who does not answer in time would go on and disturb the others: it is stopped, and named in the
    second part with the reason.
    """
    found: dict[str, dict[str, dict[str, object]]] = {}
    stopped: dict[str, str] = {}
    for question in questions:
        first: list[tuple[str, ...]] | None = None
        for server in (one for one in servers if one.name not in stopped):
            answer = ask(server, question, constants)
            cell = found.setdefault(question.name, {}).setdefault(server.name, {})
            if answer.status == 200:
                rows = values(answer)
                first = rows if first is None else first
                cell |= {"rows": len(rows), "bytes": len(answer.body), "same": rows == first}
                continue
            cell["status"] = answer.status
            if answer.status == 0:
                end(server.process)
                stopped[server.name] = f"{question.name}: no answer within {SECONDS} s"
    return found, stopped


def ask(server: Server, question: Question, constants: Mapping[str, str]) -> Answer:
    """The answer to a question, over a connection of its own."""
    client = Client(server.port)
    answer = client.get(question.target(server.path, constants, 0), question.accept)
    client.close()
    return answer


class Rounds:
    """The latencies of all rounds."""

    def __init__(
        self,
        servers: Sequence[Server],
        questions: Sequence[Question],
        constants: Mapping[str, str],
        seconds: float,
    ) -> None:
        self._servers = servers
        self._questions = questions
        self._constants = constants
        self._seconds = seconds
        self._numbers = count(1)
        self.latencies: Latencies = {}

    def run(self, turn: int) -> None:
        """Each question to each server, as never before, again, and as one who has the answer."""
        for question in self._questions:
            for server in rotated(self._servers, turn):
                client = Client(server.port)
                # The first request opens the connection and is not measured.
                client.get(ASK.target(server.path, self._constants, 0), ASK.accept)
                for manner in MANNERS if server.name in REPEATED else MANNERS[:1]:
                    self._burst(client, question, server, manner)
                client.close()

    def _burst(self, client: Client, question: Question, server: Server, manner: str) -> None:
        times = self.latencies.setdefault((question.name, server.name, manner), Times())
        if any(one > TOO_SLOW_MILLISECONDS for one in times.found):
            return
        fixed = question.target(server.path, self._constants, 0)
        more, expected, etag = {}, 200, None
        if manner != "uncached":
            # Not measured: it makes the server remember the answer, and tells its tag.
            etag = client.get(fixed, question.accept).etag
        if manner == "304":
            if etag is None:
                return
            more, expected = {"If-None-Match": etag}, 304
        for _ in turns(self._seconds if manner == "uncached" else self._seconds / 4):
            target = fixed
            if manner == "uncached":
                target = question.target(server.path, self._constants, next(self._numbers))
            answer = client.get(target, question.accept, more)
            times.add(answer, expected)
            if answer.status != expected or answer.seconds > SLOW_SECONDS:
                return


def turns(seconds: float) -> Iterator[int]:
    """So often as fits into the time, within bounds."""
    end = time.monotonic() + seconds
    for number in range(MOST_REQUESTS):
        if number >= LEAST_REQUESTS and time.monotonic() > end:
            return
        yield number


def rotated(servers: Sequence[Server], turn: int) -> Sequence[Server]:
    """Another one first in each round."""
    start = turn % len(servers)
    return [*servers[start:], *servers[:start]]
