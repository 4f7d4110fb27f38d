"""The word of the lexicon that best says that a property holds of a pair, as numbers."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from kg.extract.entries import Cue
from kg.extract.markers import CARRIED, RELATIVE, SHARED, attachment
from kg.extract.views import Anchor, CueHit, View

# Values that stand for "there is none": farther than any distance in a sentence.
FAR, OUTSIDE, NONE = 999.0, 500.0, -1.0

_POS_ID = {"verbalNoun": 1, "verb": 2, "noun": 3, "adjective": 4}
_PASSIVE = re.compile(r"(?:さ)?れ|られ|された|されて|される")
_PASSIVE_AGENT = ("に", "によって", "により", "による", "から")
_PASSIVE_SUBJECT = ("が", "は", "も", "の")
_ROLE = (
    "cue_gap_o", "cue_gap_s", "cue_role_s", "cue_role_o", "cue_reversed", "cue_passive", "cue_pos",
    "cue_len", "cue_head_o", "cue_head_s", "cue_on_path", "cue_att_s", "cue_att_o", "cue_frame",
    "cue_fit",
)  # fmt: skip


class CueFeatures:
    """Finds the word that fits best; `frames` fixes the numbers a trained model knows them by."""

    def __init__(self, frames: Sequence[str]) -> None:
        self._frame_id = {f: float(i) for i, f in enumerate(frames)}

    def best(self, v: View, prop: str, i: int, j: int) -> tuple[Cue | None, dict[str, float]]:
        """Return the word that best expresses the property for anchors i and j, with features."""
        a, b = v.anchors[i], v.anchors[j]
        hits = v.cues.get(prop, ())
        ends = [x.end for x in (a, b) if x.inside]
        starts = [x.start for x in (a, b) if x.inside]
        inner = range(min(ends), max(starts)) if len(ends) == 2 else range(0)
        top, bottom = max(ends), min(starts)
        between = sum(h.start in inner for h in hits)
        after = sum(h.start >= top for h in hits)
        f: dict[str, float] = {
            "cues": len(hits),
            "cues_between": between,
            "cues_after": after,
            "cues_before": sum(h.end <= bottom for h in hits),
            "other_cues_between": _count(v.cue_starts, inner.start, inner.stop) - between,
            "other_cues_after": _count(v.cue_starts, top, len(v.text)) - after,
            "cue_rank": 99,
            "cue_said_before": len(v.around.before.get(prop, ())),
            "cue_said_after": len(v.around.after.get(prop, ())),
            "cue_in_heading": len(v.around.heading.get(prop, ())),
            "cue_in_title": len(v.around.title.get(prop, ())),
        }
        best: tuple[float, CueHit] | None = None
        role: dict[str, float] = dict.fromkeys(_ROLE, 0.0) | {"cue_gap_o": FAR, "cue_gap_s": FAR}
        for hit in hits:
            g = self._role(v, hit, i, j)
            score = (
                4 * g["cue_fit"] + 3 * g["cue_role_o"] + 2 * g["cue_role_s"] + 2 * g["cue_head_o"]
                + g["cue_head_s"] + g["cue_on_path"] - min(abs(g["cue_gap_o"]), 60) / 30
                + len(hit.cue.text) / 10
            )  # fmt: skip
            if best is None or score > best[0]:
                best, role = (score, hit), g
        f.update(role)
        if best is None:
            return None, f
        near = abs(best[1].start - top)
        window = range(max(bottom, top - near + 1), top + near)
        own = sum(h.start in window for h in hits)
        f["cue_rank"] = _count(v.cue_starts, window.start, window.stop) - own
        return best[1].cue, f

    def _role(self, v: View, hit: CueHit, i: int, j: int) -> dict[str, float]:
        """Return how well the two stand in the roles that the word's frame asks for."""
        a, b = v.anchors[i], v.anchors[j]
        cue = hit.cue
        passive = bool(_PASSIVE.match(v.text, hit.end))
        subject, obj = cue.frame.subject, cue.frame.object
        if passive:
            subject, obj = _PASSIVE_AGENT, _PASSIVE_SUBJECT
        if cue.reversed:
            subject, obj = obj, subject
        f = dict.fromkeys(_ROLE, 0.0) | {
            "cue_reversed": float(cue.reversed),
            "cue_passive": float(passive != cue.reversed),
            "cue_pos": float(_POS_ID.get(cue.part_of_speech, 0)),
            "cue_len": float(len(cue.text)),
            "cue_frame": self._frame_id.get(cue.frame.name, NONE),
        }
        word = v.parse.span_head(hit.start, hit.end) if v.parse else -1
        for anchor, group, side, markers in (
            (a, v.group_markers[i], "s", subject),
            (b, v.group_markers[j], "o", obj),
        ):
            if not anchor.inside:
                f[f"cue_role_{side}"], f[f"cue_gap_{side}"] = 0.5, OUTSIDE
                f[f"cue_att_{side}"] = CARRIED
                f["cue_fit"] += 0.5
                continue
            f[f"cue_role_{side}"] = float(group in markers)
            f[f"cue_gap_{side}"] = distance(hit, anchor)
            if v.parse is None:
                continue
            up = v.parse.path_up(v.parse.span_head(anchor.start, anchor.end))
            if word in up:
                f["cue_on_path"] += 1
                f[f"cue_head_{side}"] = 1 / up.index(word) if word != up[0] else 0.5
            how, particle = attachment(v.parse, v.text, up, word)
            f[f"cue_att_{side}"] = how
            f["cue_fit"] += particle in markers or how in {RELATIVE, SHARED}
        return f


def _count(numbers: Sequence[int], start: int, stop: int) -> int:
    """Return how many of the sorted numbers lie in range(start, stop)."""
    return max(0, bisect_left(numbers, stop) - bisect_left(numbers, start))


def distance(hit: CueHit, a: Anchor) -> int:
    """Return how many characters lie between a word and an anchor, fewer than none before it."""
    return hit.start - a.end if hit.start >= a.end else hit.end - a.start
