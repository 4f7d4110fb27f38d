"""A small world in five posts, built by the real build with an extractor that reads a table."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.build import build
from kg.model import Claim, Entity, Evidence, Modality, Post, PostFacts, Quantity, slug, unique
from kg.settings import Settings, data_folder

ONTOLOGY = """\
@prefix kg: <https://ai-infra-kg.example/ontology/> .
@prefix ent: <https://ai-infra-kg.example/entity/> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
ent:nvidia a kg:Company ; skos:prefLabel "NVIDIA"@en , "エヌビディア"@ja .
ent:nvidia-h100 a kg:Chip ; skos:prefLabel "NVIDIA H100"@en ; skos:altLabel "H100"@en ;
    kg:knownMaker ent:nvidia .
ent:amazon a kg:Company ; skos:prefLabel "Amazon"@en , "アマゾン"@ja .
ent:aws a kg:CloudProvider ; skos:prefLabel "AWS"@en ; skos:altLabel "Amazon Web Services"@en ;
    kg:knownParent ent:amazon .
ent:trainium a kg:Chip ; skos:prefLabel "Trainium"@en ; kg:knownMaker ent:aws .
ent:anthropic a kg:Company ; skos:prefLabel "Anthropic"@en .
ent:claude a kg:Model ; skos:prefLabel "Claude"@en ; kg:knownMaker ent:anthropic .
ent:riken a kg:Organization ; skos:prefLabel "RIKEN"@en , "理化学研究所"@ja ;
    skos:altLabel "理研"@ja .
ent:fugaku a kg:Facility ; skos:prefLabel "Fugaku"@en , "富岳"@ja .
ent:solo a kg:Company ; skos:prefLabel "Solo"@en .
ent:duo a kg:Company ; skos:prefLabel "Duo"@en .
"""

HOSTILE_NAME = '<img src=x onerror="window.pwned=1">社'
HOSTILE_TEXT = (
    f"{HOSTILE_NAME}はNVIDIAと提携した</script><script>window.pwned=1</script>"
    '<a href="https://evil.example/">ここ</a>。'
)
HUB = [f"試作チップ{i}号" for i in range(1, 41)]

# Sentences by post, each with the claim it makes: (text, subject, property, object, modality).
POSTS: dict[str, tuple[str, str, list[tuple[str, str, str, str, str]]]] = {
    "post-1": (
        "NVIDIAとAWSの関係",
        "2025-08-01",
        [
            ("NVIDIAはH100を開発した。", "NVIDIA", "develops", "H100", "asserted"),
            ("AWSはH100を採用している。", "AWS", "uses", "H100", "asserted"),
            ("AWSはTrainiumを開発した。", "AWS", "develops", "Trainium", "asserted"),
            ("AnthropicのClaudeが注目される。", "Anthropic", "develops", "Claude", "asserted"),
            ("ClaudeはTrainiumで動くだろう。", "Claude", "runsOn", "Trainium", "hedged"),
        ],
    ),
    "post-2": (
        "競争の行方",
        "2025-09-10",
        [
            ("NVIDIAはH100を設計している。", "NVIDIA", "develops", "H100", "asserted"),
            ("NVIDIAはAWSと競合する。", "NVIDIA", "competesWith", "AWS", "asserted"),
            ("AmazonはAnthropicに出資した。", "Amazon", "investsIn", "Anthropic", "asserted"),
            ("AmazonはNVIDIAを買収しない。", "Amazon", "acquires", "NVIDIA", "negated"),
        ],
    ),
    "100% 富岳": (
        "富岳の今",
        "2025-10-01",
        [("理研は富岳を利用する。", "理研", "uses", "富岳", "asserted")],
    ),
    "post-4": (
        "孤立した二社 <b>太字</b>",
        "",
        [
            ("SoloはDuoと提携した。", "Solo", "partnersWith", "Duo", "asserted"),
            (HOSTILE_TEXT, HOSTILE_NAME, "partnersWith", "NVIDIA", "asserted"),
        ],
    ),
    "post-5": (
        "試作の山",
        "2025-11-05",
        [(f"NVIDIAは{c}を開発した。", "NVIDIA", "develops", c, "asserted") for c in HUB],
    ),
}

KNOWN = {
    "NVIDIA": ("nvidia", "Company"),
    "H100": ("nvidia-h100", "Chip"),
    "Amazon": ("amazon", "Company"),
    "AWS": ("aws", "CloudProvider"),
    "Trainium": ("trainium", "Chip"),
    "Anthropic": ("anthropic", "Company"),
    "Claude": ("claude", "Model"),
    "理研": ("riken", "Organization"),
    "富岳": ("fugaku", "Facility"),
    "Solo": ("solo", "Company"),
    "Duo": ("duo", "Company"),
}


def identity(name: str) -> tuple[str, str]:
    """Return the id and class of a name."""
    if name in KNOWN:
        return KNOWN[name]
    return slug(name), "Company" if name == HOSTILE_NAME else "Chip"


class TableExtractor:
    """Stands in for the language model: finds each post's sentences where they stand."""

    version = "table 1"

    def extract(self, posts: Iterable[Post]) -> Iterator[PostFacts]:
        for post in posts:
            yield self.facts(post)

    def facts(self, post: Post) -> PostFacts:
        rows = POSTS[post.id][2]
        names = unique(n for _, s, _, o, _ in rows for n in (s, o))
        entities = []
        for name in names:
            key, cls = identity(name)
            places = tuple(
                Evidence(m.start(), m.end(), name) for m in re.finditer(re.escape(name), post.text)
            )
            entities.append(Entity(key, cls, name, name in KNOWN, 0.9, (name,), places))
        claims = []
        for sentence, s, predicate, o, modality in rows:
            start = post.text.index(sentence)
            spot = Evidence(start, start + len(sentence), sentence)
            ends = (identity(s)[0], identity(o)[0])
            if predicate in {"competesWith", "partnersWith"}:
                ends = (min(ends), max(ends))
            confidence = 0.55 if modality == "hedged" else 0.9
            claims.append(
                Claim(ends[0], predicate, ends[1], Modality(modality), confidence, "table", (spot,))
            )
        quantities = ()
        if post.id == "post-1":
            start = post.text.index("200億ドル")
            line = post.text.index("AWSは200億ドルを投じる。")
            quantities = (
                Quantity(
                    about="aws",
                    kind="investment",
                    value=2e10,
                    unit="USD",
                    text="200億ドル",
                    start=start,
                    end=start + 6,
                    evidence=Evidence(line, line + 15, post.text[line : line + 15]),
                ),
            )
        return PostFacts(post, tuple(entities), tuple(claims), quantities)


