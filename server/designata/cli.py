"""The command line: one verb for each stage; what a verb needs is loaded when it is called."""

from __future__ import annotations

import io
import os
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NamedTuple

import click

from designata import __version__
from designata.errors import DesignataError, UsageError
from designata.settings import table

_EMPTY: Final = re.compile("(--[a-z-]+=)?")
EXIT_CODES: Final[Mapping[int, str]] = {
    0: "done",
    1: "the answer is no: the data breaks a shape, a file is not in normal form",
    2: "the command makes no sense, or the shapes cannot be used",
    3: "a file cannot be read",
    4: "nothing can be built, read or served here (disk, port, sandbox)",
    5: "the query is not answered: malformed, refused, too long, too large",
    6: "the server is busy, or the engine does not answer",
    70: "an error of ours: please report it",
}
EXAMPLES: Final = (
    "designata serve --port 8123",
    "designata asof 2025-12-31 --organization hayat-tahrir-al-sham",
    "designata query 'SELECT (COUNT(*) AS ?n) { ?s ?p ?o }' --format json",
    "designata format --check",
)


class Verb(NamedTuple):
    """Where a command lives (module:function), and the line that lists it."""

    place: str
    help: str


VERBS: Final[Mapping[str, Verb]] = {
    "format": Verb("designata.commands.form:command", "Write Turtle files in the normal form."),
    "validate": Verb(
        "designata.commands.validate:command",
        "Validate RDF files against SHACL shapes and say which line is wrong.",
    ),
    "shapes": Verb(
        "designata.validation.shapes_command:shapes_command",
        "Examine shapes: what they leave out, what they never see, who would notice.",
    ),
    "watch": Verb(
        "designata.validation.watch_command:watch_command",
        "Validate DATA (ours if missing) again after each change of a file, until interrupted.",
    ),
    "build": Verb("designata.commands.build:command", "Make a release from the source tree."),
    "publish": Verb("designata.commands.publish:command", "Load the release into a SPARQL engine."),
    "pull": Verb("designata.commands.pull:command", "Fetch a release from another server."),
    "serve": Verb("designata.commands.serve:command", "Serve the release, or other RDF files."),
    "stats": Verb("designata.commands.stats:command", "Say what the release holds."),
    "query": Verb("designata.commands.query:command", "Ask the release a SPARQL query."),
    "asof": Verb("designata.commands.asof:command", "Say who was designated by whom on a day."),
}


class ReaderGone(Exception):
    """Whoever read the output has stopped reading; click would take a BrokenPipeError itself."""


class Verbs(click.Group):
    """A group that imports a command's module only when the command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order of the table."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, imported now."""
        verb = VERBS.get(cmd_name)
        if verb is None:
            return None
        module, _, function = verb.place.partition(":")
        command = getattr(import_module(module), function)
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse what is empty, such as a variable of the shell that is not set."""
        if any(map(_EMPTY.fullmatch, args)):
            raise UsageError("an argument is empty: give it a value, or leave it out")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise ReaderGone from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, verb.help) for name, verb in VERBS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Examples, exit codes and settings."""
        with formatter.section("Examples"):
            for example in EXAMPLES:
                formatter.write(f"  {example}\n")
        with formatter.section("Exit codes"):
            formatter.write_dl([(str(code), text) for code, text in EXIT_CODES.items()])
        with formatter.section("Settings, from the environment"):
            formatter.write_dl([(row.variable, row.purpose) for row in table()])


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, package_name="designata", message="%(prog)s %(version)s")
def commands() -> None:
    """Designata: who designates which organization, under which name and law, from when to when.

    A knowledge graph of designations: build it, check it, serve it, ask it.
    """


def run(arguments: Sequence[str]) -> int:
    """Run a command line; the exit code."""
    try:
        code = commands.main(list(arguments), prog_name="designata", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        with suppress(OSError):
            error.show()
        return error.exit_code
    except DesignataError as error:
        _tell(error.detail)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except (ReaderGone, BrokenPipeError):
        _end_output()
        return 141
    except OSError as error:
        _end_output()
        _tell(f"{error.filename or 'input or output'}: {error.strerror or error}")
        return 4
    except Exception:
        with suppress(OSError):
            traceback.print_exc()
        _tell("an error of ours, see above; please report it")
        return 70
    return code if isinstance(code, int) else 0


def _tell(message: str) -> None:
    """Say what is wrong, where that can be written."""
    with suppress(OSError):
        click.echo(f"designata: {message}", err=True)


def _end_output() -> None:
    """What is still to be written goes nowhere, or the end of the program would be a failure."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_streams() -> None:
    """Where a standard stream is closed, what is opened next would be taken for it."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one. The processes to come need it, too.
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
            setattr(sys, name, open(number, "r" if number == 0 else "w"))  # noqa: SIM115


def main() -> None:
    """The console script `designata`."""
    _open_streams()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))
