"""Commands that judge extraction: figures against gold annotation, and why a claim was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from kg.cli import console, explained
from kg.cli.app import Data, Posts, app
from kg.cli.progress import reporter
from kg.errors import BadRequest
from kg.graph.store import Snapshot
from kg.schema import Schema
from kg.settings import Settings

if TYPE_CHECKING:
    from kg.extract.explanation import Explanation
    from kg.figures import Evaluation, Figures
    from kg.graph.evidence import FoundClaim

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("eval")
def evaluate(
    context: typer.Context,
    paths: Posts,
    gold: Annotated[Path, typer.Argument(help="A gold file, or a folder of *.gold.json.")],
    as_json: Json = False,
    errors: Annotated[
        bool, typer.Option("--errors", help="List what was missed and what is spurious.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Extract posts and say how well that agrees with annotation by hand.

    A post and its gold file have one stem. Gold files whose post is not there count as posts of
    which nothing was found; posts without a gold file are left out.
    """
    from kg.annotation import Annotation, read_gold
    from kg.build import load_extractor
    from kg.evaluation import evaluate as compare
    from kg.reading import open_posts
    from kg.reporting import Progress

    settings: Settings = context.obj
    wanted = read_gold([gold])
    with reporter(quiet) as report:
        _, read = open_posts(paths, settings, report)
        posts = [p for p in read if p.id in wanted]
        for text in _unmatched({p.id for p in read}, set(wanted)):
            console.say(f"kg: {text}")
        if not posts:
            raise BadRequest(f"{gold}: no gold file annotates any of the {len(read)} posts")
        schema = Schema.load(settings.ontology)
        predicted = {}
        start, chars = perf_counter(), 0
        for done, facts in enumerate(load_extractor(schema).extract(posts), 1):
            predicted[facts.post.id] = Annotation.of(facts)
            chars += len(facts.post.text)
            passed = perf_counter() - start
            report.progress(Progress(done, len(posts), chars, passed, facts.post.id))
    symmetric = frozenset(p.name for p in schema.properties.values() if p.symmetric)
    result = compare(predicted, wanted, symmetric)
    if as_json:
        mistakes = {"errors": [m.to_json() for m in result.mistakes]} if errors else {}
        console.put(console.dumps(result.to_json() | mistakes))
        return
    console.put(_figures(result, schema))
    if errors:
        console.put("\n" + _mistakes(result))


@app.command()
def explain(
    context: typer.Context,
    post: Annotated[
        Path | None, typer.Argument(help="The post; with --claim, the post that makes it.")
    ] = None,
    claim: Annotated[
        str, typer.Option("--claim", help="Only the claim with this id, from a snapshot.")
    ] = "",
    data: Data = None,
    as_json: Json = False,
) -> None:
    """Show why claims were made of a post, and why others were not.

    For each sentence that made or nearly made a claim: the word of the lexicon that fired, how
    subject and object hang on it, the modality and what it was read from, what counted for and
    against, and why a candidate was rejected.
    """
    settings: Settings = context.obj
    if not claim:
        if post is None:
            raise BadRequest("nothing to explain: name a post, or a claim with --claim ID")
        told = _explanation(settings, post)
        console.put(console.dumps(told.to_json()) if as_json else explained.text(told))
        return
    found, told_of = _claim(settings, claim, data, post)
    if as_json:
        why = None if told_of is None else told_of.to_json()
        console.put(console.dumps({"claim": asdict(found), "explanation": why}))
        return
    console.put(explained.claim(found))
    if told_of is not None:
        console.put("\n" + explained.text(told_of))
    else:
        console.say(f"kg: to see why, name the file of {found.view.post} too")


def _explanation(settings: Settings, path: Path, expected: str = "") -> Explanation:
    """Explain the post at a path; say so where its bytes are not those that are expected."""
    from kg.extract.explain import explain as tell
    from kg.extract.pipeline import Extractor
    from kg.extract.posts import read_post

    if path.is_dir():
        raise BadRequest(f"{path}: a folder; name one post")
    read = read_post(path, settings.max_post_bytes)
    for warning in read.warnings:
        console.say(f"kg: flawed: {warning}")
    if expected and read.sha256 != expected:
        console.say(f"kg: {path}: not the text that the snapshot was built from")
    return tell(Extractor(Schema.load(settings.ontology)), read)


def _claim(
    settings: Settings, id: str, data: Path | None, path: Path | None
) -> tuple[FoundClaim, Explanation | None]:
    from kg.graph.evidence import claim as find

    snapshot = Snapshot.open(data or settings.data)
    found = find(snapshot, id)
    if path is None:
        return found, None
    if path.stem != found.view.post:
        raise BadRequest(f"{path}: the claim is made by {found.view.post}")
    hashes = {p["id"]: p["sha256"] for p in snapshot.manifest["posts"]}
    told = _explanation(settings, path, hashes[found.view.post])
    return found, told.of((found.subject, found.predicate, found.object))


def _unmatched(posts: set[str], gold: set[str]) -> list[str]:
    out = []
    if extra := posts - gold:
        out.append(f"{len(extra)} posts have no gold file and are left out")
    if missing := sorted(gold - posts):
        out.append(f"no post for the gold of {', '.join(missing)}: counted as nothing found")
    return out


def _figures(result: Evaluation, schema: Schema) -> str:
    def percent(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}"

    def rows(named: Iterable[tuple[tuple[str, ...], Figures]]) -> list[tuple[str, ...]]:
        return [
            (
                *names,
                *(percent(v) for v in (f.precision, f.recall, f.f1)),
                *map(str, (f.right, f.spurious, f.missed)),
            )
            for names, f in named
        ]

    header = ("precision", "recall", "F1", "right", "spurious", "missed")
    parts = [
        console.table(
            (f"{result.posts} post{'s' if result.posts != 1 else ''}", *header),
            rows(
                (
                    (("entities",), result.entity),
                    (("relations",), result.relation),
                    (("quantities",), result.quantity),
                )
            ),
        ),
        console.table(
            ("of relations found", "share", "right", "of"),
            [
                (what, percent(s.value), s.right, s.total)
                for what, s in (
                    ("modality right", result.modality),
                    ("evidence hit", result.evidence),
                )
            ],
        ),
    ]
    for title, figures, known in (
        ("class", result.by_class, schema.classes),
        ("property", result.by_property, schema.properties),
    ):
        labels = {n: info.label.get("ja", "") for n, info in known.items()}
        order = sorted(
            figures, key=lambda n: (n not in labels, list(labels).index(n) if n in labels else 0, n)
        )
        parts.append(
            console.table(
                (title, "", *header), rows(((n, labels.get(n, "")), figures[n]) for n in order)
            )
        )
    return "\n\n".join(parts)


def _mistakes(result: Evaluation) -> str:
    rows = [
        (
            m.doc,
            "missed" if m.missed else "spurious",
            m.part,
            m.label,
            m.what,
            m.cause.value,
            m.quote[:160],
        )
        for m in result.mistakes
    ]
    return console.table(("post", "", "part", "label", "what", "cause", "quote"), rows)
