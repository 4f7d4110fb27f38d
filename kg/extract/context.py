"""What a sentence can draw on: its mentions, and those that topic, heading and title carry in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from kg.extract.blocks import Kind
from kg.extract.carried import ACTING, CARRIED, Carried
from kg.extract.document import Sentence
from kg.extract.entries import Cue
from kg.extract.lexicon import Finder, Lexicon, any_of
from kg.extract.markers import CLOSERS, SUBJECT, TOPIC, lists, marker
from kg.extract.mentions import Mention, Mentions
from kg.extract.names import normalise
from kg.extract.parse import Parse
from kg.extract.tables import Cells, heads
from kg.extract.views import Anchor, Around, CueHit, Source, View
from kg.schema import Schema

# What stands around a name that labels a paragraph or an item: 「**NVIDIA**（米国）: H100を…」.
_BEFORE_LABEL = re.compile(r"[「『【\[(（\d.)）・■●▼◆ ]*")
_AFTER_LABEL = re.compile(r"[」』】\])）]*(?: ?[(（][^()（）]{0,40}[)）])? ?(?::|$)")


class ContextReader:
    """Turns the sentences of a post into views, carrying topics from one to the next."""

    def __init__(self, schema: Schema, lexicon: Lexicon) -> None:
        self.agents = schema.below("CorporateAgent")
        self._agent_forms = {
            normalise(form): e.id
            for e in schema.entities.values()
            if e.cls in self.agents
            for form in e.forms
        }
        self._anaphors = lexicon.anaphors
        self._anaphor = any_of(lexicon.anaphors)
        self._anonym = any_of(a.text for a in lexicon.anonyms)
        self._ticks = lexicon.ticks
        by_text: dict[str, list[Cue]] = defaultdict(list)
        for cue in lexicon.cues:
            by_text[cue.text].append(cue)
        self._cues = dict(by_text)
        self._cue = Finder(self._cues)

    def read(
        self, sentences: Sequence[Sentence], mentions: Mentions, parses: Mapping[int, Parse]
    ) -> Iterator[View]:
        """Yield a view of each sentence that speaks of something, named or carried in, in order."""
        by_sentence: dict[int, list[Mention]] = defaultdict(list)
        for m in mentions.mentions:
            by_sentence[m.sentence].append(m)
        title = self._title_topic(sentences, mentions, by_sentence)
        hero = next((e for e in title if mentions.entities[e].cls in self.agents), "")
        state = Carried(title, hero)
        words: dict[str, dict[str, tuple[str, ...]]] = {}

        def said(text: str) -> dict[str, tuple[str, ...]]:
            if text not in words:
                words[text] = self._words(normalise(text))
            return words[text]

        words_of_title = said("\n".join(s.text for s in sentences if s.kind is Kind.TITLE))
        tables = heads(sentences)
        for i, s in enumerate(sentences):
            if s.kind is Kind.TITLE:
                continue
            found = by_sentence[i]
            named = list(dict.fromkeys(m.entity for m in found))
            if s.kind is Kind.HEADING:
                state.enter(s.level, named)
            text = normalise(s.text)
            above: Sequence[Anchor] = ()
            row = Cells(text) if s.kind is Kind.ROW else None
            head = Cells(normalise(sentences[tables[i]].text)) if i in tables else None
            if row is not None and head is not None:
                above = self._heads_of_columns(head, by_sentence[tables[i]], row, found)
            if not i or sentences[i - 1].block != s.block:
                labels = _label(text, found)
                acts = any(mentions.entities[e].cls in self.agents for e in labels)
                state.label(s, labels, acts=acts)
                state.begin(s, named)
            anchors = self._anchors(i, s, text, row, found, mentions, state, above)
            if anchors:
                around = Around(
                    said(self._near(sentences, i, -1)),
                    said(self._near(sentences, i, 1)),
                    said(s.head),
                    words_of_title,
                )
                yield self._view(i, s, text, parses.get(i), anchors, around, head)
            self._remember(i, s, text, found, mentions, state)

    def _words(self, text: str) -> dict[str, tuple[str, ...]]:
        """Return the words of the lexicon in a text, by property."""
        found: dict[str, list[str]] = defaultdict(list)
        for _, word in self._cue.find(text):
            for cue in self._cues[word]:
                found[cue.predicate].append(word)
        return {p: tuple(dict.fromkeys(hits)) for p, hits in found.items()}

    @staticmethod
    def _near(sentences: Sequence[Sentence], i: int, step: int) -> str:
        """Return the text of the sentence next to sentence i in its section, or ""."""
        k = i + step
        if not 0 <= k < len(sentences) or sentences[k].section != sentences[i].section:
            return ""
        return "" if sentences[k].kind in {Kind.TITLE, Kind.HEADING} else sentences[k].text

    def _title_topic(
        self,
        sentences: Sequence[Sentence],
        mentions: Mentions,
        by_sentence: Mapping[int, list[Mention]],
    ) -> list[str]:
        named = [
            m.entity
            for i, s in enumerate(sentences)
            if s.kind is Kind.TITLE
            for m in by_sentence[i]
        ]
        named = list(dict.fromkeys(named))
        agents = [e for e in named if mentions.entities[e].cls in self.agents]
        return agents[:1] + [e for e in named if e not in agents][:1]

    def _anchors(
        self,
        index: int,
        s: Sentence,
        text: str,
        row: Cells | None,
        found: Sequence[Mention],
        mentions: Mentions,
        state: Carried,
        above: Sequence[Anchor],
    ) -> tuple[Anchor, ...]:
        anchors = [Anchor(m.entity, m.start, m.end, Source.SENTENCE) for m in found]
        anchors += self._makers_inside(text, found, mentions)
        if row is not None:
            anchors = [replace(a, column=row.column(a.start)) for a in anchors]
        present = {a.entity for a in anchors}
        anchors += [a for a in above if a.entity not in present]
        present.update(a.entity for a in above)
        for m in self._anaphor.finditer(text):
            word = self._anaphors[m.group()]
            # 同社 may be a cloud, and a lab: whatever acts like a firm.
            for entity in state.resolve(word, is_agent=word.cls in self.agents):
                if entity not in present:
                    anchors.append(Anchor(entity, m.start(), m.end(), Source.ANAPHOR))
                    present.add(entity)
        for source, entities in state.carried(index, s):
            for entity in entities[: CARRIED[source]]:
                if entity not in present:
                    anchors.append(Anchor(entity, -1, -1, source))
                    present.add(entity)
        for a in list(anchors):
            parent = mentions.entities[a.entity].parent
            if a.inside and parent in mentions.entities and parent not in present:
                anchors.append(Anchor(parent, -1, -1, Source.FAMILY))
                present.add(parent)
        return tuple(anchors)

    def _heads_of_columns(
        self, head: Cells, named: Sequence[Mention], row: Cells, found: Sequence[Mention]
    ) -> list[Anchor]:
        """Return what a table's first row names above the cells of a row that name something too,
        or that are ticked."""
        below = {row.column(m.start) for m in found}
        columns = {m.entity: head.column(m.start) for m in reversed(named)}
        return [
            Anchor(entity, -1, -1, Source.COLUMN, column)
            for entity, column in reversed(columns.items())
            if column in below or (below and row.text(column) in self._ticks)
        ]

    def _makers_inside(
        self, text: str, found: Sequence[Mention], mentions: Mentions
    ) -> Iterator[Anchor]:
        """Yield the makers inside product names (Amazon in "Amazon Bedrock") that the post also
        names on their own: such a name says whose the product is."""
        for m in found:
            for word in re.finditer(r"[ ・]", text[m.start : m.end]):
                maker = self._agent_forms.get(text[m.start : m.start + word.start()])
                if maker and maker != m.entity and maker in mentions.entities:
                    yield Anchor(maker, m.start, m.start + word.start(), Source.INSIDE_NAME)

    def _remember(
        self,
        index: int,
        s: Sentence,
        text: str,
        found: Sequence[Mention],
        mentions: Mentions,
        state: Carried,
    ) -> None:
        taken = [range(m.start, m.end) for m in found]
        for unnamed in self._anonym.finditer(text):
            if not any(unnamed.start() in r for r in taken):
                # 同社 after 「某社は」 is not who was spoken of before.
                state.forget()
        if not found:
            return
        classes = {m.entity: mentions.entities[m.entity].cls for m in found}
        state.name(
            s.block, {e: ACTING if cls in self.agents else cls for e, cls in classes.items()}
        )
        for m in found:
            cls = classes[m.entity]
            if cls in self.agents:
                state.act(m.entity, is_subject=_marked(text, m, (*TOPIC, SUBJECT)))
            else:
                state.last[cls] = m.entity
        topics = [m.entity for m in found if _marked(text, m, TOPIC)]
        subjects = [m.entity for m in found if text.startswith(SUBJECT, m.end)]
        if topics or subjects:
            state.topic, state.topic_at = topics or subjects, (index, s.section)
        elif s.kind is not Kind.HEADING and not state.topic:
            agents = [m.entity for m in found if classes[m.entity] in self.agents]
            if agents:
                state.topic, state.topic_at = agents[:1], (index, s.section)

    def _view(
        self,
        index: int,
        s: Sentence,
        text: str,
        parse: Parse | None,
        anchors: tuple[Anchor, ...],
        around: Around,
        head: Cells | None,
    ) -> View:
        inside = [a for a in anchors if a.inside and a.source is not Source.INSIDE_NAME]
        numbers = iter(lists(text, [(a.start, a.end) for a in inside]))
        groups = tuple(next(numbers) if a in inside else -1 for a in anchors)
        markers = tuple(marker(text, a.end) if a.inside else "" for a in anchors)
        last: dict[int, tuple[int, str]] = {}
        for a, g, m in zip(anchors, groups, markers, strict=True):
            if g >= 0 and a.end > last.get(g, (-1, ""))[0]:
                last[g] = (a.end, m)
        named = [(a.start, a.end) for a in inside if a.source is Source.SENTENCE]
        cues: dict[str, list[CueHit]] = defaultdict(list)
        for at, word in self._cue.find(text):
            stop = at + len(word)
            if not any(start < stop and at < end for start, end in named):
                for cue in self._cues[word]:
                    cues[cue.predicate].append(CueHit(at, stop, cue))
        return View(
            index=index,
            sentence=s,
            text=text,
            parse=parse,
            anchors=anchors,
            markers=markers,
            groups=groups,
            group_markers=tuple(last[g][1] if g >= 0 else "" for g in groups),
            cues={p: tuple(hits) for p, hits in cues.items()},
            cue_starts=tuple(sorted(h.start for hits in cues.values() for h in hits)),
            around=around,
            head=head,
        )


def _marked(text: str, m: Mention, particles: tuple[str, ...]) -> bool:
    """Tell whether one of these particles follows a mention, a closing bracket between them or not."""
    return text[m.end : m.end + 2].lstrip(CLOSERS).startswith(particles)


def _label(text: str, found: Sequence[Mention]) -> list[str]:
    """Return the entity that labels what a sentence begins, if one does."""
    for m in found[:1]:
        if _BEFORE_LABEL.fullmatch(text, 0, m.start) and _AFTER_LABEL.match(text, m.end):
            return [m.entity]
    return []
