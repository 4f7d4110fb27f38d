"""The snapshot that is served: opened once, exchanged when a build publishes another."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Annotated

import pyoxigraph as ox
from fastapi import Depends, Request, Response

from kg import __version__
from kg.errors import KgError
from kg.graph.network import Network, Node
from kg.graph.store import Snapshot
from kg.graph.terms import entity_id
from kg.schema import Schema
from kg.settings import Settings
from kg.turtle import SKOS
from kg.web.problem import NotModified

ALT_LABEL = ox.NamedNode(SKOS + "altLabel")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Published:
    """One snapshot with all that answers are made from. It never changes."""

    snapshot: Snapshot
    network: Network
    schema: Schema

    @property
    def etag(self) -> str:
        """A weak entity tag: the same data, ontology and program give equivalent answers."""
        return f'W/"{self.snapshot.revision[:20]}-{self.schema.hash[:8]}-{__version__}"'

    @cached_property
    def ranks(self) -> Mapping[str, Mapping[str, int]]:
        """For each metric, the rank of each entity; equal values share the better rank."""
        out: dict[str, dict[str, int]] = {}
        names = sorted({m for n in self.network.nodes.values() for m in n.metrics})
        for name in names:
            scored = sorted(
                ((n.metrics[name], n.id) for n in self.network.nodes.values() if name in n.metrics),
                key=lambda pair: (-pair[0], pair[1]),
            )
            rank, last, table = 0, None, {}
            for position, (value, node) in enumerate(scored, 1):
                if value != last:
                    rank, last = position, value
                table[node] = rank
            out[name] = table
        return out

    @cached_property
    def labels_ja(self) -> Mapping[str, str]:
        """The name of each entity to show to readers of Japanese: as the posts themselves write.

        NVIDIA is NVIDIA there and not エヌビディア, but 富岳 is not Fugaku. Of the preferred
        names in both languages, the one in more posts; where posts write neither, the one in the
        script of the form they write most.
        """
        written: dict[str, Counter[str]] = defaultdict(Counter)
        for quad in self.snapshot.store.quads_for_pattern(None, ALT_LABEL, None, None):
            entity, form = quad.subject, quad.object
            # A post's graph has forms as the post writes them; the ontology's have a language.
            if (
                isinstance(entity, ox.NamedNode)
                and isinstance(form, ox.Literal)
                and form.language is None
            ):
                written[entity_id(entity.value)][form.value] += 1
        return {n.id: in_japanese(n, written[n.id]) for n in self.network.nodes.values()}


def in_japanese(node: Node, written: Mapping[str, int]) -> str:
    """Return which of a node's two names to show, given in how many posts each form stands."""
    if not node.name_ja:
        return node.name
    ja, other = written.get(node.name_ja, 0), written.get(node.name, 0)
    if ja == other:
        most = min(written, key=lambda form: (-written[form], form), default="")
        return node.name if most.isascii() and most else node.name_ja
    return node.name_ja if ja > other else node.name


class Publications:
    """Opens the snapshot that `<data>/current` names, again whenever that changes."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._lock = Lock()
        self._target: Path | None = None
        self._now: Published | None = None

    def current(self) -> Published:
        """Return the published snapshot, loading it at first use and after each new build.

        Raises SnapshotError where there is none. A new snapshot that cannot be opened is
        logged, and the one before it stays.
        """
        target = (self.settings.data / "current").resolve()
        now = self._now
        if now is not None and target == self._target:
            return now
        with self._lock:
            if self._now is not None and target == self._target:
                return self._now
            try:
                self._now = self._load()
            except KgError as e:
                if self._now is None:
                    raise
                log.error("still serving %s: %s", self._now.snapshot.revision, e)
            self._target = target
            return self._now

    def _load(self) -> Published:
        schema = Schema.load(self.settings.ontology)
        snapshot = Snapshot.open(self.settings.data)
        return Published(snapshot, Network.load(snapshot, schema), schema)


def published(request: Request, response: Response) -> Published:
    """Dependency: the snapshot that answers this request, its ETag set on the answer.

    Raises NotModified where the client already has an answer made from it.
    """
    publications: Publications = request.app.state.publications
    now = publications.current()
    known = request.headers.get("if-none-match", "") if request.method == "GET" else ""
    if now.etag in (tag.strip() for tag in known.split(",")):
        raise NotModified(now.etag)
    response.headers["ETag"] = now.etag
    return now


Now = Annotated[Published, Depends(published)]
"""What a handler asks for to answer from the published snapshot."""
