"""The interfaces that are offered, for programs that look for them (RFC 9727)."""

from __future__ import annotations

from typing import Final

from designata.web.discovery.linksets import linkset
from designata.web.rdf import Format
from designata.web.replies import Link

PROFILE: Final = "https://www.rfc-editor.org/info/rfc9727"
FORM: Final = Format("json", f'application/linkset+json; profile="{PROFILE}"')
ADDRESS: Final = "/.well-known/api-catalog"
_SERVICES: Final = ("sparql", "ldf", "rdf-graph-store", "sitemap.xml")
_RELEASES: Final = "release/"
_VOID: Final = ".well-known/void"


def catalog(host: str, *, released: bool) -> str:
    """The catalogue of a server whose root is `host`, which ends with a slash."""
    description = Link(f"{host}openapi.json", "service-desc", "application/vnd.oai.openapi+json")
    meta = [Link(f"{host}{_VOID}", "service-meta", "text/turtle")] if released else []
    own = {
        "sparql": [
            Link(f"{host}sparql", "service-desc", "text/turtle"),
            Link(f"{host}query", "service-doc", "text/html"),
            Link(f"{host}.well-known/sparql-examples", "service-meta", "text/turtle"),
        ],
        "ldf": [Link(f"{host}ldf", "service-doc", "text/html")],
        _RELEASES: [Link(f"{host}{_RELEASES}", "service-doc", "text/html")],
    }
    names = (*_SERVICES, _RELEASES) if released else _SERVICES
    items = [Link(host + name, "item") for name in names]
    services = {host + name: [description, *own.get(name, []), *meta] for name in names}
    return linkset({host.rstrip("/") + ADDRESS: items, **services})


def home_links(*, released: bool) -> list[Link]:
    """What the home page says of the interfaces."""
    found = [
        Link(ADDRESS, "api-catalog", "application/linkset+json"),
        Link("/openapi.json", "service-desc", "application/vnd.oai.openapi+json"),
        Link("/query", "service-doc", "text/html"),
    ]
    return [*found, Link(f"/{_VOID}", "service-meta", "text/turtle")] if released else found
