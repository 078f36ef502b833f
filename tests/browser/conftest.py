"""Chromium and a server to look at with it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from designata.store.directory import Release

RULES = "wcag2a wcag2aa wcag21a wcag21aa wcag22aa best-practice".split()
REQUIRE_ALL = os.environ.get("DESIGNATA_REQUIRE_ALL") == "1"
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


@pytest.fixture(scope="session")
def server(release: Release) -> Iterator[str]:
    """The address of `designata serve` with the release of the real data."""
    environment = {**os.environ, "DESIGNATA_RELEASES": str(release.path.parent)}
    command = [sys.executable, "-m", "designata", "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            line = process.stdout.readline()
            assert line.startswith("Serving"), line
            yield line.split()[-1].rstrip("/")
        finally:
            process.terminate()
            process.wait(20)


@pytest.fixture(scope="session")
def chromium(require: Callable[[str], str]) -> Iterator[Any]:
    """The browser; skipped where there is none, unless everything must run."""
    program = require("chromium")
    if REQUIRE_ALL:
        import playwright.sync_api as playwright
    else:
        playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A fresh tab as wide as a desk screen; what its console complains of is collected."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.complaints = []
    page.on("console", lambda one: page.complaints.append(f"{one.type}: {one.text}"))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("requestfailed", lambda request: page.complaints.extend(_failed(request)))
    yield page
    context.close()


def _failed(request: Any) -> Iterator[str]:
    """What is said of a request that failed; not that its page was left before it ended."""
    if request.failure != "net::ERR_ABORTED":
        yield f"{request.url}: {request.failure}"


@pytest.fixture(scope="session")
def axe() -> Callable[[Any], Any]:
    """What axe finds on the page of a tab; its script comes with a package of the test extra."""
    if REQUIRE_ALL:
        import axe_playwright_python as package
    else:
        package = pytest.importorskip("axe_playwright_python")
    script = (Path(package.__file__).parent / "axe.min.js").read_text(encoding="utf-8")

    def look(tab: Any) -> Any:
        tab.evaluate(f"{script};0")
        # Of what has passed, one place each is enough: long pages take half of the time.
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        return tab.evaluate("options => axe.run(document, options)", options)

    return look
