"""The commands about shapes themselves: lint, coverage, test."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import click

from designata.errors import UsageError
from designata.settings import Settings
from designata.validation import audit, lexicon, validate
from designata.validation.command import FILE, expand, inputs, settings_of
from designata.validation.fixtures import failures, suites
from designata.validation.loading import load
from designata.validation.mutation import survivors
from designata.validation.reports.words import Words, relative
from designata.validation.results import Report

_SHAPES: Final = click.option(
    "-s", "--shapes", multiple=True, type=FILE, help="File or folder; repeatable; ours if missing."
)
_EXTRA: Final = click.option(
    "-e", "--extra", multiple=True, type=FILE, help="An ontology, added to the data."
)


@click.group("shapes")
def shapes_command() -> None:
    """Examine shapes: what they leave out, what they never see, who would notice.

    \b
    Examples:
      designata shapes lint -s shapes/
      designata shapes coverage -s shapes/ data/
      designata shapes test -s shapes/ tests/shapes --mutate
    """


@shapes_command.command("lint")
@_SHAPES
@click.pass_context
def lint_command(context: click.Context, shapes: tuple[Path, ...]) -> None:
    """Name shapes without target, IRI, severity or message; exit code 1 if there are any."""
    graph = load(_shape_files(shapes, settings_of(context)))
    lexicon.check(graph)
    _tell(context, audit.lint(graph), Words(Report(prefixes=graph.prefixes)))


@shapes_command.command("coverage")
@click.argument("data", nargs=-1, type=FILE)
@_SHAPES
@_EXTRA
@click.pass_context
def coverage_command(
    context: click.Context,
    data: tuple[Path, ...],
    shapes: tuple[Path, ...],
    extra: tuple[Path, ...],
) -> None:
    """Count focus nodes, and name constraints that never saw a value in DATA (ours if missing)."""
    files = inputs(data, shapes, extra, settings_of(context))
    report = validate(files.data, files.shapes)
    words = Words(report)
    for shape, count in sorted(report.focus_counts.items(), key=lambda item: (-item[1], item[0])):
        click.echo(f"{count:>8}  {words.shape(shape)}")
    _tell(context, audit.coverage(report), words)


@shapes_command.command("test")
@click.argument("fixtures", required=False, type=FILE)
@_SHAPES
@_EXTRA
@click.option("--mutate", is_flag=True, help="Also delete and loosen each constraint in turn.")
@click.pass_context
def test_command(
    context: click.Context,
    fixtures: Path | None,
    shapes: tuple[Path, ...],
    extra: tuple[Path, ...],
    mutate: bool,
) -> None:
    """Run FIXTURES: <shapes file>/valid/*.ttl and <shapes file>/invalid/<name>.<constraint>.ttl.

    With --mutate it names each constraint whose loss no fixture notices.
    """
    settings = settings_of(context)
    folder = fixtures or settings.source / "tests" / "shapes"
    context_files = extra or (() if shapes else (settings.source / "ontology",))
    count, bad = 0, 0
    for suite in suites(folder, _shape_files(shapes, settings), list(expand(context_files))):
        count += len(suite.fixtures)
        for failure in failures(suite):
            bad += 1
            click.echo(f"{relative(failure.file)}: {failure.text}")
        if mutate:
            words = Words(Report(prefixes=suite.graph.prefixes))
            for mutant in survivors(suite):
                bad += 1
                done = "deleted" if mutant.value is None else f"made {words.term(mutant.value)}"
                where = f"{words.term(mutant.triple[0])} sh:{mutant.constraint}"
                click.echo(f"{suite.name}: nobody notices that {where} is {done}")
    if not count:
        raise UsageError(f"{folder}: there are no fixtures")
    click.echo(f"{_counted(count, 'fixture')}, {_counted(bad, 'problem')}")
    context.exit(int(bad > 0))


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def _shape_files(shapes: tuple[Path, ...], settings: Settings) -> list[Path]:
    return list(expand(shapes)) or list(expand([settings.source / "shapes"]))


def _tell(context: click.Context, remarks: Iterable[audit.Remark], words: Words) -> None:
    found = 0
    for remark in remarks:
        found += 1
        text = " ".join(
            words.component(part) if part.startswith("<") else part for part in remark.text.split()
        )
        click.echo(f"{words.shape(remark.shape)}: {text}")
    context.exit(int(found > 0))
