"""The small pieces of which a page has thousands, written here: a template takes ten times longer.

Each is made once for a thing of a page. What goes in is escaped; what comes out is markup.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Final

from markupsafe import Markup, escape

from designata.web.texts import Text
from designata.web.things import Thing, Value

_OUT: Final = ' rel="external noreferrer"'


def _made(markup: str) -> Markup:
    """Markup that was put together from what is escaped."""
    return Markup(markup)  # noqa: S704


def once(make: Callable[[Thing], str]) -> Callable[[Thing], Markup]:
    """The markup of a thing, made when it is wanted for the first time."""

    @wraps(make)
    def found(one: Thing) -> Markup:
        markup = one.kept.get(make)
        if markup is None:
            markup = one.kept[make] = _made(make(one))
        assert isinstance(markup, Markup)
        return markup

    return found


def text(one: Text) -> Markup:
    """A text in its own language and direction."""
    shown = escape(one.value)
    if one.machine and one.machine != one.value:
        made = f'<time datetime="{escape(one.machine)}">{shown}</time>'
    elif one.language:
        made = f'<bdi lang="{escape(one.language)}" dir="{one.dir}">{shown}</bdi>'
    else:
        made = f'<bdi dir="auto">{shown}</bdi>'
    return _made(made)


@once
def link(one: Thing) -> str:
    """A thing by its label, linked where it leads somewhere."""
    label, href = text(one.label), one.href
    if not href:
        return label
    out = _OUT if not one.kind and href.startswith("http") else ""
    return f'<a href="{escape(href)}"{out}>{label}</a>'


def value(one: Value) -> Markup:
    """A thing or a text, within a line."""
    return link(one) if isinstance(one, Thing) else text(one)


def block(one: Value) -> Markup:
    """A thing or a text where more than a line may stand; a program keeps its own lines."""
    if isinstance(one, Thing) or one.language or "\n" not in one.value:
        return value(one)
    return _made(f'<pre dir="ltr"><code>{escape(one.value)}</code></pre>')


def values(several: Sequence[Value]) -> Markup:
    """Several values with commas between them."""
    return _made(", ".join(map(value, several)))


@once
def cited(citation: Thing) -> str:
    """A source with its publisher and date, and the way to it."""
    source = citation.thing("dsg:source")
    if source is None:
        return link(citation)
    publisher = source.thing("dcterms:publisher")
    parts = [f"<cite>{link(source)}</cite>"]
    facts = (publisher and publisher.label, source.text("dcterms:issued"))
    parts += [text(fact) for fact in (*facts, citation.text("dsg:locator")) if fact]
    quotes = (f" <q>{value(quote)}</q>" for quote in citation.all("dsg:quote"))
    return f"{', '.join(parts)}{_way(source)}{''.join(quotes)}"


@once
def _way(source: Thing) -> str:
    """The link to a source itself."""
    href = next((url.href for url in source.things("schema:url")[:1]), None)
    if not href:
        return ""
    label = f'open<span class="hidden"> {escape(source.label.value)}</span>'
    return f' <a class="out" href="{escape(href)}"{_OUT}>{label}</a>'


@once
def evidence(claim: Thing) -> str:
    """Who says so, on what grounds, and whether it stands."""
    speakers, citations = claim.things("dsg:assertedBy"), claim.things("dsg:citation")
    if not speakers and not citations:
        return ""
    status = claim.thing("dsg:claimStatus")
    parts = []
    if status and status.code != "asserted":
        parts.append(f'<span class="status">{text(status.label)}</span>')
    if speakers:
        parts.append(f'<span class="says">Says {values(speakers)}{_hearsay(claim)}.</span>')
    if len(citations) == 1:
        parts.append(f'<span class="source">Source: {cited(citations[0])}.</span>')
    elif citations:
        items = "".join(f"<li>{cited(one)}</li>" for one in citations)
        summary = f"<summary>{len(citations)} sources</summary>"
        parts.append(f'<details class="sources">{summary}<ul>{items}</ul></details>')
    notes = (*claim.all("skos:note"), *claim.all("skos:editorialNote"))
    parts += [f'<p class="note">{value(note)}</p>' for note in notes]
    return '<div class="evidence">\n' + "\n".join(parts) + "\n</div>"


def _hearsay(claim: Thing) -> str:
    reporters, stated = claim.things("dsg:reportedBy"), claim.text("dsg:statedOn")
    reported = f", as reported by {values(reporters)}" if reporters else ""
    return reported + (f", on {text(stated)}" if stated else "")


def pairs(rows: Sequence[tuple[str, Sequence[Value]]]) -> Markup:
    """Headings and values, one line each."""
    lines = (f"<div><dt>{escape(name)}</dt><dd>{values(found)}</dd></div>" for name, found in rows)
    return _made('<dl class="pairs">\n' + "\n".join(lines) + "\n</dl>")
