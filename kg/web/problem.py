"""Errors as RFC 9457 problem documents; the only place that maps them to HTTP."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from kg.errors import KgError, UnknownEntity

MEDIA_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Problem(HTTPException):
    """An HTTP error of a surface itself (406, 413, 415 …), with a detail for people."""

    def __init__(
        self, status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(status, detail, headers)


class NotModified(Exception):
    """The client already has this revision; `etag` is repeated in the answer (RFC 9110 §15.4.5)."""

    def __init__(self, etag: str) -> None:
        self.etag = etag
        super().__init__(etag)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    kind: str = "about:blank",
    instance: str = "",
    headers: Mapping[str, str] | None = None,
    **extra: Sequence[object],
) -> JSONResponse:
    """Return a problem document; members of `extra` that are empty are left out."""
    body: dict[str, object] = {"type": kind, "title": title, "status": status, "detail": detail}
    if instance:
        body["instance"] = instance
    body |= {k: v for k, v in extra.items() if v}
    return JSONResponse(body, status, headers, media_type=MEDIA_TYPE)


def problem_type(error: KgError) -> str:
    """Return the URN of an error's class.

    >>> problem_type(UnknownEntity("x"))
    'urn:ai-infra-kg:problem:unknown-entity'
    """
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", type(error).__name__).lower()
    return f"urn:ai-infra-kg:problem:{name}"


def install(app: FastAPI) -> None:
    """Register the handlers: every answer of 400 or more becomes a problem document."""

    @app.exception_handler(KgError)
    def on_kg_error(request: Request, exc: KgError) -> Response:
        if exc.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.warning("%s: %s", request.url.path, exc)
        return problem(
            exc.status,
            exc.title,
            str(exc),
            kind=problem_type(exc),
            instance=request.url.path,
            suggestions=list(exc.suggestions) if isinstance(exc, UnknownEntity) else (),
        )

    @app.exception_handler(RequestValidationError)
    def on_invalid(request: Request, exc: RequestValidationError) -> Response:
        errors = [
            {"parameter": ".".join(str(p) for p in e["loc"][1:]), "message": e["msg"]}
            for e in exc.errors()
        ]
        return problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "Invalid parameters",
            "; ".join(f"{e['parameter']}: {e['message']}" for e in errors),
            kind="urn:ai-infra-kg:problem:invalid-parameters",
            instance=request.url.path,
            errors=errors,
        )

    @app.exception_handler(HTTPException)
    def on_http(request: Request, exc: HTTPException) -> Response:
        phrase = HTTPStatus(exc.status_code).phrase
        return problem(
            exc.status_code,
            phrase,
            str(exc.detail) if exc.detail != phrase else f"{request.method} {request.url.path}",
            instance=request.url.path,
            headers=exc.headers,
        )

    @app.exception_handler(NotModified)
    def on_not_modified(_request: Request, exc: NotModified) -> Response:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers={"ETag": exc.etag})

    @app.exception_handler(Exception)
    def on_bug(request: Request, _exc: Exception) -> Response:
        # The server logs the traceback; the client learns nothing about our insides.
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR,
            KgError.title,
            "the server failed to answer; its log says why",
            instance=request.url.path,
        )
