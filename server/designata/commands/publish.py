"""`designata publish`."""

from __future__ import annotations

import os

import click

from designata.commands.current import current_release
from designata.commands.progress import progress
from designata.errors import UsageError
from designata.release.fill import Target, fill, remove
from designata.settings import Settings
from designata.store.catalogue import find, listed
from designata.store.client import check_address
from designata.store.directory import DATASET
from designata.store.engine import credentials_of, engine_of


@click.command("publish")
@click.option("--to", "endpoint", metavar="URL", help="Where the engine answers queries.")
@click.option("--update-url", metavar="URL", help="Where it takes updates; else the same.")
@click.option("--graph-store", metavar="URL", help="Load by its Graph Store Protocol, faster.")
@click.option("--user", help="Name for it; the password is DESIGNATA_STORE_PASSWORD.")
@click.option("--only", is_flag=True, help="Then take every other release out of it.")
def command(
    endpoint: str | None,
    update_url: str | None,
    graph_store: str | None,
    user: str | None,
    only: bool,
) -> None:
    """Load the release into a SPARQL engine.

    It gets graphs of its own, which are counted; only then the engine lists it as there, so that
    nobody reads a half. Servers that read another release from the same engine go on undisturbed.

    \b
    Examples:
      designata publish --to http://localhost:3030/ds --graph-store http://localhost:3030/ds/data
      designata publish --to http://localhost:8890/sparql --user dba \
        --graph-store http://localhost:8890/sparql-graph-crud-auth
    """
    settings = Settings.load(os.environ, store=endpoint, store_user=user)
    if not settings.store:
        raise UsageError("say where the engine is: --to http://…, or DESIGNATA_STORE")
    release = current_release(settings)
    engine = engine_of(settings)
    target = Target(
        check_address(update_url or settings.store),
        check_address(graph_store) if graph_store else None,
        credentials_of(settings),
    )
    record = fill(engine, target, release.id, release.file(DATASET), progress)
    click.echo(f"{record.release}: {record.sizes[record.graphs.union]} triples")
    for other in listed(engine) if only else ():
        found = None if other == release.id else find(engine, other)
        if found:
            remove(target, found)
            click.echo(f"{found.release}: removed")
