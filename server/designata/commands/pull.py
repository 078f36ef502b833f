"""`designata pull`."""

from __future__ import annotations

import os

import click

from designata.commands.documents import documents
from designata.commands.progress import progress
from designata.release.fetch import pull
from designata.settings import Settings


@click.command("pull")
@click.argument("address", metavar="URL")
@click.option("--release", "release_id", default="latest", metavar="ID", help="Not the latest.")
def command(address: str, release_id: str) -> None:
    """Fetch a release from another server.

    URL is the address of a Designata server. Every file is held against its digest; only then the
    release is put beside the others and made the current one. A fetch that breaks off goes on where
    it was when it is called again.

    \b
    Examples:
      designata pull https://designata.example
      designata pull http://localhost:8000 --release 1.0.0-1ce4a673ff51
    """
    settings = Settings.load(os.environ)
    release = pull(address, settings.releases, progress, release_id, documents(settings))
    click.echo(f"{release.path}: {release.manifest['triples']} triples")
