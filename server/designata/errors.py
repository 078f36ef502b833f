"""Every way in which Designata refuses to go on.

DesignataError
├── UsageError              2   400   the command or request makes no sense
├── UnreadableFile          3   500   a file is missing, cut off or not well-formed
├── InvalidDataset          1   500   the data breaks a shape: nothing was published
├── UnusableShapes          2   500   a shapes file is empty or says what SHACL does not know
├── PublicationFailed       4   503   the release could not be written or switched
├── NoRelease               4   503   nothing was built yet
├── CannotServe             4   503   the address is taken or the sandbox is missing
├── QueryRefused            5   400   a query is not answered; its kinds:
│   ├── QuerySyntaxError    5   400
│   ├── QueryTooLarge       5   413
│   ├── UpdateRefused       5   403
│   ├── FederationRefused   5   403
│   ├── QueryTimeout        5   504
│   ├── QueryExhausted      5   504
│   ├── ResultTooLarge      5   413
│   └── QueryFailed         5   500
├── StoreBusy               6   503   every query process is at work
├── StoreUnavailable        6   503   the engine that holds the data does not answer
└── RequestRefused          2   400   an HTTP request is not answered; its kinds:
    ├── NotFound            2   404
    ├── MethodNotAllowed    2   405
    ├── NotAcceptable       2   406
    ├── PreconditionFailed  2   412
    ├── UnsupportedBody     2   415
    ├── AddressTooLong      2   414
    ├── RangeNotHere        2   416
    ├── BodyTooSlow         2   408
    ├── FieldsTooLong       2   431
    ├── OverBudget          2   429
    └── ClientLeft          2   499
"""

from __future__ import annotations

from pathlib import Path


class DesignataError(Exception):
    """A refusal that the user can act on; the message says where and what to do."""

    exit_code = 70
    status = 500
    slug = "internal-error"
    title = "Internal error"

    @property
    def detail(self) -> str:
        """The message as one text."""
        return str(self)


class UsageError(DesignataError):
    """The command or the request makes no sense."""

    exit_code, status = 2, 400
    slug, title = "usage", "The request cannot be understood"


class UnreadableFile(DesignataError):
    """A file cannot be read; the message starts with its path and line."""

    exit_code, status = 3, 500
    slug, title = "unreadable-file", "A file cannot be read"

    def __init__(self, path: Path | str, line: int | None, message: str) -> None:
        self.path, self.line, self.reason = Path(path), line, message
        place = str(path) if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}")

    def __reduce__(self) -> tuple[type[UnreadableFile], tuple[Path, int | None, str]]:
        """For a process to tell another."""
        return type(self), (self.path, self.line, self.reason)


class InvalidDataset(DesignataError):
    """The dataset breaks a shape, so nothing was published."""

    exit_code, status = 1, 500
    slug, title = "invalid-dataset", "The dataset is not valid"


class UnusableShapes(DesignataError):
    """The shapes cannot guard anything: none there, or a term that SHACL does not know."""

    exit_code, status = 2, 500
    slug, title = "unusable-shapes", "The shapes cannot be used"


class PublicationFailed(DesignataError):
    """The release could not be written or switched; the former one stays."""

    exit_code, status = 4, 503
    slug, title = "publication-failed", "The release was not published"


class NoRelease(DesignataError):
    """There is no release to serve or to ask."""

    exit_code, status = 4, 503
    slug, title = "no-release", "No release"


class CannotServe(DesignataError):
    """The server cannot start here."""

    exit_code, status = 4, 503
    slug, title = "cannot-serve", "The server cannot start"


class QueryRefused(DesignataError):
    """A query is not answered."""

    exit_code, status = 5, 400
    slug, title = "query-refused", "The query is not answered"


class QuerySyntaxError(QueryRefused):
    """The text is not a SPARQL query; line and column count from 1."""

    slug, title = "query-syntax", "The query is not well-formed"

    def __init__(self, message: str, line: int | None = None, column: int | None = None) -> None:
        self.line, self.column = line, column
        super().__init__(message)


