import re
import shutil
from pathlib import Path

import pytest

from kg.build import Reporter, build
from kg.errors import NothingToDo, PostError, ValidationError
from kg.graph.exports import export
from kg.graph.neighborhoods import around
from kg.graph.network import Network
from kg.graph.queries import run_query
from kg.graph.store import Snapshot
from kg.graph.terms import edge_id
from kg.schema import Schema
from kg.settings import Settings

BAD = "nvidia-h100:Chip develops nvidia:Company asserted 0.9\n"


class Run:
    """Builds into one folder with the toy extractor and keeps what was said."""

    def __init__(self, out, toy, settings=None):
        self.out, self.toy, self.settings = out, toy, settings or Settings()
        self.said: list[str] = []
        self.done: list[str] = []

    def __call__(self, *paths, **options):
        self.toy.seen.clear()
        report = Reporter(
            log=self.said.append,
            problem=lambda p: self.said.append(f"{p.kind}: {p.text}"),
            progress=lambda p: self.done.append(p.post),
        )
        return build(paths, self.out, self.settings, report=report, extractor=self.toy, **options)


@pytest.fixture
def run(tmp_path, toy):
    return Run(tmp_path / "data", toy)


def nquads(snapshot):
    return b"".join(export(snapshot, "nquads", lambda: None))


def test_counts(run, posts):
    snapshot = run(posts).snapshot
    counts = snapshot.manifest["counts"]
    assert (counts["posts"], counts["claims"], counts["quantities"]) == (2, 7, 1)
    assert counts["entities_by_class"] == {"Company": 2, "CloudProvider": 3, "Chip": 2}
    assert counts["claims_by_modality"] == {"asserted": 4, "hedged": 2, "negated": 1}
    assert counts["claims_by_property"]["develops"] == {"asserted": 2, "hedged": 1}
    assert run.done == ["one", "two"]


def test_two_builds_give_the_same_bytes_wherever_they_are(run, posts, tmp_path, toy):
    one = run(posts).snapshot
    moved = tmp_path / "else where"
    shutil.copytree(posts, moved)
    two = Run(tmp_path / "other", toy)(moved / "two.md", moved / "one.md").snapshot
    assert one.revision == two.revision
    assert nquads(one) == nquads(two)
    assert one.network() == two.network()


def test_a_second_build_from_the_same_inputs_reads_nothing_again(run, posts):
    first = run(posts)
    second = run(posts)
    assert (first.up_to_date, second.up_to_date) == (False, True)
    assert run.toy.seen == []
    assert second.snapshot.revision == first.snapshot.revision


def test_a_changed_post_makes_a_new_revision(run, posts):
    first = run(posts).snapshot
    path = posts / "one.md"
    path.write_text(path.read_text("utf-8").replace("0.8", "0.81"), "utf-8")
    second = run(posts)
    assert not second.up_to_date
    assert second.snapshot.revision != first.revision


def test_a_removed_post_takes_its_claims_along(run, posts):
    run(posts)
    (posts / "two.md").unlink()
    network = Network.load(run(posts).snapshot, run.toy.schema)
    edge = network.edge(edge_id("aws", "uses", "nvidia-h100"))
    assert (edge.support, edge.modalities) == (1, {"asserted": 1})
    assert "google-cloud" not in network.nodes


def test_a_post_that_violates_a_shape_is_left_out_and_named(run, posts):
    (posts / "bad.md").write_text(BAD, "utf-8")
    done = run(posts)
    assert done.snapshot.manifest["counts"]["posts_rejected"] == 1
    assert b"post/bad" not in nquads(done.snapshot)
    (told,) = [s for s in run.said if s.startswith("rejected")]
    assert "bad" in told
    assert "the subject of develops" in told
    run.said.clear()
    assert run(posts).up_to_date
    assert any(s.startswith("rejected: bad") for s in run.said)


def test_nothing_is_published_where_every_post_is_rejected(run, posts):
    before = run(posts).snapshot.revision
    only = posts.parent / "only"
    only.mkdir()
    (only / "bad.md").write_text(BAD, "utf-8")
    with pytest.raises(ValidationError, match="none of 1 posts"):
        run(only)
    assert Snapshot.open(run.out).revision == before


def test_bad_posts_are_told_and_the_others_built(run, posts):
    (posts / "empty.md").write_bytes(b"")
    (posts / "bytes.md").write_bytes(b"caf\xe9 nvidia\n")
    (posts / "plain.md").write_bytes(b"no front matter\r\n")
    (posts / "yaml.md").write_text('---\ntitle: "x\n: [\n---\ntext\n', "utf-8")
    (posts / "end.md").write_text("---\ntitle: x\n---\none\n\n---END---\n\ntwo\n", "utf-8")
    done = run(posts, posts.parent / "nowhere")
    assert done.snapshot.manifest["counts"]["posts"] == 6
    told = "\n".join(run.said)
    assert all("\n" not in line for line in run.said)
    for what in ("nowhere", "empty.md", "bytes.md", "plain.md", "yaml.md", "end.md"):
        assert re.search(rf"{what}.*: .+", told), f"{what} in {told}"


