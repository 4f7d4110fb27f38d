"""Why a post's claims were made and others were not: words, particles, modality, what counted.

An explanation is made by reading the post again with the same parts that extract it; nothing of
it is kept in a snapshot.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.extract.candidates import Candidate
from kg.extract.claims import SUPPORT, WORTH_EXPLAINING, judge, make_claims
from kg.extract.cue_features import OUTSIDE, distance
from kg.extract.explanation import (
    End,
    Explained,
    Explanation,
    Guess,
    Idle,
    Stated,
    Verdict,
    Weight,
    Word,
)
from kg.extract.features import CATEGORICAL, FEATURES
from kg.extract.markers import BARE, BY_PARTICLE, MARKERS, NOT, RELATIVE, SHARED
from kg.extract.names import Named
from kg.extract.pipeline import Extractor, Scorer, with_parses
from kg.extract.reading import Reading
from kg.extract.standing import STANDING
from kg.extract.two_readers import ENCODER, TwoReaders
from kg.extract.views import CueHit, Source, View
from kg.model import Evidence, Post

# Of what counted, this many features for and this many against, and none that counted less.
MOST_WEIGHTS, LEAST_EFFECT, MOST_WORDS = 3, 0.1, 3

_AT = {f: i for i, f in enumerate(FEATURES)}
_HANGS = {
    NOT: "not on the word",
    RELATIVE: "what the word's clause modifies",
    SHARED: "shared with the clause above",
    BARE: "without a particle",
}
_CARRIED = {
    Source.TOPIC: "the topic of a sentence before",
    Source.HEADING: "the heading",
    Source.TITLE: "the title",
    Source.PREVIOUS: "the sentence before",
    Source.FAMILY: "its own family",
    Source.COLUMN: "the head of its column",
}


def explain(extractor: Extractor, post: Post) -> Explanation:
    """Return why the extractor makes the claims that it makes of a post, and no others."""
    r = extractor.read(post)
    named = extractor.worth_parsing(r)
    parsed = extractor.parser.parse([r.sentences[i].text for i in named])
    parses = dict(zip(named, parsed, strict=True))
    views = with_parses(r, parses)
    candidates = extractor.candidates.find(r.sentences, r.mentions, views)
    scores = extractor.scorer.score(candidates, r)
    claims, rejected = make_claims(
        post,
        r.sentences,
        candidates,
        scores,
        threshold=extractor.scorer.threshold,
        modality=extractor.modality,
    )
    told = _Teller(extractor, r, candidates, scores)
    return Explanation(
        post=post.id,
        title=post.title,
        claims=len(claims),
        rejected=len(rejected),
        threshold=extractor.scorer.threshold,
        least=WORTH_EXPLAINING,
        unlisted=tuple(
            Guess(e.id, e.name, e.cls, e.confidence)
            for e in sorted(r.mentions.entities.values(), key=lambda e: e.id)
            if not e.known
        ),
        sentences=tuple(s for v in views if (s := told.sentence(v)) is not None),
    )


class _Teller:
    """Puts the numbers of one post's candidates into words."""

    def __init__(
        self,
        extractor: Extractor,
        reading: Reading,
        candidates: Sequence[Candidate],
        scores: Sequence[float],
    ) -> None:
        self.extractor, self.reading = extractor, reading
        self.best: dict[tuple[str, str, str], float] = {}
        self.of_sentence: dict[int, list[tuple[float, Candidate]]] = defaultdict(list)
        for c, score in zip(candidates, scores, strict=True):
            triple = (c.subject, c.predicate, c.object)
            self.best[triple] = max(score, self.best.get(triple, 0.0))
            self.of_sentence[c.sentence].append((score, c))
        shown = [i for i, score in enumerate(scores) if score >= WORTH_EXPLAINING]
        added = _contributions(extractor.scorer, candidates, reading, shown)
        self.added = {id(candidates[i]): a for i, a in zip(shown, added, strict=True)}

    def sentence(self, v: View) -> Explained | None:
        """Return what there is to say of a sentence; None where nothing nearly became a claim."""
        found = sorted(self.of_sentence[v.index], key=lambda f: -f[0])
        verdicts = tuple(self.verdict(v, c, s) for s, c in found if s >= WORTH_EXPLAINING)
        entities = {a.entity for a in v.anchors if a.inside}
        idle = tuple(self.idle(v, verdicts)) if len(entities) > 1 else ()
        if not verdicts and not idle:
            return None
        return Explained(v.sentence.evidence(self.reading.post), verdicts, idle)

    def verdict(self, v: View, c: Candidate, score: float) -> Verdict:
        hit, sides = _hit(v, c)
        best = self.best[c.subject, c.predicate, c.object]
        threshold = self.extractor.scorer.threshold
        if best < threshold:
            reason = f"below the confidence of {threshold:g} that a claim needs"
        elif score < SUPPORT * best:
            reason = f"not quoted: another sentence says it with a confidence of {best:g}"
        else:
            reason = "the claim's evidence"
        judged = judge(self.reading.sentences, c, self.extractor.modality)
        return Verdict(
            subject=self.end(v, c.subject, c.subject_at, c, sides[0]),
            predicate=c.predicate,
            object=self.end(v, c.object, c.object_at, c, sides[1]),
            confidence=score,
            made=best >= threshold,
            reason=reason,
            word=None if hit is None else Word(hit.cue.name, self.at(v, hit.start, hit.end)),
            stated=Stated(
                judged.modality.value,
                judged.rule,
                self.at(v, judged.start, judged.end) if judged.start >= 0 else None,
            ),
            weights=self.weights(c),
        )

    def end(self, v: View, id: str, at: tuple[int, int], c: Candidate, side: str) -> End:
        entity: Named = self.reading.mentions.entities[id]
        i = _anchor(v, id, at)
        anchor = v.anchors[i]
        if not anchor.inside:
            return End(id, entity.name, entity.cls, None, f"from {_CARRIED[anchor.source]}", "")
        hangs, particle = "", v.markers[i]
        if c.cue is not None and v.parse is not None:
            how = int(c.numbers[_AT[f"cue_att_{side}"]])
            hangs = "on the word" if how >= BY_PARTICLE else _HANGS[how]
            particle = MARKERS[how - BY_PARTICLE - 1] if how > BY_PARTICLE else v.group_markers[i]
        return End(id, entity.name, entity.cls, self.at(v, *at), hangs, particle)

    def weights(self, c: Candidate) -> tuple[Weight, ...]:
        added = sorted(self.added.get(id(c), {}).items(), key=lambda f: (-f[1], f[0]))
        strong = [f for f in added if abs(f[1]) >= LEAST_EFFECT]
        best = [f for f in strong if f[1] > 0][:MOST_WEIGHTS]
        worst = [f for f in strong if f[1] < 0][-MOST_WEIGHTS:]
        return tuple(Weight(f, self.value(c, f, e), round(e, 2)) for f, e in (*best, *worst))

    def value(self, c: Candidate, feature: str, effect: float) -> str:
        """Return a feature's value as it reads; "" for numbers that only stand for something."""
        if feature == "words":
            return self.words(c, 1 if effect > 0 else -1)
        if feature == "property":
            return c.predicate
        if feature in STANDING or feature == ENCODER:
            return ""
        number = c.numbers[_AT[feature]]
        if feature in {"subject_class", "object_class"}:
            id = c.subject if feature == "subject_class" else c.object
            return self.reading.mentions.entities[id].cls
        if feature.startswith(("marker_", "group_marker_")):
            return MARKERS[int(number) - 1] if number else "none"
        if feature == "cue_frame":
            return c.cue.frame.name if c.cue else "none"
        return "" if feature in CATEGORICAL else f"{number:g}"

    def words(self, c: Candidate, sign: int) -> str:
        """Return the strings that weigh most in the linear half, for (1) or against (-1)."""
        scorer = self.extractor.scorer
        weights = scorer.first.weights if isinstance(scorer, TwoReaders) else {}
        found = sorted({(-sign * weights.get(w, 0.0), w) for w in c.words})
        return ", ".join(f"{w} {-sign * e:+.1f}" for e, w in found[:MOST_WORDS] if e < 0)

    def idle(self, v: View, verdicts: Sequence[Verdict]) -> list[Idle]:
        """Return the words of the lexicon here that speak for no verdict."""
        used = {(w.at.start, v.predicate) for v in verdicts if (w := v.word) is not None}
        scores: dict[str, list[float]] = defaultdict(list)
        for score, c in self.of_sentence[v.index]:
            scores[c.predicate].append(score)
        out: dict[tuple[int, str], Idle] = {}
        for predicate, hits in v.cues.items():
            for hit in hits:
                at = self.at(v, hit.start, hit.end)
                if (at.start, predicate) in used:
                    continue
                best = max(scores[predicate], default=None)
                if best is None:
                    reason = f"no two entities here fit domain and range of {predicate}"
                elif best < WORTH_EXPLAINING:
                    reason = f"no two entities here fit its frame (best confidence {best:g})"
                else:
                    reason = "another word fits better"
                out.setdefault((at.start, predicate), Idle(hit.cue.name, at, reason))
        return [out[k] for k in sorted(out)]

    def at(self, v: View, start: int, end: int) -> Evidence:
        return v.sentence.evidence(self.reading.post, start, end)


