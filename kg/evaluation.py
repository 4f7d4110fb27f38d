"""How well annotations of posts agree with gold ones: figures, and every disagreement.

Alignment. Within a post, each predicted entity is aligned with at most one gold entity and the
other way round: of all pairs that share a surface form (`annotation.fold`), those that share most
forms come first, then those of one class, then those with fewest forms in all.

Entities. A predicted entity is right where it is aligned with a gold one of its class.

Relations. A predicted claim that is not negated is right where subject and object are aligned
with those of a gold claim with its property (in either order where it is symmetric) that is not
negated. So a gold claim that is negated and predicted as holding is spurious.

Modality and evidence are measured over predicted claims that are gold claims, negated ones too:
the share whose modality is that of the gold claim, and the share of which a sentence lies within,
or holds, a sentence quoted for the gold claim.

Quantities. A predicted one is right where a gold one of the aligned entity has its value and unit.

Figures are micro averages: they count over all posts. A gold post without a prediction counts as
one of which nothing was said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from kg.annotation import Annotation, Relation, Thing
from kg.figures import Cause, Evaluation, Figures, Mistake, Share, Triple
from kg.model import Modality

_UNALIGNED = "?"


def evaluate(
    predicted: Mapping[str, Annotation],
    gold: Mapping[str, Annotation],
    symmetric: frozenset[str],
) -> Evaluation:
    """Return how well predictions agree with gold annotations, both keyed by post.

    `symmetric` are the properties whose claims read the same in either order. Predictions for
    posts that have no gold annotation are ignored.
    """
    parts = [
        _Comparison(predicted.get(doc, Annotation(doc)), g, symmetric).evaluation()
        for doc, g in sorted(gold.items())
    ]
    return Evaluation(
        posts=len(parts),
        entity=sum((p.entity for p in parts), Figures()),
        relation=sum((p.relation for p in parts), Figures()),
        quantity=sum((p.quantity for p in parts), Figures()),
        modality=sum((p.modality for p in parts), Share()),
        evidence=sum((p.evidence for p in parts), Share()),
        by_class=_merged(p.by_class for p in parts),
        by_property=_merged(p.by_property for p in parts),
        mistakes=tuple(m for p in parts for m in p.mistakes),
    )


def align(predicted: Sequence[Thing], gold: Sequence[Thing]) -> dict[str, str]:
    """Return gold ids by predicted ids, one to one (see the module for the order of choice)."""
    pairs = [
        (shared, p.cls == g.cls, -len(p.forms | g.forms), p.id, g.id)
        for p in predicted
        for g in gold
        if (shared := len(p.forms & g.forms))
    ]
    out: dict[str, str] = {}
    taken: set[str] = set()
    for _, _, _, p_id, g_id in sorted(pairs, reverse=True):
        if p_id not in out and g_id not in taken:
            out[p_id] = g_id
            taken.add(g_id)
    return out


def key(subject: str, predicate: str, obj: str, symmetric: frozenset[str]) -> Triple:
    """Return the triple under which a claim is compared: ends sorted where it is symmetric."""
    if predicate in symmetric and obj < subject:
        return (obj, predicate, subject)
    return (subject, predicate, obj)


class _Comparison:
    """One post: its prediction in terms of gold ids."""

    def __init__(self, p: Annotation, g: Annotation, symmetric: frozenset[str]) -> None:
        self.p, self.g, self.symmetric = p, g, symmetric
        self.aligned = align(p.entities, g.entities)
        self.of_gold = {t.id: t for t in g.entities}
        self.of_aligned = {
            self.aligned[t.id]: t for t in p.entities if t.id in self.aligned
        }  # the predicted entity of each gold id
        self.extra = {_UNALIGNED + t.id: t for t in p.entities if t.id not in self.aligned}
        self.gold = {key(r.subject, r.predicate, r.object, symmetric): r for r in g.relations}
        self.live = {k for k, r in self.gold.items() if r.modality is not Modality.NEGATED}
        self.all = [(self._key(r), r) for r in p.relations]
        self.mine = {k: r for k, r in self.all if r.modality is not Modality.NEGATED}

    def evaluation(self) -> Evaluation:
        right = {g for p, g in self.aligned.items() if self._right(g)}
        classes: dict[str, Figures] = defaultdict(Figures)
        mistakes: list[Mistake] = []
        for t in self.p.entities:
            g = self.aligned.get(t.id)
            good = g in right
            classes[t.cls] += Figures(right=1) if good else Figures(spurious=1)
            if not good:
                mistakes.append(self._entity(t, missed=False, known=g is not None))
        for t in self.g.entities:
            if t.id not in right:
                classes[t.cls] += Figures(missed=1)
                mistakes.append(self._entity(t, missed=True, known=t.id in self.of_aligned))
        properties: dict[str, Figures] = defaultdict(Figures)
        for k in sorted(self.mine.keys() | self.live):
            if k not in self.live:
                properties[k[1]] += Figures(spurious=1)
                mistakes.append(self._relation(k, self.mine[k], missed=False))
            elif k not in self.mine:
                properties[k[1]] += Figures(missed=1)
                mistakes.append(self._relation(k, self.gold[k], missed=True))
            else:
                properties[k[1]] += Figures(right=1)
        quantity, wrong_numbers = self._quantities()
        found = [(r, self.gold[k]) for k, r in self.all if k in self.gold]
        return Evaluation(
            posts=1,
            entity=sum(classes.values(), Figures()),
            relation=sum(properties.values(), Figures()),
            quantity=quantity,
            modality=Share(sum(r.modality is g.modality for r, g in found), len(found)),
            evidence=Share(sum(_overlap(r, g) for r, g in found), len(found)),
            by_class=classes,
            by_property=properties,
            mistakes=(*mistakes, *wrong_numbers),
        )

    def _key(self, r: Relation) -> Triple:
        ends = (self.aligned.get(i, _UNALIGNED + i) for i in (r.subject, r.object))
        subject, obj = ends
        return key(subject, r.predicate, obj, self.symmetric)

    def _right(self, gold_id: str) -> bool:
        return self.of_aligned[gold_id].cls == self.of_gold[gold_id].cls

    def _name(self, id: str) -> str:
        return (self.of_gold.get(id) or self.extra[id]).name

    def _entity(self, t: Thing, *, missed: bool, known: bool) -> Mistake:
        cause = Cause.WRONG_CLASS if known else Cause.NOT_NAMED if missed else Cause.NOT_AN_ENTITY
        return Mistake(self.p.doc, "entity", missed, t.cls, t.name, cause)

    def _relation(self, k: Triple, r: Relation, *, missed: bool) -> Mistake:
        subject, predicate, obj = k
        what = f"{self._name(subject)} {predicate} {self._name(obj)}"
        return Mistake(
            self.p.doc, "relation", missed, predicate, what, self._cause(k, missed), r.quote, k
        )

    def _cause(self, k: Triple, missed: bool) -> Cause:
        subject, predicate, obj = k
        theirs = {x for x, _ in self.all} if missed else set(self.gold)
        if missed and not {subject, obj} <= self.of_aligned.keys():
            return Cause.NOT_NAMED
        if {subject, obj} & self.extra.keys():
            return Cause.NOT_AN_ENTITY
        if not (self._right(subject) and self._right(obj)):
            return Cause.WRONG_CLASS
        if k in theirs:
            return Cause.DENIED
        if (obj, predicate, subject) in theirs:
            return Cause.WRONG_DIRECTION
        # A pair may hold several relations: those that both agree on explain nothing.
        agreed = self.live & self.mine.keys()
        if any({s, o} == {subject, obj} for s, _, o in theirs - agreed):
            return Cause.WRONG_PREDICATE
        return Cause.NOT_RELATED if missed else Cause.SPURIOUS_PAIR

    def _quantities(self) -> tuple[Figures, list[Mistake]]:
        want = Counter((q.about, q.value, q.unit) for q in self.g.quantities)
        have = Counter(
            (self.aligned.get(q.about, _UNALIGNED + q.about), q.value, q.unit)
            for q in self.p.quantities
        )
        missed, spurious = want - have, have - want
        mistakes = [
            Mistake(
                self.p.doc,
                "quantity",
                miss,
                unit,
                f"{self._name(about)} {value:g} {unit}",
                self._number_cause(about, miss, any(o[1:] == (value, unit) for o in others)),
            )
            for miss, rest, others in ((True, missed, spurious), (False, spurious, missed))
            for about, value, unit in sorted(rest.elements())
        ]
        right = (want & have).total()
        return Figures(right, have.total() - right, want.total() - right), mistakes

    def _number_cause(self, about: str, missed: bool, elsewhere: bool) -> Cause:
        if about in self.extra:
            return Cause.NOT_AN_ENTITY
        if about not in self.of_aligned:
            return Cause.NOT_NAMED
        if elsewhere:
            return Cause.OF_ANOTHER
        return Cause.NO_NUMBER if missed else Cause.SPURIOUS_NUMBER


def _overlap(r: Relation, g: Relation) -> bool:
    return any(a in b or b in a for a in g.evidence for b in r.evidence if a and b)


def _merged(parts: Iterable[Mapping[str, Figures]]) -> dict[str, Figures]:
    out: dict[str, Figures] = defaultdict(Figures)
    for part in parts:
        for name, figures in part.items():
            out[name] += figures
    return dict(sorted(out.items()))
