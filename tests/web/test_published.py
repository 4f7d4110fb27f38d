from __future__ import annotations

import shutil

import httpx
import pytest

from kg.errors import SnapshotError
from kg.graph.network import Node
from kg.settings import Settings
from kg.web.app import create_app
from kg.web.published import Publications, in_japanese

from .sample import POSTS, make_ontology, publish
from .server import serving


def test_etag_is_the_revision_and_saves_the_answer(client):
    first = client.get("/api/entities/aws")
    etag = first.headers["etag"]
    revision = client.get("/api/health").json()["revision"]
    assert revision[:20] in etag
    again = client.get("/api/entities/aws", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    other = client.get("/api/entities/aws", headers={"If-None-Match": 'W/"other"'})
    assert other.status_code == 200


def test_sparql_answers_have_an_etag_and_posts_are_always_run(client):
    first = client.get("/sparql", params={"query": "ASK {}"})
    headers = {"If-None-Match": first.headers["etag"]}
    assert client.get("/sparql", params={"query": "ASK {}"}, headers=headers).status_code == 304
    posted = client.post("/sparql", data={"query": "ASK {}"}, headers=headers)
    assert posted.status_code == 200


def test_health_is_never_answered_from_a_cache(client):
    etag = client.get("/api/stats").headers["etag"]
    assert client.get("/api/health", headers={"If-None-Match": etag}).status_code == 200


def test_no_snapshot_is_said_at_the_start(tmp_path):
    ontology = make_ontology(tmp_path / "ontology")
    with pytest.raises(SnapshotError, match="kg build"):
        create_app(Settings(ontology=ontology, data=tmp_path / "data"))


def test_a_later_build_is_served_without_a_restart(tmp_path):
    some = [p for p in POSTS if p != "post-5"]
    settings = publish(tmp_path, some)
    with serving(create_app(settings)) as url, httpx.Client(base_url=url) as client:
        before = client.get("/api/stats")
        publish(tmp_path)
        headers = {"If-None-Match": before.headers["etag"]}
        after = client.get("/api/stats", headers=headers)
        assert after.status_code == 200
        assert after.json()["entities"] == before.json()["entities"] + 40
        chip = client.get("/api/entities/試作チップ7号").json()["entity"]
        assert chip["cls"] == "Chip"


def test_a_snapshot_that_cannot_be_opened_leaves_the_one_before(tmp_path, caplog):
    settings = publish(tmp_path, ["post-1"])
    publications = Publications(settings)
    now = publications.current()
    broken = settings.data / "snapshots" / "broken"
    shutil.copytree(now.snapshot.path, broken)
    (broken / "network.json").write_text("{")
    link = settings.data / "next"
    link.symlink_to("snapshots/broken")
    link.replace(settings.data / "current")
    assert publications.current() is now
    assert "still serving" in caplog.text


@pytest.mark.parametrize(
    ("name", "name_ja", "written", "shown"),
    [
        ("NVIDIA", "エヌビディア", {"NVIDIA": 3, "エヌビディア": 1}, "NVIDIA"),
        ("Fugaku", "富岳", {"富岳": 1}, "富岳"),
        ("RIKEN", "理化学研究所", {"理研": 2}, "理化学研究所"),
        ("NVIDIA H100", "エヌビディア H100", {"H100": 2}, "NVIDIA H100"),
        ("TSMC", "台湾積体電路製造", {"TSMC": 1}, "TSMC"),
        ("Claude", "", {"クロード": 1}, "Claude"),
    ],
)
def test_the_name_that_japanese_posts_write(name, name_ja, written, shown):
    node = Node("x", "Company", name, name_ja, (), True, 1, 1, 0, 0, 0.0, 0.0, {})
    assert in_japanese(node, written) == shown
