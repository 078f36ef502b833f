"""The command that validates while somebody edits."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import click

from designata.errors import UnreadableFile, UnusableShapes
from designata.validation.changes import follow
from designata.validation.command import FILE, emit, inputs, settings_of

_LONGEST: Final = 3_600


def _seconds(context: click.Context, parameter: click.Parameter, value: float) -> float:
    """A pause that can be made; NaN is none."""
    if not 0 <= value <= _LONGEST:
        raise click.BadParameter(f"this takes seconds, from 0 to {_LONGEST}")
    return value


@click.command("watch")
@click.argument("data", nargs=-1, type=FILE)
@click.option("-s", "--shapes", multiple=True, type=FILE, help="File or folder; repeatable.")
@click.option("-e", "--extra", multiple=True, type=FILE, help="An ontology, added to the data.")
@click.option(
    "--every",
    type=float,
    default=0.5,
    show_default=True,
    callback=_seconds,
    help="Seconds between looks.",
)
@click.pass_context
def watch_command(
    context: click.Context,
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    extra: tuple[Path, ...],
    every: float,
) -> None:
    """Validate DATA (ours if missing) again after each change of a file, until interrupted.

    \b
    Examples:
      designata watch
      designata watch -s shapes/ data/
    """
    for path in (*data, *shapes, *extra):
        if not path.exists():
            raise UnreadableFile(path, None, "there is no such file or folder")
    files = inputs(data, shapes, extra, settings_of(context))
    while True:
        try:
            for report in follow(files.data, files.shapes, lambda: time.sleep(every)):
                click.clear()
                emit(report, "text", None)
        except (UnreadableFile, UnusableShapes) as error:
            click.clear()
            click.echo(error)
            time.sleep(every)