def test_a_post_over_the_limit_is_not_read(run, posts, toy):
    settings = Settings(max_post_bytes=200)
    (posts / "small.md").write_text("aws:CloudProvider investment 5 USD\n", "utf-8")
    other = Run(run.out, toy, settings)
    assert other(posts).snapshot.manifest["counts"]["posts"] == 1
    assert any("one.md" in s and "200" in s for s in other.said)


@pytest.mark.parametrize("make", [lambda p: p / "nowhere", lambda p: p])
def test_nothing_to_read_is_an_error(run, tmp_path, make):
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises((NothingToDo, PostError), match="empty"):
        run(make(empty))
    assert not (run.out / "current").exists()


def test_no_readable_post_is_an_error(run, tmp_path):
    (tmp_path / "a.md").write_bytes(b"")
    with pytest.raises(NothingToDo, match="none of 1"):
        run(tmp_path / "a.md")


def test_strict_publishes_nothing_where_anything_is_wrong(run, posts):
    (posts / "empty.md").write_bytes(b"")
    with pytest.raises(PostError, match="1 unreadable"):
        run(posts, strict=True)
    assert not (run.out / "current").exists()
    run(posts)
    with pytest.raises(PostError, match="--strict"):
        run(posts, strict=True)
    (posts / "empty.md").unlink()
    run(posts, strict=True)


def test_hostile_names_of_files(run, tmp_path):
    name = '新しい "記事" <x> #1?.md'
    (tmp_path / name).write_text("aws:CloudProvider uses nvidia-h100:Chip asserted 1\n", "utf-8")
    snapshot = run(tmp_path / name).snapshot
    text = "SELECT ?id { ?p a kg:Post ; dcterms:identifier ?id }"
    found = run_query(snapshot.path, text, settings=Settings(), format="tsv").content.decode()
    assert '新しい \\"記事\\" <x> #1?' in found


@pytest.fixture
def extended(tmp_path):
    """The ontology with one more property, class and entity, in Turtle alone."""
    folder = tmp_path / "ontology"
    shutil.copytree(Settings().ontology, folder)
    with (folder / "core.ttl").open("a", encoding="utf-8") as f:
        f.write("""
kg:Robot a owl:Class ; rdfs:subClassOf kg:Product ; kg:colour "#101010" ; kg:order 99 ;
    rdfs:label "Robot"@en , "ロボット"@ja ; skos:definition "A robot."@en , "ロボット。"@ja .
kg:admires a owl:ObjectProperty , owl:SymmetricProperty ; kg:colour "#202020" ; kg:order 99 ;
    rdfs:label "admires"@en , "称賛"@ja ; skos:definition "Likes it."@en , "好む。"@ja ;
    rdfs:domain kg:Robot ; rdfs:range kg:Robot .
""")
    with (folder / "entities.ttl").open("a", encoding="utf-8") as f:
        f.write('\nent:zz-robby a kg:Robot ; skos:prefLabel "Robby"@en , "ロビー"@ja .\n')
    return Settings(ontology=folder)


def test_what_is_added_to_the_ontology_alone_is_in_the_graph(tmp_path, extended, toy):
    schema = Schema.load(extended.ontology)
    post = tmp_path / "r.md"
    post.write_text("zz-robby:Robot admires a-2:Robot asserted 0.9\n" + BAD, "utf-8")
    extractor = type(toy)(schema)
    with pytest.raises(ValidationError):
        Run(tmp_path / "d", extractor, extended)(post)
    post.write_text("zz-robby:Robot admires a-2:Robot asserted 0.9\n", "utf-8")
    snapshot = Run(tmp_path / "d", extractor, extended)(post).snapshot
    network = Network.load(snapshot, schema)
    node = network.resolve("ロビー")
    assert (node.cls, node.known, node.degree) == ("Robot", True, 1)
    assert around(network, node.id, predicates=["admires"], classes=["Robot"]).total_edges == 1
    text = (
        'ASK { ent:a-2 kg:admires ?r . ?r skos:prefLabel "ロビー"@ja . kg:admires rdfs:label ?l }'
    )
    found = run_query(snapshot.path, text, settings=extended)
    assert b"true" in found.content


def test_the_ontology_is_an_input(run, posts, extended, toy):
    run(posts)
    other = Run(run.out, type(toy)(Schema.load(extended.ontology)), extended)
    assert not other(posts).up_to_date


def test_seeds_are_found():
    assert len(list(Path(__file__).parent.parent.joinpath("seeds").glob("*.txt"))) == 5
