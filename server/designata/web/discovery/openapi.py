"""The description of every address in OpenAPI 3.1, made from the routes themselves."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from werkzeug.routing import Rule

from designata import __version__
from designata.web.discovery.parameters import MEDIA_TYPES, PROBES, QUERY, answers
from designata.web.keys import SAFE
from designata.web.refusal import PROBLEM

FORM: Final = "application/vnd.oai.openapi+json"
_METHODS: Final = ("GET", "HEAD", "POST")
_VARIABLE: Final = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<options>[^)]*)\))?:)?(?P<name>\w+)>")
_MEMBERS: Final = {
    "type": "string",
    "title": "string",
    "status": "integer",
    "detail": "string",
    "instance": "string",
    "line": "integer",
    "column": "integer",
    "excerpt": "string",
}


class Path(NamedTuple):
    """An address with variables in braces, and what each variable may be."""

    template: str
    variables: Mapping[str, str]


def document(rules: Sequence[Rule], views: Mapping[str, Callable[..., Any]], host: str) -> str:
    """The description of a server whose root is `host`."""
    paths: dict[str, Any] = {}
    for rule in sorted(rules, key=lambda one: (one.rule, one.endpoint)):
        for path in expand(rule.rule):
            if path.template not in paths:
                view = views[rule.endpoint]
                paths[path.template] = _item(path, rule.methods or set(), _summary(view))
    # These are answered before the application.
    paths |= {path: _item(Path(path, {}), set(SAFE), words) for path, words in PROBES.items()}
    return json.dumps(_document(paths, host), indent=1, ensure_ascii=False) + "\n"


def _document(paths: Mapping[str, Any], host: str) -> dict[str, Any]:
    members = {name: {"type": kind} for name, kind in _MEMBERS.items()}
    problem = {"type": "object", "required": ["type", "title", "status"], "properties": members}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Designata",
            "version": __version__,
            "description": "Who designates which organization, as linked data.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": host.rstrip("/")}],
        "paths": paths,
        "components": {"schemas": {"Problem": problem}},
    }


def expand(rule: str) -> Iterator[Path]:
    """The paths of a rule: one for each of the words where only some words are allowed."""
    found = next((one for one in _VARIABLE.finditer(rule) if one["kind"] == "any"), None)
    if found:
        for word in found["options"].split(","):
            yield from expand(rule[: found.start()] + word.strip(" '\"") + rule[found.end() :])
        return
    variables = {one["name"]: one["kind"] or "string" for one in _VARIABLE.finditer(rule)}
    yield Path(_VARIABLE.sub(r"{\g<name>}", rule), variables)


def _summary(view: Callable[..., Any]) -> str:
    return (inspect.getdoc(view) or view.__name__).splitlines()[0]


def _item(path: Path, methods: set[str], summary: str) -> dict[str, Any]:
    return {
        method.lower(): _operation(path, method, summary)
        for method in _METHODS
        if method in methods
    }


def _operation(path: Path, method: str, summary: str) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{method.lower()} {path.template}",
        "summary": summary,
        "parameters": [*_in_path(path), *(_in_query(path) if method != "POST" else ())],
        "responses": {
            **_answers(path, method),
            "default": {
                "description": "A refusal.",
                "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            },
        },
    }
    if method == "POST":
        operation["requestBody"] = {"required": True, "content": _bodies()}
    return operation


def _answers(path: Path, method: str) -> dict[str, Any]:
    found: dict[str, Any] = {
        status: {"description": meaning}
        for status, meaning in answers(path.template, method).items()
    }
    for status in found.keys() & {"200", "410"}:
        found[status] |= _content(path, method)
    return found


def _in_path(path: Path) -> Iterator[dict[str, Any]]:
    for name, kind in path.variables.items():
        schema = {"type": "integer" if kind == "int" else "string"}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _in_query(path: Path) -> Iterator[dict[str, Any]]:
    for name, meaning in QUERY.get(path.template.rstrip("/") or "/", {}).items():
        schema = {"type": "string"}
        yield {"name": name, "in": "query", "description": meaning, "schema": schema}


def _content(path: Path, method: str) -> dict[str, Any]:
    known = MEDIA_TYPES.get(path.template.rstrip("/") or "/", ())
    if method == "HEAD" or not known:
        return {}
    return {"content": {media_type: {} for media_type in known}}


def _bodies() -> dict[str, Any]:
    text = {"type": "string"}
    form = {"type": "object", "required": ["query"], "properties": {"query": text}}
    return {
        "application/sparql-query": {"schema": text},
        "application/x-www-form-urlencoded": {"schema": form},
    }
