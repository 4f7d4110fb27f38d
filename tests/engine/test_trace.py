"""A changed ontology re-reads the posts it concerns, and never serves what is stale."""

import ast
import random
import re
import shutil
from pathlib import Path

import pytest

from kg.build import build
from kg.cache import known_parses
from kg.engine.local import InProcess
from kg.engine.reader import TracingExtractor
from kg.extract import trace
from kg.extract.names import lower, normalise
from kg.settings import Settings

HEAD = """
@prefix kg:   <https://ai-infra-kg.example/ontology/> .
@prefix ent:  <https://ai-infra-kg.example/entity/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
"""
ENTITIES = {
    "nvidia": 'a kg:Company ; skos:prefLabel "NVIDIA"@en , "エヌビディア"@ja',
    "nvidia-h100": 'a kg:Chip ; skos:prefLabel "NVIDIA H100"@en ; skos:altLabel "H100"@en ;'
    " kg:knownMaker ent:nvidia",
    "google": 'a kg:Company ; skos:prefLabel "Google"@en , "グーグル"@ja',
    "aws": 'a kg:CloudProvider ; skos:prefLabel "Amazon Web Services"@en ; skos:altLabel "AWS"@en ;'
    " kg:knownParent ent:amazon",
    "amazon": 'a kg:Company ; skos:prefLabel "Amazon"@en ; skos:altLabel "アマゾン"@ja',
    "amazon-aurora": 'a kg:Service ; skos:prefLabel "Amazon Aurora"@en ; kg:knownMaker ent:amazon',
    "claude": 'a kg:Model ; skos:prefLabel "Claude"@en , "クロード"@ja ;'
    " kg:knownMaker ent:anthropic",
    "anthropic": 'a kg:Company ; skos:prefLabel "Anthropic"@en',
}
POSTS = {
    "chips": "エヌビディアはH100を開発した。ＧｏｏｇｌｅもNVIDIA H100を採用する。NVIDIAの最新GPUも使う。",
    "clouds": "AmazonのAuroraは速い。Amazon Bedrockを**Amazon** Web Servicesが提供する。",
    "models": "Anthropicはクロード 9を発表した。AWSはClaude 9を提供する。同社は強い。",
    "titan": "GoogleはTitanを開発した。Googleの新サービス「Zeta」を発表した。",
    "places": "米国は輸出を規制した。メンフィスに巨大なデータセンターが建つ。",
    "plain": "今日は天気がよい。何も起きなかった。",
}
EDITS = [
    ("label of nothing", {"google": lambda t: t + ' ; skos:altLabel "Alphabet Zoo"@en'}),
    ("label in one post", {"google": lambda t: t + ' ; skos:altLabel "Zeta"@en'}),
    ("label with markup between", {"aws": lambda t: t + ' ; skos:altLabel "Amazon W"@en'}),
    ("label removed", {"nvidia": lambda t: t.replace(' , "エヌビディア"@ja', "")}),
    ("class", {"aws": lambda t: t.replace("kg:CloudProvider", "kg:Company")}),
    ("class of a product", {"claude": lambda t: t.replace("kg:Model", "kg:Service")}),
    ("maker", {"nvidia-h100": lambda t: t.replace("ent:nvidia", "ent:google")}),
    ("no maker", {"claude": lambda t: t.replace(" ;\n", " ;").split(" kg:knownMaker")[0] + " skos:altLabel \"Claudius\"@en"}),
    ("parent", {"google": lambda t: t + " ; kg:knownParent ent:amazon"}),
    ("product of a maker", {"titan": lambda _: 'a kg:Chip ; skos:prefLabel "Google Titan"@en ; kg:knownMaker ent:google'}),
    ("short form of two", {"aurora2": lambda _: 'a kg:Service ; skos:prefLabel "Google Aurora"@en ; kg:knownMaker ent:google'}),
    ("version", {"claude-9": lambda _: 'a kg:Model ; skos:prefLabel "Claude 9"@en ; kg:knownParent ent:claude'}),
    ("kind of a maker", {"nvidia-gpu": lambda _: 'a kg:Chip ; skos:prefLabel "NVIDIA GPU"@en'}),
    ("name inside a name", {"bedrock": lambda _: 'a kg:Service ; skos:prefLabel "Amazon Bedrock"@en'}),
    ("id of an unknown name", {"claude-9-1": lambda _: 'a kg:Model ; skos:prefLabel "Unrelated"@en'}),
    ("entity removed", {"anthropic": None}),
    ("government", {"us-government": lambda _: 'a kg:Organization ; skos:prefLabel "US government"@en'}),
    ("site", {"colossus": lambda _: 'a kg:Facility ; skos:prefLabel "Colossus"@en , "メンフィスのデータセンター"@ja'}),
    ("name in English", {"google": lambda t: t.replace('"Google"@en', '"Google LLC"@en ; skos:altLabel "Google"@en')}),
]  # fmt: skip


