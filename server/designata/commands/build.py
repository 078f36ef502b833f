"""`designata build`."""

from __future__ import annotations

import os
from pathlib import Path

import click

from designata.commands.documents import documents
from designata.commands.progress import progress
from designata.release.build import build
from designata.settings import Settings


@click.command("build")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the releases and the link to the current one.",
)
def command(out: Path | None) -> None:
    """Make a release from the source tree.

    The data is read, the derived layer made, everything checked against the shapes; then the
    release is written beside the former one, and the link `current` switched. After any error the
    former release is still the current one. The documents of a release that is not large are made
    too, so that a server need not make them.

    \b
    Examples:
      designata build
      designata build --out /tmp/releases
    """
    settings = Settings.load(os.environ, releases=out)
    built = build(settings.source, settings.releases, progress, documents(settings))
    facts = built.release.manifest
    warnings = f"{built.warnings} warning{'' if built.warnings == 1 else 's'}"
    click.echo(f"{built.release.path}: {facts['triples']} triples, {warnings}")
