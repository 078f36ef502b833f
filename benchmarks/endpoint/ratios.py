"""The ratios that are promised, and whether they hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.endpoint.peers import OURS

REPEATED = (OURS, "Virtuoso", "Fuseki")
DISK, MEMORY = "oxigraph, disk", "oxigraph, memory"
CHEAP_MILLISECONDS = 5.0
UNEVEN = 20.0
Report = Mapping[str, Any]


class Ratio(NamedTuple):
    """What is promised, what was found, and where the limit lies."""

    what: str
    found: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether the promise is kept."""
        return self.found >= self.limit if self.at_least else self.found <= self.limit


def ratios(report: Report) -> Sequence[Ratio]:
    """All that can be formed from what was measured."""
    return [*_uncached(report), *_repeated(report), *_throughput(report), *_evenness(report)]


def _median(report: Report, question: str, server: str, manner: str) -> float | None:
    cell = report["latency"].get(question, {}).get(server, {}).get(manner) or {}
    return cell.get("p50")


def _uncached(report: Report) -> Iterator[Ratio]:
    for question in report["latency"]:
        ours = _median(report, question, OURS, "uncached")
        disk = _median(report, question, DISK, "uncached")
        memory = _median(report, question, MEMORY, "uncached")
        if ours and disk:
            cheap = disk < CHEAP_MILLISECONDS
            yield Ratio(f"{question}: uncached to {DISK}", ours / disk, 2.0 if cheap else 0.75)
            if memory and not cheap:
                yield Ratio(f"{question}: uncached to {MEMORY}", ours / memory, 1.15)


def _repeated(report: Report) -> Iterator[Ratio]:
    for question in report["latency"]:
        ours = _median(report, question, OURS, "repeated")
        for peer in REPEATED[1:]:
            theirs = _median(report, question, peer, "repeated")
            if ours and theirs:
                yield Ratio(f"{question}: repeated to {peer}", ours / theirs, 0.2)


_RATES = (
    (f"{OURS}, uncached", f"{DISK}, uncached", 0.28),
    (f"{OURS}, uncached", "Virtuoso, uncached", 1.4),
    (f"{OURS}, repeated", f"{DISK}, uncached", 1.3),
    (f"{OURS}, 304", f"{DISK}, uncached", 1.3),
    ("nginx, cache before designata", f"{DISK}, uncached", 3.0),
    (f"{OURS}, dump", "nginx, dump", 0.5),
)


def _throughput(report: Report) -> Iterator[Ratio]:
    rates = {row: found["8"]["rate"] for row, found in report["throughput"].items() if "8" in found}
    for ours, theirs, limit in _RATES:
        if rates.get(ours) and rates.get(theirs):
            what = f"8 connections: {ours} to {theirs}"
            yield Ratio(what, rates[ours] / rates[theirs], limit, at_least=True)


def _evenness(report: Report) -> Iterator[Ratio]:
    """How uneven the times of ours are; those of a peer tell what the machine adds to it."""
    found = report["throughput"]
    for row in found:
        if row.startswith(OURS):
            for connections, cell in found[row].items():
                peer = found.get(f"{DISK}, uncached", {}).get(connections)
                beside = f" ({DISK}: {_unevenness(peer):.0f})" if peer else ""
                what = f"{row}, {connections} connections: p99 to median{beside}"
                yield Ratio(what, _unevenness(cell), UNEVEN)


def _unevenness(cell: Mapping[str, float]) -> float:
    return cell["p99"] / cell["p50"] if cell["p50"] else 0.0
