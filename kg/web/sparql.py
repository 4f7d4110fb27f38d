"""The SPARQL 1.1 Protocol (queries only): GET, POST as a form, POST as application/sparql-query.

https://www.w3.org/TR/sparql11-protocol/#query-operation
"""

from __future__ import annotations

import os
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from kg.errors import BadRequest
from kg.graph.queries import MEDIA_TYPES, QueryResult, negotiate, run_query
from kg.web.problem import Problem
from kg.web.published import Now, Published

MAX_BODY = 1_000_000
"""Bytes of a request's body."""
MAX_FIELDS = 100
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"

# Each query has a process of its own; more than the machine has cores would only be slower.
WORKERS = max(2, os.cpu_count() or 2)

PARAMETER = {"type": "string"}
RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The result, in the format that Accept (or `format`) asks for.",
        "content": {m.partition(";")[0]: {} for m in MEDIA_TYPES.values()},
    },
    400: {"description": "Not a query, or one that is not allowed."},
    406: {"description": "The result cannot be written in any format of Accept."},
    413: {"description": f"The body is larger than {MAX_BODY} bytes."},
    415: {"description": f"The body is neither {FORM} nor {QUERY}."},
    503: {"description": "The query ran over its limit of time or memory."},
}
GET_DOC = {
    "parameters": [
        {"name": "query", "in": "query", "required": True, "schema": PARAMETER},
        {
            "name": "format",
            "in": "query",
            "description": "instead of Accept",
            "schema": {"type": "string", "enum": list(MEDIA_TYPES)},
        },
    ]
}
POST_DOC = {
    "requestBody": {
        "required": True,
        "content": {
            QUERY: {"schema": PARAMETER},
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["query"],
                    "properties": {"query": PARAMETER, "format": PARAMETER},
                }
            },
        },
    }
}

router = APIRouter(tags=["sparql"])


def fields(encoded: bytes) -> dict[str, list[str]]:
    """Decode application/x-www-form-urlencoded, once, as UTF-8.

    Decoding a second time would turn a `%25E3` of an IRI in the query into a character. Raises
    BadRequest for what is not UTF-8 or has too many fields.
    """
    try:
        pairs = parse_qsl(
            encoded.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except UnicodeDecodeError as e:
        raise BadRequest(f"parameters must be percent-encoded UTF-8: {e}") from e
    except ValueError as e:
        raise BadRequest(f"parameters: {e}") from e
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def single(given: dict[str, list[str]], name: str) -> str:
    """Return the one value of a parameter, or an empty string; raises BadRequest for several."""
    values = given.get(name, [])
    if len(values) > 1:
        raise BadRequest(f"{name!r} is given {len(values)} times; give it once")
    return values[0] if values else ""


async def body(request: Request) -> bytes:
    """Read a body of at most `MAX_BODY` bytes."""
    read = b""
    async for chunk in request.stream():
        read += chunk
        if len(read) > MAX_BODY:
            raise Problem(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body is larger than {MAX_BODY} bytes"
            )
    return read


async def parameters(request: Request) -> dict[str, list[str]]:
    """Return the parameters of a request of any of the protocol's three forms."""
    given = fields(request.scope["query_string"])
    if request.method == "GET":
        return given
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == FORM:
        for key, values in fields(await body(request)).items():
            given.setdefault(key, []).extend(values)
    elif media_type == QUERY:
        if "query" in given:
            raise BadRequest("the query is both in the URL and in the body; give it once")
        try:
            given["query"] = [(await body(request)).decode("utf-8")]
        except UnicodeDecodeError as e:
            raise BadRequest(f"the query is not UTF-8: {e}") from e
    else:
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"send the query as {QUERY} or {FORM}, or with GET"
        )
    return given


def query_of(given: dict[str, list[str]]) -> str:
    """Return the query among the parameters; raises BadRequest where it is not just one query."""
    if "update" in given:
        raise BadRequest("updates are not allowed: this data is read-only")
    for name in ("default-graph-uri", "named-graph-uri"):
        if name in given:
            raise BadRequest(f"{name} is not supported; use FROM or GRAPH in the query")
    text = single(given, "query")
    if not text.strip():
        raise BadRequest("there is no query; give one as `query`")
    return text


def answer(result: QueryResult, etag: str) -> Response:
    """Return a result as an HTTP answer; `X-Truncated` says that a limit cut it off."""
    headers = {"ETag": etag, "Vary": "Accept", "X-Rows": str(result.rows)}
    if result.truncated:
        headers["X-Truncated"] = "true"
    return Response(result.content, media_type=result.media_type, headers=headers)


def run(request: Request, now: Published, text: str, format_: str) -> Response:
    """Run a query in its worker process and wait for it (in a thread of its own)."""
    settings = request.app.state.settings
    path = now.snapshot.path
    if format_:
        return answer(run_query(path, text, settings=settings, format=format_), now.etag)
    accept = request.headers.get("accept", "")
    if not negotiate(accept):
        raise not_acceptable(accept)
    try:
        result = run_query(path, text, settings=settings, accept=accept)
    except BadRequest as e:  # a table asked for as Turtle, or the like
        raise not_acceptable(accept) from e
    return answer(result, now.etag)


def not_acceptable(accept: str) -> Problem:
    """Return the error for an Accept header that nothing satisfies."""
    return Problem(
        HTTPStatus.NOT_ACCEPTABLE,
        f"the result cannot be written as {accept!r}; there are "
        + ", ".join(m.partition(";")[0] for m in MEDIA_TYPES.values()),
    )


async def serve(request: Request, now: Published) -> Response:
    """Answer a request of any of the three forms."""
    given = await parameters(request)
    text, format_ = query_of(given), single(given, "format")
    limiter: CapacityLimiter = request.app.state.sparql_limiter
    return await to_thread.run_sync(run, request, now, text, format_, limiter=limiter)


@router.get("/sparql", openapi_extra=GET_DOC, responses=RESPONSES, response_class=Response)
async def sparql_get(request: Request, now: Now) -> Response:
    """Answer a SPARQL query given in the URL. A browser without a query gets the query page."""
    if not request.scope["query_string"] and "text/html" in request.headers.get("accept", ""):
        return RedirectResponse("/query", HTTPStatus.SEE_OTHER)
    return await serve(request, now)


@router.post("/sparql", openapi_extra=POST_DOC, responses=RESPONSES, response_class=Response)
async def sparql_post(request: Request, now: Now) -> Response:
    """Answer a SPARQL query given in the body, as a form or as application/sparql-query."""
    return await serve(request, now)