class QueryTooLarge(QueryRefused):
    """The query is longer or deeper than the limits allow."""

    status = 413
    slug, title = "query-too-large", "The query is too large"


class UpdateRefused(QueryRefused):
    """The dataset is read-only."""

    status = 403
    slug, title = "read-only", "This endpoint is read-only"


class FederationRefused(QueryRefused):
    """SERVICE would make the server call other hosts."""

    status = 403
    slug, title = "federation-disabled", "SERVICE is not allowed here"


class QueryTimeout(QueryRefused):
    """The query used up its time and was stopped."""

    status = 504
    slug, title = "query-timeout", "The query took too long"


class QueryExhausted(QueryRefused):
    """The query used up the memory or the stack of its process and was stopped."""

    status = 504
    slug, title = "query-exhausted", "The query needs more memory than one query may use"


class ResultTooLarge(QueryRefused):
    """The result is larger than the limits allow; nothing of it was sent."""

    status = 413
    slug, title = "result-too-large", "The result is too large"


class QueryFailed(QueryRefused):
    """The query stopped with an error of its own."""

    status = 500
    slug, title = "query-failed", "The query failed"


class StoreBusy(DesignataError):
    """There is no room for the request at this moment; try again soon."""

    exit_code, status = 6, 503
    slug, title = "busy", "The server is busy"


class StoreUnavailable(DesignataError):
    """The engine that holds the data does not answer, or not as SPARQL 1.1 says."""

    exit_code, status = 6, 503
    slug, title = "store-unavailable", "The store does not answer"


class RequestRefused(DesignataError):
    """An HTTP request is not answered."""

    exit_code, status = 2, 400
    slug, title = "bad-request", "Bad request"


class NotFound(RequestRefused):
    """Nothing is published under this address."""

    status = 404
    slug, title = "not-found", "Not found"


class MethodNotAllowed(RequestRefused):
    """The address exists, the method does not."""

    status = 405
    slug, title = "method-not-allowed", "Method not allowed"


class NotAcceptable(RequestRefused):
    """None of the accepted media types can be produced.

    `available` lists those that can, and `address` has a suffix for each where it is given.
    """

    status = 406
    slug, title = "not-acceptable", "Not acceptable"

    def __init__(
        self, message: str, available: tuple[str, ...] = (), address: str | None = None
    ) -> None:
        self.available, self.address = available, address
        super().__init__(message)


class PreconditionFailed(RequestRefused):
    """The client asks for a state that is no more, or never was."""

    status = 412
    slug, title = "precondition-failed", "Precondition failed"


class RangeNotHere(RequestRefused):
    """A part of a file is asked for that begins beyond its end."""

    status = 416
    slug, title = "range-not-satisfiable", "Range not satisfiable"

    def __init__(self, detail: str, length: int = 0) -> None:
        super().__init__(detail)
        self.length = length


class UnsupportedBody(RequestRefused):
    """The request's body has a type or an encoding that is not read here."""

    status = 415
    slug, title = "unsupported-media-type", "Unsupported media type"


class AddressTooLong(RequestRefused):
    """The address is longer than one may be; what it asks can be sent as a body."""

    status = 414
    slug, title = "address-too-long", "The address is too long"


class FieldsTooLong(RequestRefused):
    """The header of the request is longer than one may be."""

    status = 431
    slug, title = "fields-too-long", "The header of the request is too long"


class BodyTooSlow(RequestRefused):
    """The request did not arrive in time."""

    status = 408
    slug, title = "body-too-slow", "The request took too long to arrive"


class OverBudget(RequestRefused):
    """The client has used up what one client may use.

    `wait` is in seconds.
    """

    status = 429
    slug, title = "over-budget", "Too many requests"

    def __init__(self, message: str, wait: int = 1) -> None:
        self.wait = wait
        super().__init__(message)


class ClientLeft(RequestRefused):
    """Nobody waits for the answer any more; the status is for the log alone."""

    status = 499
    slug, title = "client-left", "The client has left"
