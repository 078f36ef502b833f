"""Filling the memory of a process before visitors come, where it holds the whole release."""

from __future__ import annotations

import logging
import threading
from typing import Final

from flask import Flask

from designata.errors import DesignataError
from designata.web.asking import ask
from designata.web.current import Serving
from designata.web.links import local
from designata.web.memory import MOST
from designata.web.pages import home
from designata.web.sayings import remember_all
from designata.web.serving import SERVING

_LOG: Final = logging.getLogger(__name__)
# A process that begins is to be ready first.
_PAUSE_SECONDS: Final = 0.15
# A thing counts in the memory besides what is said of it.
LARGEST: Final = MOST // 2


def warm(app: Flask, serving: Serving) -> None:
    """Begin to ask for what the pages of a release are made from; nobody waits for it."""
    release = serving.served.release
    if release and release.manifest.get("quads", MOST) <= LARGEST:
        timer = threading.Timer(_PAUSE_SECONDS, _fill, (app, serving))
        timer.name, timer.daemon = "warming", True
        timer.start()


def _fill(app: Flask, serving: Serving) -> None:
    environ = {SERVING: serving}
    with app.test_request_context("/", environ_overrides=environ):
        try:
            home()
            remember_all()
            addresses = [local(row["thing"].value) for row in ask("largest")]
        except (DesignataError, OSError) as error:
            _LOG.warning("pages are made without what should be in memory: %s", error)
            return
    # To make a page takes much longer than to send it again, and with these longest.
    for address in addresses:
        app.test_client().get(f"{address}.html", environ_overrides=environ)
