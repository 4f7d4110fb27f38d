import itertools

import pyoxigraph as ox
import pytest

from kg.errors import SnapshotError
from kg.graph import streaming
from kg.graph.packed import pack, stamped
from kg.graph.store import Snapshot
from kg.graph.streaming import Blocks, merged, plain, quads, serialized, union
from kg.graph.terms import PROV

FORMATS = [ox.RdfFormat.TURTLE, ox.RdfFormat.TRIG, ox.RdfFormat.JSON_LD]


def many(counted):
    p = ox.NamedNode("http://x/p")
    for i in itertools.count():
        counted.append(i)
        yield ox.Triple(ox.NamedNode(f"http://x/{i}"), p, ox.Literal("text " * 10))


@pytest.mark.parametrize("form", FORMATS)
def test_blocks_come_before_the_statements_end(form):
    """The statements have no end here: only a stream ever gives a block."""
    counted = []
    blocks = serialized(many(counted), form)
    first = [next(blocks) for _ in range(3)]
    assert all(len(b) < 2 * streaming.BLOCK for b in first)
    blocks.close()
    read = len(counted)
    assert next(many(counted)) is not None
    assert len(counted) == read + 1  # closing it has stopped the reading


def test_memory_stays_flat():
    """What is written ahead of a slow reader is bounded, however much there is."""
    counted = []
    blocks = serialized(many(counted), ox.RdfFormat.TURTLE)
    next(blocks)
    room = (streaming.WAITING + 4) * streaming.BLOCK
    assert len(counted) * 40 < room * 2
    blocks.close()


def test_an_error_on_the_way_is_raised():
    def broken():
        yield from itertools.islice(many([]), 5)
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        list(serialized(broken(), ox.RdfFormat.TURTLE))


def test_many_lines_are_merged_by_way_of_files(monkeypatch):
    lines = [b"%03d\n" % (i * 7 % 100) for i in range(200)]
    whole = list(merged(lines))
    monkeypatch.setattr(streaming, "LINES", 9)
    assert list(merged(lines)) == whole == sorted(set(lines))


def test_a_name_inside_a_literal_stays():
    line = rb'<http://x/a> <http://x/p> "o <http://x/g> .\n" <http://x/g> .' + b"\n"
    assert plain(line, "http://x/g") == rb'<http://x/a> <http://x/p> "o <http://x/g> .\n" .' + b"\n"


def test_blocks_are_a_file():
    blocks = Blocks(iter([b"abc", b"", b"defg"]))
    assert [blocks.read(2), blocks.read(2), blocks.read(9), blocks.read(1)] == [
        *(b"ab", b"c", b"defg", b"")
    ]
    assert Blocks(iter([b"abc", b"d"])).read() == b"abcd"


def test_a_broken_file_is_named(data, tmp_path):
    snapshot = Snapshot.open(data)
    broken = Snapshot(tmp_path, dict(snapshot.manifest))
    with pytest.raises(SnapshotError, match=r"graph\.nq\.gz"):
        list(quads(broken))
    with pytest.raises(SnapshotError, match=r"graph\.nq\.gz"):
        list(union(broken))
    (tmp_path / "graph.nq.gz").write_bytes(b"")
    with pytest.raises(SnapshotError, match=r"graphs\.json"):
        list(union(broken))


def test_a_graph_of_another_run_names_this_one():
    run = b"<http://x/c> <" + PROV.encode() + b"wasGeneratedBy> <http://x/run/%s> <http://x/g> ."
    text = b'<http://x/c> <http://x/t> "<http://x/c> <' + PROV.encode() + b'wasGeneratedBy> <x>" .'
    old = pack("http://x/g", [run % b"1", text])
    new = stamped(old, "http://x/run/2")
    assert new == pack("http://x/g", [run % b"2", text])
    assert stamped(new, "http://x/run/2") is new
