"""The exceptions that callers may see, each with an exit code and an HTTP status in one place."""

from __future__ import annotations

from typing import ClassVar


class KgError(Exception):
    """Base of every error this package raises on purpose.

    The message says what was wrong, where, and what to do. `exit_code` is the status of the
    command line, `status` and `title` are those of an RFC 9457 problem document.
    """

    exit_code: ClassVar[int] = 1
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"


class PostError(KgError):
    """A post cannot be read: missing, too large, empty, or not text."""

    status = 422
    title = "Unreadable post"


class NothingToDo(KgError):
    """No post was found, or none could be read."""

    status = 422
    title = "Nothing to read"


class AnnotationError(KgError):
    """An annotation by hand cannot be read: missing, not JSON, or inconsistent."""

    exit_code = 2
    status = 422
    title = "Unreadable annotation"


class OntologyError(KgError):
    """The ontology cannot be loaded or contradicts itself."""

    exit_code = 3
    title = "Broken ontology"


class ValidationError(KgError):
    """SHACL found violations; the build is not published."""

    exit_code = 4
    title = "Validation failed"


class SnapshotError(KgError):
    """A data directory holds no snapshot, or one that cannot be opened."""

    exit_code = 5
    status = 503
    title = "No snapshot"


class StorageError(KgError):
    """A data folder cannot be written to: the disk is full, or fails."""

    exit_code = 7
    status = 507
    title = "Cannot write"


class BadRequest(KgError):
    """An argument has a value that is not allowed."""

    exit_code = 2
    status = 400
    title = "Bad request"


class QueryError(KgError):
    """A SPARQL query cannot be parsed or is not allowed."""

    exit_code = 2
    status = 400
    title = "Bad query"


class QueryTimeout(KgError):
    """A query ran over its time, row or memory limit and was stopped."""

    exit_code = 6
    status = 503
    title = "Query limit reached"


class UnknownEntity(KgError):
    """No entity has that name; `suggestions` holds near ones, best first."""

    exit_code = 2
    status = 404
    title = "Unknown entity"

    def __init__(self, name: str, suggestions: tuple[str, ...] = ()) -> None:
        self.name = name
        self.suggestions = suggestions
        hint = f"; did you mean {', '.join(suggestions)}?" if suggestions else ""
        super().__init__(f"no entity is called {name!r}{hint}")


class NoPath(KgError):
    """Both entities exist, but nothing connects them."""

    status = 404
    title = "No path"


class UnknownEdge(KgError):
    """No edge has that id."""

    exit_code = 2
    status = 404
    title = "Unknown edge"


class UnknownClaim(KgError):
    """No claim has that id."""

    exit_code = 2
    status = 404
    title = "Unknown claim"
