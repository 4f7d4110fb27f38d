from __future__ import annotations

import pytest

from .sample import HOSTILE_NAME, HUB


def ids(nodes):
    return {n["id"] for n in nodes}


def test_search_finds_by_japanese_and_english_alias(client):
    for q in ("エヌビ", "nvid", "ＮＶＩＤＩＡ"):
        found = client.get("/api/entities", params={"q": q}).json()
        assert found["items"][0]["id"] == "nvidia"
    assert client.get("/api/entities", params={"q": "理研"}).json()["items"][0]["id"] == "riken"


def test_search_without_text_lists_the_most_central(client):
    found = client.get("/api/entities", params={"limit": 3}).json()
    assert found["items"][0]["id"] == "nvidia"
    assert len(found["items"]) == 3
    assert found["more"] is True


def test_search_can_be_limited_to_classes(client):
    found = client.get("/api/entities", params={"q": "n", "class": "Chip"}).json()
    assert {n["cls"] for n in found["items"]} == {"Chip"}


def test_entity_has_facts_by_property_and_direction(client):
    d = client.get("/api/entities/aws").json()
    groups = {
        (g["predicate"], g["direction"]): [f["other"]["id"] for f in g["items"]] for g in d["facts"]
    }
    assert groups[("develops", "out")] == ["trainium"]
    assert groups[("competesWith", "both")] == ["nvidia"]
    assert d["known_parent"]["name"] == "Amazon"
    assert d["known_maker"] is None
    assert d["of"] == len(HUB) + 12
    assert d["ranks"]["degree"] >= 1
    [q] = d["quantities"]
    assert (q["text"], q["value"], q["unit"]) == ("200億ドル", 2e10, "USD")
    assert q["sentences"][0]["text"] == "AWSは200億ドルを投じる。"


def test_entity_says_how_many_facts_there_are(client):
    d = client.get("/api/entities/nvidia", params={"limit": 5}).json()
    develops = next(g for g in d["facts"] if g["predicate"] == "develops")
    assert (len(develops["items"]), develops["total"]) == (5, len(HUB) + 1)
    assert develops["items"][0]["other"]["id"] == "nvidia-h100"  # two posts say it


@pytest.mark.parametrize("name", ["aws", "AWS", "amazon web services", "Amazon%20Web%20Services"])
def test_entities_are_found_by_any_name(client, name):
    assert client.get(f"/api/entities/{name}").json()["entity"]["id"] == "aws"


def test_japanese_name_in_the_path(client):
    assert client.get("/api/entities/富岳").json()["entity"]["id"] == "fugaku"


def test_unknown_entity_is_a_problem_with_suggestions(client):
    r = client.get("/api/entities/NVIDEA")
    assert r.status_code == 404
    assert r.headers["content-type"] == "application/problem+json"
    p = r.json()
    assert p["type"] == "urn:ai-infra-kg:problem:unknown-entity"
    assert (p["status"], p["instance"]) == (404, "/api/entities/NVIDEA")
    assert "NVIDIA" in p["suggestions"]


def test_neighborhood_is_capped_and_says_so(client):
    r = client.get("/api/entities/nvidia/neighborhood", params={"limit": 7}).json()
    assert r["center"] == "nvidia"
    assert len(r["nodes"]) == 8
    assert r["total_nodes"] == len(HUB) + 5
    inside = ids(r["nodes"])
    assert all(e["subject"] in inside and e["object"] in inside for e in r["edges"])
    assert len(r["edges"]) < r["total_edges"]


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"predicate": "develops"}, {"aws", "trainium"}),
        ({"predicate": "develops,uses"}, {"aws", "trainium", "nvidia-h100"}),
        ({"predicate": ["develops", "uses"]}, {"aws", "trainium", "nvidia-h100"}),
        ({"class": "Company"}, {"aws", "nvidia"}),
        (
            {"depth": "2", "class": "Chip", "modality": "asserted"},
            {"aws", "trainium", "nvidia-h100"},
        ),
        ({"min_confidence": "0.95"}, {"aws"}),
    ],
)
def test_neighborhood_filters(client, params, expected):
    r = client.get("/api/entities/AWS/neighborhood", params=params)
    assert ids(r.json()["nodes"]) == expected


def test_modality_filter(client):
    def around(modality):
        r = client.get("/api/entities/claude/neighborhood", params={"modality": modality})
        return ids(r.json()["nodes"])

    assert around("hedged") == {"claude", "trainium"}
    assert around("asserted") == {"claude", "anthropic"}


