"""The commands for people and for CI: validate, shapes, watch."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import click

from designata.errors import UnreadableFile, UnusableShapes, UsageError
from designata.settings import Settings
from designata.turtle import FORMATS
from designata.validation import Engine, Report, validate, write_report
from designata.validation.reports import WRITERS
from designata.validation.reports.jsonl import baseline

FILE = click.Path(path_type=Path)
_ALIASES: Final = {"human": "text", "ttl": "turtle"}
_FOR_PEOPLE: Final = ("text", "human", "github")
_FORMATS: Final = (*WRITERS, *_ALIASES)

AFTERWORD: Final = """\b
Examples:
  designata validate
  designata validate -s shapes.ttl data.ttl
  designata validate -s shapes/ -f github --also sarif=report.sarif data/

\b
Exit codes:
  0  the data conforms
  1  there are results: violations, warnings or infos (with -w: violations;
     with --require-focus also: a shape found no node)
  2  the shapes cannot be used
  3  a file cannot be read"""


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files that take part: what is validated, and the shapes."""

    data: tuple[Path, ...]
    shapes: tuple[Path, ...]


def inputs(
    data: Sequence[Path], shapes: Sequence[Path], extra: Iterable[Path], settings: Settings
) -> Inputs:
    """The files for given arguments; our own dataset and shapes where none are given.

    A folder stands for all RDF files in it; UnreadableFile where there are none.
    """
    source = settings.source
    chosen = list(expand(data or (source / "ontology", source / "data")))
    if not chosen:
        raise UnreadableFile(
            data[0] if data else source, None, "there are no RDF files in this folder"
        )
    guards = list(expand(shapes or (source / "shapes",)))
    if not guards:
        raise UnusableShapes("no shapes: name a file with -s")
    return Inputs((*chosen, *expand(extra)), tuple(guards))


def expand(paths: Iterable[Path]) -> Iterable[Path]:
    """Files as they are, folders as their RDF files in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(
                each for each in path.rglob("*") if each.suffix in FORMATS and each.is_file()
            )
        else:
            yield path


def settings_of(context: click.Context) -> Settings:
    """The settings that the command line has made, or those of the environment."""
    return context.find_object(Settings) or Settings.load(os.environ)


def emit(report: Report, form: str, output: Path | None) -> None:
    """Write a report to a file or to standard output; OSError where that cannot be done."""
    lines = write_report(report, _ALIASES.get(form, form))
    if output is None:
        for line in lines:
            click.echo(line)
        return
    with output.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def _another(text: str) -> tuple[str, Path]:
    """The format and the file of one more report."""
    form, equals, file = text.partition("=")
    if form not in _FORMATS or not equals or not file:
        raise UsageError(f"--also {text}: write FORMAT=FILE, e.g. sarif=report.sarif")
    return form, Path(file)


def failure(report: Report, allow_warnings: bool, require_focus: bool) -> str | None:
    """Why the exit code is 1, or None where it is 0; a violation speaks for itself."""
    worst = report.worst()
    if worst == 0:
        return ""
    if worst is not None and not allow_warnings:
        return "there are warnings or infos, but no violations: -w (--allow-warnings) allows them"
    if require_focus and report.unmatched:
        return "a shape found no node to check, and --require-focus asks for one"
    return None


@click.command("validate", epilog=AFTERWORD)
@click.argument("data", nargs=-1, type=FILE)
@click.option("-s", "--shapes", multiple=True, type=FILE, help="Shapes file or folder; repeatable.")
@click.option(
    "-e",
    "--extra",
    multiple=True,
    type=FILE,
    help="Ontology or other file that belongs to the data.",
)
@click.option("-f", "--format", "form", type=click.Choice(_FORMATS), default="text")
@click.option("-o", "--output", type=FILE, help="Write the report here.")
@click.option("--also", multiple=True, metavar="FORMAT=FILE", help="Another report; repeatable.")
@click.option("-w", "--allow-warnings", is_flag=True, help="Let warnings and infos pass.")
@click.option("--abort", is_flag=True, help="Stop at the first shape that fails.")
@click.option("--engine", type=click.Choice(["designata", "pyshacl"]), default="designata")
@click.option("--baseline", "known", type=FILE, help="A jsonl report: only what is new fails.")
@click.option("--changed-since", "revision", help="Only what changed since this git revision.")
@click.option("--require-focus", is_flag=True, help="Fail where a shape finds no node.")
@click.pass_context
def validate_command(
    context: click.Context,
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    extra: tuple[Path, ...],
    form: str,
    output: Path | None,
    also: tuple[str, ...],
    allow_warnings: bool,
    abort: bool,
    engine: str,
    known: Path | None,
    revision: str | None,
    require_focus: bool,
) -> None:
    """Validate RDF files against SHACL shapes and say which line is wrong.

    Without DATA it validates our own dataset with our own shapes.
    """
    files = inputs(data, shapes, extra, settings_of(context))
    earlier = baseline(known) if known else None
    others = [_another(each) for each in also]
    if revision is not None:
        from designata.validation.changes import validate_changes

        report = validate_changes(files.data, files.shapes, revision)
    else:
        report = validate(files.data, files.shapes, engine=cast(Engine, engine), abort=abort)
    if earlier is not None:
        report = report.without(earlier)
    for kind, path in others:
        emit(report, kind, path)
    emit(report, form, output)
    reason = failure(report, allow_warnings, require_focus)
    if reason and (output or form in _FOR_PEOPLE):
        click.echo(f"designata: exit code 1: {reason}", err=True)
    context.exit(int(reason is not None))
