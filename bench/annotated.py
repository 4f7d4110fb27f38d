"""Annotated posts for training and measuring: gold files beside their posts, read as a reader would."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from kg.extract.candidates import Candidate
from kg.extract.parse import Parse, Parser
from kg.extract.pipeline import Extractor, Reading, entities_of
from kg.extract.posts import read_post

GOLD = Path(__file__).resolve().parents[2] / "shared" / "gold"
SEEDS = Path(__file__).resolve().parents[1] / "seeds"

# Posts that nobody looks at while working: what is reported for them was not tuned for.
SET_ASIDE = frozenset({*(f"train-{i}" for i in range(51, 65)), *(f"web-0{i}" for i in range(5, 9))})


@dataclass(frozen=True, slots=True)
class Annotated:
    """A post and its gold annotation."""

    gold: dict[str, Any]
    path: Path

    @property
    def doc(self) -> str:
        return str(self.gold["doc"])


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated post with its candidates; `labels[i]` says whether candidate i is a gold claim,
    `weights[i]` how much its sentence says so."""

    annotated: Annotated
    reading: Reading
    candidates: list[Candidate]
    labels: list[bool]
    weights: list[float]


def scorer(folder: Path = GOLD) -> ModuleType:
    """Return the gold's own scorer as a module."""
    spec = importlib.util.spec_from_file_location("score", folder / "score.py")
    if spec is None or spec.loader is None:
        raise FileNotFoundError(folder / "score.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def annotated(parts: Iterable[str], folder: Path = GOLD) -> list[Annotated]:
    """Return the annotated posts of the named parts (seeds, dev, train, other), sorted."""
    out: list[Annotated] = []
    for part in parts:
        for file in sorted((folder / part).glob("*.gold.json")):
            gold = json.loads(file.read_text("utf-8"))
            places = (file.parent / f"{gold['doc']}.md", SEEDS / f"{gold['doc']}.txt")
            out.append(Annotated(gold, next(p for p in places if p.exists())))
    return out


def examples(
    posts: Sequence[Annotated], extractor: Extractor, parser: Parser, evidence_elsewhere: float
) -> list[Example]:
    """Return the candidates of the posts with their labels.

    A candidate whose triple is gold but whose sentence the annotator did not quote counts
    `evidence_elsewhere`: most such sentences only mention the two.
    """
    score = scorer()
    readings = [extractor.read(read_post(p.path)) for p in posts]
    finder = extractor.candidates
    wanted = sorted(
        {
            r.sentences[i].text
            for r in readings
            for i in finder.worth_parsing(r.sentences, r.mentions)
        }
    )
    parses = dict(zip(wanted, parser.parse(wanted), strict=True))
    return [
        _example(p, r, extractor, parses, score, evidence_elsewhere)
        for p, r in zip(posts, readings, strict=True)
    ]


def _example(
    post: Annotated,
    r: Reading,
    extractor: Extractor,
    parses: Mapping[str, Parse],
    score: ModuleType,
    evidence_elsewhere: float,
) -> Example:
    at = {i: parses[s.text] for i, s in enumerate(r.sentences) if s.text in parses}
    candidates = extractor.candidates.find(r.sentences, r.mentions, at)
    aligned = score.align([e.to_json() for e in entities_of(r)], post.gold["entities"])
    gold = {score.key(g["subject"], g["predicate"], g["object"]): g for g in post.gold["relations"]}
    labels: list[bool] = []
    weights: list[float] = []
    for c in candidates:
        ends = (aligned.get(c.subject, "?" + c.subject), aligned.get(c.object, "?" + c.object))
        g = gold.get(score.key(ends[0], c.predicate, ends[1]))
        holds = g is not None and g["modality"] != "negated"
        labels.append(holds)
        if g is None or not holds:
            weights.append(1.0)
        else:
            text = score.fold(r.sentences[c.sentence].text)
            quoted = any(text in score.fold(q) or score.fold(q) in text for q in g["evidence"])
            weights.append(1.0 if quoted else evidence_elsewhere)
    return Example(post, r, candidates, labels, weights)
