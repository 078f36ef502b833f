"""The web application: a factory that puts the parts together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from flask import Flask

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.web import documents, downloads, graphstore, guardrails, pages, problems, sparql
from designata.web.clients import Proxies
from designata.web.current import Fixed, Source
from designata.web.discovery import routes as discovery
from designata.web.endpoint import Environ
from designata.web.fragments import routes as fragments
from designata.web.front import Application, Front, Start
from designata.web.serving import EXTENSION, Served

BLUEPRINTS: Final = (
    sparql.blueprint,
    documents.blueprint,
    downloads.blueprint,
    pages.blueprint,
    graphstore.blueprint,
    fragments.blueprint,
    discovery.blueprint,
)


def create_app(settings: Settings, pool: Pool, release: Release | None) -> Flask:
    """An application that answers from a pool; without a release, of any RDF that was loaded."""
    here = Served(settings, pool, release)
    return make_app(here, Fixed(here))


def make_app(first: Served, source: Source) -> Flask:
    """An application that answers each request from what its source serves at that moment."""
    app = Flask("designata.web")
    app.extensions[EXTENSION] = first
    guardrails.register(app)
    problems.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    front = Front(app.wsgi_app, source, first.settings)
    outer: Any = _believing(front, first.settings)
    app.wsgi_app = outer  # type: ignore[method-assign]
    return app


def _believing(inner: Application, settings: Settings) -> Application:
    """The same application; its addresses have the scheme that a trusted proxy was asked by."""
    proxies = Proxies(settings.trusted_proxies)

    def application(environ: Environ, start_response: Start) -> Iterable[bytes]:
        environ["wsgi.url_scheme"] = proxies.scheme(environ)
        return inner(environ, start_response)

    return application
