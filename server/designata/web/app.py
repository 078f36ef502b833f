"""The web application: a factory that puts the parts together."""

from __future__ import annotations

from functools import partial
from typing import Final

from flask import Flask

from designata.settings import Settings
from designata.store.directory import Release
from designata.store.pool import Pool
from designata.web import (
    assets,
    documents,
    downloads,
    graphstore,
    guardrails,
    markup,
    pages,
    problems,
    releases,
    slashes,
    sparql,
    stock,
    targets,
)
from designata.web.current import Fixed, Following
from designata.web.discovery import routes as discovery
from designata.web.fragments import routes as fragments
from designata.web.front import Front
from designata.web.legible import Legible
from designata.web.served import Served
from designata.web.serving import EXTENSION
from designata.web.warming import warm
from designata.web.wsgi import Wsgi

BLUEPRINTS: Final = (
    sparql.blueprint,
    documents.blueprint,
    releases.blueprint,
    downloads.blueprint,
    assets.blueprint,
    pages.blueprint,
    graphstore.blueprint,
    fragments.blueprint,
    discovery.blueprint,
)


def create_app(settings: Settings, pool: Pool, release: Release | None) -> Flask:
    """A WSGI application that answers from a pool; without a release, of any RDF."""
    here = Served(settings, pool, release)
    app = make_app(here)
    front = Front(app.wsgi_app, Fixed(here), settings)
    app.wsgi_app = Wsgi(front)  # type: ignore[method-assign]
    return app


def make_app(first: Served | None = None) -> Flask:
    """What stands behind the front: every route, and how a refusal looks."""
    app = Flask("designata.web", static_folder=None)
    app.extensions[EXTENSION] = first
    app.jinja_env.globals["m"] = markup
    app.jinja_env.template_class = Legible
    # What leads elsewhere does so before it is held to be unknown.
    slashes.register(app)
    targets.register(app)
    guardrails.register(app)
    problems.register(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app


def make_ready() -> Flask:
    """The same before it is known what is served, with every template compiled."""
    app = make_app()
    # Of the program as it is now, not as it is when that is wanted.
    stock.maker()
    for name in app.jinja_env.list_templates():
        app.jinja_env.get_template(name)
    return app


def make_front(app: Flask, source: Following) -> Front:
    """What answers each request from what its source serves at that moment."""
    first = source.served
    app.extensions[EXTENSION] = first
    source.tell(partial(warm, app))
    return Front(app.wsgi_app, source, first.settings)
