"""Every refusal as a response: problem details (RFC 9457), a page for browsers, or plain text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, current_app, g, render_template, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from designata.errors import (
    DesignataError,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    OverBudget,
    QuerySyntaxError,
    QueryTooLarge,
    RangeNotHere,
    StoreUnavailable,
)
from designata.vocabulary import BASE
from designata.web.guardrails import allow
from designata.web.others import others
from designata.web.protocol import FORM_BODY, HTML, QUERY_BODY, dataset
from designata.web.refusal import PROBLEM, RETRY_SECONDS, TEXT, form_for
from designata.web.serving import served


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, in the members of RFC 9457 and our own."""

    status: int
    slug: str
    title: str
    detail: str
    instance: str
    line: int | None = None
    column: int | None = None
    excerpt: str | None = None
    available: tuple[str, ...] = ()

    @property
    def type(self) -> str:
        """The IRI of this kind of problem."""
        return f"{BASE}problem/{self.slug}"

    def members(self) -> dict[str, object]:
        """The members of the JSON object, without those that say nothing."""
        names = "type title status detail instance line column excerpt available".split()
        return {name: value for name in names if (value := getattr(self, name))}


def register(app: Flask) -> None:
    """Let an application answer every exception with a problem."""
    app.register_error_handler(DesignataError, _refuse)
    app.register_error_handler(HTTPException, _translate)
    app.register_error_handler(Exception, _fail)


def _refuse(error: DesignataError) -> Response:
    line, column = getattr(error, "line", None), getattr(error, "column", None)
    problem = Problem(
        error.status,
        error.slug,
        error.title,
        error.detail,
        quote(request.path),
        line,
        column,
        _excerpt(line, column) if isinstance(error, QuerySyntaxError) else None,
        error.available if isinstance(error, NotAcceptable) else (),
    )
    response = _respond(problem)
    links = others(error) if isinstance(error, NotAcceptable) else []
    if links:
        response.headers["Link"] = ", ".join(map(str, links))
    if isinstance(error, RangeNotHere):
        response.headers["Content-Range"] = f"bytes */{error.length}"
    if isinstance(error, OverBudget):
        response.headers["Retry-After"] = str(error.wait)
    return response


def _translate(error: HTTPException) -> Response:
    """A refusal of the framework, as one of ours."""
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().get_data(), status, error.get_headers())
    if status == 404:
        return _refuse(NotFound(f"nothing is published under {request.path}"))
    if isinstance(error, RequestEntityTooLarge):
        return _refuse(QueryTooLarge("the request is larger than a query may be"))
    if status == 405:
        methods = getattr(error, "valid_methods", None) or ()
        response = _refuse(
            MethodNotAllowed(f"{request.method} is not possible here; use {allow(methods)}")
        )
        response.headers["Allow"] = allow(methods)
        return response
    return _respond(
        Problem(
            status, "bad-request", error.name, error.description or error.name, quote(request.path)
        )
    )


def _fail(error: Exception) -> Response:
    """An error of ours: the log has the reason, the client learns only that there is one."""
    release = served().release
    if isinstance(error, FileNotFoundError) and release and not release.path.is_dir():
        return _refuse(StoreUnavailable("the files of the release are not there; try again soon"))
    current_app.logger.error("%s %s", request.method, request.path, exc_info=error)
    unknown = DesignataError("an error on our side; it has been logged")
    return _refuse(unknown)


def _excerpt(line: int | None, column: int | None) -> str | None:
    """The line of the query that cannot be read, with a caret under the place."""
    text = g.query.text if "query" in g else ""
    if not text or not line or not column:
        return None
    rows = text.split("\n")
    row = rows[min(line, len(rows)) - 1].replace("\t", " ")
    first = max(0, column - 60)
    return f"{row[first : first + 120]}\n{' ' * (column - 1 - first)}^"


def _respond(problem: Problem) -> Response:
    response = _represent(problem)
    response.status_code = problem.status
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    if problem.status == 503:
        response.headers["Retry-After"] = RETRY_SECONDS
    if problem.status == 415:
        response.headers["Accept-Post"] = response.headers["Accept-Query"] = (
            f"{QUERY_BODY}, {FORM_BODY}"
        )
    return response


def _represent(problem: Problem) -> Response:
    accept = ",".join(request.headers.getlist("Accept"))
    wanted = form_for(accept)
    if wanted == PROBLEM:
        return Response(json.dumps(problem.members(), indent=2) + "\n", content_type=PROBLEM)
    if wanted == HTML:
        try:
            return Response(_as_page(problem), content_type=f"{HTML}; charset=utf-8")
        except Exception:
            current_app.logger.exception("the page for a problem cannot be made")
    return Response(_as_text(problem), content_type=f"{TEXT}; charset=utf-8")


def _as_page(problem: Problem) -> str:
    extra = problem.members()
    shown = {name: extra.pop(name) for name in ("status", "title", "detail")}
    del extra["type"], extra["instance"]
    if "query" in g:
        shown |= {"query_text": g.query.text, "dataset": dataset(g.query)}
    return render_template("problem.html", extra=extra, **shown)


def _as_text(problem: Problem) -> str:
    lines = [f"{problem.status} {problem.title}", "", problem.detail]
    if problem.line:
        lines.append(f"line {problem.line}, column {problem.column}")
    if problem.excerpt:
        lines += ["", problem.excerpt]
    if problem.available:
        lines += ["", "Available:", *problem.available]
    return "\n".join(lines) + "\n"
