"""Builds that are killed at random points: what was published serves, the next goes on."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest
from toy import Toy

from kg.build import build
from kg.graph.store import Snapshot
from kg.schema import Schema

SCRIPT = """
import sys
from dataclasses import replace
from pathlib import Path
from kg.build import build
from kg.engine.local import Processes
from kg.settings import Settings

if __name__ == "__main__":
    posts, out, ontology = map(Path, sys.argv[1:])
    make = lambda job, _: Processes(replace(job, maker="toy:Hostile"), 2, 60.0)
    print("start", flush=True)
    done = build([posts], out, Settings(ontology=ontology), engine=make)
    print(done.work.cached, flush=True)
"""

LINES = [
    "nvidia:Company develops nvidia-h100:Chip asserted 0.9",
    "aws:CloudProvider uses nvidia-h100:Chip asserted 0.8",
    "aws:CloudProvider competesWith azure:CloudProvider hedged 0.7",
    "slow",
]
KILLS = 5
SEED = 20260101


@pytest.fixture
def world(tmp_path, few):
    shutil.copytree(few.ontology, tmp_path / "ontology")
    (tmp_path / "build.py").write_text(SCRIPT, "utf-8")
    posts = tmp_path / "posts"
    posts.mkdir()
    write(posts, random.Random(SEED))
    return tmp_path


def write(posts, rng):
    for i in range(24):
        (posts / f"p{i:02}.md").write_text("\n".join(rng.sample(LINES, 3)) + "\n", "utf-8")


def start(world, out):
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    return subprocess.Popen(
        [sys.executable, *(str(world / name) for name in ("build.py", "posts", out, "ontology"))],
        env=env,
        stdout=subprocess.PIPE,
        text=True,
    )


def finish(process):
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return int(out.split()[-1])


def content(data):
    snapshot = Snapshot.open(data)
    files = ("graph.nq.gz", "network.json", "manifest.json", "graphs.json")
    return [(snapshot.path / name).read_bytes() for name in files], {str(q) for q in snapshot.store}


def test_builds_killed_at_random_points(world):
    rng = random.Random(SEED)
    began = time.monotonic()
    finish(start(world, "data"))
    whole = time.monotonic() - began
    before = content(world / "data")
    write(world / "posts", rng)
    for _ in range(KILLS):
        process = start(world, "data")
        process.stdout.readline()
        time.sleep(rng.uniform(0.05, 1.0) * whole)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert content(world / "data") in (before, after(world))
    finish(start(world, "data"))
    assert content(world / "data") == after(world)
    left = {p.name for p in (world / "data" / "snapshots").iterdir()}
    assert not [name for name in left if name.startswith(".")]


def after(world):
    """What an undisturbed build comes to."""
    if not (world / "fresh").exists():
        finish(start(world, "fresh"))
    return content(world / "fresh")


def test_what_was_read_before_a_kill_is_not_read_again(world):
    process = start(world, "data")
    cache = world / "data" / "cache.sqlite"
    process.stdout.readline()
    for _ in range(600):
        if cached(cache):
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert finish(start(world, "data")) > 0
    assert content(world / "data") == after(world)


def cached(path):
    import sqlite3

    try:
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as db:
            return db.execute("SELECT count(*) FROM posts").fetchone()[0]
    except sqlite3.Error:
        return 0


def test_two_builds_at_once_on_one_folder(world):
    both = [start(world, "data") for _ in range(2)]
    for process in both:
        finish(process)
    assert content(world / "data") == after(world)


def test_a_reader_goes_on_while_builds_come_and_go(world, few):
    toy = Toy(Schema.load(few.ontology))

    def run():
        return build([world / "posts"], world / "data", few, extractor=toy).snapshot

    reader = run()
    expected = len(list(reader.store))
    for name in ("p00.md", "p01.md", "p02.md"):
        (world / "posts" / name).write_text(LINES[0] + "\n", "utf-8")
        run()
    assert len(list(reader.store)) == expected
