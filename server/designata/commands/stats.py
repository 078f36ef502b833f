"""`designata stats`."""

from __future__ import annotations

import json
import os

import click

from designata.commands.current import current_release
from designata.commands.table import table
from designata.settings import Settings
from designata.store.directory import Release
from designata.turtle import read
from designata.vocabulary import compact, term


@click.command("stats")
@click.option(
    "--format", "syntax", type=click.Choice(["table", "json"]), default="table", show_default=True
)
def command(syntax: str) -> None:
    """Say what the release holds.

    \b
    Examples:
      designata stats
      designata stats --format json
    """
    release = current_release(Settings.load(os.environ))
    classes = _classes(release)
    facts = {"release": release.id, "triples": release.manifest["triples"]}
    if syntax == "json":
        click.echo(json.dumps({**facts, "classes": classes}, indent=2))
        return
    for name, value in facts.items():
        click.echo(f"{name}: {value}")
    click.echo(table(["class", "instances"], [[name, str(n)] for name, n in classes.items()]))


def _classes(release: Release) -> dict[str, int]:
    """How many instances of each class the release's description counts, most first."""
    named, counted = {}, {}
    for quad, _ in read(release.file("void.ttl")):
        if quad.predicate == term("void:class"):
            named[quad.subject] = compact(str(quad.object)[1:-1])
        elif quad.predicate == term("void:entities"):
            counted[quad.subject] = int(getattr(quad.object, "value", "0"))
    # What a property leads to is counted in triples, not in things.
    found = {name: counted[part] for part, name in named.items() if part in counted}
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))
