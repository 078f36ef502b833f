"""Virtuoso: its configuration, and loading a file into the graph that it answers from."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from benchmarks.endpoint.processes import NotStarted, free_port

GRAPH = "http://example.org/bench"
PATH = f"/sparql?default-graph-uri={quote(GRAPH, safe='')}"
SECONDS = 60
PAUSE_SECONDS = 0.2

# 8 kB a buffer: 1.3 GB in all. No limit on rows, since the others have none.
CONFIGURATION = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = virtuoso-temp.db
TransactionFile = virtuoso-temp.trx
[Parameters]
ServerPort = {port}
DisableUnixSocket = 1
MaxClientConnections = 100
CheckpointInterval = 0
ServerThreads = 100
CaseMode = 2
DirsAllowed = {folder}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
MaxQueryMem = 2G
ThreadsPerQuery = 4
AsyncQueueMaxThreads = 10
[HTTPServer]
ServerPort = {http_port}
ServerRoot = .
ServerThreads = 80
MaxKeepAlives = 80
KeepAliveTimeout = 60
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryExecutionTime = 60
"""


def configure(folder: Path, data: Path, port: int) -> None:
    """Write the configuration; the port for SQL is kept in a file beside it."""
    sql_port = free_port()
    (folder / "port").write_text(str(sql_port))
    values = {"port": sql_port, "folder": data.parent, "http_port": port}
    (folder / "virtuoso.ini").write_text(CONFIGURATION.format(**values))


def load(folder: Path, data: Path) -> None:
    """Load by the bulk loader."""
    _await(folder)
    _run(
        folder,
        f"ld_dir('{data.parent}', '{data.name}', '{GRAPH}');",
        "rdf_loader_run();",
        "checkpoint;",
        "DB.DBA.RDF_DEFAULT_USER_PERMS_SET('nobody', 7);",
    )


def _await(folder: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if _run(folder, "status();", check=False) == 0:
            return
        time.sleep(PAUSE_SECONDS)
    raise NotStarted("it does not answer SQL")


def _run(folder: Path, *statements: str, check: bool = True) -> int:
    port = (folder / "port").read_text()
    command = ["isql-vt", port, "dba", "dba", "ERRORS=STDOUT", f"EXEC={' '.join(statements)}"]
    with (folder / "log").open("ab") as log:
        return subprocess.run(command, stdout=log, stderr=log, check=check).returncode
