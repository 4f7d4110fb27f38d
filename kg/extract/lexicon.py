"""How Japanese says things, read from `lexicon.ttl`: no word of it stands in Python."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import ahocorasick
import pyoxigraph as ox

from kg.errors import OntologyError
from kg.extract.entries import Anaphor, Anonym, Cue, Frame, KindNoun, ModalityCue, Unit
from kg.model import Modality
from kg.schema import Schema
from kg.turtle import ENT, KG, Graph, parse_files

LEX = "https://ai-infra-kg.example/lexicon/"
ONTOLEX = "http://www.w3.org/ns/lemon/ontolex#"
SYNSEM = "http://www.w3.org/ns/lemon/synsem#"
SCOPES = ("final", "before", "anywhere")
LEXINFO = "http://www.lexinfo.net/ontology/3.0/lexinfo#"


@dataclass(frozen=True)
class Lexicon:
    """Everything in `lexicon.ttl`, longest words first where order matters."""

    cues: tuple[Cue, ...]
    modality: tuple[ModalityCue, ...]
    kinds: Mapping[str, KindNoun]
    modifiers: tuple[str, ...]
    own_modifiers: tuple[str, ...]
    purposes: tuple[str, ...]
    version_words: tuple[str, ...]
    sortals: tuple[str, ...]
    anaphors: Mapping[str, Anaphor]
    boilerplate: tuple[str, ...]
    units: tuple[Unit, ...]
    quantity_kinds: Mapping[str, str]
    word_quantities: Mapping[str, tuple[float, str]]
    quantity_stoppers: tuple[str, ...]
    comparisons: tuple[str, ...]
    divisors: tuple[str, ...]
    quantity_owners: Mapping[str, frozenset[str]]
    currency_signs: Mapping[str, str]
    amount_prefixes: tuple[str, ...]
    benchmarks: tuple[str, ...]
    name_endings: Mapping[str, str]
    legal_forms: tuple[str, ...]
    ticks: frozenset[str]
    governments: Mapping[str, str]
    acts_of_state: tuple[str, ...]
    sites: tuple[str, ...]
    namesakes: Mapping[str, str]
    holdings: Mapping[str, str]
    anonyms: tuple[Anonym, ...]
    ordinary: frozenset[str]

    @classmethod
    def load(cls, folder: Path, schema: Schema) -> Lexicon:
        """Read `lexicon.ttl`; raise OntologyError where an entry refers to what is not there."""
        return _Reader(parse_files(folder, ["lexicon.ttl"]), schema).read()


class Finder:
    """Finds words in a text, the longest at each place, as `any_of` does: much faster for many."""

    def __init__(self, words: Iterable[str]) -> None:
        self._automaton = ahocorasick.Automaton()
        for word in words:
            self._automaton.add_word(word, word)
        self._automaton.make_automaton()

    def find(self, text: str) -> Iterator[tuple[int, str]]:
        """Yield where a word starts, and the word, from left to right without overlaps."""
        if self._automaton:
            for last, word in self._automaton.iter_long(text):
                yield last - len(word) + 1, word


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern that matches any of the words, the longest first; none if there are none."""
    ordered = sorted(set(words), key=lambda w: (-len(w), w))
    return re.compile("|".join(map(re.escape, ordered)) or r"(?!)")


