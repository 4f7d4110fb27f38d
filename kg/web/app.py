"""The web application: SPARQL, REST and the explorer on one published snapshot."""

from __future__ import annotations

from anyio import CapacityLimiter
from fastapi import FastAPI

from kg import __version__
from kg.settings import Settings
from kg.web import explorer, problem, rest, sparql
from kg.web.headers import SecurityHeaders
from kg.web.published import Publications

DESCRIPTION = """Who makes, offers, uses and competes with what in AI infrastructure, as Japanese
technology posts say it: every edge has its sentences. `/sparql` answers SPARQL 1.1 queries over
the same data. Errors are problem documents (RFC 9457)."""


def create_app(settings: Settings) -> FastAPI:
    """Return the application that serves the snapshot in `settings.data`.

    A later build in the same folder is served from the next request on. Raises SnapshotError
    where the folder holds no snapshot, OntologyError where the ontology cannot be loaded.
    """
    app = FastAPI(
        title="AI infrastructure knowledge graph",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's own pages load their assets from elsewhere
        redoc_url=None,
        swagger_ui_oauth2_redirect_url=None,
    )
    app.state.settings = settings
    app.state.publications = Publications(settings)
    app.state.publications.current()
    app.state.sparql_limiter = CapacityLimiter(sparql.WORKERS)
    problem.install(app)
    app.include_router(rest.router)
    app.include_router(sparql.router)
    explorer.install(app)
    app.add_middleware(SecurityHeaders)
    return app
