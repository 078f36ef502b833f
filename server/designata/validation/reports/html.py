"""One page that needs nothing else, for a build's artefacts."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import Final

from designata.validation.reports.words import Words, place, relative, severity, worst_first
from designata.validation.results import Report, Result

_MOST: Final = 5_000
_STYLE: Final = """
body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.25rem .75rem .25rem 0;
vertical-align:top;border-bottom:1px solid #8884}td:first-child{white-space:nowrap}
h2{overflow-wrap:anywhere}td{overflow-wrap:anywhere}.violation{color:#b00020}.warning{color:#8a5300}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}.violation{color:#ff8a80}
.warning{color:#ffcc80}}
"""


def write(report: Report) -> Iterator[str]:
    """The counts, then the results file by file."""
    words = Words(report)
    shown, rest = worst_first(report.results, _MOST)
    verdict = "Conforms" if report.conforms else f"{len(report.results):,} results"
    yield '<!doctype html><html lang="en"><head><meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>Validation: {verdict}</title><style>{_STYLE}</style></head><body><main>"
    yield f"<h1>{verdict}</h1>"
    yield from _counts(report, words)
    for file, results in groupby(shown, key=lambda each: each.file):
        yield f"<h2>{escape(relative(file)) if file else 'In no file'}</h2>"
        yield '<table><thead><tr><th scope="col">Line</th><th scope="col">Severity</th>'
        yield '<th scope="col">What is wrong</th></tr></thead><tbody>'
        for result in results:
            yield _row(result, words)
        yield "</tbody></table>"
    if rest:
        yield f"<p>{rest:,} more results are left out here.</p>"
    yield "</main></body></html>"


def _counts(report: Report, words: Words) -> Iterator[str]:
    yield '<table><thead><tr><th scope="col">Count</th><th scope="col">Severity</th>'
    yield '<th scope="col">Constraint</th><th scope="col">Shape</th></tr></thead><tbody>'
    for (kind, shape, component), count in sorted(
        report.by_shape().items(), key=lambda item: (-item[1], item[0])
    ):
        name, of = escape(words.component(component)), escape(words.shape(shape))
        yield f"<tr><td>{count:,}</td><td>{escape(words.component(kind))}</td>"
        yield f"<td>{name}</td><td>{of}</td></tr>"
    for shape in report.unmatched:
        name = escape(words.shape(shape))
        yield f"<tr><td>0</td><td></td><td>no focus node</td><td>{name}</td></tr>"
    yield "</tbody></table>"


def _row(result: Result, words: Words) -> str:
    kind = escape(severity(result))
    line = "" if result.line is None else str(result.line)
    title = escape(place(result.file, result.line))
    message = escape(words.message(result))
    return (
        f'<tr><td title="{title}">{line}</td><td class="{kind}">{kind}</td>'
        f'<td dir="auto">{message}</td></tr>'
    )