def write_posts(folder: Path, names: Iterable[str] = tuple(POSTS)) -> list[Path]:
    """Write posts as files and return them."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in names:
        title, date, rows = POSTS[name]
        front = f"---\ntitle: '{title}'\n" + (f"date: {date}\n" if date else "") + "---\n\n"
        body = "\n\n".join(r[0] for r in rows)
        if name == "post-1":
            body += "\n\nAWSは200億ドルを投じる。"
        path = folder / f"{name}.md"
        path.write_text(front + body + "\n", encoding="utf-8")
        paths.append(path)
    return paths


def make_ontology(folder: Path) -> Path:
    """Write an ontology with our few entities and the project's own classes and shapes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("core.ttl", "background.ttl", "lexicon.ttl", "shapes.ttl"):
        shutil.copy(data_folder("ontology") / name, folder / name)
    (folder / "entities.ttl").write_text(ONTOLOGY, encoding="utf-8")
    return folder


def publish(folder: Path, names: Iterable[str] = tuple(POSTS)) -> Settings:
    """Build a snapshot of some of the posts under a folder; return the settings to serve it."""
    settings = Settings(
        ontology=make_ontology(folder / "ontology"), data=folder / "data", query_seconds=5.0
    )
    posts = folder / "posts"
    shutil.rmtree(posts, ignore_errors=True)
    write_posts(posts, names)
    report = build([posts], settings.data, settings, extractor=TableExtractor())
    wrong = [p for p in report.problems if p.kind != "flawed"]
    assert not wrong, wrong
    return settings