def _contributions(
    scorer: Scorer, candidates: Sequence[Candidate], reading: Reading, shown: Sequence[int]
) -> list[Mapping[str, float]]:
    if not isinstance(scorer, TwoReaders):
        return [{} for _ in shown]
    return list(scorer.contributions(candidates, reading, shown))


def _anchor(v: View, entity: str, at: tuple[int, int]) -> int:
    return next(i for i, a in enumerate(v.anchors) if a.entity == entity and (a.start, a.end) == at)


def _hit(v: View, c: Candidate) -> tuple[CueHit | None, str]:
    """Return where the candidate's word stands, of its occurrences the one that was measured, and
    the sides on which subject and object were: "so", or "os" where a symmetric claim fitted its
    word better the other way round.
    """
    hits = [h for h in v.cues.get(c.predicate, ()) if h.cue == c.cue]
    anchors = [
        v.anchors[_anchor(v, c.subject, c.subject_at)],
        v.anchors[_anchor(v, c.object, c.object_at)],
    ]
    for sides in ("so", "os"):
        gaps = [c.numbers[_AT[f"cue_gap_{side}"]] for side in sides]
        for h in hits:
            if [distance(h, a) if a.inside else OUTSIDE for a in anchors] == gaps:
                return h, sides
    return next(iter(hits), None), "so"
