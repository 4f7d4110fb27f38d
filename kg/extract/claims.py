"""Claims: what the scored candidates of a post amount to, with evidence, modality and reasons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from kg.extract.candidates import Candidate
from kg.extract.document import Sentence
from kg.extract.features import FEATURES
from kg.extract.modality import Judgement, ModalityReader, strongest
from kg.model import Claim, Post, Rejection

# A claim quotes this many sentences at the most, and only such as support it at least this much
# in proportion to the best one.
MAX_EVIDENCE = 6
SUPPORT = 0.5

# A candidate below this confidence is nothing a reader would want explained.
WORTH_EXPLAINING = 0.1

_AT = {f: i for i, f in enumerate(FEATURES)}


def make_claims(
    post: Post,
    sentences: Sequence[Sentence],
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    *,
    threshold: float,
    modality: ModalityReader,
) -> tuple[tuple[Claim, ...], tuple[Rejection, ...]]:
    """Return the claims of a post and the candidates that were not made claims, both sorted.

    A claim is a triple whose best sentence reaches `threshold`; its confidence is that
    sentence's, its evidence that sentence and the others that support it.
    """
    by_triple: dict[tuple[str, str, str], list[tuple[float, Candidate]]] = defaultdict(list)
    for c, score in zip(candidates, scores, strict=True):
        by_triple[c.subject, c.predicate, c.object].append((score, c))
    claims: list[Claim] = []
    rejected: list[Rejection] = []
    for (subject, predicate, obj), found in sorted(by_triple.items()):
        found.sort(key=lambda f: (-f[0], f[1].sentence))
        best, top = found[0]
        frame = top.cue.name if top.cue else f"{predicate}/pair"
        if best < threshold:
            if best >= WORTH_EXPLAINING:
                reason = f"below the confidence of {threshold:g} that a claim needs"
                evidence = sentences[top.sentence].evidence(post)
                rejected.append(Rejection(subject, predicate, obj, frame, reason, best, evidence))
            continue
        kept = [c for score, c in found if score >= SUPPORT * best][:MAX_EVIDENCE]
        claims.append(
            Claim(
                subject=subject,
                predicate=predicate,
                object=obj,
                modality=strongest(judge(sentences, c, modality).modality for c in kept),
                confidence=best,
                frame=frame,
                evidence=tuple(
                    sentences[i].evidence(post) for i in sorted({c.sentence for c in kept})
                ),
            )
        )
    return tuple(claims), tuple(rejected)


def judge(sentences: Sequence[Sentence], c: Candidate, reader: ModalityReader) -> Judgement:
    """Return how its sentence states a candidate; offsets are into the sentence."""
    spans = [at for at in (c.subject_at, c.object_at) if at[0] >= 0]
    start, end = min(a for a, _ in spans), max(b for _, b in spans)
    return reader.judge(sentences[c.sentence].text, start, end, presupposed=presupposed(c.numbers))


def presupposed(numbers: Sequence[float]) -> bool:
    """Tell whether the sentence takes the relation for granted.

    It does where it only owns (possession, a name in a name), where the relation is general
    knowledge, and where no word of the lexicon expresses it, so that none can be hedged.
    """
    owning = any(numbers[_AT[f]] for f in ("gap_no", "gap_owning", "paren", "name_inside"))
    if owning and not numbers[_AT["cues_between"]]:
        return True
    known = any(numbers[_AT[f]] for f in ("known_maker", "known_parent"))
    return known or not numbers[_AT["cue_len"]]
