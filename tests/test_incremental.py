"""A build that reads only what changed comes to the bytes of one from scratch."""

import gzip
import json
import os
import random
import subprocess
import sys
from dataclasses import replace

import pytest
from toy import Toy

from kg.build import Reporter, build
from kg.engine.choose import in_process
from kg.errors import StorageError
from kg.graph import publish
from kg.graph.publish import Draft
from kg.graph.store import Snapshot
from kg.schema import Schema

PARTS = [
    "nvidia:Company develops nvidia-h100:Chip asserted 0.9",
    "nvidia:Company develops nvidia-h100:Chip hedged 0.5",
    "aws:CloudProvider uses nvidia-h100:Chip asserted 0.8",
    "aws:CloudProvider competesWith azure:CloudProvider negated 0.7",
    "azure:CloudProvider uses nova-1:Chip asserted 0.6",
    "amd:Company develops nova-1:Chip asserted 0.6",
    "aws:CloudProvider investment 20 USD",
    "nvidia-h100:Chip develops nvidia:Company asserted 0.9",
    "ただの文。",
]


@pytest.fixture
def toy(few):
    return Toy(Schema.load(few.ontology))


@pytest.fixture
def run(tmp_path, toy, few):
    def build_in(posts, name="data", **options):
        toy.seen.clear()
        report = Reporter(log=build_in.said.append)
        return build([posts], tmp_path / name, few, report=report, extractor=toy, **options)

    build_in.said = []
    return build_in


def content(snapshot):
    """Everything that a reader of a snapshot can see."""
    files = {name: (snapshot.path / name).read_bytes() for name in ("graph.nq.gz", "network.json")}
    manifest = json.loads((snapshot.path / "manifest.json").read_bytes())
    return files, manifest, {str(q) for q in snapshot.store}, snapshot.graphs()


def check(run, posts, fresh):
    """Compare the snapshot of a folder with one from scratch."""
    one, two = run(posts).snapshot, run(posts, fresh).snapshot
    assert one.revision == two.revision
    assert content(one) == content(two)
    names = {g.value for g in one.store.named_graphs()}
    assert names == set(one.graphs())


def test_only_a_changed_post_is_read(run, posts, toy):
    run(posts)
    (posts / "one.md").write_text(PARTS[0] + "\n", "utf-8")
    work = run(posts).work
    assert toy.seen == ["one"]
    assert (work.read, work.cached) == (1, 1)


def test_an_added_post_and_a_removed_one(run, posts, toy):
    run(posts)
    (posts / "three.md").write_text(PARTS[2] + "\n", "utf-8")
    run(posts)
    assert toy.seen == ["three"]
    (posts / "one.md").unlink()
    run(posts)
    assert toy.seen == []
    check(run, posts, "fresh")


def test_a_post_that_comes_back_is_not_read_again(run, posts, toy):
    first = run(posts).snapshot.revision
    text = (posts / "one.md").read_text("utf-8")
    (posts / "one.md").write_text("nothing\n", "utf-8")
    run(posts)
    (posts / "one.md").write_text(text, "utf-8")
    assert run(posts).snapshot.revision == first
    assert toy.seen == []


def test_a_moved_folder_is_not_read_again(run, posts, toy):
    run(posts)
    posts.rename(posts.with_name("moved"))
    assert run(posts.with_name("moved")).up_to_date
    (posts.with_name("moved") / "empty.md").write_bytes(b"")
    problems = run(posts.with_name("moved")).problems
    assert toy.seen == []
    assert any("moved/empty.md: the file is empty" in p.text for p in problems)


@pytest.mark.parametrize("seed", range(2))
def test_any_sequence_of_changes_comes_to_the_bytes_of_a_build_from_scratch(
    run, tmp_path, seed, monkeypatch
):
    # Always change the store before, however much of it.
    monkeypatch.setattr(publish, "SMALL_CHANGE", 10.0)
    changed = []
    plain = publish.change
    monkeypatch.setattr(publish, "change", lambda *a: (changed.append(a), plain(*a)))
    rng = random.Random(seed)
    posts = tmp_path / "posts"
    posts.mkdir()
    for i in range(4):
        (posts / f"p{i}.md").write_text("\n".join(rng.sample(PARTS[:7], 3)) + "\n", "utf-8")
    run(posts)
    for step in range(3):
        for _ in range(rng.randint(1, 3)):
            path = posts / f"p{rng.randint(0, 5)}.md"
            if path.exists() and path.name != "p0.md" and rng.random() < 0.4:
                path.unlink()
            else:
                path.write_text("\n".join(rng.sample(PARTS, rng.randint(1, 5))) + "\n", "utf-8")
        if not any(PARTS[7] not in p.read_text("utf-8") for p in posts.iterdir()):
            continue
        check(run, posts, f"fresh {step}")
    assert changed


