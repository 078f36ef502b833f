"""What a process behind the sandbox can still do; each attempt is made in one of its own."""

import json
import os
import platform
import subprocess
import sys

import pytest

from designata.settings import Settings
from designata.store import sandbox

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"),
    reason="the filter of system calls is written for Linux",
)

ATTEMPT = """
import ctypes, json, os, socket, sys, threading
from designata.store import sandbox
missing = sandbox.install(os.getppid(), 1 << 30)
assert not missing, missing
try:
    {attempt}
    print(json.dumps("done"))
except (OSError, RuntimeError) as error:
    print(json.dumps(getattr(error, "strerror", None) or str(error)))
sys.stdout.flush()
os._exit(0)
"""

ATTEMPTS = {
    "a TCP socket": "socket.socket()",
    "a UNIX socket": "socket.socket(socket.AF_UNIX)",
    "a pair of sockets": "socket.socketpair()",
    "reading a file": "open('/etc/hostname')",
    "writing a file": "open('/tmp/designata-escaped', 'w')",
    "removing a file": "os.unlink('/tmp/designata-escaped')",
    "another program": "os.execv('/bin/true', ['true'])",
    "another process": "os.fork()",
    "a thread": "threading.Thread(target=print).start()",
    "a signal to its parent": "os.kill(os.getppid(), 0)",
    "listing a folder": "os.listdir('/')",
    "a pipe": "os.pipe()",
    "changing its user": "os.setuid(0)",
}


def outcome(attempt: str) -> str:
    code = ATTEMPT.replace("{attempt}", attempt)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert done.stdout, done.stderr
    found: str = json.loads(done.stdout)
    return found


def test_a_process_behind_the_sandbox_can_compute() -> None:
    assert outcome("assert sum(range(10**6)) and len(bytearray(10**7))") == "done"


@pytest.mark.parametrize("attempt", ATTEMPTS.values(), ids=ATTEMPTS)
def test_a_process_behind_the_sandbox_gets_nothing_more(attempt: str) -> None:
    assert outcome(attempt) in ("Operation not permitted", "can't start new thread")


def test_memory_past_the_limit_is_refused() -> None:
    code = ATTEMPT.replace("{attempt}", "bytearray(2 << 30)").replace("OSError", "MemoryError")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)
    assert json.loads(done.stdout) == ""


def test_start_is_refused_without_a_sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = {
        "directory": "/nonexistent",
        "folders": [],
        "files": [],
        "disk": None,
        "lanes": {"queries": 1, "pages": 1},
        "sandbox": Settings().sandbox,
        "limits": {"seconds": 1, "result_bytes": 1, "memory": 1 << 30},
    }
    code = (
        "from designata.store import seccomp, zygote\n"
        "def fail(): raise OSError('none here')\n"
        "seccomp.install = fail\n"
        "zygote.main()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=json.dumps(plan) + "\n",
        capture_output=True,
        text=True,
        timeout=20,
    )
    report = json.loads(done.stdout)
    assert report["error"] == "CannotServe"
    assert "the filter of system calls" in report["message"]
    assert "DESIGNATA_SANDBOX=no" in report["message"]


def test_the_time_limit_works_where_no_python_code_runs() -> None:
    code = (
        "import ctypes\nfrom designata.store import sandbox\n"
        "sandbox.end_after(0.2)\nctypes.PyDLL(None).pause()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], timeout=20)
    assert done.returncode == -14


def test_nothing_can_be_opened_any_more() -> None:
    assert outcome("os.dup(0)") == "Too many open files"
    assert outcome("os.dup2(0, 100)") != "done"


def test_memory_in_use_is_in_bytes() -> None:
    assert sandbox.usage().memory > 8 * 1024 * 1024
    assert sandbox.usage().memory < os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_a_lower_limit_on_memory_is_kept() -> None:
    code = (
        "import os, resource; from designata.store import sandbox;"
        "resource.setrlimit(resource.RLIMIT_AS, (1 << 31, 1 << 31));"
        "missing = sandbox.install(os.getppid(), 1 << 40);"
        "print(missing, resource.getrlimit(resource.RLIMIT_AS) == (1 << 31, 1 << 31), flush=True);"
        "os._exit(0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("() True\n", "")
