"""The releases that are here: pages, and the same for programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

from flask import Blueprint, redirect, render_template
from pyoxigraph import RdfFormat, parse
from werkzeug.wrappers import Response

from designata.errors import NoRelease, NotFound
from designata.store.directory import MANIFEST, Release, open_release
from designata.web.description import DATASET, LICENCE
from designata.web.graph import Graph, facts
from designata.web.published import released
from designata.web.rdf import FORMATS, Format, write
from designata.web.replies import Link, alternates, chosen, reply
from designata.web.serving import served
from designata.web.versions import (
    CATALOG,
    SERIES,
    Version,
    facts_of,
    facts_of_series,
    publishers,
)

LATEST: Final = "latest"
FIVE_MINUTES: Final = "public, max-age=300"
blueprint: Final = Blueprint("releases", __name__)
_ID: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+_-]*-[0-9a-f]{12}(?:-[0-9]+)?")
_REMEMBERED: Final = 256


@blueprint.get("/release/", defaults={"suffix": None})
@blueprint.get("/release.<suffix>")
def index(suffix: str | None) -> Response:
    """The newest release with its files, and which others there are."""
    form, current, versions = (
        chosen(suffix, "/release", page_first=True),
        _version(released()),
        _here(),
    )
    content: bytes | str
    if form.suffix == "html":
        content = render_template("release.html", version=current, name=LATEST, versions=versions)
    else:
        content = write(facts_of_series(versions, current), form.suffix, current.iri)
    return _reply(form, current, content, alternates("/release"))


@blueprint.get("/release")
def listed() -> Response:
    """The list of releases, which has one address."""
    released()
    return redirect("/release/", 308)


@blueprint.get("/release/latest")
@blueprint.get("/release/latest/")
def latest() -> Response:
    """The newest release."""
    return to_dated(released())


def to_dated(release: Release, name: str = "") -> Response:
    """A redirect, so that all that is fetched later is of the same release."""
    response = redirect(f"/release/{release.id}/{name}", 302)
    response.headers["Cache-Control"] = FIVE_MINUTES
    return response


@blueprint.get("/release/<release_id>/")
def dated(release_id: str) -> Response:
    """One release with its files."""
    release, form = named(release_id), chosen(None, page_first=True)
    try:
        version = _version(release)
    except NoRelease as error:
        raise NotFound(str(error)) from None
    name = version.release.id
    content: bytes | str
    if form.suffix == "html":
        content = render_template("release.html", version=version, name=name, current=released())
    else:
        content = write(facts_of(version), form.suffix, version.iri)
    others = (f"/release/{name}/?format={one.suffix}" for one in FORMATS)
    links = (Link(at, "alternate", one.media_type) for at, one in zip(others, FORMATS, strict=True))
    return _reply(form, version, content, links)


def named(release_id: str) -> Release:
    """The release of this name, or the newest; NotFound where it is not here."""
    current = released()
    if release_id in (LATEST, current.id):
        return current
    try:
        return _open(release_id)
    except NoRelease:
        raise NotFound(f"there is no release {release_id!r}; see /release/") from None


def _open(name: str) -> Release:
    """The release in the folder of its name."""
    if _ID.fullmatch(name):
        found = open_release(served().settings.releases / name)
        if found.id == name and isinstance(found.manifest.get("files"), dict):
            return found
    raise NoRelease(f"{name!r} is not the name of a release")


def _reply(
    form: Format, version: Version, content: bytes | str, others: Iterable[Link]
) -> Response:
    links = [Link(LICENCE, "license"), Link(version.iri, "describes"), *others]
    response = reply(form, lambda: content, links)
    # Others come and go while this one is served: nothing here may be remembered with it.
    response.headers["Cache-Control"] = "max-age=300"
    return response


def _here() -> Sequence[Version]:
    """All that are here, the newest first, in the order in which they came."""
    current = _version(released())
    found = {current.release.id: current}
    for folder in served().settings.releases.glob("*"):
        # There are other things too, and what is half removed.
        with suppress(NoRelease):
            found.setdefault(folder.name, _version(_open(folder.name)))
    return sorted(found.values(), key=lambda one: (one.came, one.iri), reverse=True)


def _version(release: Release) -> Version:
    try:
        came = (release.path / MANIFEST).stat().st_mtime_ns
        return Version(release, came, _about(release.path))
    except (OSError, SyntaxError) as error:
        raise NoRelease(f"release {release.id} is not whole: {error}") from None


@lru_cache(maxsize=_REMEMBERED)
def _about(path: Path) -> Graph:
    """What a release, which never changes, says of its dataset and of what belongs to that."""
    found = parse(path=path / "void.ttl", format=RdfFormat.TURTLE)
    whole = Graph(facts(quad.triple for quad in found))
    known = (DATASET, SERIES, CATALOG, *publishers(whole))
    return Graph(one for one in whole.facts if one.subject in known)
