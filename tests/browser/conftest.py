from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from web.sample import publish
from web.server import serving

from kg.settings import Settings
from kg.web.app import create_app

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return publish(tmp_path_factory.mktemp("browser"))


@pytest.fixture(scope="session")
def url(settings: Settings) -> Iterator[str]:
    with serving(create_app(settings)) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next((p for name in PROGRAMS if (p := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium or Chrome was found; install the Debian package `chromium`")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield found
        found.close()


@dataclass
class Watch:
    """What a page did that a person may not see."""

    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def on(self, page: Page) -> None:
        page.on("request", lambda r: self.requests.append(r.url))
        page.on("pageerror", lambda e: self.errors.append(f"uncaught: {e}"))
        page.on(
            "console",
            lambda m: self.errors.append(m.text) if m.type in {"error", "warning"} else None,
        )


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    found = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="ja-JP", reduced_motion="reduce"
    )
    found.set_default_timeout(15_000)
    yield found
    found.close()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def page(context: BrowserContext, watch: Watch, url: str) -> Iterator[Page]:
    """The explorer, ready. At the end: no error, and no request to anything but our server."""
    found = context.new_page()
    watch.on(found)
    found.goto(url)
    found.wait_for_selector("body.ready")
    yield found
    assert watch.errors == []
    assert [u for u in watch.requests if not u.startswith((url, "data:", "blob:"))] == []
    assert found.evaluate("window.pwned") is None
