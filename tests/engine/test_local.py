import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from toy import Hostile, Toy

from kg.build import Reporter, build
from kg.engine.local import InProcess, Processes
from kg.engine.reader import GivenExtractor
from kg.engine.work import Job, Source, chunked
from kg.errors import OntologyError, PostError
from kg.schema import Schema
from kg.turtle import hash_files

GOOD = "nvidia:Company develops nvidia-h100:Chip asserted 0.9\n"


@pytest.fixture
def job(few):
    return Job(
        few.ontology, hash_files(few.ontology), "https://x.example/", "https://x.example/run/1"
    )


def source(name, text=GOOD):
    return Source(Path(f"{name}.md"), text.encode())


def outcomes(engine, *chunks):
    return {o.id: o for batch in engine.run(chunks) for o in batch.outcomes}


def hostile(job, seconds=60.0, workers=2):
    return Processes(replace(job, maker="toy:Hostile"), workers, seconds)


def test_processes_come_to_what_this_process_does(job, few):
    toy = Toy(Schema.load(few.ontology))
    chunks = [[source("a"), source("b", "no claim\n")], [source("c", ""), source("d")]]
    here = outcomes(InProcess(job, lambda _: GivenExtractor(toy)), *chunks)
    there = outcomes(Processes(replace(job, maker="toy:Toy"), 2, 60.0), *chunks)
    assert here == there
    assert here["c"].problem.kind == "unreadable"
    assert b"/claim/" in here["a"].graph.lines()


def test_a_post_that_kills_its_reader_costs_no_other(job):
    posts = [source("a"), source("bad", "die\n"), source("b"), source("c")]
    found = outcomes(hostile(job), posts, [source("d")])
    assert {i for i, o in found.items() if o.problem is None} == {"a", "b", "c", "d"}
    assert found["bad"].problem.kind == "failed"
    assert "died (exit code 13)" in found["bad"].problem.text


def test_a_post_that_hangs_is_given_up(job):
    found = outcomes(hostile(job, seconds=4.0), [source("bad", "hang\n"), source("a")])
    assert found["a"].problem is None
    assert "not read within 4 s (KG_POST_SECONDS)" in found["bad"].problem.text


def test_a_post_that_makes_extraction_fail_is_named(job):
    found = outcomes(hostile(job, workers=1), [source("a"), source("bad", "fail\n")])
    assert found["a"].problem is None
    assert found["bad"].problem.text == "bad.md: ValueError: what a post"


def test_the_same_in_this_process(job):
    engine = InProcess(job, lambda s: GivenExtractor(Hostile(s)))
    found = outcomes(engine, [source("a"), source("bad", "fail\n")])
    assert (found["a"].problem, found["bad"].problem.kind) == (None, "failed")


@pytest.mark.parametrize("make", [InProcess, lambda job: Processes(job, 1, 60.0)])
def test_another_ontology_than_that_of_the_build_is_refused(job, make):
    with pytest.raises(OntologyError, match="changed while the build was running"):
        outcomes(make(replace(job, ontology_hash="0")), [source("a")])


def test_a_build_goes_on_without_a_poisonous_post(tmp_path, posts, few):
    (posts / "bad.md").write_text("die\n", "utf-8")
    said = []

    def run(**options):
        return build(
            [posts],
            tmp_path / "data",
            few,
            report=Reporter(problem=said.append),
            engine=lambda job, _: hostile(job),
            **options,
        )

    with pytest.raises(PostError, match="1 failed"):
        run(strict=True)
    done = run()
    assert done.snapshot.manifest["counts"]["posts_failed"] == 1
    assert (done.work.failed, done.work.cached, done.work.read) == (1, 2, 1)
    assert [p.post for p in said if p.kind == "failed"] == ["bad", "bad"]
    (posts / "bad.md").write_text(GOOD, "utf-8")
    assert run().snapshot.manifest["counts"]["posts"] == 3


def test_chunks_end_at_a_number_of_posts_or_bytes():
    many = [source(str(i), "x" * 10) for i in range(7)]
    assert [len(c) for c in chunked(many, 3)] == [3, 3, 1]
    assert [len(c) for c in chunked(many, 100, most_bytes=25)] == [3, 3, 1]


ORPHAN = """
import sys
from pathlib import Path
from kg.engine.local import Processes
from kg.engine.work import Job, Source
from kg.schema import Schema
from kg.schema import Schema
from kg.turtle import hash_files
from kg.settings import Settings

if __name__ == "__main__":
    s = Schema.load(Settings().ontology)
    job = Job(s.folder, s.hash, "https://x.example/", "https://x.example/r", maker="toy:Hostile")
    first = [Source(Path("a.md"), b"x")]
    rest = [[Source(Path(f"{i}.md"), b"hang\\n")] for i in range(2)]
    for batch in Processes(job, 2, 600.0).run([first, *rest]):
        print("ready", flush=True)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_workers_end_with_the_build_that_is_killed(tmp_path):
    script = tmp_path / "orphan.py"
    script.write_text(ORPHAN, "utf-8")
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    process = subprocess.Popen(
        [sys.executable, str(script)], env=env, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "ready\n"
    workers = children(process.pid)
    assert workers
    process.send_signal(signal.SIGKILL)
    process.communicate()
    for _ in range(300):
        if not any(alive(pid) for pid in workers):
            break
        time.sleep(0.1)
    assert not [pid for pid in workers if alive(pid)]


def children(pid):
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(path.parent.name))
    return found


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
