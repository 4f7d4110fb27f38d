from __future__ import annotations

import json
import re

import numpy as np
import pytest

from kg.graph.network import Network
from kg.graph.store import Snapshot
from kg.schema import Schema
from kg.web.standalone import as_json, bundle, source, spread, write_page

from .sample import HOSTILE_NAME, HUB


@pytest.fixture(scope="module")
def world(settings):
    schema = Schema.load(settings.ontology)
    snapshot = Snapshot.open(settings.data)
    return Network.load(snapshot, schema), schema, snapshot


@pytest.fixture(scope="module")
def html(world, tmp_path_factory):
    out = tmp_path_factory.mktemp("page") / "graph.html"
    page = write_page(*world, out)
    assert (page.nodes, page.total_nodes) == (len(HUB) + 12, len(HUB) + 12)
    return out.read_bytes().decode("utf-8")


def block(html, name):
    return json.loads(
        re.search(rf'<script type="application/json" id="{name}">(.*?)</script>', html)[1]
    )


def test_the_page_holds_graph_and_evidence(html, world):
    network = world[0]
    nodes, edges = block(html, "nodes"), block(html, "edges")
    assert {n["id"] for n in nodes} == set(network.nodes)
    assert {e["id"] for e in edges} == set(network.edges)
    extra = block(html, "extra")
    assert set(extra["evidence"]) == set(network.edges)
    texts = {s["text"] for cs in extra["evidence"].values() for c in cs for s in c["sentences"]}
    assert "AWSはH100を採用している。" in texts


def test_hostile_text_ends_no_tag(html):
    assert HOSTILE_NAME not in html
    assert "<script>window.pwned" not in html
    assert html.count("</script>") == 5
    assert any(n["name"] == HOSTILE_NAME for n in block(html, "nodes"))


def test_nothing_is_loaded_from_anywhere(html):
    markup = re.sub(r"<(script|style)\b[^>]*>.*?</\1>", "", html, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=", markup)
    assert "sourceMappingURL" not in html
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', html)[1]
    assert policy.startswith("default-src &#39;none&#39;; script-src &#39;sha256-")


def test_no_physics_and_no_overlap(html, world):
    nodes = block(html, "nodes")
    assert all(isinstance(n["x"], int) and isinstance(n["y"], int) for n in nodes)
    points = spread(list(world[0].nodes.values()))
    gaps = np.abs(points[:, None, :] - points[None, :, :])
    np.fill_diagonal(gaps[:, :, 1], np.inf)
    assert ((gaps[:, :, 0] > 30) | (gaps[:, :, 1] > 20)).all()


def test_a_limit_keeps_the_most_central_and_is_said(world, tmp_path):
    out = tmp_path / "small.html"
    page = write_page(*world, out, limit=3, lang="en")
    assert (page.nodes, page.total_nodes) == (3, len(HUB) + 12)
    html = out.read_text("utf-8")
    assert len(block(html, "nodes")) == 3
    assert block(html, "extra")["totals"]["nodes"] == len(HUB) + 12
    assert '<html lang="en">' in html


def test_the_same_graph_gives_the_same_bytes(world, tmp_path):
    for name in ("a.html", "b.html"):
        write_page(*world, tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_json_between_tags():
    value = {"x": "</script><!-- & \u2028"}
    text = str(as_json(value))
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == value


def test_code_that_would_end_its_tag_is_refused():
    with pytest.raises(ValueError, match="closing tag"):
        source("const a = '</SCRIPT >';")


def test_bundle_has_one_scope():
    out = bundle(['import { b } from "./b.js";\nexport const a = b;', "export function b() {}"])
    assert "import" not in out
    assert "export" not in out
