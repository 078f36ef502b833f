"""The few figures of a report that a README shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.endpoint.peers import OURS
from benchmarks.endpoint.ratios import Report, ratios
from benchmarks.endpoint.table import grid, short

RATES = {
    "uncached": "{}, uncached",
    "repeated": "{}, repeated",
    "304": "{}, 304",
    "550 kB": "{}, 550 kB uncached",
}


def summary(report: Report) -> str:
    """Medians, requests a second, seconds to load and memory, in two tables."""
    machine = report["machine"]
    servers = ", ".join(f"{name} {one['version']}" for name, one in report["servers"].items())
    text = f"{report['triples']:,} triples, {machine['date']}, {machine['cores']} shared cores: "
    kept = [one.holds for one in ratios(report)]
    return "\n".join(
        (
            f"{text}{servers}.",
            "",
            *_latency(report),
            "",
            *_rates(report),
            "",
            f"Of the ratios that we promise, {sum(kept)} of {len(kept)} held in this run.",
            "",
        )
    )


def _latency(report: Report) -> Iterator[str]:
    servers = list(report["servers"])
    head = ["median ms", *servers, f"{OURS}, repeated"]
    rows = [
        [
            question,
            *(_median(cells.get(name, {}).get("uncached")) for name in servers),
            _median(cells.get(OURS, {}).get("repeated")),
        ]
        for question, cells in report["latency"].items()
    ]
    yield from grid(head, rows)


def _median(cell: Mapping[str, Any] | None) -> str:
    return short(cell["p50"]) if cell and "p50" in cell else "-"


def _rates(report: Report) -> Iterator[str]:
    servers = report["servers"]
    rows = [
        [f"requests a second, {what}", *(_rate(report, row.format(name)) for name in servers)]
        for what, row in RATES.items()
    ]
    for name in ("load seconds", "MB loaded", "MB at the end"):
        rows.append([name, *(short(one[name]) for one in servers.values())])
    yield from grid(["8 connections, point lookup", *servers], rows)


def _rate(report: Report, row: str) -> str:
    cell = report["throughput"].get(row, {}).get("8")
    return f"{cell['rate']:,.0f}" if cell else "-"
