import sqlite3
from pathlib import Path

import pytest

from kg.cache import Cache, known_parses
from kg.engine.work import Outcome
from kg.extract.parse import parser_version
from kg.graph.packed import pack
from kg.inputs import Problem

GRAPH = pack("http://x/g", [b'<http://x/a> <http://x/p> "v" <http://x/g> .'])


@pytest.fixture
def opened(tmp_path):
    said = []

    def open_cache():
        return Cache(tmp_path, said.append)

    open_cache.said, open_cache.path = said, tmp_path / "cache.sqlite"
    return open_cache


def outcome(id="p", **fields):
    graph = fields.pop("graph", GRAPH)
    return Outcome(id, Path(f"{id}.md"), "0" * 64, 5, "summary of " + id, graph, **fields)


def put(cache, *ids):
    for id in ids:
        cache.put("key of " + id, "run", "ontology", outcome(id, parses=id.encode() * 16))
    cache.commit()


def test_what_is_put_is_found_again(opened):
    put(opened(), "p")
    cache = opened()
    entry = cache.entries()["key of p"]
    assert (entry.id, entry.run, entry.ontology, entry.chars) == ("p", "run", "ontology", 5)
    assert entry.problem is None
    assert list(cache.summaries(["key of p"])) == ["summary of p"]
    assert cache.graph("key of p", GRAPH.name) == GRAPH


def test_a_problem_is_kept(opened):
    cache = opened()
    cache.put("k", "r", "o", outcome(graph=None, problem=Problem("rejected", "p", "why")))
    assert cache.entries()["k"].problem == Problem("rejected", "p", "why")


def test_what_was_not_committed_is_lost_and_nothing_else(opened):
    cache = opened()
    put(cache, "a")
    cache.put("key of b", "run", "ontology", outcome("b"))
    cache.close()
    assert set(opened().entries()) == {"key of a"}


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough" * 9, b"SQLite format 3\0"]
)
def test_a_broken_file_is_told_moved_aside_and_begun_anew(opened, content):
    opened.path.write_bytes(content)
    cache = opened()
    assert cache.entries() == {}
    assert "cache.broken" in opened.said[0]
    assert opened.path.with_name("cache.broken").read_bytes() == content
    put(cache, "a")


def test_a_page_that_is_damaged_is_noticed(opened):
    cache = opened()
    put(cache, *(f"post {i}" for i in range(400)))
    cache.close()
    data = bytearray(opened.path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = b"\xff" * 4096
    opened.path.write_bytes(data)
    assert opened().entries() == {}
    assert opened.said


def test_a_cache_of_another_version_is_begun_anew(opened):
    cache = opened()
    put(cache, "a")
    cache.close()
    with sqlite3.connect(opened.path) as db:
        db.execute("PRAGMA user_version = 99")
    assert opened().entries() == {}
    assert opened.said == []


def test_what_two_builds_did_not_use_is_dropped(opened):
    cache = opened()
    put(cache, "a", "b")
    cache.finish(["key of a", "key of b"])
    cache.finish(["key of a"])
    assert set(cache.entries()) == {"key of a", "key of b"}
    cache.finish(["key of a"])
    assert set(cache.entries()) == {"key of a"}
    assert cache.dependencies("key of b") == b""


def test_parses_that_no_post_needs_are_dropped_in_the_end(opened):
    cache = opened()
    put(cache, "a")
    cache.put_parses("v", [(b"a" * 16, b"kept"), (b"b" * 16, b"not")])
    for i in range(20):
        put(cache, f"p{i}")
        cache.finish(["key of a", f"key of p{i}"])
    held = sqlite3.connect(opened.path).execute("SELECT parse FROM parses").fetchall()
    assert held == [(b"kept",)]


def test_workers_find_parses_of_this_parser_alone(opened):
    cache = opened()
    cache.put_parses(parser_version(), [(b"a" * 16, b"parse")])
    cache.put_parses("another", [(b"b" * 16, b"parse")])
    cache.commit()
    known = known_parses(opened.path)
    assert known([b"a" * 16, b"b" * 16, b"c" * 16]) == {b"a" * 16: b"parse"}
    assert known_parses(opened.path.with_name("gone"))([b"a" * 16]) == {}
    assert known_parses(None) is None


def test_a_full_disk_is_an_error_and_not_a_broken_file(opened):
    cache = opened()
    put(cache, "a")
    cache._db.execute("COMMIT")
    (pages,) = cache._db.execute("PRAGMA page_count").fetchone()
    cache._db.execute(f"PRAGMA max_page_count = {pages}")
    cache._db.execute("BEGIN")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        put(cache, *(f"post {i}" for i in range(999)))
    cache.close()
    assert set(opened().entries()) == {"key of a"}
    assert opened.said == []
