"""Candidate claims: pairs of mentions that a sentence could relate, with what speaks for it.

Recall is this module's business. A candidate is a sentence, a subject, a property and an object
whose classes the property allows; its features say which words of the lexicon stand where, how
the dependency tree connects them, how the mentions are marked and listed, and what is known of
the two. Nothing here depends on which property it is: a property that is added to the ontology
gets the same features from its own words.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from kg.extract.document import Kind, Sentence
from kg.extract.lexicon import Cue, Lexicon
from kg.extract.mentions import Mention, Mentions, Named
from kg.extract.names import normalise
from kg.extract.parse import Parse
from kg.schema import Schema

# Particles and punctuation by which a mention is marked, longest first. Closed-class grammar.
MARKERS = (
    "によって", "による", "により", "に対して", "に対抗", "に対し", "を通じて", "を経由", "に比べ",
    "と比べ", "のような", "といった", "などの", "などが", "などは", "などを", "などと", "である",
    "よりも", "には", "では", "とは", "との", "への", "から", "まで", "より", "にも", "でも", "とも",
    "向け", "など", "製", "系", "は", "が", "も", "の", "を", "に", "へ", "と", "で", "や", "か",
    "、", "・", "／", "/", "「", "」", "（", "(", "）", ")", "：", ":", "|", "。", "→", "×", "&",
)  # fmt: skip
_MARKER_ID = {m: i + 1 for i, m in enumerate(MARKERS)}
_LISTED = re.compile(
    r"^[」』）)\"”]*(?:[ァ-ヺー一-龥A-Za-z]{0,8})?(?:、|，|,|・|／|/|や|と|および|及び|ならびに|そして|または|、そして|、および|、さらに(?:は)?| vs\.? | and |あるいは|、あるいは)[ 「『（(]*$"
)
_CLOSERS = "」』）)\"”"
_PASSIVE = re.compile(r"^(?:さ)?れ|^られ|^された|^されて|^される")

KINDS = {k: i for i, k in enumerate(Kind)}


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where one end of a candidate comes from: a mention of the sentence, or its context.

    `source` is 0 for the sentence itself, 1 an anaphor resolved, 2 the topic carried over from
    an earlier sentence, 3 the heading, 4 the post's title.
    """

    entity: str
    start: int
    end: int
    source: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A claim that a sentence might make, with its features (see FEATURES)."""

    sentence: int
    subject: str
    predicate: str
    object: str
    cue: Cue | None
    source: int
    features: tuple[float, ...]


@dataclass(slots=True)
class View:
    """A sentence prepared for pairing: marked mentions, lists, cue hits, context."""

    index: int
    sentence: Sentence
    text: str
    parse: Parse | None
    anchors: list[Anchor]
    markers: list[str]
    groups: list[int]
    group_end: dict[int, str]
    cues: dict[str, list[tuple[int, int, Cue]]] = field(default_factory=dict)


FEATURES = (
    "property", "subject_class", "object_class", "source_s", "source_o", "kind",
    "forward", "gap", "between", "mentions", "length",
    "marker_s", "marker_o", "group_marker_s", "group_marker_o", "listed", "list_size_s", "list_size_o",
    "gap_no", "gap_none", "gap_sei", "paren",
    "known_maker", "known_maker_parent", "known_maker_child", "known_maker_other", "known_parent",
    "known_parent_rev", "known_maker_rev", "same_maker", "name_inside",
    "count_s", "count_o", "pair_sentences", "rank_s", "title_s", "title_o", "new_o",
    "cues", "cues_between", "cues_after", "cues_before", "cue_gap_o", "cue_gap_s", "cue_role_s",
    "cue_role_o", "cue_reversed", "cue_passive", "cue_pos", "cue_len", "cue_head_o", "cue_head_s",
    "cue_on_path", "cue_rank", "cue_att_s", "cue_att_o", "cue_frame", "cue_fit", "other_cues_between", "other_cues_after",
    "path", "depth_s", "depth_o", "same_head", "s_above_o", "o_above_s", "dep_s", "dep_o",
    "like", "question", "hedge", "negation", "after_first_clause", "rel_clause",
    "nearest_org", "orgs_between", "same_class_between",
)  # fmt: skip

CATEGORICAL = (
    "property", "subject_class", "object_class", "source_s", "source_o", "kind", "marker_s", "marker_o",
    "group_marker_s", "group_marker_o", "cue_pos", "cue_att_s", "cue_att_o", "cue_frame", "dep_s", "dep_o", "gap_none",
)  # fmt: skip

_DEPS = {
    d: i + 1
    for i, d in enumerate(
        "nsubj obj obl iobj nmod acl advcl compound ROOT appos conj case ccomp csubj dep amod advmod".split()
    )
}
_POS = {"verbalNoun": 1, "verb": 2, "noun": 3, "adjective": 4}


# How a mention hangs on a cue word: not at all, by a particle (its number in MARKERS plus
# BY_PARTICLE), as the noun that the cue's clause modifies, as a subject or topic shared with the
# clause above, or from outside the sentence.
NOT, RELATIVE, SHARED, CARRIED, BARE, BY_PARTICLE = 0, 1, 2, 3, 4, 5


def attachment(parse: Parse, text: str, up: Sequence[int], cue: int) -> tuple[int, str]:
    """Return how the mention whose path to the root is `up` hangs on the cue word, and by what.

    In 「Googleが開発したTransformer」 Google hangs on 開発 by が, and Transformer is the noun that the
    clause modifies.
    """
    if cue in up[1:]:
        child = up[up.index(cue) - 1]
        marker = _case(parse, text, child)
        return (BY_PARTICLE + _MARKER_ID[marker] if marker else BARE), marker
    above = parse.path_up(cue)
    for at, (low, high) in enumerate(zip(above, above[1:], strict=False)):
        if parse.deps[low] == "acl" and high in up:
            return RELATIVE, ""
        if high in up[1:]:
            child = up[up.index(high) - 1]
            marker = _case(parse, text, child)
            if marker in {"は", "が", "も", "では", "には"} and at < 3:
                return SHARED, marker
            return NOT, ""
    return NOT, ""


def _case(parse: Parse, text: str, token: int) -> str:
    """Return the particle that marks the phrase of which `token` is the head."""
    for k in range(token + 1, min(token + 5, len(parse.heads))):
        if parse.heads[k] == token and parse.deps[k] in {"case", "fixed"}:
            return _marker(text, parse.starts[k])
    return ""


class CandidateFinder:
    """Pairs the mentions of each sentence of a post."""

    def __init__(self, schema: Schema, lexicon: Lexicon) -> None:
        self.schema = schema
        self.lexicon = lexicon
        self._class_id = {c: i for i, c in enumerate(schema.classes)}
        self._property_id = {p: i for i, p in enumerate(schema.properties)}
        by_text: dict[str, list[Cue]] = defaultdict(list)
        for cue in lexicon.cues:
            by_text[cue.text].append(cue)
        self._cues = dict(by_text)
        self._cue_pattern = re.compile(
            "|".join(re.escape(t) for t in sorted(by_text, key=lambda t: (-len(t), t))) or r"(?!)"
        )
        self._frame_id = {n: i + 1 for i, n in enumerate(sorted({c.frame.name for c in lexicon.cues}))}
        hedges = [c.text for c in lexicon.modality if c.modality == "hedged" and c.scope != "anywhere"]
        denials = [c.text for c in lexicon.modality if c.modality == "negated" and len(c.text) > 2]
        self._hedge = re.compile("|".join(map(re.escape, hedges)) or r"(?!)")
        self._negation = re.compile("|".join(map(re.escape, denials)) or r"(?!)")
        anaphors = sorted(lexicon.anaphors, key=lambda t: -len(t))
        self._anaphor = re.compile("|".join(map(re.escape, anaphors)) or r"(?!)")

    def wanted(self, sentences: Sequence[Sentence], mentions: Mentions) -> list[bool]:
        """Tell for each sentence whether it could make a claim, so needs a parse."""
        named: list[set[str]] = [set() for _ in sentences]
        for m in mentions.mentions:
            named[m.sentence].add(m.entity)
        return [bool(n) and s.kind is not Kind.TITLE for s, n in zip(sentences, named, strict=True)]

    def find(
        self, sentences: Sequence[Sentence], mentions: Mentions, parses: Mapping[int, Parse]
    ) -> list[Candidate]:
        """Return the candidates of a post, sentence by sentence."""
        views = list(self._views(sentences, mentions, parses))
        stats = _Stats.of(sentences, mentions)
        return [c for v in views for c in self._pairs(v, mentions.entities, stats)]

    # ------------------------------------------------------------ context

    def _views(
        self, sentences: Sequence[Sentence], mentions: Mentions, parses: Mapping[int, Parse]
    ) -> Iterator[View]:
        by_sentence: dict[int, list[Mention]] = defaultdict(list)
        for m in mentions.mentions:
            by_sentence[m.sentence].append(m)
        title = [m.entity for i, s in enumerate(sentences) if s.kind is Kind.TITLE for m in by_sentence[i]]
        title_topic = next((e for e in title if self._agent(mentions.entities[e])), "")
        heading: list[str] = []
        topic: list[str] = []
        topic_at = (-9, -1)
        actors: dict[str, str] = {}
        for i, s in enumerate(sentences):
            found = by_sentence[i]
            if s.kind is Kind.TITLE:
                continue
            if s.kind is Kind.HEADING:
                heading = list(dict.fromkeys(m.entity for m in found))
                topic = []
            text = normalise(s.text)
            anchors = [Anchor(m.entity, m.start, m.end, 0) for m in found]
            present = {a.entity for a in anchors}
            for m in self._anaphor.finditer(text):
                word = self.lexicon.anaphors[m.group()]
                entity = actors.get(word.cls, "")
                if entity and entity not in present and word.number == "one":
                    anchors.append(Anchor(entity, m.start(), m.end(), 1))
                    present.add(entity)
            if topic and i - topic_at[0] <= 3 and s.section == topic_at[1]:
                for e in topic[:2]:
                    if e not in present:
                        anchors.append(Anchor(e, -1, -1, 2))
                        present.add(e)
            for e in heading[:2]:
                if e not in present and s.kind is not Kind.HEADING:
                    anchors.append(Anchor(e, -1, -1, 3))
                    present.add(e)
            if title_topic and title_topic not in present:
                anchors.append(Anchor(title_topic, -1, -1, 4))
            if found:
                yield self._view(i, s, text, parses.get(i), anchors)
            new = [m.entity for m in found if text[m.end : m.end + 2].lstrip(_CLOSERS)[:1] in {"は", "も"}]
            if not new:
                new = [m.entity for m in found if text[m.end : m.end + 1] == "が"]
            if new:
                topic, topic_at = new, (i, s.section)
            elif found and s.kind is not Kind.HEADING and not topic:
                first = next((m.entity for m in found if self._agent(mentions.entities[m.entity])), "")
                if first:
                    topic, topic_at = [first], (i, s.section)
            for m in found:
                actors[_broad(mentions.entities[m.entity].cls)] = m.entity
                actors[mentions.entities[m.entity].cls] = m.entity

    @staticmethod
    def _agent(e: Named) -> bool:
        return e.cls in {"Company", "CloudProvider", "Organization"}

    def _view(
        self, index: int, s: Sentence, text: str, parse: Parse | None, anchors: list[Anchor]
    ) -> View:
        inside = [a for a in anchors if a.start >= 0]
        order = sorted(range(len(inside)), key=lambda k: inside[k].start)
        groups_by: dict[int, int] = {}
        group = -1
        last: Anchor | None = None
        for k in order:
            a = inside[k]
            if _owner(text, a, inside):
                continue
            if last is None or not _LISTED.match(_without_owners(text, last.end, a.start, inside)):
                group += 1
            groups_by[id(a)] = group
            last = a
        for a in inside:
            if id(a) not in groups_by:
                group += 1
                groups_by[id(a)] = group
        markers = [_marker(text, a.end) if a.start >= 0 else "" for a in anchors]
        groups = [groups_by.get(id(a), -1) for a in anchors]
        ends: dict[int, str] = {}
        reach: dict[int, int] = {}
        for a, m, g in zip(anchors, markers, groups, strict=True):
            if g >= 0 and a.end >= reach.get(g, -1):
                ends[g], reach[g] = m, a.end
        cues: dict[str, list[tuple[int, int, Cue]]] = defaultdict(list)
        covered = [(a.start, a.end) for a in inside if a.source == 0]
        for m in self._cue_pattern.finditer(text):
            if any(x < m.end() and m.start() < y for x, y in covered):
                continue
            for cue in self._cues[m.group()]:
                cues[cue.property].append((m.start(), m.end(), cue))
        return View(index, s, text, parse, anchors, markers, groups, ends, dict(cues))

    # ------------------------------------------------------------ pairs

    def _pairs(self, v: View, entities: Mapping[str, Named], stats: _Stats) -> Iterator[Candidate]:
        best: dict[tuple[str, str], tuple[int, int, int]] = {}
        for i, a in enumerate(v.anchors):
            for j, b in enumerate(v.anchors):
                if a.entity == b.entity or (a.source >= 2 and b.source >= 2):
                    continue
                near = abs(a.start - b.start) if a.start >= 0 and b.start >= 0 else 10_000
                key = (a.entity, b.entity)
                if key not in best or near < best[key][0]:
                    best[key] = (near, i, j)
        for (s, o), (_, i, j) in best.items():
            es, eo = entities[s], entities[o]
            allowed = [
                p
                for p in self.schema.properties
                if self.schema.allows(es.cls, p, eo.cls)
                and not (self.schema.properties[p].symmetric and (o, s) in best and o < s)
            ]
            if not allowed:
                continue
            shared = self._pair_features(v, i, j, es, eo, entities, stats)
            for p in allowed:
                cue, features = self._cue_features(v, p, i, j)
                values = {**shared, **features, "property": self._property_id[p]}
                yield Candidate(
                    v.index, s, p, o, cue, max(v.anchors[i].source, v.anchors[j].source),
                    tuple(float(values[f]) for f in FEATURES),
                )  # fmt: skip

    def _pair_features(
        self,
        v: View,
        i: int,
        j: int,
        s: Named,
        o: Named,
        entities: Mapping[str, Named],
        stats: _Stats,
    ) -> dict[str, float]:
        a, b = v.anchors[i], v.anchors[j]
        both = a.start >= 0 and b.start >= 0
        first, second = (a, b) if a.start <= b.start else (b, a)
        gap = v.text[first.end : second.start] if both else ""
        inner = [
            entities[c.entity].cls
            for c in v.anchors
            if both and c.start >= first.end and c.end <= second.start
        ]
        orgs = [c for c in inner if c in {"Company", "CloudProvider", "Organization"}]
        parent = lambda e: self._parent(e)  # noqa: E731
        f: dict[str, float] = {
            "subject_class": self._class_id[s.cls],
            "object_class": self._class_id[o.cls],
            "source_s": a.source,
            "source_o": b.source,
            "kind": KINDS[v.sentence.kind],
            "forward": float(both and a.start < b.start),
            "gap": len(gap) if both else -1,
            "between": len(inner) if both else -1,
            "mentions": len(v.anchors),
            "length": len(v.text),
            "marker_s": _MARKER_ID.get(v.markers[i], 0),
            "marker_o": _MARKER_ID.get(v.markers[j], 0),
            "group_marker_s": _MARKER_ID.get(v.group_end.get(v.groups[i], ""), 0),
            "group_marker_o": _MARKER_ID.get(v.group_end.get(v.groups[j], ""), 0),
            "listed": float(both and v.groups[i] == v.groups[j]),
            "list_size_s": v.groups.count(v.groups[i]) if a.start >= 0 else 0,
            "list_size_o": v.groups.count(v.groups[j]) if b.start >= 0 else 0,
            "gap_no": float(both and gap.strip(" 「『") in {"の", "自身の", "独自の", "製", "製の"}),
            "gap_none": float(_GAPS.get(gap.strip(), 0)) if both else 0,
            "gap_sei": float(both and gap.startswith(("の", "製")) and len(gap) < 18),
            "paren": float(both and gap.strip() in {"（", "("}),
            "known_maker": float(o.maker == s.id),
            "known_maker_parent": float(bool(o.maker) and parent(entities.get(o.maker, o)) == s.id
                                        or bool(o.maker) and self._parent_id(o.maker) == s.id),
            "known_maker_child": float(bool(o.maker) and self._parent_id(s.id) == o.maker),
            "known_maker_other": float(bool(o.maker) and o.maker != s.id),
            "known_parent": float(s.parent == o.id and bool(s.parent)),
            "known_parent_rev": float(o.parent == s.id and bool(o.parent)),
            "known_maker_rev": float(s.maker == o.id and bool(s.maker)),
            "same_maker": float(bool(s.maker) and s.maker == o.maker),
            "name_inside": float(o.name.startswith(s.name + " ")),
            "count_s": stats.count[s.id],
            "count_o": stats.count[o.id],
            "pair_sentences": len(stats.sentences[s.id] & stats.sentences[o.id]),
            "rank_s": stats.rank.get(s.id, 99),
            "title_s": float(s.id in stats.title),
            "title_o": float(o.id in stats.title),
            "new_o": float(stats.first[o.id] == v.index),
            "like": float(s.cls == o.cls) + float(self.schema.alike(s.cls, o.cls)),
            "question": float(v.text.rstrip("」』 ").endswith(("？", "?", "か。"))),
            "hedge": float(bool(self._hedge.search(v.text))),
            "negation": float(bool(self._negation.search(v.text))),
            "after_first_clause": float(both and "、" in gap),
            "nearest_org": float(not orgs),
            "orgs_between": len(orgs),
            "same_class_between": inner.count(o.cls),
        }  # fmt: skip
        f.update(self._tree(v, a, b))
        return f

    def _parent(self, e: Named) -> str:
        return e.parent

    def _parent_id(self, id: str) -> str:
        e = self.schema.entities.get(id)
        return e.parent if e else ""

    def _tree(self, v: View, a: Anchor, b: Anchor) -> dict[str, float]:
        f = dict.fromkeys(
            ("path", "depth_s", "depth_o", "same_head", "s_above_o", "o_above_s", "dep_s", "dep_o",
             "rel_clause"), -1.0,
        )  # fmt: skip
        if v.parse is None or a.start < 0 or b.start < 0:
            return f
        ha, hb = v.parse.span_head(a.start, a.end), v.parse.span_head(b.start, b.end)
        ua, ub = v.parse.path_up(ha), v.parse.path_up(hb)
        common = next((t for t in ua if t in set(ub)), ua[-1])
        f["path"] = ua.index(common) + (ub.index(common) if common in ub else len(ub))
        f["depth_s"], f["depth_o"] = len(ua), len(ub)
        f["same_head"] = float(v.parse.heads[ha] == v.parse.heads[hb])
        f["s_above_o"] = float(ha in ub)
        f["o_above_s"] = float(hb in ua)
        f["dep_s"] = _DEPS.get(v.parse.deps[ha], 0)
        f["dep_o"] = _DEPS.get(v.parse.deps[hb], 0)
        chain = ua[: ua.index(hb)] if hb in ua else []
        f["rel_clause"] = float(any(v.parse.deps[t] == "acl" for t in chain))
        return f

    def _cue_features(
        self, v: View, p: str, i: int, j: int
    ) -> tuple[Cue | None, dict[str, float]]:
        a, b = v.anchors[i], v.anchors[j]
        hits = v.cues.get(p, [])
        lo = min(x for x in (a.end, b.end) if x >= 0)
        hi = max(a.start, b.start)
        both = a.start >= 0 and b.start >= 0
        between = [h for h in hits if both and lo <= h[0] < hi]
        top = max(a.end, b.end)
        bottom = min(x for x in (a.start, b.start) if x >= 0)
        after = [h for h in hits if h[0] >= top]
        before = [h for h in hits if h[1] <= bottom]
        others = [h for q, hs in v.cues.items() if q != p for h in hs]
        other_between = [h for h in others if both and lo <= h[0] < hi]
        other_after = [h for h in others if h[0] >= top]
        f: dict[str, float] = {
            "cues": len(hits), "cues_between": len(between), "cues_after": len(after),
            "cues_before": len(before), "cue_gap_o": 999, "cue_gap_s": 999, "cue_role_s": 0,
            "cue_role_o": 0, "cue_reversed": 0, "cue_passive": 0, "cue_pos": 0, "cue_len": 0,
            "cue_head_o": 0, "cue_head_s": 0, "cue_on_path": 0, "cue_rank": 99, "cue_att_s": 0, "cue_att_o": 0, "cue_frame": 0, "cue_fit": 0,
            "other_cues_between": len(other_between), "other_cues_after": len(other_after),
        }  # fmt: skip
        best: tuple[float, int, int, Cue] | None = None
        best_f: dict[str, float] = {}
        for start, end, cue in hits:
            g = self._cue_role(v, start, end, cue, i, j)
            score = 3 * g["cue_role_o"] + 2 * g["cue_role_s"] + 2 * g["cue_head_o"] + g["cue_head_s"]
            score += 4 * g["cue_fit"] + g["cue_on_path"] - min(abs(g["cue_gap_o"]), 60) / 30 + len(cue.text) / 10
            if best is None or score > best[0]:
                best, best_f = (score, start, end, cue), g
        if best is None:
            return None, f
        f.update(best_f)
        _, start, _, cue = best
        f["cue_rank"] = sum(1 for h in others if bottom <= h[0] and abs(h[0] - top) < abs(start - top))
        return cue, f

    def _cue_role(self, v: View, start: int, end: int, cue: Cue, i: int, j: int) -> dict[str, float]:
        a, b = v.anchors[i], v.anchors[j]
        ms = v.group_end.get(v.groups[i], v.markers[i])
        mo = v.group_end.get(v.groups[j], v.markers[j])
        passive = bool(_PASSIVE.match(v.text[end : end + 4]))
        subject, obj = cue.frame.subject, cue.frame.object
        swapped = cue.reversed != passive
        if passive:
            subject, obj = ("に", "によって", "により", "による", "から"), ("が", "は", "も", "の")
        if cue.reversed:
            subject, obj = obj, subject
        f: dict[str, float] = {
            "cue_reversed": float(cue.reversed),
            "cue_passive": float(swapped),
            "cue_pos": _POS.get(cue.part_of_speech, 0),
            "cue_len": len(cue.text),
            "cue_role_s": float(ms in subject) if a.start >= 0 else 0.5,
            "cue_role_o": float(mo in obj) if b.start >= 0 else 0.5,
            "cue_gap_o": _gap(start, end, b),
            "cue_gap_s": _gap(start, end, a),
            "cue_head_o": 0.0,
            "cue_head_s": 0.0,
            "cue_on_path": 0.0,
            "cue_att_s": float(CARRIED if a.start < 0 else 0),
            "cue_att_o": float(CARRIED if b.start < 0 else 0),
            "cue_frame": float(self._frame_id[cue.frame.name]),
            "cue_fit": 0.0,
        }
        if v.parse is not None:
            t = v.parse.span_head(start, end)
            for anchor, side, markers in ((a, "s", subject), (b, "o", obj)):
                if anchor.start >= 0:
                    up = v.parse.path_up(v.parse.span_head(anchor.start, anchor.end))
                    f[f"cue_head_{side}"] = 1.0 / up.index(t) if t in up[1:] else float(t in up) / 2
                    f["cue_on_path"] += float(t in up)
                    how, marker = attachment(v.parse, v.text, up, t)
                    f[f"cue_att_{side}"] = float(how)
                    fits = marker in markers or how in {RELATIVE, SHARED}
                    f["cue_fit"] += float(fits) if how else 0.0
                else:
                    f["cue_fit"] += 0.5
        return f


_GAPS = {g: i + 1 for i, g in enumerate(
    ["", "の", "製", "「", "、", "と", "や", "・", "/", "（", "(", "は", "が", "の「", "とは", "による", "との", "も", "には", "|"]
)}  # fmt: skip


def _owner(text: str, a: Anchor, inside: Sequence[Anchor]) -> bool:
    """Tell whether a mention only owns the next one: AWS in 「AWSのTrainium」."""
    gap = re.match(r"(?:の|製の?|自身の|独自の)?[「『]?", text[a.end :])
    at = a.end + (gap.end() if gap else 0)
    return at > a.end and any(b.start == at for b in inside)


def _without_owners(text: str, start: int, end: int, inside: Sequence[Anchor]) -> str:
    """Return text[start:end] without the owners of what is listed, so that a list is seen as one."""
    out, at = "", start
    for a in sorted(inside, key=lambda x: x.start):
        if start <= a.start < end and _owner(text, a, inside):
            out += text[at : a.start]
            tail = re.match(r"(?:の|製の?|自身の|独自の)[「『]?", text[a.end :])
            at = a.end + (tail.end() if tail else 0)
    return out + text[at:end] if at < end else out


def _gap(start: int, end: int, a: Anchor) -> float:
    if a.start < 0:
        return 500
    return start - a.end if start >= a.end else -(a.start - end)


# What stands between an example and the particle of its kind: 「TrainiumといったカスタムチップはNVIDIA…」.
_EXAMPLE = re.compile(
    r"^(?:といった|のような|のように|などの|など|という|に代表される|をはじめとする|等の)"
    r"(?P<noun>[^、。はがをにでともへ「」（）]{1,24}?)(?P<tail>は|が|も|を|に|で|と|へ|から|より|の)"
)


def _marker(text: str, end: int) -> str:
    rest = text[end : end + 40].lstrip(" ")
    stripped = rest.lstrip(_CLOSERS)
    example = _EXAMPLE.match(stripped)
    if example:
        stripped = stripped[example.start("tail") :]
    for m in MARKERS:
        if stripped.startswith(m):
            return m
    # A sortal between name and particle (「Gravitonプロセッサの」) does not hide the particle.
    word = re.match(r"[ァ-ヺー一-龥A-Za-z]{1,8}", stripped)
    if word:
        tail = stripped[word.end() :].lstrip(_CLOSERS)
        for m in MARKERS:
            if tail.startswith(m):
                return m
    return ""


def _broad(cls: str) -> str:
    return "Company" if cls in {"Company", "CloudProvider"} else cls


@dataclass(slots=True)
class _Stats:
    """Counts over the post that features use."""

    count: Counter[str]
    sentences: dict[str, set[int]]
    first: dict[str, int]
    title: set[str]
    rank: dict[str, int]

    @classmethod
    def of(cls, sentences: Sequence[Sentence], mentions: Mentions) -> _Stats:
        count: Counter[str] = Counter(m.entity for m in mentions.mentions)
        where: dict[str, set[int]] = defaultdict(set)
        first: dict[str, int] = {}
        title: set[str] = set()
        for m in mentions.mentions:
            if sentences[m.sentence].kind is Kind.TITLE:
                title.add(m.entity)
            else:
                where[m.entity].add(m.sentence)
                first.setdefault(m.entity, m.sentence)
        agents = [
            e for e, _ in count.most_common()
            if mentions.entities[e].cls in {"Company", "CloudProvider", "Organization"}
        ]  # fmt: skip
        return cls(count, where, defaultdict(lambda: -1, first), title, {e: i for i, e in enumerate(agents)})
