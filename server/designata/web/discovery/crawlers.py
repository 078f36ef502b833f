"""What crawlers are told: where the pages are, and what is not worth their visit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Final
from xml.sax.saxutils import escape

from designata.store.pool import Pool
from designata.store.rows import rows
from designata.vocabulary import BASE
from designata.web import holdings
from designata.web.description import DATASET
from designata.web.links import local

PER_MAP: Final = 50_000
_FIXED: Final = ("/", "/query")
_OF_A_RELEASE: Final = ("/ontology", "/release/", "/shapes", "/void")
_CLOSED: Final = ("/sparql", "/ldf", "/rdf-graph-store", "/search", "/*?")
_NAMESPACE: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_THINGS: Final = f"""
SELECT DISTINCT ?thing ?changed WHERE {{
  ?thing a ?class .
  FILTER (STRSTARTS(STR(?thing), "{BASE}id/") || STRSTARTS(STR(?thing), "{BASE}code/"))
  OPTIONAL {{ <{DATASET}> <http://purl.org/dc/terms/modified> ?all }}
  OPTIONAL {{ ?thing <http://purl.org/dc/terms/modified> ?own }}
  BIND (STR(COALESCE(?own, ?all)) AS ?changed)
}}
ORDER BY ?thing"""
Entry = tuple[str, str | None]


def robots(host: str) -> str:
    """What robots may visit: every page and file, no query."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in _CLOSED), "Allow: /"]
    return "\n".join([*lines, "", f"Sitemap: {host}sitemap.xml", ""])


def index(host: str) -> str:
    """The list of the maps."""
    numbers = range(1, len(_maps()) + 1)
    newest = [max((day for _, day in part if day), default=None) for part in _maps()]
    maps = ((f"{host}sitemap-{n}.xml", newest[n - 1]) for n in numbers)
    return _document("sitemapindex", "sitemap", maps)


def site_map(host: str, number: int) -> str | None:
    """One of the maps, numbered from 1; None where there is none of that number."""
    if not 1 <= number <= len(_maps()):
        return None
    entries = ((host.rstrip("/") + path, changed) for path, changed in _maps()[number - 1])
    return _document("urlset", "url", entries)


def _maps() -> list[list[Entry]]:
    return _portions(*holdings.identity())


@lru_cache(maxsize=2)
def _portions(pool: Pool, release_id: str) -> list[list[Entry]]:
    found: list[Entry] = []
    while len(found) % PER_MAP == 0:
        portion = rows(pool, f"{_THINGS} LIMIT {PER_MAP} OFFSET {len(found)}")
        if not portion:
            break
        found += map(_entry, portion)
    newest = max((day for _, day in found if day), default=None)
    fixed = sorted(_FIXED + _OF_A_RELEASE) if release_id else _FIXED
    entries: list[Entry] = [*((path, newest) for path in fixed), *found]
    return [entries[start : start + PER_MAP] for start in range(0, len(entries), PER_MAP)]


def _entry(row: Mapping[str, Any]) -> Entry:
    return local(row["thing"].value), row["changed"].value[:10] if "changed" in row else None


def _document(root: str, element: str, entries: Iterable[Entry]) -> str:
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<{root} xmlns="{_NAMESPACE}">']
    for address, changed in entries:
        day = f"<lastmod>{escape(changed)}</lastmod>" if changed else ""
        lines.append(f"<{element}><loc>{escape(address)}</loc>{day}</{element}>")
    return "\n".join([*lines, f"</{root}>", ""])
