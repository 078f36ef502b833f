"""The memory of a process is filled before visitors come, unless the release is too large."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from designata.store.directory import Release
from designata.vocabulary import BASE
from designata.web.cache import Cache
from designata.web.current import Serving
from designata.web.memory import Memory
from designata.web.served import Served
from designata.web.serving import EXTENSION
from designata.web.warming import LARGEST, warm

HTS = f"{BASE}id/organization/hayat-tahrir-al-sham"


def warmed(small: FlaskClient, quads: int | None) -> Memory:
    """The memory after it was filled from a release that says that it has so many quads.

    Without a number, from no release.
    """
    served: Served = small.application.extensions[EXTENSION]
    assert served.release
    manifest = {**served.release.manifest, "quads": quads}
    release = Release(served.release.id, served.release.path, manifest) if quads else None
    copy = replace(served, release=release, memory=Memory())
    warm(small.application, Serving(copy, Cache(1_000_000)))
    for thread in threading.enumerate():
        if thread.name == "warming":
            thread.join(30)
    return copy.memory


def test_what_is_said_of_every_thing_is_there(small: FlaskClient) -> None:
    memory = warmed(small, LARGEST)
    assert memory.get(("naming", HTS)).said
    assert memory.get(("disputing", HTS)) == []


@pytest.mark.parametrize("most", [LARGEST, 100])
def test_what_was_loaded_is_there_if_it_fits(
    small: FlaskClient, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("designata.web.warming.LARGEST", most)
    assert (warmed(small, None).get(("naming", HTS)) is not None) is (most == LARGEST)


def test_a_release_that_does_not_fit_is_left_alone(small: FlaskClient) -> None:
    assert warmed(small, LARGEST + 1).get(("naming", HTS)) is None


@pytest.mark.parametrize("seconds", [0.2, 0.35, 0.5])
def test_who_is_stopped_meanwhile_says_nothing(release: Release, seconds: float) -> None:
    command = [sys.executable, "-m", "designata", "serve", "--no-build", "--port", "0"]
    with subprocess.Popen(
        command,
        env={**os.environ, "DESIGNATA_RELEASES": str(release.path.parent)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdout
        assert "Serving" in server.stdout.readline()
        time.sleep(seconds)
        server.terminate()
        _, errors = server.communicate(timeout=20)
    # Nothing but what is said before: that this release has no documents yet.
    said = [line for line in errors.splitlines() if "has no documents" not in line]
    assert (server.returncode, said) == (0, [])
