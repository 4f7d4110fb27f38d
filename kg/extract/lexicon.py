"""How Japanese says things, read from `lexicon.ttl`: no word of it stands in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pyoxigraph as ox

from kg.errors import OntologyError
from kg.model import Modality
from kg.schema import KG, Graph, Schema, parse_files

LEX = "https://ai-infra-kg.example/lexicon/"
ONTOLEX = "http://www.w3.org/ns/lemon/ontolex#"
SYNSEM = "http://www.w3.org/ns/lemon/synsem#"
LEXINFO = "http://www.lexinfo.net/ontology/3.0/lexinfo#"


@dataclass(frozen=True, slots=True)
class Frame:
    """The particles by which a word's subject and object hang on it."""

    name: str
    subject: tuple[str, ...]
    object: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cue:
    """A word that expresses a property; `reversed` where its grammatical subject is the object."""

    text: str
    predicate: str
    frame: Frame
    part_of_speech: str
    reversed: bool

    @property
    def name(self) -> str:
        """What a claim calls the entry: property, frame and word."""
        return f"{self.predicate}/{self.frame.name}/{self.text}"


@dataclass(frozen=True, slots=True)
class ModalityCue:
    """A word that hedges or denies; `scope` is final, before or anywhere."""

    text: str
    modality: Modality
    scope: str


@dataclass(frozen=True, slots=True)
class KindNoun:
    """A word for a kind of thing; with a maker in front some name an entity (`canonical`)."""

    text: str
    cls: str
    canonical: str
    names_with_maker: bool


@dataclass(frozen=True, slots=True)
class Anaphor:
    """A word that points back; `number` is one, two or many."""

    text: str
    cls: str
    number: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit's word, the unit it stands for, and the factor to that unit."""

    text: str
    unit: str
    factor: float


@dataclass(frozen=True)
class Lexicon:
    """Everything in `lexicon.ttl`, longest words first where order matters."""

    cues: tuple[Cue, ...]
    modality: tuple[ModalityCue, ...]
    kinds: Mapping[str, KindNoun]
    modifiers: tuple[str, ...]
    version_words: tuple[str, ...]
    sortals: tuple[str, ...]
    anaphors: Mapping[str, Anaphor]
    boilerplate: tuple[str, ...]
    units: tuple[Unit, ...]
    quantity_kinds: Mapping[str, str]
    word_quantities: Mapping[str, tuple[float, str]]
    quantity_stoppers: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path, schema: Schema) -> Lexicon:
        """Read `lexicon.ttl`; raise OntologyError where an entry refers to what is not there."""
        return _Reader(parse_files(folder, ["lexicon.ttl"]), schema).read()


class _Reader:
    def __init__(self, graph: Graph, schema: Schema) -> None:
        self.graph = graph
        self.schema = schema

    def read(self) -> Lexicon:
        g = self.graph
        anaphors = [
            Anaphor(t, self.cls(n), g.value(n, LEX + "number").removeprefix(LEX))
            for n, t in self.written("Anaphor")
        ]
        return Lexicon(
            cues=tuple(self.cues()),
            modality=tuple(
                ModalityCue(
                    t,
                    Modality(g.value(n, KG + "modality").removeprefix(KG)),
                    g.value(n, LEX + "scope").removeprefix(LEX),
                )
                for n, t in self.written("ModalityCue")
            ),
            kinds=MappingProxyType(
                {
                    t: KindNoun(
                        t,
                        self.cls(n),
                        g.value(n, LEX + "canonical"),
                        g.value(n, LEX + "namesWithMaker") == "true",
                    )
                    for n, t in self.written("KindNoun")
                }
            ),
            modifiers=self.words("Modifier"),
            version_words=self.words("VersionWord"),
            sortals=self.words("SortalSuffix"),
            anaphors=MappingProxyType({a.text: a for a in anaphors}),
            boilerplate=self.words("BoilerplateHeading"),
            units=tuple(
                Unit(t, g.value(n, LEX + "unit"), float(g.value(n, LEX + "factor", "1")))
                for n, t in self.written("Unit")
            ),
            quantity_kinds=MappingProxyType(
                {t: g.value(n, LEX + "quantityKind") for n, t in self.written("QuantityKindCue")}
            ),
            word_quantities=MappingProxyType(
                {
                    t: (float(g.value(n, LEX + "value")), g.value(n, LEX + "unit"))
                    for n, t in self.written("WordQuantity")
                }
            ),
            quantity_stoppers=self.words("QuantityStopper"),
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

    def cls(self, node: object) -> str:
        name = self.graph.value(node, LEX + "kind").removeprefix(KG)
        if name not in self.schema.classes:
            raise OntologyError(
                f"lexicon.ttl: {name or 'a missing lex:kind'} is not a class of entities"
            )
        return name

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
