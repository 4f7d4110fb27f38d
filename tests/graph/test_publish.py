import gzip
import multiprocessing
import os
import stat
import time

import pytest

from kg.errors import BadRequest, SnapshotError
from kg.graph.packed import pack
from kg.graph.publish import Draft, locked
from kg.graph.rdf import lines
from kg.graph.store import Snapshot

LINE = b'<http://x/%s> <http://x/p> "v" <http://x/g> .'
GRAPH = "http://x/g"
MANIFEST = {"base": "https://x.example/", "counts": {}}


def put(data, *names, network=b"{}"):
    with locked(data, print), Draft(data) as draft:
        draft.add(pack(GRAPH, (LINE % n for n in names)))
        return draft.publish(network, MANIFEST)


def test_what_is_published_can_be_opened(tmp_path):
    put(tmp_path, b"a", b"b")
    snapshot = Snapshot.open(tmp_path)
    assert snapshot.manifest["quads"] == 2
    assert len(list(snapshot.quads())) == 2
    assert snapshot.path == tmp_path / "snapshots" / snapshot.revision
    with gzip.open(snapshot.path / "graph.nq.gz") as f:
        assert f.read().splitlines() == sorted(lines(snapshot.quads()))


def test_the_default_graph_is_the_union_as_a_set(tmp_path):
    line = b'<http://x/a> <http://x/p> "o \\" <x> ." <http://x/%s> .'
    with locked(tmp_path, print), Draft(tmp_path) as draft:
        draft.add(pack("http://x/g1", [line % b"g1"]))
        draft.add(pack("http://x/g2", [line % b"g2"]))
        draft.publish(b"{}", MANIFEST)
    store = Snapshot.open(tmp_path).store
    assert [str(s["o"]) for s in store.query("SELECT ?o { ?s ?p ?o }")] == ['"o \\" <x> ."']
    assert len(list(store.query("SELECT ?g { GRAPH ?g { ?s ?p ?o } }"))) == 2


def test_order_and_repeats_do_not_matter(tmp_path):
    one = put(tmp_path / "one", b"a", b"b", b"c")
    two = put(tmp_path / "two", b"c", b"a", b"b", b"a")
    assert one.revision == two.revision
    packed = [(s.path / "graph.nq.gz").read_bytes() for s in (one, two)]
    assert packed[0] == packed[1]


def test_graphs_are_added_in_the_order_of_their_names(tmp_path):
    with locked(tmp_path, print), Draft(tmp_path) as draft:
        draft.add(pack("http://x/b", [LINE % b"a"]))
        for name in ("http://x/a", "http://x/b"):
            with pytest.raises(ValueError, match="does not come after"):
                draft.add(pack(name, [LINE % b"a"]))


def test_one_snapshot_before_the_current_one_is_kept(tmp_path):
    revisions = [put(tmp_path, n).revision for n in (b"a", b"b", b"c")]
    assert {p.name for p in (tmp_path / "snapshots").iterdir()} == set(revisions[1:])
    put(tmp_path, b"c")  # the same again changes nothing
    assert {p.name for p in (tmp_path / "snapshots").iterdir()} == set(revisions[1:])


def test_the_same_quads_with_another_network_keep_the_revision(tmp_path):
    one = put(tmp_path, b"a")
    two = put(tmp_path, b"a", network=b"[]")
    assert one.revision == two.revision
    assert Snapshot.open(tmp_path).network() == b"[]"


def test_a_reader_keeps_what_it_opened(tmp_path):
    put(tmp_path, b"a")
    before = Snapshot.open(tmp_path)
    put(tmp_path, b"b")
    assert [q.subject.value for q in before.quads()] == ["http://x/a"]
    assert [q.subject.value for q in Snapshot.open(tmp_path).quads()] == ["http://x/b"]


def test_a_failed_build_leaves_the_current_snapshot(tmp_path):
    before = put(tmp_path, b"a")
    with pytest.raises(RuntimeError), locked(tmp_path, print), Draft(tmp_path) as draft:
        draft.add(pack(GRAPH, [LINE % b"b"]))
        raise RuntimeError
    assert Snapshot.open(tmp_path).revision == before.revision
    assert [p.name for p in (tmp_path / "snapshots").iterdir()] == [before.revision]


def _die_while_building(data):
    with locked(data, print), Draft(data) as draft:
        draft.add(pack(GRAPH, [LINE % b"b"]))
        draft._make_store()
        os._exit(9)


def test_what_a_killed_build_left_is_removed_by_the_next(tmp_path):
    before = put(tmp_path, b"a")
    process = multiprocessing.get_context("spawn").Process(
        target=_die_while_building, args=(tmp_path,)
    )
    process.start()
    process.join()
    assert process.exitcode == 9
    assert len(list((tmp_path / "snapshots").iterdir())) == 2
    assert Snapshot.open(tmp_path).revision == before.revision
    after = put(tmp_path, b"c")
    assert Snapshot.open(tmp_path).revision == after.revision
    assert {p.name for p in (tmp_path / "snapshots").iterdir()} == {before.revision, after.revision}


def _hold(data, ready):
    with locked(data, print):
        ready.set()
        time.sleep(0.5)


def test_a_second_build_says_that_it_waits_and_waits(tmp_path):
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_hold, args=(tmp_path, ready))
    process.start()
    assert ready.wait(30)
    said: list[str] = []
    with locked(tmp_path, said.append):
        process.join(0)
    process.join()
    assert f"process {process.pid} is building here" in said[0]


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadRequest, match="file"), locked(tmp_path / "file", print):
        pass


def test_opening_nothing_says_what_to_run(tmp_path):
    with pytest.raises(SnapshotError, match=r"nowhere: no such folder; run `kg build"):
        Snapshot.open(tmp_path / "nowhere")
    with pytest.raises(SnapshotError, match="no snapshot has been published"):
        Snapshot.open(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"format": 99, "revision": "x", "base": ""}'])
def test_a_broken_manifest_is_named(tmp_path, content):
    snapshot = put(tmp_path, b"a")
    (snapshot.path / "manifest.json").write_text(content)
    with pytest.raises(SnapshotError, match=r"kg build"):
        Snapshot.open(tmp_path)


def test_a_missing_store_is_named(tmp_path):
    snapshot = put(tmp_path, b"a")
    (snapshot.path / "store" / "CURRENT").unlink()
    with pytest.raises(SnapshotError, match="store"):
        _ = Snapshot.open(tmp_path).store


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_readers_need_no_right_to_write(tmp_path):
    snapshot = put(tmp_path, b"a")
    for path in [*snapshot.path.rglob("*"), snapshot.path]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        assert len(list(Snapshot.open(tmp_path).quads())) == 1
    finally:
        for path in [snapshot.path, *snapshot.path.rglob("*")]:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
