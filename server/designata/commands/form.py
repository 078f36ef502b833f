"""`designata format`."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from designata.errors import UnreadableFile, UsageError
from designata.settings import Settings
from designata.turtle import normalise

FOLDERS = ("ontology", "shapes", "data")


@click.command("format")
@click.option("--check", is_flag=True, help="Change nothing; show what would change, exit with 1.")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def command(ctx: click.Context, check: bool, paths: Sequence[Path]) -> None:
    """Write Turtle files in the normal form.

    PATHS are files or folders; without them, the ontology, shapes and data of the source tree.

    \b
    Examples:
      designata format data/organizations
      designata format --check
    """
    changed = 0
    for path in _turtle_files(paths or _source_folders()):
        former, text = _content(path), normalise(path)
        if text == former:
            continue
        changed += 1
        if check:
            click.echo(_difference(path, former, text), nl=False)
        else:
            _replace(path, text)
            click.echo(f"{path}: written in normal form")
    if check and changed:
        click.echo(f"{changed} not in normal form: run `designata format`", err=True)
        ctx.exit(1)


def _source_folders() -> list[Path]:
    source = Settings.load(os.environ).source
    return [source / folder for folder in FOLDERS]


def _turtle_files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(path.rglob("*.ttl"))
        elif path.suffix == ".ttl":
            yield path
        else:
            raise UsageError(f"{path}: only Turtle files (.ttl) have a normal form")


def _content(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise UnreadableFile(path, None, "the text is not UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None


def _difference(path: Path, former: str, text: str) -> str:
    return "".join(
        line if line.endswith("\n") else f"{line}\n"
        for line in difflib.unified_diff(
            former.splitlines(keepends=True), text.splitlines(keepends=True), str(path), "normal"
        )
    )


def _replace(path: Path, text: str) -> None:
    """Replace the file's content in one step, so that a stop leaves the former text."""
    unfinished = path.with_name(f".{path.name}.tmp")
    try:
        unfinished.write_bytes(text.encode())
        unfinished.chmod(path.stat().st_mode)
        unfinished.replace(path)
    except OSError as error:
        unfinished.unlink(missing_ok=True)
        raise UsageError(f"{path}: {error.strerror or error}") from None
