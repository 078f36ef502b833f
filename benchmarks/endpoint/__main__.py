"""Our HTTP endpoint beside others, in one run.

`python -m benchmarks.endpoint --size 1m` prints a table and writes it, with all figures, to
build/bench/http.md and http.json; http-summary.md is what the README shows. A server that is not
installed is named as missing. Variables: DESIGNATA_FUSEKI, the jar of Fuseki's server;
DESIGNATA_RDFLIB_ENDPOINT, its program, where it is not on the path.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from benchmarks.endpoint import data, machine, queries, stage, summary, table, throughput
from benchmarks.endpoint.load import Load
from benchmarks.endpoint.measure import MANNERS, Rounds, compare
from benchmarks.endpoint.peers import OURS, PEERS
from benchmarks.endpoint.processes import memory

from designata.release.build import build
from designata.release.ensure import ensure
from designata.settings import Settings

SIZES = {"100k": 100_000, "1m": 1_000_000}
OUTPUT = Path("build", "bench")


def say(text: str) -> None:
    """How far it is."""
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    """Measure, print and write."""
    given = _arguments()
    # What was started is stopped then too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for size in given.size.split(","):
        with tempfile.TemporaryDirectory() as folder:
            report = run(Path(folder), size, given)
        text = table.markdown(report)
        print(text)
        OUTPUT.mkdir(parents=True, exist_ok=True)
        name = "http" if size == given.size.split(",")[-1] else f"http-{size}"
        content = json.dumps(report, indent=1, ensure_ascii=False) + "\n"
        (OUTPUT / f"{name}.json").write_text(content, encoding="utf-8")
        (OUTPUT / f"{name}.md").write_text(text, encoding="utf-8")
        (OUTPUT / f"{name}-summary.md").write_text(summary.summary(report), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="real,100k,1m", help="real, 100k, 1m; one or several")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peers", help="parts of names, between commas; ours is always there")
    parser.add_argument("--quick", action="store_true", help="one short round, to see that it runs")
    given = parser.parse_args()
    unknown = set(given.size.split(",")) - {"real", *SIZES}
    if unknown:
        parser.error(f"--size: {', '.join(sorted(unknown))} is not known")
    return given


def run(folder: Path, size: str, given: argparse.Namespace) -> dict[str, Any]:
    """Everything that is measured over one data set."""
    release, _ = ensure(Settings().source, Settings().releases, say, build)
    real = size == "real"
    constants = queries.REAL if real else queries.GENERATED
    file = folder / "data.nt"
    quads = release.file("designata.nq")
    triples = data.flatten(quads, file) if real else data.write(file, SIZES[size])
    chosen = [peer for peer in PEERS if _wanted(peer.name, given.peers)]
    report: dict[str, Any] = {"data": "our release" if real else "generated", "triples": triples}
    report |= {"machine": machine.describe(), "rounds": 1 if given.quick else given.rounds}
    with ExitStack() as stack:
        up = stage.running(chosen, file, folder, constants, say, release=real)
        servers, missing = stack.enter_context(up)
        report["missing"] = missing
        say("comparing answers")
        report["answers"], stopped = compare(servers, queries.QUESTIONS, constants)
        missing |= stopped
        servers = [one for one in servers if one.name not in stopped]
        asked = list(_asked(servers, release.path, folder, stack, missing, real=real))
        if not given.quick:
            machine.settle()
        _measure(report, servers, asked, constants, quick=given.quick)
        report["servers"] = {one.name: _describe(one) for one in servers}
    return report


def _wanted(name: str, peers: str | None) -> bool:
    return peers is None or name == OURS or any(part in name for part in peers.split(","))


def _asked(
    servers: Sequence[stage.Server],
    release: Path,
    folder: Path,
    stack: ExitStack,
    missing: dict[str, str],
    *,
    real: bool,
) -> Iterator[throughput.Entry]:
    """What is asked by many at once; the dump of the real release, and the same file by nginx."""
    if not shutil.which("wrk"):
        missing["throughput"] = "wrk is not installed"
        return
    ours = next(one for one in servers if one.name == OURS)
    cache = None
    if shutil.which("nginx"):
        cache = stack.enter_context(stage.behind_cache(ours, folder))
        files = stack.enter_context(stage.serving_files(release, folder))
        yield throughput.Entry(files, throughput.DUMP, None, "/designata.ttl")
    else:
        missing["nginx"] = "not installed"
    yield from throughput.entries(servers, cache)
    holder = ours
    if not real:
        place = folder / "release"
        place.mkdir()
        up = stage.running([PEERS[0]], Path(), place, queries.REAL, say, release=True)
        (holder,), _ = stack.enter_context(up)
    target = f"/release/{release.name}/designata.ttl"
    yield throughput.Entry(holder, throughput.DUMP, None, target)


def _measure(
    report: dict[str, Any],
    servers: Sequence[stage.Server],
    asked: Sequence[throughput.Entry],
    constants: Mapping[str, str],
    *,
    quick: bool,
) -> None:
    questions = queries.QUESTIONS
    rounds = Rounds(servers, questions, constants, 0.1 if quick else 1.0)
    loads: dict[tuple[str, int], Load] = {}
    for turn in range(report["rounds"]):
        say(f"round {turn + 1}: latency")
        rounds.run(turn)
        say(f"round {turn + 1}: throughput")
        for connections in (throughput.SEVERAL,) if quick else throughput.CONNECTIONS:
            for entry in asked:
                if connections in throughput.connections_for(entry, throughput.CONNECTIONS):
                    load = loads.setdefault((entry.row, connections), Load())
                    seconds = 1 if quick else 4
                    throughput.measure(entry, connections, seconds, constants, load)
    report["latency"] = {
        question.name: {
            server.name: {
                manner: rounds.latencies[question.name, server.name, manner].summary()
                for manner in MANNERS
                if (question.name, server.name, manner) in rounds.latencies
            }
            for server in servers
        }
        for question in questions
    }
    report["throughput"] = {}
    for (row, connections), load in loads.items():
        report["throughput"].setdefault(row, {})[str(connections)] = load.summary()


def _describe(server: stage.Server) -> dict[str, Any]:
    return {
        "version": server.version,
        "load seconds": round(server.load_seconds, 2),
        "MB loaded": round(server.loaded_memory),
        "MB at the end": round(memory(server.process)),
    }


if __name__ == "__main__":
    main()