class _Reader:
    def __init__(self, graph: Graph, schema: Schema) -> None:
        self.graph = graph
        self.schema = schema

    def read(self) -> Lexicon:
        g = self.graph
        anaphors = [
            Anaphor(t, self.cls(n, t), g.value(n, LEX + "number").removeprefix(LEX))
            for n, t in self.written("Anaphor")
        ]
        return Lexicon(
            cues=tuple(self.cues()),
            modality=tuple(
                ModalityCue(t, self.modality(n, t), self.scope(n, t))
                for n, t in self.written("ModalityCue")
            ),
            kinds=MappingProxyType(
                {
                    t: KindNoun(
                        t,
                        self.cls(n, t),
                        g.value(n, LEX + "canonical"),
                        g.value(n, LEX + "namesWithMaker") == "true",
                        suffix=g.value(n, LEX + "suffix") == "true",
                        introduces=g.value(n, LEX + "introduces") == "true",
                        names_with_place=g.value(n, LEX + "namesWithPlace") == "true",
                        joined=g.value(n, LEX + "joined") == "true",
                        honorific=g.value(n, LEX + "honorific") == "true",
                    )
                    for n, t in self.written("KindNoun")
                }
            ),
            modifiers=self.words("Modifier"),
            own_modifiers=tuple(
                t for n, t in self.written("Modifier") if self.graph.value(n, LEX + "own")
            ),
            purposes=self.words("Purpose"),
            version_words=self.words("VersionWord"),
            sortals=self.words("SortalSuffix"),
            anaphors=MappingProxyType({a.text: a for a in anaphors}),
            boilerplate=self.words("BoilerplateHeading"),
            units=tuple(
                Unit(
                    t,
                    g.value(n, LEX + "unit"),
                    self.number(n, "factor", t),
                    tuple(g.values(n, LEX + "quantityKind")),
                    counted=g.value(n, LEX + "counted") == "true",
                )
                for n, t in self.written("Unit")
            ),
            quantity_kinds=MappingProxyType(
                {t: g.value(n, LEX + "quantityKind") for n, t in self.written("QuantityKindCue")}
            ),
            word_quantities=MappingProxyType(
                {
                    t: (self.number(n, "value", t), g.value(n, LEX + "unit"))
                    for n, t in self.written("WordQuantity")
                }
            ),
            quantity_stoppers=self.words("QuantityStopper"),
            comparisons=self.words("Comparison"),
            divisors=self.words("Divisor"),
            quantity_owners=MappingProxyType(
                {
                    g.value(n, LEX + "quantityKind"): self.schema.below(
                        g.value(n, LEX + "saidOf").removeprefix(KG)
                    )
                    for n in self.nodes(LEX + "QuantityKind")
                }
            ),
            currency_signs=MappingProxyType(
                {t: g.value(n, LEX + "unit") for n, t in self.written("CurrencySign")}
            ),
            amount_prefixes=self.words("AmountPrefix"),
            benchmarks=self.words("Benchmark"),
            ordinary=frozenset(
                t for k in ("KindNoun", "CommonWord", "Country", "Site") for t in self.words(k)
            ),
            legal_forms=self.words("LegalForm"),
            ticks=frozenset(self.words("Tick")),
            name_endings=MappingProxyType(
                {t: self.cls(n, t) for n, t in self.written("NameEnding")}
            ),
            governments=self.entities("Country", "government"),
            acts_of_state=self.words("ActOfState"),
            sites=self.words("Site"),
            namesakes=self.entities("Namesake", "otherwise"),
            holdings=MappingProxyType(
                {
                    self.entity(n, "holding"): self.entity(n, "firm")
                    for n in self.nodes(LEX + "Holding")
                }
            ),
            anonyms=tuple(
                Anonym(t, self.cls(n, t), self.entity(n, "standsFor"))
                for n, t in self.written("Anonym")
            ),
        )

    def nodes(self, kind: str) -> list[ox.NamedNode | ox.BlankNode]:
        return self.graph.of_type(kind)

    def written(self, kind: str) -> list[tuple[ox.NamedNode | ox.BlankNode, str]]:
        """Return the nodes of a kind with each of their written forms, longest form first."""
        pairs = [
            (n, t)
            for n in self.nodes(LEX + kind)
            for t in self.graph.values(n, ONTOLEX + "writtenRep")
        ]
        return sorted(pairs, key=lambda p: (-len(p[1]), p[1]))

    def words(self, kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(t for _, t in self.written(kind)))

    def entities(self, kind: str, link: str) -> Mapping[str, str]:
        """Return the entity that each word of a kind refers to."""
        return MappingProxyType({t: self.entity(n, link) for n, t in self.written(kind)})

    def entity(self, node: ox.NamedNode | ox.BlankNode, link: str) -> str:
        return self.graph.value(node, LEX + link).removeprefix(ENT)

    def cls(self, node: object, word: str) -> str:
        name = self.graph.value(node, LEX + "kind").removeprefix(KG)
        if name not in self.schema.classes:
            what = name or "a missing lex:kind"
            raise OntologyError(f"lexicon.ttl: {word}: {what} is not a class of entities")
        return name

    def modality(self, node: object, word: str) -> Modality:
        name = self.graph.value(node, KG + "modality").removeprefix(KG)
        if name not in set(Modality):
            raise OntologyError(f"lexicon.ttl: {word}: kg:modality {name!r} is not a modality")
        return Modality(name)

    def scope(self, node: object, word: str) -> str:
        name = self.graph.value(node, LEX + "scope").removeprefix(LEX)
        if name not in SCOPES:
            raise OntologyError(f"lexicon.ttl: {word}: lex:scope {name!r} is none of {SCOPES}")
        return name

    def number(self, node: object, name: str, word: str) -> float:
        text = self.graph.value(node, LEX + name)
        try:
            return float(text)
        except ValueError as e:
            raise OntologyError(f"lexicon.ttl: {word}: lex:{name} {text!r} is no number") from e

    def cues(self) -> list[Cue]:
        g = self.graph
        frames = {
            n.value: Frame(
                n.value.removeprefix(LEX),
                tuple(g.values(n, LEX + "subjectMarker")),
                tuple(g.values(n, LEX + "objectMarker")),
            )
            for n in self.nodes(SYNSEM + "SyntacticFrame")
        }
        out: list[Cue] = []
        for n in self.nodes(ONTOLEX + "LexicalEntry"):
            forms = [
                t
                for form in g.objects(n, ONTOLEX + "canonicalForm")
                + g.objects(n, ONTOLEX + "otherForm")
                for t in g.values(form, ONTOLEX + "writtenRep")
            ]
            where = forms[0] if forms else "an entry without a written form"
            for sense in g.objects(n, ONTOLEX + "sense"):
                prop = g.value(sense, ONTOLEX + "reference").removeprefix(KG)
                if prop not in self.schema.properties:
                    raise OntologyError(
                        f"lexicon.ttl: {where}: {prop!r} is not a property of core.ttl"
                    )
                for behaviour in g.values(n, SYNSEM + "synBehavior"):
                    if behaviour not in frames:
                        raise OntologyError(f"lexicon.ttl: {where}: {behaviour} is not a frame")
                    out += [
                        Cue(
                            t,
                            prop,
                            frames[behaviour],
                            g.value(n, LEXINFO + "partOfSpeech").removeprefix(LEXINFO),
                            g.value(n, LEX + "reversed") == "true",
                        )
                        for t in forms
                    ]
        return sorted(out, key=lambda c: (-len(c.text), c.name))
