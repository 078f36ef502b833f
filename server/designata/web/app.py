"""The web application: a factory that puts the parts together."""

from __future__ import annotations

from typing import Final

from flask import Flask

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.web import documents, downloads, graphstore, guardrails, pages, problems, sparql
from designata.web.serving import EXTENSION, Served

BLUEPRINTS: Final = (
    sparql.blueprint,
    documents.blueprint,
    downloads.blueprint,
    pages.blueprint,
    graphstore.blueprint,
)


def create_app(settings: Settings, pool: Pool, release: Release | None) -> Flask:
    """An application that answers from a pool; without a release, of any RDF that was loaded."""
    app = Flask("designata.web")
    app.extensions[EXTENSION] = Served(settings, pool, release)
    guardrails.register(app)
    problems.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