class World:
    """An ontology with few entities, posts, and builds with the one parser of the tests."""

    def __init__(self, folder, parser):
        self.folder, self.parser = folder, parser
        self.ontology = folder / "ontology"
        shutil.copytree(Settings().ontology, self.ontology)
        self.entities = dict(ENTITIES)
        self.posts = folder / "posts"
        self.posts.mkdir()
        for name, text in POSTS.items():
            (self.posts / f"{name}.md").write_text(text + "\n", "utf-8")

    def edit(self, changes):
        for name, change in changes.items():
            if change is None:
                self.entities.pop(name, None)
                self.entities = {
                    k: v.replace(f" ; kg:knownMaker ent:{name}", "").replace(
                        f" ;\n kg:knownMaker ent:{name}", ""
                    )
                    for k, v in self.entities.items()
                }
            else:
                self.entities[name] = change(self.entities.get(name, ""))

    def build(self, name="data"):
        known = "".join(f"ent:{k} {v} .\n" for k, v in self.entities.items())
        (self.ontology / "entities.ttl").write_text(HEAD + known, "utf-8")
        settings = Settings(ontology=self.ontology)
        return build(
            [self.posts],
            self.folder / name,
            settings,
            engine=lambda job, _: InProcess(
                job,
                lambda schema: TracingExtractor(schema, known_parses(job.cache), self.parser),
            ),
        )

    def check(self, fresh):
        """Build, compare with a build from scratch, and return how many posts were read."""
        done, scratch = self.build(), self.build(fresh)
        for file in ("graph.nq.gz", "network.json", "manifest.json"):
            one, two = ((d.snapshot.path / file).read_bytes() for d in (done, scratch))
            assert one == two, file
        assert {str(q) for q in done.snapshot.store} == {str(q) for q in scratch.snapshot.store}
        return done.work.read


@pytest.fixture
def world(tmp_path, parser):
    return World(tmp_path, parser)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("label of nothing", 0),
        ("label in one post", 1),
        ("label with markup between", 1),
        ("label removed", 1),
        ("product of a maker", 1),
        ("version", 1),
        ("kind of a maker", 1),
        ("id of an unknown name", 0),
        ("government", 1),
        ("site", 1),
    ],
)
def test_only_what_a_change_concerns_is_read(world, name, read):
    world.build()
    world.edit(dict(EDITS)[name])
    assert world.check("fresh") == read


@pytest.mark.parametrize("seed", range(2))
def test_whatever_changes_the_result_is_that_of_a_build_from_scratch(world, seed):
    rng = random.Random(seed)
    world.build()
    for step, (_, changes) in enumerate(rng.sample(EDITS, 5)):
        if any(
            c is not None and n not in world.entities and n in ENTITIES for n, c in changes.items()
        ):
            continue
        world.edit(changes)
        world.check(f"fresh {step}")


def test_a_change_of_the_lexicon_reads_every_post(world):
    world.build()
    with (world.ontology / "lexicon.ttl").open("a", encoding="utf-8") as f:
        f.write("\n# a comment\n")
    done = world.build()
    assert (done.work.read, done.work.parsed) == (len(POSTS), 0)


def test_the_scan_sees_what_extraction_sees():
    for start in range(0, 0x30000, 0x1000):
        text = "".join(map(chr, range(start, start + 0x1000)))
        assert trace.seen_text([text]) == lower(normalise(text))


EXTRACT = Path(trace.__file__).parent
TABLES = {
    "listed.py": {"Listed.__init__"},
    "names.py": {"Names.of", "short_forms"},
    "context.py": {"ContextReader.__init__"},
}


def test_every_table_made_of_entities_is_traced():
    """What goes through all entities makes a table, and `Trace` has to know it."""
    found = {}
    for path in EXTRACT.glob("*.py"):
        if path.name in {"trace.py", "explain.py"}:
            continue
        for scope in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(scope, ast.Module | ast.ClassDef):
                continue
            for function in scope.body:
                if not isinstance(function, ast.FunctionDef):
                    continue
                text = ast.unparse(function)
                given = "Mapping[str, KnownEntity]" in text and "entities.values()" in text
                if given or re.search(r"schema\.entities\.(values|items|keys)\(\)", text):
                    name = f"{scope.name}." if isinstance(scope, ast.ClassDef) else ""
                    found.setdefault(path.name, set()).add(name + function.name)
    assert found == TABLES
