"""The servers: where each is found, how it is filled and started, and where it is asked."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.endpoint import virtuoso
from benchmarks.endpoint.processes import free_port

from designata import __version__

OURS = "designata"
FUSEKI = "DESIGNATA_FUSEKI"
RDFLIB_ENDPOINT = "DESIGNATA_RDFLIB_ENDPOINT"
JAVA_MEMORY = "-Xmx4g"


@dataclass(frozen=True, slots=True)
class Job:
    """What a server is started for: a folder of its own and the data, or our release."""

    data: Path
    folder: Path
    program: str
    release: bool = False
    port: int = field(default_factory=free_port)


def _nothing(_: Job) -> None:
    """What is to be done where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A kind of server: `prepare` runs before it is started, `fill` when it listens."""

    name: str
    find: Callable[[], str | None]
    version: Callable[[str], str]
    command: Callable[[Job], Sequence[str]]
    path: str
    prepare: Callable[[Job], None] = _nothing
    fill: Callable[[Job], None] = _nothing


def named(name: str) -> Callable[[], str | None]:
    """A program by its name."""
    return lambda: shutil.which(name)


def told(variable: str, name: str = "") -> Callable[[], str | None]:
    """A file that a variable of the environment names, or a program."""

    def find() -> str | None:
        given = os.environ.get(variable)
        if given:
            return given if Path(given).is_file() else None
        return shutil.which(name) if name else None

    return find


def first_line(*arguments: str) -> Callable[[str], str]:
    """The version that a program tells in a line of its own."""

    def version(program: str) -> str:
        done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
        found = re.search(r"\d+\.\d+[\w.]*", done.stdout + done.stderr)
        return found[0] if found else "unknown"

    return version


def _run(job: Job, *command: str) -> None:
    with (job.folder / "log").open("ab") as log:
        subprocess.run(command, stdout=log, stderr=log, cwd=job.folder, check=True)


def _ours(job: Job) -> Sequence[str]:
    load = [] if job.release else ["--load", str(job.data)]
    return [job.program, "-m", "designata", "serve", "--port", str(job.port), *load]


def _send_to_oxigraph(job: Job) -> None:
    url = f"http://127.0.0.1:{job.port}/store?default"
    kind = "Content-Type: application/n-triples"
    _run(job, "curl", "--silent", "--fail", "--header", kind, "--upload-file", str(job.data), url)


def _load_oxigraph(job: Job) -> None:
    _run(job, job.program, "load", "--location", "store", "--file", str(job.data))


def _load_fuseki(job: Job) -> None:
    loader = ("tdb2.tdbloader", "--loc", "store", str(job.data))
    _run(job, "java", JAVA_MEMORY, "-cp", job.program, *loader)


def _fuseki(job: Job) -> Sequence[str]:
    jar = ["java", JAVA_MEMORY, "-jar", job.program, "--quiet", "--localhost"]
    return [*jar, "--port", str(job.port), "--tdb2", "--loc", "store", "/ds"]


def _find_fuseki() -> str | None:
    return told(FUSEKI)() if shutil.which("java") else None


def _version_in_name(jar: str) -> str:
    found = re.search(r"\d+\.\d+\.\d+", Path(jar).name)
    return found[0] if found else "unknown"


def _rdflib_endpoint(job: Job) -> Sequence[str]:
    where = ["--host", "127.0.0.1", "--port", str(job.port)]
    return [job.program, "serve", *where, "--store", "Oxigraph", str(job.data)]


def _version_beside(program: str) -> str:
    """The version of rdflib-endpoint, asked of the Python that it is installed for."""
    script = "import importlib.metadata as m; print(m.version('rdflib-endpoint'))"
    python = Path(program).with_name("python")
    if not python.exists():
        return "unknown"
    return subprocess.check_output([python, "-c", script], text=True).strip()


def _oxigraph(*arguments: str) -> Callable[[Job], Sequence[str]]:
    return lambda job: [job.program, *arguments, "--bind", f"127.0.0.1:{job.port}"]


PEERS = (
    Peer(OURS, lambda: sys.executable, lambda _: __version__, _ours, "/sparql"),
    Peer(
        "oxigraph, disk",
        named("oxigraph"),
        first_line("--version"),
        _oxigraph("serve-read-only", "--location", "store"),
        "/query",
        prepare=_load_oxigraph,
    ),
    Peer(
        "oxigraph, memory",
        named("oxigraph"),
        first_line("--version"),
        _oxigraph("serve"),
        "/query",
        fill=_send_to_oxigraph,
    ),
    Peer(
        "Virtuoso",
        named("virtuoso-t"),
        first_line("-?"),
        lambda job: [job.program, "+foreground", "+configfile", "virtuoso.ini"],
        virtuoso.PATH,
        prepare=lambda job: virtuoso.configure(job.folder, job.data, job.port),
        fill=lambda job: virtuoso.load(job.folder, job.data),
    ),
    Peer("Fuseki", _find_fuseki, _version_in_name, _fuseki, "/ds/query", prepare=_load_fuseki),
    Peer(
        "rdflib-endpoint",
        told(RDFLIB_ENDPOINT, "rdflib-endpoint"),
        _version_beside,
        _rdflib_endpoint,
        "/",
    ),
)
