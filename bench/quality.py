"""How good extraction is, against baselines, with parts of it taken away, and where it errs.

    python -m bench.quality [--unseen] [--weighed] [--set-aside] [--out FILE.json]
                            [--parts dev,train,other,own] [--gold DIR]

Posts that the model was trained on are judged by models of a five-fold cross-validation that did
not see them ("out of fold"): these figures are the honest ones for those posts, as far as they can
be, since lexicon and names were written with these posts in view. The figures of the shipped model
on the same posts, which it has seen, are printed beside them and marked. Neither the seeds nor the
posts that readers are weighed on were trained on. Posts set aside are read only with --set-aside, at
the end of a round of work: once they have been looked at, they are set aside no longer. Quantities
are judged by the shipped model throughout; its figures out of fold stand in its card.

Needs scikit-learn (`pip install 'ai-infra-kg[train]'`).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.annotated import (
    GOLD,
    SET_ASIDE,
    WRITTEN,
    Annotated,
    annotated,
    checks,
    own,
    symmetric,
    written,
)
from bench.baselines import Finder, Ginza, Names, Recogniser, Usual, extract, split
from bench.causes import Errors, errors
from bench.systems import Prediction, Systems, predict, reliability
from bench.train import tuned
from kg.cli.console import table
from kg.evaluation import evaluate
from kg.figures import Evaluation
from kg.schema import Schema
from kg.settings import data_folder

OUT_OF_FOLD = "extractor, out of fold"
SHIPPED = "extractor"
SEEN = "extractor that has seen these posts"
OTHERS = "web-"
OURS = "own"
TUNED_ON = "tuned on"
BANDS = ((0.9, 1.01), (0.8, 0.9), (0.7, 0.8), (0.6, 0.7), (0.5, 0.6), (0.4, 0.5), (0.3, 0.4))


def groups(
    tuned_on: Sequence[Annotated], ours: Container[str], folder: Path, set_aside: bool
) -> dict[str, list[Annotated]]:
    """Return the posts by what they may be used for, by who annotated and by who wrote them."""
    parts = {
        TUNED_ON: [p for p in tuned_on if p.doc not in ours],
        f"{TUNED_ON}, our own annotation": [p for p in tuned_on if p.doc in ours],
        "seeds": annotated(["seeds"], folder),
    }
    if set_aside:
        read = annotated(["train", "other"], folder)
        parts["set aside"] = [p for p in read if p.doc in SET_ASIDE]
    out: dict[str, list[Annotated]] = {}
    for name, posts in parts.items():
        for whose, other in (("", False), (", other authors", True)):
            some = [p for p in posts if p.doc.startswith(OTHERS) == other]
            if some:
                out[name + whose] = sorted(some, key=lambda p: p.doc)
    return out


def weighed_on(folder: Path) -> dict[str, list[Annotated]]:
    """Return the posts that readers are weighed on, by who wrote them."""
    posts = checks(folder.parent / "corpus")
    return {
        "weighed on": [p for p in posts if p.path.parent != WRITTEN],
        "weighed on, that we wrote": [p for p in posts if p.path.parent == WRITTEN],
    }


class Run:
    """One run over some posts; `same` are the symmetric properties."""

    def __init__(self, schema: Schema, systems: Systems) -> None:
        self.schema = schema
        self.same = symmetric(schema)
        self.tuned_on = systems.tuned_on
        self.systems = systems
        self.recogniser = Recogniser()

    def evaluation(self, found: Mapping[str, Prediction], posts: Sequence[Annotated]) -> Evaluation:
        """Return the figures of predictions for the posts."""
        gold = {p.doc: p.gold for p in posts}
        return evaluate({d: found[d].said for d in gold}, gold, self.same)

    def baselines(self, posts: Sequence[Annotated]) -> dict[str, Evaluation]:
        """Return the figures of the baselines, which never learn from the post they read."""
        self.recogniser.read([s.text for p in (*self.tuned_on, *posts) for s in split(p)])
        found: dict[str, dict[str, Any]] = {"GiNZA's entities": {}, "names": {}}
        for training, some in self.systems.halves(posts):
            usual = Usual.of(training, self.same)
            finders: list[Finder] = [Ginza(self.recogniser, training), Names(training)]
            for name, finder in zip(found, finders, strict=True):
                found[name].update({p.doc: extract(p, finder, usual) for p in some})
        gold = {p.doc: p.gold for p in posts}
        return {
            f"baseline: {name} + co-occurrence": evaluate(said, gold, self.same)
            for name, said in found.items()
        }


def main() -> None:
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ap.add_argument("--gold", type=Path, default=GOLD)
    ap.add_argument("--out", type=Path, help="write everything as JSON too")
    ap.add_argument("--parts", default="dev,train,other,own", help="tuned-on posts to use")
    ap.add_argument(
        "--unseen",
        action="store_true",
        help="leave out the posts that the model was trained on, and so its training without them",
    )
    ap.add_argument("--set-aside", action="store_true", help="read the posts that are set aside")
    ap.add_argument(
        "--weighed", action="store_true", help="measure the posts that readers are weighed on too"
    )
    a = ap.parse_args()
    parts = a.parts.split(",")
    gold = {p.doc for p in annotated((part for part in parts if part != OURS), a.gold)}
    ours = {p.doc for p in own(a.gold.parent / "corpus")} if OURS in parts else set()
    tuned_on = [p for p in tuned(a.gold) if p.doc in gold | ours]
    schema = Schema.load(data_folder("ontology"))
    learnt_from = written()
    run = Run(schema, Systems(schema, tuned_on, learnt_from, folds=not a.unseen))
    card = run.systems.shipped.card
    report: dict[str, Any] = {
        "model": card["version"],
        "cross_validation_at_training": card["cross_validation"],
        "encoder": run.systems.shipped.second.card["version"],
        "groups": {},
    }
    print(
        f"model {card['version']}: relation F1 {card['cross_validation']['relation']['f1']:.3f} "
        f"in cross-validation on {card['posts']} posts"
    )
    second = run.systems.shipped.second.card
    print(
        f"with the encoder {second['version']}: {second['unseen']['with']['f1']:.3f}, without it "
        f"{second['unseen']['without']['f1']:.3f}, on {len(second['weighed_on'])} posts that neither saw"
    )
    measured = groups(tuned_on, ours, a.gold, a.set_aside)
    for name, posts in (measured | (weighed_on(a.gold) if a.weighed else {})).items():
        if a.unseen and name.startswith(TUNED_ON):
            continue
        report["groups"][name] = group(run, name, posts)
    if a.out:
        a.out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", "utf-8")


def group(run: Run, name: str, posts: Sequence[Annotated]) -> dict[str, Any]:
    """Measure and print everything about a group of posts; return it for JSON."""
    trained_on = set(run.systems.shipped.card["trained_on"])
    seen = [p for p in posts if p.doc in trained_on]
    print(f"\n==== {name}: {len(posts)} posts, of which the model was trained on {len(seen)}\n")
    main_system = OUT_OF_FOLD if name.startswith("tuned") else SHIPPED
    found = {main_system: predict(run.systems.extractor, run.systems.scorers(posts))}
    if main_system == OUT_OF_FOLD:
        found[SEEN] = predict(run.systems.extractor, [(posts, run.systems.shipped)])
    for without, (extractor, scorers) in run.systems.ablations(posts).items():
        found[f"without {without}"] = predict(extractor, scorers)
    results = {system: run.evaluation(f, posts) for system, f in found.items()}
    results |= run.baselines(posts)
    print(_systems(results))
    best = results[main_system]
    for title, figures in (("class", best.by_class), ("property", best.by_property)):
        print("\n" + _by(title, figures))
    points = reliability(found[main_system], posts, run.same)
    bands = [(low, high, [r for c, r in points if low <= c < high]) for low, high in BANDS]
    print("\n" + _reliability(bands))
    wrong = errors(best, found[main_system], posts, run.same)
    print("\n" + _errors(wrong))
    return {
        "posts": [p.doc for p in posts],
        "trained_on": [p.doc for p in seen],
        "systems": {s: r.to_json() for s, r in results.items()},
        "reliability": [
            {"from": low, "claims": len(right), "right": round(sum(right) / len(right), 3)}
            for low, _, right in bands
            if right
        ],
        "errors": [e.to_json() for e in wrong],
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _systems(results: Mapping[str, Evaluation]) -> str:
    header = ("", "entity F1", "relation P", "R", "F1", "modality", "evidence", "quantity F1")
    rows = [
        (
            system,
            *map(
                _number,
                (
                    r.entity.f1,
                    r.relation.precision,
                    r.relation.recall,
                    r.relation.f1,
                    r.modality.value,
                    r.evidence.value,
                    r.quantity.f1,
                ),
            ),
        )
        for system, r in results.items()
    ]
    return table(header, rows)


def _by(title: str, figures: Mapping[str, Any]) -> str:
    rows = [
        (n, *map(_number, (f.precision, f.recall, f.f1)), f.right, f.spurious, f.missed)
        for n, f in figures.items()
    ]
    return table((title, "precision", "recall", "F1", "right", "spurious", "missed"), rows)


def _reliability(bands: Sequence[tuple[float, float, list[bool]]]) -> str:
    rows = [
        (f"{low:g} to {min(high, 1.0):g}", len(right), _number(sum(right) / len(right)))
        for low, high, right in bands
        if right
    ]
    return table(("confidence", "claims", "right"), rows)


def _errors(wrong: Sequence[Errors]) -> str:
    rows = [
        (
            e.part,
            e.cause,
            e.missed,
            e.spurious,
            ", ".join(f"{label} {n}" for label, n in e.labels[:4]),
            e.example,
        )
        for e in wrong
    ]
    return table(("errors in", "cause", "missed", "spurious", "mostly", "for example"), rows)


if __name__ == "__main__":
    main()