@pytest.mark.parametrize(
    ("url", "status", "says"),
    [
        ("/api/entities/aws/neighborhood?predicate=likes", 400, "develops"),
        ("/api/entities/aws/neighborhood?class=Robot", 400, "Company"),
        ("/api/entities/aws/neighborhood?modality=maybe", 400, "hedged"),
        ("/api/entities/aws/neighborhood?depth=9", 422, "depth"),
        ("/api/entities/aws/neighborhood?limit=0", 422, "limit"),
        ("/api/entities/aws/neighborhood?min_confidence=x", 422, "min_confidence"),
        ("/api/entities?limit=many", 422, "limit"),
        ("/api/centrality?measure=fame", 400, "pagerank"),
        ("/api/paths?source=aws", 422, "target"),
        ("/api/paths?source=aws&target=AWS", 400, "AWS"),
        ("/api/paths?source=solo&target=aws", 404, "Solo"),
        ("/api/paths?source=nobody&target=aws", 404, "nobody"),
        ("/api/edges/none", 404, "none"),
        ("/api/nothing", 404, "/api/nothing"),
    ],
)
def test_errors_are_problems_that_say_what_is_wrong(client, url, status, says):
    r = client.get(url)
    assert r.status_code == status
    assert r.headers["content-type"] == "application/problem+json"
    p = r.json()
    assert p["status"] == status
    assert says in p["detail"]
    assert p["title"]
    assert p["type"]


def test_method_not_allowed_is_a_problem(client):
    r = client.post("/api/entities")
    assert (r.status_code, r.headers["content-type"]) == (405, "application/problem+json")
    assert r.headers["allow"] == "GET"


def test_edge_has_every_sentence_of_every_post(client):
    facts = client.get("/api/entities/nvidia").json()["facts"]
    edge = next(f["edge"] for g in facts for f in g["items"] if f["other"]["id"] == "nvidia-h100")
    d = client.get(f"/api/edges/{edge['id']}").json()
    assert d["edge"]["support"] == 2
    assert (d["subject"]["id"], d["object"]["id"]) == ("nvidia", "nvidia-h100")
    said = {(c["post"], c["date"], c["sentences"][0]["text"]) for c in d["claims"]}
    assert said == {
        ("post-1", "2025-08-01", "NVIDIAはH100を開発した。"),
        ("post-2", "2025-09-10", "NVIDIAはH100を設計している。"),
    }
    assert all(c["modality"] == "asserted" and c["confidence"] == 0.9 for c in d["claims"])


def test_paths_name_each_hop(client):
    r = client.get("/api/paths", params={"source": "Amazon", "target": "Claude"}).json()
    [hop1, hop2] = r["paths"][0]["hops"]
    assert (hop1["source"], hop1["target"], hop1["edge"]["predicate"], hop1["forward"]) == (
        "amazon", "anthropic", "investsIn", True,
    )  # fmt: skip
    assert hop2["target"] == "claude"
    assert ids(r["nodes"]) >= {"amazon", "anthropic", "claude"}


def test_centrality(client):
    r = client.get("/api/centrality", params={"measure": "degree", "limit": 2}).json()
    assert [i["rank"] for i in r["items"]] == [1, 2]
    assert r["items"][0]["entity"]["id"] == "nvidia"
    assert r["total"] == len(HUB) + 12
    chips = client.get("/api/centrality", params={"class": "Chip"}).json()["items"]
    assert {i["entity"]["cls"] for i in chips} == {"Chip"}


def test_schema_has_labels_colours_and_order(client):
    s = client.get("/api/schema").json()
    assert [c["order"] for c in s["classes"]] == list(range(1, 13))
    develops = s["properties"][0]
    assert develops["name"] == "develops"
    assert set(develops["label"]) == {"ja", "en"}
    assert develops["colour"].startswith("#")
    assert [m["name"] for m in s["modalities"]] == ["asserted", "hedged", "negated"]
    assert s["modalities"][0]["label"]["ja"]


def test_overview_is_the_centre_and_its_edges(client):
    r = client.get("/api/overview", params={"limit": 4}).json()
    assert len(r["nodes"]) == 4
    assert "nvidia" in ids(r["nodes"])
    assert r["total_nodes"] == len(HUB) + 12
    hedged = client.get("/api/overview", params={"modality": "hedged"}).json()
    assert ids(hedged["nodes"]) == {"claude", "trainium"}


def test_queries_have_titles_in_both_languages(client):
    found = client.get("/api/queries").json()
    assert len(found) >= 8
    assert all(
        ({"ja", "en"} <= set(q["title"]) and "SELECT" in q["text"].upper()) or q["text"]
        for q in found
    )


def test_health_and_stats(client):
    h = client.get("/api/health")
    assert h.json()["status"] == "ok"
    assert h.headers["cache-control"] == "no-store"
    s = client.get("/api/stats").json()
    assert s["revision"] == h.json()["revision"]
    assert s["entities"] == len(HUB) + 12
    assert s["manifest"]["counts"]["posts"] == 5


def test_hostile_names_stay_data(client):
    r = client.get("/api/entities", params={"q": "<img"})
    assert r.headers["content-type"] == "application/json"
    assert r.json()["items"][0]["name"] == HOSTILE_NAME


def test_openapi_describes_every_resource(client):
    paths = client.get("/api/openapi.json").json()["paths"]
    assert {
        "/sparql", "/api/entities", "/api/entities/{id}", "/api/entities/{id}/neighborhood",
        "/api/edges/{id}", "/api/paths", "/api/centrality", "/api/schema", "/api/queries",
        "/api/stats", "/api/health",
    } <= set(paths)  # fmt: skip
