"""One JSON object a line for each result: for programs, and as a baseline."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from designata.errors import UnreadableFile
from designata.validation.paths import sparql
from designata.validation.reports.words import Words, relative, severity
from designata.validation.results import Report, Result


def write(report: Report) -> Iterator[str]:
    """All results, terms as in N-Triples and paths as in SPARQL."""
    words = Words(report)
    for result in report.results:
        yield json.dumps(_object(result, words), ensure_ascii=False)


def _object(result: Result, words: Words) -> dict[str, object]:
    return {
        "file": None if result.file is None else relative(result.file),
        "line": result.line,
        "severity": severity(result),
        "message": words.said(result),
        "focus": result.focus,
        "path": None if result.path is None else sparql(result.path),
        "value": result.value,
        "shape": result.source_shape,
        "component": result.component,
        "constraint": result.source_constraint,
        "triple": result.triple,
        "fingerprint": result.fingerprint,
    }


def baseline(path: Path) -> Counter[str]:
    """The fingerprints of an earlier report; raises UnreadableFile where it is none."""
    known: Counter[str] = Counter()
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                try:
                    known[json.loads(line)["fingerprint"]] += 1
                except (ValueError, KeyError, TypeError):
                    raise UnreadableFile(
                        path, number, "a baseline is a report that -f jsonl has written"
                    ) from None
    except UnicodeDecodeError:
        raise UnreadableFile(path, None, "the text is not UTF-8") from None
    except OSError as error:
        raise UnreadableFile(path, None, error.strerror or str(error)) from None
    return known
