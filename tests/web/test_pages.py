"""What is served to browsers: headers, media types, and nothing from elsewhere."""

from __future__ import annotations

import hashlib
import re

import httpx
import pytest

from kg.settings import data_folder
from kg.web.app import create_app
from kg.web.headers import CONTENT_SECURITY_POLICY

from .server import serving

VIZ = data_folder("viz")
OURS = sorted(
    p
    for p in VIZ.rglob("*")
    if p.suffix in {".html", ".css", ".js", ".svg"} and "vendor" not in p.parts
)
# Names of things, never fetched: XML namespaces and our own identifiers.
NAMES = ("http://www.w3.org/2000/svg", "https://ai-infra-kg.example/")


@pytest.mark.parametrize(
    "url", ["/", "/query", "/api/docs", "/api/health", "/api/nothing", "/static/js/main.js"]
)
def test_every_answer_has_the_security_headers(client, url):
    h = client.get(url).headers
    assert h["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert h["x-content-type-options"] == "nosniff"
    assert h["x-frame-options"] == "DENY"
    assert h["referrer-policy"] == "no-referrer"


def test_the_policy_allows_nothing_inline_and_nothing_from_elsewhere():
    rules = dict(r.split(" ", 1) for r in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == rules["script-src"] == rules["style-src"] == "'self'"
    assert rules["object-src"] == rules["base-uri"] == "'none'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", OURS, ids=lambda p: str(p.relative_to(VIZ)))
def test_our_files_name_no_other_host(path):
    text = path.read_text("utf-8")
    for name in NAMES:
        text = text.replace(name, "")
    assert not re.findall(r"(?:https?:)?//[\w.-]+\.\w{2,}[^\s\"'`]*", text)


@pytest.mark.parametrize("path", [p for p in OURS if p.suffix == ".js"], ids=lambda p: p.name)
def test_our_scripts_never_parse_markup(path):
    text = path.read_text("utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text
    )


@pytest.mark.parametrize("path", [p for p in OURS if p.suffix == ".html"], ids=lambda p: p.name)
def test_pages_load_local_files_only_and_run_nothing_inline(path):
    text = path.read_text("utf-8")
    for url in re.findall(r'(?:src|href)="([^"]*)"', text):
        assert url.startswith("/"), url
        assert not url.startswith("//")
    assert not re.search(r"\son\w+=", text)
    if path.name != "standalone.html":
        assert not re.search(r"<script(?![^>]*\bsrc=)", text)
        assert "<style" not in text


def test_every_asset_of_a_page_is_there_with_its_media_type(client):
    types = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
    seen = set()
    for page in ("/", "/query", "/api/docs"):
        r = client.get(page)
        assert r.headers["content-type"] == "text/html; charset=utf-8"
        seen |= set(re.findall(r'(?:src|href)="(/static/[^"]+)"', r.text))
    for path in (VIZ / "js").glob("*.js"):
        seen |= {
            f"/static/js/{m}" for m in re.findall(r'from "\./([^"]+)"', path.read_text("utf-8"))
        }
    for url in sorted(seen):
        r = client.get(url)
        assert r.status_code == 200, url
        assert r.headers["content-type"].startswith(types["." + url.rsplit(".", 1)[1]])


def test_nothing_outside_the_folder_is_served(client):
    for url in ("/static/../pyproject.toml", "/static/%2e%2e/pyproject.toml", "/static/js"):
        assert client.get(url).status_code in {404, 405}


def test_vendored_files_are_as_they_were_published():
    table = re.findall(
        r"`(vendor/[^`]+)` \| `([0-9a-f]{64})`", (VIZ / "VENDOR.md").read_text("utf-8")
    )
    code = {p for p in VIZ.glob("vendor/*/*") if p.suffix in {".js", ".css"}}
    assert {VIZ / name for name, _ in table} == code
    for name, digest in table:
        assert hashlib.sha256((VIZ / name).read_bytes()).hexdigest() == digest
    for folder in (VIZ / "vendor").iterdir():
        assert list(folder.glob("LICENSE*")), folder


def test_a_bug_is_a_problem_without_our_insides(settings):
    app = create_app(settings)

    @app.get("/api/broken")
    def broken():
        raise RuntimeError("secret")

    with serving(app) as url:
        r = httpx.get(f"{url}/api/broken")
    assert (r.status_code, r.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in r.text
