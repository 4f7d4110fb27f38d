"""What speaks for a candidate, as numbers: words, tree, marking, lists, context, background.

Nothing here depends on which property it is. A property that is added to the ontology gets the
same features from its own words, so a model that was trained without it can still judge it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kg.extract.blocks import Kind
from kg.extract.cue_features import NONE, CueFeatures
from kg.extract.lexicon import Lexicon, any_of
from kg.extract.markers import MARKER_ID
from kg.extract.names import Named
from kg.extract.views import Anchor, Source, Stats, View
from kg.schema import Schema

FEATURES = (
    "subject_class", "object_class", "source_s", "source_o", "kind",
    "forward", "gap", "between", "mentions", "length",
    "marker_s", "marker_o", "group_marker_s", "group_marker_o", "listed", "list_size_s", "list_size_o",
    "gap_no", "gap_string", "gap_owning", "paren", "columns_apart",
    "known_maker", "known_maker_parent", "known_maker_child", "known_maker_other", "known_parent",
    "known_parent_rev", "known_maker_rev", "same_maker", "name_inside",
    "known_fact", "known_fact_reversed", "known_fact_of_makers", "known_fact_of_families",
    "known_other_fact",
    "count_s", "count_o", "pair_sentences", "rank_s", "title_s", "title_o", "new_o",
    "cues", "cues_between", "cues_after", "cues_before", "cue_gap_o", "cue_gap_s", "cue_role_s",
    "cue_role_o", "cue_reversed", "cue_passive", "cue_pos", "cue_len", "cue_head_o", "cue_head_s",
    "cue_on_path", "cue_rank", "cue_att_s", "cue_att_o", "cue_frame", "cue_fit",
    "other_cues_between", "other_cues_after", "cue_said_before", "cue_said_after",
    "cue_in_heading", "cue_in_title",
    "path", "depth_s", "depth_o", "same_head", "s_above_o", "o_above_s", "dep_s", "dep_o",
    "like", "question", "hedge", "negation", "comma_between", "rel_clause",
    "nearest_org", "orgs_between", "same_class_between",
)  # fmt: skip

CATEGORICAL = (
    "subject_class", "object_class", "source_s", "source_o", "kind", "marker_s", "marker_o",
    "group_marker_s", "group_marker_o", "cue_pos", "cue_att_s", "cue_att_o", "cue_frame", "dep_s",
    "dep_o", "gap_string",
)  # fmt: skip

_GAPS = (
    "", "の", "製", "「", "、", "と", "や", "・", "/", "（", "(", "は", "が", "の「", "とは", "による",
    "との", "も", "には", "|",
)  # fmt: skip
_GAP_ID = {g: i + 1 for i, g in enumerate(_GAPS)}
_OWNING_GAPS = {"の", "自身の", "独自の", "製", "製の"}
_DEPS = (
    "nsubj obj obl iobj nmod acl advcl compound ROOT appos conj case ccomp csubj dep amod advmod"
)
_DEP_ID = {d: i + 1 for i, d in enumerate(_DEPS.split())}
_KIND_ID = {k: i for i, k in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Known:
    """The properties that general knowledge has hold of a pair, of the pair in the other order, of
    its makers and of its families."""

    here: frozenset[str]
    reversed: frozenset[str]
    makers: frozenset[str]
    families: frozenset[str]

    def features(self, prop: str) -> dict[str, float]:
        """Return the features of one property."""
        return {
            "known_fact": prop in self.here,
            "known_fact_reversed": prop in self.reversed,
            "known_fact_of_makers": prop in self.makers,
            "known_fact_of_families": prop in self.families,
            "known_other_fact": bool((self.here | self.reversed) - {prop}),
        }


class FeatureMaker:
    """Computes FEATURES; `classes` and `frames` fix the numbers a trained model knows them by."""

    def __init__(
        self, schema: Schema, lexicon: Lexicon, classes: Sequence[str], frames: Sequence[str]
    ) -> None:
        self.schema = schema
        self._class_id = {c: float(i) for i, c in enumerate(classes)}
        self.cues = CueFeatures(frames)
        self._agents = schema.below("CorporateAgent")
        self._hedge = any_of(
            c.text for c in lexicon.modality if c.modality == "hedged" and c.scope != "anywhere"
        )
        self._negation = any_of(
            c.text for c in lexicon.modality if c.modality == "negated" and len(c.text) > 2
        )

    def pair(
        self, v: View, i: int, j: int, entities: Mapping[str, Named], stats: Stats
    ) -> dict[str, float]:
        """Return the features of anchors i (subject) and j (object), whatever the property."""
        a, b = v.anchors[i], v.anchors[j]
        s, o = entities[a.entity], entities[b.entity]
        both = a.inside and b.inside
        first, second = (a, b) if (a.start, a.end) <= (b.start, b.end) else (b, a)
        gap = v.text[first.end : second.start] if both else ""
        inner = [
            entities[c.entity].cls
            for c in v.anchors
            if both and c.start >= first.end and c.end <= second.start
        ]
        orgs = sum(c in self._agents for c in inner)
        f: dict[str, float] = {
            "subject_class": self._class_id.get(s.cls, NONE),
            "object_class": self._class_id.get(o.cls, NONE),
            "source_s": a.source,
            "source_o": b.source,
            "kind": _KIND_ID[v.sentence.kind],
            "forward": both and a.start < b.start,
            "gap": second.start - first.end if both else NONE,
            "between": len(inner) if both else NONE,
            "mentions": len(v.anchors),
            "length": len(v.text),
            "marker_s": MARKER_ID.get(v.markers[i], 0),
            "marker_o": MARKER_ID.get(v.markers[j], 0),
            "group_marker_s": MARKER_ID.get(v.group_markers[i], 0),
            "group_marker_o": MARKER_ID.get(v.group_markers[j], 0),
            "listed": both and v.groups[i] == v.groups[j],
            "list_size_s": v.groups.count(v.groups[i]) if a.inside else 0,
            "list_size_o": v.groups.count(v.groups[j]) if b.inside else 0,
            "gap_no": both and gap.strip(" 「『") in _OWNING_GAPS,
            "gap_string": _GAP_ID.get(gap.strip(), 0) if both else 0,
            "gap_owning": both and gap.startswith(("の", "製")) and len(gap) < 18,
            "name_inside": Source.INSIDE_NAME in {a.source, b.source} and a.start == b.start,
            "columns_apart": abs(a.column - b.column) if min(a.column, b.column) >= 0 else NONE,
            "paren": both and gap.strip() in {"（", "("},
            "count_s": stats.count[s.id],
            "count_o": stats.count[o.id],
            "pair_sentences": len(
                stats.sentences.get(s.id, set()) & stats.sentences.get(o.id, set())
            ),
            "rank_s": stats.rank.get(s.id, 99),
            "title_s": s.id in stats.title,
            "title_o": o.id in stats.title,
            "new_o": stats.first.get(o.id, -1) == v.index,
            "like": (s.cls == o.cls) + self.schema.alike(s.cls, o.cls),
            "question": v.text.rstrip("」』 ").endswith(("？", "?", "か。")),
            "hedge": bool(self._hedge.search(v.text)),
            "negation": bool(self._negation.search(v.text)),
            "comma_between": both and "、" in gap,
            "nearest_org": not orgs,
            "orgs_between": orgs,
            "same_class_between": inner.count(o.cls),
        }
        f.update(self._background(s, o))
        f.update(_tree(v, a, b))
        return f

    def _background(self, s: Named, o: Named) -> dict[str, float]:
        """Return what the ontology knows of the two: a prior, never a claim of its own."""
        makers_parent = self._parent(o.maker) if o.maker else ""
        return {
            "known_maker": o.maker == s.id,
            "known_maker_parent": makers_parent == s.id,
            "known_maker_child": bool(o.maker) and self._parent(s.id) == o.maker,
            "known_maker_other": bool(o.maker) and o.maker != s.id,
            "known_parent": s.parent == o.id,
            "known_parent_rev": o.parent == s.id,
            "known_maker_rev": s.maker == o.id,
            "same_maker": bool(s.maker) and s.maker == o.maker,
        }

    def _parent(self, id: str) -> str:
        known = self.schema.entities.get(id)
        return known.parent if known else ""

    def known(self, s: Named, o: Named) -> Known:
        """Return which properties general knowledge has hold of the two."""
        known = self.schema.known
        return Known(
            here=known(s.id, o.id),
            reversed=known(o.id, s.id),
            makers=known(s.maker or s.id, o.maker or o.id),
            families=known(s.parent or s.id, o.parent or o.id),
        )


def _tree(v: View, a: Anchor, b: Anchor) -> dict[str, float]:
    f = dict.fromkeys(
        ("path", "depth_s", "depth_o", "same_head", "s_above_o", "o_above_s", "dep_s", "dep_o",
         "rel_clause"), NONE,
    )  # fmt: skip
    if v.parse is None or not (a.inside and b.inside):
        return f
    head_a, head_b = v.parse.span_head(a.start, a.end), v.parse.span_head(b.start, b.end)
    up_a, up_b = v.parse.path_up(head_a), v.parse.path_up(head_b)
    common = next((t for t in up_a if t in up_b), None)
    f["path"] = len(up_a) + len(up_b) if common is None else up_a.index(common) + up_b.index(common)
    f["depth_s"], f["depth_o"] = len(up_a), len(up_b)
    f["same_head"] = v.parse.heads[head_a] == v.parse.heads[head_b]
    f["s_above_o"], f["o_above_s"] = head_a in up_b, head_b in up_a
    f["dep_s"] = _DEP_ID.get(v.parse.deps[head_a], 0)
    f["dep_o"] = _DEP_ID.get(v.parse.deps[head_b], 0)
    chain = up_a[: up_a.index(head_b)] if head_b in up_a else []
    f["rel_clause"] = any(v.parse.deps[t] == "acl" for t in chain)
    return f
