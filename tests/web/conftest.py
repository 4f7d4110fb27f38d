from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from kg.settings import Settings
from kg.web.app import create_app

from .sample import publish
from .server import serving


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return publish(tmp_path_factory.mktemp("web"))


@pytest.fixture(scope="session")
def client(settings: Settings) -> Iterator[httpx.Client]:
    with serving(create_app(settings)) as url, httpx.Client(base_url=url, timeout=60) as c:
        yield c
