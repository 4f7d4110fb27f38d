from __future__ import annotations

import pytest
from playwright.sync_api import expect
from web.sample import HOSTILE_NAME, HOSTILE_TEXT

from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.schema import Schema
from kg.web.standalone import write_page


@pytest.fixture(scope="module")
def file(settings, tmp_path_factory):
    schema, snapshot = Schema.load(settings.ontology), Snapshot.open(settings.data)
    out = tmp_path_factory.mktemp("viz") / "graph.html"
    write_page(Network.load(snapshot, schema), schema, snapshot, out)
    return out


@pytest.fixture
def alone(context, watch, file):
    """The page, opened as a file with the network off; at the end it has asked for nothing."""
    context.set_offline(True)
    page = context.new_page()
    watch.on(page)
    page.goto(file.as_uri())
    page.wait_for_selector("body.ready")
    yield page
    assert watch.errors == []
    assert watch.requests == [file.as_uri()]
    assert page.evaluate("window.pwned") is None


def test_it_draws_without_physics(alone):
    assert alone.evaluate("standalone.drawing.nodes.length") == 52
    first = alone.evaluate("standalone.drawing.network.getPositions()")
    alone.wait_for_timeout(300)
    assert alone.evaluate("standalone.drawing.network.getPositions()") == first
    expect(alone.locator("#status")).to_contain_text("52 / 52")


def test_search_entity_edge_and_evidence(alone):
    alone.keyboard.press("/")
    alone.keyboard.type("trainium")
    alone.wait_for_selector(".suggestion")
    alone.keyboard.press("Enter")
    expect(alone.locator("#panel-body h1")).to_have_text("Trainium")
    alone.locator(".fact", has_text="AWS").click()
    expect(alone.locator(".claim blockquote")).to_have_text("AWSはTrainiumを開発した。")


def test_the_legend_hides_a_class(alone):
    alone.locator('.legend-row[data-name="Chip"] .legend-toggle').click()
    assert alone.evaluate("standalone.drawing.nodes.length") == 10


def test_hostile_text_is_text(alone):
    alone.evaluate(
        "(name) => standalone.choose({kind: 'node', id: "
        "standalone.held.nodes.find((n) => n.name === name).id})",
        HOSTILE_NAME,
    )
    expect(alone.locator("#panel-body h1")).to_have_text(HOSTILE_NAME)
    alone.locator(".fact").first.click()
    expect(alone.locator(".claim blockquote")).to_have_text(HOSTILE_TEXT)


def test_it_works_on_a_phone(alone):
    alone.set_viewport_size({"width": 390, "height": 844})
    assert alone.evaluate("document.documentElement.scrollWidth") <= 390
    assert alone.locator("#graph").bounding_box()["height"] > 250
