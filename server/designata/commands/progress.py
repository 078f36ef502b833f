"""Progress for somebody who watches: a line on a terminal, nothing in a pipe."""

from __future__ import annotations

import sys

import click


def progress(stage: str) -> None:
    """Say on a terminal which stage has begun."""
    if sys.stderr.isatty():
        click.echo(f"… {stage}", err=True)


def warn(message: str) -> None:
    """Say what is wrong although the command goes on."""
    click.secho(f"designata: warning: {message}", err=True, fg="yellow", bold=True)
