"""`designata validate`, which also looks at what no shape can see where the dataset is our own."""

from __future__ import annotations

import os
from typing import Any

import click

from designata.release.faults import require_none
from designata.release.sources import read_source
from designata.validation.command import settings_of, validate_command


@click.pass_context
def _validate(context: click.Context, /, **options: Any) -> None:
    source = settings_of(context).source
    named = [os.path.realpath(path) for path in options["data"]]
    if not named or os.path.realpath(source / "data") in named:
        require_none(read_source(source))
    context.invoke(validate_command, **options)


command = click.Command(
    "validate",
    callback=_validate,
    params=validate_command.params,
    help=validate_command.help,
    epilog=validate_command.epilog,
)