def test_the_store_is_changed_where_most_of_it_stays_and_loaded_otherwise(
    run, tmp_path, monkeypatch
):
    how = []
    for name in ("change", "bulk_load"):
        plain = getattr(publish, name)
        monkeypatch.setattr(
            publish, name, lambda *a, plain=plain, name=name: (how.append(name), plain(*a))
        )
    posts = tmp_path / "posts"
    posts.mkdir()
    for i in range(30):
        (posts / f"p{i:02}.md").write_text("\n".join(PARTS[:5]) + "\n", "utf-8")
    run(posts)
    (posts / "p03.md").write_text("\n".join(PARTS[:4]) + "\n", "utf-8")
    run(posts)
    for i in range(20):
        (posts / f"p{i:02}.md").write_text(PARTS[5] + "\n", "utf-8")
    run(posts)
    assert how == ["bulk_load", "change", "bulk_load"]


def test_a_store_that_is_broken_is_loaded_again(run, posts):
    first = run(posts).snapshot
    (first.path / "store" / "CURRENT").unlink()
    (posts / "one.md").write_text(PARTS[0] + "\n", "utf-8")
    check(run, posts, "fresh")


def test_another_base_changes_every_graph(tmp_path, posts, toy, few):
    def with_base(base, name):
        settings = replace(few, base=base)
        return build([posts], tmp_path / name, settings, extractor=toy).snapshot

    with_base("https://a.example/", "data")
    assert content(with_base("https://b.example/", "data")) == content(
        with_base("https://b.example/", "fresh")
    )


def test_what_is_read_is_what_is_hashed(tmp_path, posts, toy, few):
    """A post changes after it was hashed and before it is read."""
    late = "aws:CloudProvider uses nvidia-h100:Chip asserted 0.5\n"

    def engine(job, _):
        (posts / "one.md").write_text(late, "utf-8")
        return in_process(job, toy)

    def run(name, **options):
        return build([posts], tmp_path / name, few, **options)

    first = run("data", engine=engine).snapshot
    assert b'"' + late.strip().encode() + b'"' in gzip.decompress(
        (first.path / "graph.nq.gz").read_bytes()
    )
    fresh = run("fresh", engine=lambda job, _: in_process(job, toy)).snapshot
    assert content(first) == content(fresh)
    assert run("data", engine=engine).up_to_date


@pytest.mark.parametrize("where", ["add", "publish", "_switch", "_make_store"])
def test_a_full_disk_leaves_what_was_published(run, posts, monkeypatch, where):
    before = run(posts).snapshot
    (posts / "one.md").write_text(PARTS[0] + "\n", "utf-8")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Draft, where, full)
        with pytest.raises(StorageError, match="No space left"):
            run(posts)
    now = Snapshot.open(before.path.parent.parent)
    assert now.revision == before.revision
    assert list(now.store)
    assert not list(now.path.parent.glob(".building-*"))
    check(run, posts, "fresh")


def test_a_full_disk_in_the_middle_of_the_cache(run, posts, monkeypatch):
    import sqlite3

    from kg.cache import Cache

    before = run(posts).snapshot
    (posts / "one.md").write_text(PARTS[0] + "\n", "utf-8")

    def full(*_):
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(Cache, "put", full)
        with pytest.raises(StorageError, match="disk is full"):
            run(posts)
    assert Snapshot.open(before.path.parent.parent).revision == before.revision
    check(run, posts, "fresh")


def test_a_broken_cache_costs_only_time(run, posts, toy):
    first = run(posts).snapshot
    (first.path.parent.parent / "cache.sqlite").write_bytes(b"rubbish" * 1000)
    (posts / "one.md").write_text(PARTS[0] + "\n", "utf-8")
    check(run, posts, "fresh")
    assert any("cache.broken" in s for s in run.said)


TWICE = """
import sys
from pathlib import Path
from kg.build import build
from kg.settings import Settings

class Same:
    version = "toy 1"

posts, out, ontology = map(Path, sys.argv[1:])
done = build([posts], out, Settings(ontology=ontology), extractor=Same())
heavy = {"spacy", "ginza", "lightgbm", "rdflib", "pyshacl", "networkx", "numpy", "ray", "pebble"}
print(done.up_to_date, *sorted(heavy & set(sys.modules)))
"""


def test_with_nothing_changed_nothing_heavy_is_loaded(run, posts, few):
    out = run(posts).snapshot.path.parent.parent
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    done = subprocess.run(
        [sys.executable, "-c", TWICE, str(posts), str(out), str(few.ontology)],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["True"]
