"""Filling the memory of a process before visitors come, where it holds all that is served."""

from __future__ import annotations

import logging
import threading
from typing import Final

from flask import Flask

from designata.errors import DesignataError
from designata.web.asking import ask, ask_text
from designata.web.current import Serving
from designata.web.links import local
from designata.web.memory import MOST
from designata.web.pages import home
from designata.web.sayings import remember_all
from designata.web.served import Served
from designata.web.serving import SERVING

_LOG: Final = logging.getLogger(__name__)
# A process that begins is to be ready first.
_PAUSE_SECONDS: Final = 0.15
# A thing counts in the memory besides what is said of it.
LARGEST: Final = MOST // 2


def warm(app: Flask, serving: Serving) -> None:
    """Begin to ask for what the pages are made from; nobody waits for it."""
    timer = threading.Timer(_PAUSE_SECONDS, _fill, (app, serving))
    timer.name, timer.daemon = "warming", True
    timer.start()


def _fill(app: Flask, serving: Serving) -> None:
    environ = {SERVING: serving}
    with app.test_request_context("/", environ_overrides=environ):
        try:
            if not _fits(serving.served):
                return
            home()
            remember_all()
            addresses = [local(row["thing"].value) for row in ask("largest")]
        except (DesignataError, OSError) as error:
            _LOG.warning("pages are made without what should be in memory: %s", error)
            return
    # To make a page takes much longer than to send it again, and with these longest.
    for address in addresses:
        app.test_client().get(f"{address}.html", environ_overrides=environ)


def _fits(served: Served) -> bool:
    """Whether memory holds all that is served."""
    if served.release:
        return bool(served.release.manifest.get("quads", MOST) <= LARGEST)
    return not ask_text(f"SELECT * WHERE {{ ?s ?p ?o }} OFFSET {LARGEST} LIMIT 1")
