"""`designata serve`."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from designata.commands.apart import in_a_process_of_its_own
from designata.commands.progress import progress, warn
from designata.errors import NoRelease, UnreadableFile, UsageError
from designata.settings import Settings, misspelt
from designata.store.directory import current
from designata.store.signals import leave_when_told
from designata.vocabulary import is_iri

if TYPE_CHECKING:
    from designata.release.build import Built, Progress

_GRAPH: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*)=(.+)", re.DOTALL)


@click.command("serve")
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 for any.")
@click.option(
    "--load",
    multiple=True,
    metavar="[GRAPH-IRI=]FILE",
    help="Serve this RDF file instead of a release; may be given several times.",
)
@click.option(
    "--no-build", is_flag=True, help="Serve the release that is there, whatever the source tree is."
)
@click.argument("more", nargs=-1, metavar="[FILE]...")
def command(
    host: str | None, port: int | None, load: Sequence[str], no_build: bool, more: Sequence[str]
) -> None:
    """Serve the release, or other RDF files.

    The release is built first where there is none of the present source tree. Where that fails and
    there is a former release, the former one is served. Its documents are made first, too, where
    another version of this program made those that are there. A release that was pulled from
    another server is served with --no-build.

    \b
    Examples:
      designata serve --port 8123
      designata pull https://other.example/ && designata serve --no-build
      designata serve --load mine.ttl http://example.org/graph=other.nt
    """
    if more and not load:
        raise UsageError(f"{more[0]}: to serve files, write --load {' '.join(more)}")
    leave_when_told()
    # Nothing is served yet that could be followed by something newer.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from designata.commands.documents import are_missing, documents
    from designata.web.clients import Proxies
    from designata.web.discovery.security import contact_uri
    from designata.web.server import serve

    settings = Settings.load(os.environ, host=host, port=port)
    # Refused before anything is loaded or built.
    Proxies(settings.trusted_proxies)
    if settings.security_contact:
        contact_uri(settings.security_contact)
    for variable, near in misspelt(os.environ):
        warn(f"{variable} is no setting; {near} is one")
    if load:
        serve(settings, files=[_file(text) for text in (*load, *more)])
        return
    if no_build:
        found = current(settings.releases)
        if found is None:
            raise NoRelease(f"{settings.releases} holds no release; build or pull one first")
        found.verify()
        if are_missing(found):
            warn(
                f"{found.id} has no documents of this version of the program, and they are made "
                "when they are asked for; `designata build` or `designata pull` makes them at once"
            )
        serve(settings, release=found)
        return
    from designata.release.ensure import ensure

    # This process goes on for long: another builds.
    make = partial(in_a_process_of_its_own, _build, settings)
    release, problem = ensure(settings.source, settings.releases, progress, make)
    if problem is not None:
        warn(f"the source tree cannot be built, {release.id} is served instead:\n{problem}")
    documents(settings)(release)
    serve(settings, release=release)


def _build(settings: Settings, source: Path, releases: Path, progress: Progress) -> Built:
    """What that takes is loaded where it is done."""
    from designata.commands.documents import documents
    from designata.release.build import build

    return build(source, releases, progress, documents(settings))


def _file(text: str) -> tuple[Path, str | None]:
    """A file, and the graph that its triples belong to where the argument names one."""
    path = Path(text)
    # A path itself refuses to say so where it may not be looked at.
    found = None if os.path.exists(path) else _GRAPH.fullmatch(text)
    if found:
        path = Path(found[2])
        if not is_iri(found[1]):
            raise UsageError(f"{found[1]!r} is not an IRI, and names no graph")
    if os.path.isdir(path):
        raise UnreadableFile(path, None, "this is a folder: name each of its files")
    if not os.path.isfile(path):
        missing = "there is no such file, or none that may be looked at"
        raise UnreadableFile(
            path, None, "this is no regular file" if os.path.exists(path) else missing
        )
    return path, found[1] if found else None
