"""The explorer, the query page and the API's documentation: files that we serve ourselves."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from kg.settings import data_folder

# Given here, not guessed from the machine's tables: with `nosniff` a wrong type is a broken page.
MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".md": "text/plain",
}


class Assets(StaticFiles):
    """The folder `viz/` with the media types of `MEDIA_TYPES`."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Serve a file, with our media type for its suffix."""
        response = await super().get_response(path, scope)
        media_type = MEDIA_TYPES.get(Path(path).suffix)
        if media_type is not None and "content-type" in response.headers:
            response.headers["content-type"] = f"{media_type}; charset=utf-8"
        return response


def page(name: str) -> FileResponse:
    """Return one of the HTML pages."""
    return FileResponse(data_folder("viz") / name, media_type="text/html; charset=utf-8")


router = APIRouter(include_in_schema=False)


@router.get("/")
def explorer() -> FileResponse:
    """The explorer."""
    return page("index.html")


@router.get("/query")
def query_page() -> FileResponse:
    """A page to ask SPARQL queries on."""
    return page("query.html")


@router.get("/api/docs")
def docs() -> FileResponse:
    """The API's documentation, drawn by swagger-ui from /api/openapi.json."""
    return page("docs.html")


@router.get("/favicon.ico")
def favicon() -> FileResponse:
    """The icon, for browsers that ask without having read the page."""
    return FileResponse(data_folder("viz") / "icon.svg", media_type=MEDIA_TYPES[".svg"])


def install(app: FastAPI) -> None:
    """Add the pages and their assets to an app."""
    app.include_router(router)
    app.mount("/static", Assets(directory=data_folder("viz")), name="static")
