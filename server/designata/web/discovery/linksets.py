"""Links about several things in one document (RFC 9264)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from designata.web.rdf import Format
from designata.web.replies import Link

LINKSET: Final = Format("json", "application/linkset+json")


def linkset(links: Mapping[str, Iterable[Link]]) -> str:
    """The links of each anchor as a linkset in JSON."""
    contexts = [{"anchor": anchor, **_relations(found)} for anchor, found in links.items()]
    return json.dumps({"linkset": contexts}, indent=1, ensure_ascii=False) + "\n"


def _relations(links: Iterable[Link]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for link in links:
        target = {"href": link.uri, **({"type": link.type} if link.type else {})}
        found.setdefault(link.rel, []).append(target)
    return found
