"""Ray: a cluster of real node processes on this machine."""

import os
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from toy import Toy

from kg.build import build
from kg.engine.choose import engine_named
from kg.engine.local import InProcess
from kg.engine.reader import GivenExtractor
from kg.engine.work import Job, Source, chunked
from kg.errors import BadRequest, OntologyError
from kg.schema import Schema
from kg.settings import Settings
from kg.turtle import hash_files

GOOD = "nvidia:Company develops nvidia-h100:Chip asserted 0.9\n"
SLOW = GOOD + "slow\nslow\nslow\nslow\n"


@pytest.fixture(scope="module")
def cluster():
    """A head without a core, so that all reading is done by the nodes, of which there are two."""
    pytest.importorskip("ray", reason="Ray has no wheel for this Python or machine")
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(p for p in sys.path if p)
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()
    if before is None:
        del os.environ["PYTHONPATH"]
    else:
        os.environ["PYTHONPATH"] = before


@pytest.fixture
def job(few):
    base = "https://x.example/"
    return Job(few.ontology, hash_files(few.ontology), base, base + "run/1", maker="toy:Hostile")


def source(name, text=GOOD):
    return Source(Path(f"{name}.md"), text.encode())


def made(job, cluster, seconds=60.0):
    from kg.engine.cluster import Cluster

    return Cluster(job, cluster.address, seconds)


@pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
class TestCluster:
    def test_a_node_dies_in_the_middle_and_nothing_is_lost_or_twice(self, cluster, job, few):
        toy = Toy(Schema.load(few.ontology))
        posts = [source(f"p{i:02}", SLOW) for i in range(24)]
        here = InProcess(job, lambda _: GivenExtractor(toy))
        expected = {o.id: o for b in here.run([posts]) for o in b.outcomes}
        found = []
        for number, batch in enumerate(made(job, cluster).run(chunked(posts, 2)), 1):
            found += batch.outcomes
            if number == 2:
                node = next(iter(cluster.worker_nodes))
                threading.Thread(target=cluster.remove_node, args=(node, False)).start()
        cluster.add_node(num_cpus=1)
        assert sorted(o.id for o in found) == sorted(expected)
        assert {o.id: o for o in found} == expected

    def test_a_post_that_kills_its_actor_costs_no_other(self, cluster, job):
        posts = [source("a"), source("bad", "die\n"), source("b"), source("ugly", "fail\n")]
        engine = made(job, cluster)
        found = {o.id: o for b in engine.run([posts, [source("c")]]) for o in b.outcomes}
        assert {i for i, o in found.items() if o.problem is None} == {"a", "b", "c"}
        assert "died" in found["bad"].problem.text
        assert found["ugly"].problem.text == "ugly.md: ValueError: what a post"

    def test_a_post_that_hangs_is_given_up(self, cluster, job):
        posts = [source("a"), source("bad", "hang\n")]
        found = {o.id: o for b in made(job, cluster, 6.0).run([posts]) for o in b.outcomes}
        assert found["a"].problem is None
        assert "not read within 6 s" in found["bad"].problem.text

    def test_another_ontology_is_refused(self, cluster, job):
        with pytest.raises(OntologyError, match="changed while"):
            list(made(replace(job, ontology_hash="0"), cluster).run([[source("a")]]))

    def test_a_build_comes_to_the_same_bytes(self, cluster, posts, tmp_path, few):
        toy = Toy(Schema.load(few.ontology))

        def here(job, _):
            return InProcess(job, lambda _: GivenExtractor(toy))

        def there(job, _):
            return made(replace(job, maker="toy:Hostile"), cluster)

        one, two = (
            build([posts], tmp_path / engine.__name__, few, engine=engine).snapshot
            for engine in (here, there)
        )
        for name in ("graph.nq.gz", "network.json", "manifest.json"):
            assert (one.path / name).read_bytes() == (two.path / name).read_bytes()


def test_what_cannot_be_an_engine():
    with pytest.raises(BadRequest, match="local, ray"):
        engine_named("spark", Settings())
    with pytest.raises(BadRequest, match="--engine ray"):
        engine_named("local", Settings(), "host:1")


def test_without_ray_the_error_says_what_to_install(job, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    from kg.engine.cluster import Cluster

    with pytest.raises(BadRequest, match=r"ai-infra-kg\[ray\]"):
        Cluster(job, "", 60.0)
