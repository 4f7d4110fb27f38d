"""The JSON shapes of the REST API, as its OpenAPI document describes them."""

from __future__ import annotations

from pydantic import BaseModel, Field


class EntityView(BaseModel):
    """An entity of the graph."""

    id: str
    iri: str
    cls: str = Field(description="local name of its class, see /api/schema")
    name: str
    name_ja: str
    label_ja: str = Field(description="of the two names, the one that Japanese posts write")
    aliases: list[str] = Field(description="surface forms under which it is found")
    known: bool = Field(description="whether the ontology lists it")
    posts: int
    mentions: int
    degree: int = Field(description="other entities it has an edge with, of whatever modality")
    community: int
    x: float
    y: float
    metrics: dict[str, float]


class EdgeView(BaseModel):
    """What posts say of two entities under one property, over all posts."""

    id: str
    subject: str
    predicate: str = Field(description="local name of a property, see /api/schema")
    object: str
    modality: str = Field(description="the strongest: asserted, then hedged, then negated")
    modalities: dict[str, int] = Field(description="posts by modality")
    support: int = Field(description="posts that say so")
    confidence: float
    first: str = Field(description="date of the earliest post")
    last: str


class EntityList(BaseModel):
    """Entities that a search found, best first."""

    query: str
    items: list[EntityView]
    more: bool = Field(description="whether there are more than `limit`")


class Subgraph(BaseModel):
    """A part of the graph; `total_*` count what the same filters match without the limit."""

    center: str = ""
    nodes: list[EntityView]
    edges: list[EdgeView]
    total_nodes: int
    total_edges: int


class Fact(BaseModel):
    """An edge as seen from one of its ends."""

    edge: EdgeView
    other: EntityView


class FactGroup(BaseModel):
    """The facts of an entity under one property and direction (`out`, `in`, or `both`)."""

    predicate: str
    direction: str
    total: int
    items: list[Fact]


class Reference(BaseModel):
    """An entity by id and name; it need not be in the graph."""

    id: str
    name: str
    name_ja: str


class SentenceView(BaseModel):
    """A passage of a post: code points `start` to `end` of its file's text."""

    start: int
    end: int
    text: str


class ClaimOut(BaseModel):
    """What one post says."""

    post: str
    title: str
    date: str
    modality: str
    confidence: float
    frame: str = Field(description="entry of the lexicon that found the claim")
    sentences: list[SentenceView]


class EdgeDetail(BaseModel):
    """An edge with every sentence that states it."""

    edge: EdgeView
    subject: EntityView
    object: EntityView
    claims: list[ClaimOut]


class QuantityOut(BaseModel):
    """A number that a post ties to an entity: `value` in base units of `unit`."""

    post: str
    title: str
    date: str
    kind: str
    value: float
    unit: str
    text: str
    sentences: list[SentenceView]


class EntityDetail(BaseModel):
    """An entity with its ranks, what is generally known of it, and what posts say of it."""

    entity: EntityView
    ranks: dict[str, int] = Field(description="rank by metric, 1 is best")
    of: int = Field(description="entities in the graph")
    known_maker: Reference | None = Field(description="background knowledge, not from posts")
    known_parent: Reference | None = Field(description="background knowledge, not from posts")
    facts: list[FactGroup]
    quantities: list[QuantityOut]


class ParameterView(BaseModel):
    """A variable of a named query that one may set."""

    name: str
    kind: str
    default: str
    help: str


class QueryView(BaseModel):
    """A named SPARQL query; texts are by language."""

    id: str
    title: dict[str, str]
    description: dict[str, str]
    text: str
    parameters: list[ParameterView]


class HopView(BaseModel):
    """A step from `source` to `target`; `forward` where the edge points the same way."""

    edge: EdgeView
    source: str
    target: str
    forward: bool
    others: list[EdgeView] = Field(description="what else posts say of the two")


class PathView(BaseModel):
    """A connection between two entities."""

    length: int
    cost: float = Field(description="lower is better: hops, and a penalty for doubt")
    hops: list[HopView]


class PathList(BaseModel):
    """The shortest connections, best first, with every entity they touch."""

    source: str
    target: str
    paths: list[PathView]
    nodes: list[EntityView]


class Ranked(BaseModel):
    """An entity and its score."""

    rank: int
    score: float
    entity: EntityView


class CentralityList(BaseModel):
    """The most central entities."""

    measure: str
    help: str
    items: list[Ranked]
    total: int


class Labels(BaseModel):
    """A term's labels and definitions by language."""

    name: str
    iri: str
    label: dict[str, str]
    definition: dict[str, str]
    order: int


class ClassView(Labels):
    """A class of entities."""

    colour: str


class PropertyView(Labels):
    """A property of edges."""

    colour: str
    inverse_label: dict[str, str]
    domain: list[str]
    range: list[str]
    symmetric: bool


class MeasureView(BaseModel):
    """A centrality measure."""

    name: str
    label: dict[str, str]
    help: str


class SchemaView(BaseModel):
    """Everything a client needs to label, colour and filter the graph."""

    classes: list[ClassView]
    properties: list[PropertyView]
    modalities: list[Labels]
    measures: list[MeasureView]
    ontology_hash: str
