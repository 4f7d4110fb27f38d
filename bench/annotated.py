"""Annotated posts for training and measuring: gold files beside their posts, read as a reader would."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.annotation import Annotation, fold, read_gold
from kg.evaluation import align, key
from kg.extract.candidates import Candidate
from kg.extract.memo import Parsing
from kg.extract.parse import Parse
from kg.extract.pipeline import Extractor, entities_of, with_parses
from kg.extract.posts import read_post
from kg.extract.reading import Reading
from kg.inputs import sha256
from kg.model import Modality, PostFacts
from kg.schema import Schema

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"
SEEDS = Path(__file__).resolve().parents[1] / "seeds"
CORPUS = GOLD.parent / "corpus"

# Our own annotations of posts of the corpus, by the same guidelines; passages are offsets into the
# files, for their text is not ours.
OWN = Path(__file__).resolve().parent / "annotations.jsonl"

# Posts that we wrote, in kinds that the corpus lacks (digests, course pages, tables).
WRITTEN = OWN.with_name("written")

# Posts that were annotated like OWN and WRITTEN, but that no model learns from: what its verdicts are
# weighed and calibrated on.
CHECKS, WRITTEN_CHECKS = OWN.with_name("checks.jsonl"), OWN.with_name("written_checks.jsonl")

# Posts that nobody looks at while working: what is reported for them was not tuned for.
SET_ASIDE = frozenset({*(f"train-{i}" for i in range(51, 65)), *(f"web-0{i}" for i in range(5, 9))})


@dataclass(frozen=True, slots=True)
class Annotated:
    """A post and its gold annotation."""

    gold: Annotation
    path: Path

    @property
    def doc(self) -> str:
        return self.gold.doc


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated post with its candidates; `labels[i]` says whether candidate i is a gold claim,
    `weights[i]` how much its sentence says so."""

    annotated: Annotated
    reading: Reading
    candidates: list[Candidate]
    labels: list[bool]
    weights: list[float]


def symmetric(schema: Schema) -> frozenset[str]:
    """Return the properties whose claims read the same in either order."""
    return frozenset(p.name for p in schema.properties.values() if p.symmetric)


def annotated(parts: Iterable[str], folder: Path = GOLD) -> list[Annotated]:
    """Return the annotated posts of the named parts (seeds, dev, train, other), sorted."""
    out: list[Annotated] = []
    for part in parts:
        for doc, gold in read_gold([folder / part]).items():
            places = (folder / part / f"{doc}.md", SEEDS / f"{doc}.txt")
            out.append(Annotated(gold, next(p for p in places if p.exists())))
    return out


def own(corpus: Path = CORPUS, path: Path = OWN) -> list[Annotated]:
    """Return the posts of a folder that we annotated; raise ValueError where one has changed."""
    out: list[Annotated] = []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        post = corpus / f"{record['post']}.md"
        data = post.read_bytes()
        if sha256(data) != record["sha256"]:
            raise ValueError(f"{post}: not the text that was annotated")
        content = _content(record, data.decode("utf-8"))
        out.append(Annotated(Annotation.from_json(record["post"], content, str(path)), post))
    return out


def written() -> list[Annotated]:
    """Return the posts that we wrote; raise ValueError where one has changed."""
    return own(WRITTEN, WRITTEN.with_suffix(".jsonl"))


def checks(corpus: Path = CORPUS) -> list[Annotated]:
    """Return the posts that models are weighed on; raise ValueError where one has changed."""
    return own(corpus, CHECKS) + own(WRITTEN, WRITTEN_CHECKS)


def unlabelled(folder: Path = GOLD) -> list[Path]:
    """Return the posts of the corpus to learn from as mere text: all but those that are set aside and
    those that models are weighed on."""
    corpus = folder.parent / "corpus"
    aside = [p for p in annotated(("train", "other"), folder) if p.doc in SET_ASIDE]
    unread = {sha256(p.path.read_bytes()) for p in [*aside, *checks(corpus)]}
    return [p for p in sorted(corpus.glob("*.md")) if sha256(p.read_bytes()) not in unread]


def _content(record: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Return a line of OWN in the shape of a gold file."""
    return {
        "entities": [
            dict(zip(("id", "type", "name", "aliases"), e, strict=True)) for e in record["entities"]
        ],
        "relations": [
            {
                "subject": s,
                "predicate": p,
                "object": o,
                "modality": m,
                "evidence": [text[a:b] for a, b in spans],
            }
            for s, p, o, m, spans in record["relations"]
        ],
        "quantities": [
            {"about": about, "kind": kind, "value": value, "unit": unit, "evidence": text[a:b]}
            for about, kind, value, unit, (a, b) in record["quantities"]
        ],
    }


def examples(
    posts: Sequence[Annotated], extractor: Extractor, parser: Parsing, evidence_elsewhere: float
) -> list[Example]:
    """Return the candidates of the posts with their labels.

    A candidate whose triple is gold but whose sentence the annotator did not quote counts
    `evidence_elsewhere`: most such sentences only mention the two.
    """
    readings = [extractor.read(read_post(p.path)) for p in posts]
    wanted = sorted({r.sentences[i].text for r in readings for i in extractor.worth_parsing(r)})
    parses = dict(zip(wanted, parser.parse(wanted), strict=True))
    return [
        _example(p, r, extractor, parses, evidence_elsewhere)
        for p, r in zip(posts, readings, strict=True)
    ]


def _example(
    post: Annotated,
    r: Reading,
    extractor: Extractor,
    parses: Mapping[str, Parse],
    evidence_elsewhere: float,
) -> Example:
    at = {i: parses[r.sentences[i].text] for i in extractor.worth_parsing(r)}
    candidates = extractor.candidates.find(r.sentences, r.mentions, with_parses(r, at))
    named = Annotation.of(PostFacts(r.post, entities_of(r), claims=()))
    aligned = align(named.entities, post.gold.entities)
    same = symmetric(extractor.schema)
    gold = {key(g.subject, g.predicate, g.object, same): g for g in post.gold.relations}
    labels: list[bool] = []
    weights: list[float] = []
    for c in candidates:
        ends = (aligned.get(c.subject, "?" + c.subject), aligned.get(c.object, "?" + c.object))
        g = gold.get(key(ends[0], c.predicate, ends[1], same))
        holds = g is not None and g.modality is not Modality.NEGATED
        labels.append(holds)
        if g is None or not holds:
            weights.append(1.0)
        else:
            text = fold(r.sentences[c.sentence].text)
            quoted = any(text in q or q in text for q in g.evidence)
            weights.append(1.0 if quoted else evidence_elsewhere)
    return Example(post, r, candidates, labels, weights)
