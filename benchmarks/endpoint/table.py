"""The report as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from benchmarks.endpoint.peers import OURS
from benchmarks.endpoint.ratios import REPEATED, Report, ratios


def markdown(report: Report) -> str:
    """The whole report."""
    return "\n".join(
        line
        for part in (_head, _latency, _answers, _throughput, _servers, _ratios)
        for line in (*part(report), "")
    )


def _head(report: Report) -> Iterator[str]:
    machine = dict(report["machine"])
    yield f"# The HTTP endpoint beside others: {report['data']}, {report['triples']:,} triples"
    yield ""
    yield "; ".join(f"{name}: {value}" for name, value in machine.items()) + "."
    yield f"{report['rounds']} rounds in turns."
    for name, reason in report["missing"].items():
        yield f"Missing: {name} ({reason})."


def _latency(report: Report) -> Iterator[str]:
    servers = list(report["servers"])
    repeated = [name for name in REPEATED if name in servers]
    head = [*servers, *(f"{name}, repeated" for name in repeated), "304"]
    yield "Milliseconds over one connection, median (95 %); uncached where nothing else is said:"
    yield ""
    rows = []
    for question, cells in report["latency"].items():
        row = [_times(cells.get(name, {}).get("uncached")) for name in servers]
        row += [_times(cells.get(name, {}).get("repeated")) for name in repeated]
        rows.append([question, *row, _times(cells.get(OURS, {}).get("304"))])
    yield from grid(["query", *head], rows)


def _times(cell: Mapping[str, Any] | None) -> str:
    if not cell:
        return "-"
    failed = [str(status or "no answer") for status in dict.fromkeys(cell.get("failed", ()))]
    times = [f"{short(cell['p50'])} ({short(cell['p95'])})"] if "p50" in cell else []
    return ", ".join(times + failed)


def short(value: float) -> str:
    """A figure with about three digits."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def _answers(report: Report) -> Iterator[str]:
    servers = list(dict.fromkeys(name for row in report["answers"].values() for name in row))
    yield "Rows of each answer, and kB of the first server's; ≠: the values differ from its own:"
    yield ""
    rows = []
    for question, cells in report["answers"].items():
        size = next((one["bytes"] for one in cells.values() if "bytes" in one), 0)
        shown = [_count(cells.get(name, {})) for name in servers]
        rows.append([question, f"{size / 1000:,.1f}", *shown])
    yield from grid(["query", "kB", *servers], rows)


def _count(cell: Mapping[str, Any]) -> str:
    if "rows" not in cell:
        return f"status {cell['status']}" if cell.get("status") else "-"
    return f"{cell['rows']:,}" + ("" if cell["same"] else " ≠")


def _throughput(report: Report) -> Iterator[str]:
    if not report["throughput"]:
        return
    connections = list(
        dict.fromkeys(one for found in report["throughput"].values() for one in found)
    )
    yield "Requests a second (median ms, 95 %, 99 %), by the number of connections:"
    yield ""
    rows = [
        [name, *(_rate(found.get(one)) for one in connections)]
        for name, found in report["throughput"].items()
    ]
    yield from grid(["server, point lookup or what is named", *connections], rows)


def _rate(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return "-"
    late = ", ".join(short(cell[name]) for name in ("p50", "p95", "p99"))
    failed = f", {cell['failed']:,} failed" if cell["failed"] else ""
    return f"{cell['rate']:,.0f} ({late}){failed}"


def _servers(report: Report) -> Iterator[str]:
    yield "Seconds from the file to the first answer; MB when loaded, and at the end:"
    yield ""
    rows = [
        [name, one["version"], f"{one['load seconds']:.1f}", *_megabytes(one)]
        for name, one in report["servers"].items()
    ]
    yield from grid(["server", "version", "load s", "MB loaded", "MB at the end"], rows)


def _megabytes(server: Mapping[str, Any]) -> Iterator[str]:
    for name in ("MB loaded", "MB at the end"):
        yield f"{server[name]:,.0f}"


def _ratios(report: Report) -> Iterator[str]:
    found = ratios(report)
    yield f"Promised ratios that hold: {sum(one.holds for one in found)} of {len(found)}."
    yield ""
    rows = [
        [
            one.what,
            f"{one.found:.2f}",
            f"{'≥' if one.at_least else '≤'} {one.limit:g}",
            "yes" if one.holds else "**no**",
        ]
        for one in found
    ]
    yield from grid(["ratio", "found", "limit", "holds"], rows)


def grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table; numbers stand on the right."""
    yield f"| {' | '.join(head)} |"
    yield f"| --- |{' ---: |' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
