"""One HTML file with the graph, its evidence and all code in it: `kg viz --out FILE.html`.

pyvis holds the graph and renders our own template; its own ones fetch assets from elsewhere and
show titles as HTML. Positions come from the build, so no physics runs in the page.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from numpy.typing import NDArray

from kg.graph.evidence import evidence
from kg.graph.network import Edge, Network, Node, rank_of
from kg.graph.store import Snapshot
from kg.schema import Schema
from kg.settings import data_folder
from kg.web.published import Published
from kg.web.views import claim_view, edge_view, entity_view, schema_view

LIBRARY = "vendor/vis-network/vis-network.min.js"
STYLES = ("css/base.css", "css/explorer.css")
MODULES = (
    "js/dom.js",
    "js/i18n.js",
    "js/state.js",
    "js/layout.js",
    "js/graph.js",
    "js/legend.js",
    "js/search.js",
    "js/panel.js",
    "js/standalone.js",
)
"""The explorer's modules that the page uses, each after those it imports."""

TITLE = {"ja": "AIインフラ知識グラフ", "en": "AI Infrastructure Graph"}
ROW = 46.0
"""Height in canvas units that a node and its label take."""


@dataclass(frozen=True, slots=True)
class Page:
    """What was written: nodes and edges in the page, and how many the network has."""

    nodes: int
    edges: int
    total_nodes: int
    total_edges: int


def write_page(
    network: Network,
    schema: Schema,
    snapshot: Snapshot,
    out: Path,
    *,
    limit: int = 400,
    lang: str = "ja",
) -> Page:
    """Write the graph as one HTML file in UTF-8, for any browser, with the network off.

    At most `limit` entities are shown, those with the highest PageRank; the page says of how
    many. `lang` (ja or en) is the language it opens in. Raises OSError where `out` cannot be
    written.
    """
    ranked = sorted(network.nodes.values(), key=lambda n: (-rank_of(n), n.id))
    nodes = ranked[:limit]
    inside = {n.id for n in nodes}
    edges = [e for e in network.edges.values() if e.subject in inside and e.object in inside]
    extra = {
        "schema": schema_view(schema).model_dump(),
        "evidence": {
            e.id: [claim_view(c).model_dump() for c in evidence(snapshot, e)] for e in edges
        },
        "totals": {"nodes": len(network.nodes), "edges": len(network.edges)},
    }
    now = Published(snapshot, network, schema)
    out.write_text(render(now, nodes, edges, extra, lang), encoding="utf-8")
    return Page(len(nodes), len(edges), len(network.nodes), len(network.edges))


def render(
    now: Published,
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    extra: Mapping[str, Any],
    lang: str,
) -> str:
    """Return the page's HTML."""
    # pyvis imports IPython, which takes half a second that serving does not need.
    from pyvis.network import Network as Drawing  # noqa: PLC0415

    folder = data_folder("viz")
    drawing = Drawing(directed=True, heading=TITLE[lang], cdn_resources="in_line")
    drawing.toggle_physics(False)
    for node, (x, y) in zip(nodes, spread(nodes).tolist(), strict=True):
        fields = entity_view(now, node).model_dump(exclude={"id", "x", "y"})
        own = {measure: table[node.id] for measure, table in now.ranks.items() if node.id in table}
        drawing.add_node(node.id, label=node.name, x=round(x), y=round(y), ranks=own, **fields)
    for edge in edges:
        fields = edge_view(edge).model_dump(exclude={"subject", "object"})
        drawing.add_edge(edge.subject, edge.object, **fields)
    style = source("\n".join((folder / name).read_text("utf-8") for name in STYLES))
    library = source(without_map((folder / LIBRARY).read_text("utf-8")))
    program = source(bundle([(folder / name).read_text("utf-8") for name in MODULES]))
    # StrictUndefined: a name that the template misspells is an error, not an empty page.
    environment = Environment(
        loader=FileSystemLoader(folder), autoescape=True, undefined=StrictUndefined
    )
    environment.filters["as_json"] = as_json
    environment.globals |= {
        "lang": lang,
        "extra": extra,
        "style": Markup(style),  # noqa: S704  (our own files, see `source`)
        "library": Markup(library),  # noqa: S704
        "program": Markup(program),  # noqa: S704
        "policy": policy([library, program], style),
    }
    drawing.templateEnv = environment
    drawing.path = "standalone.html"
    return str(drawing.generate_html())


def as_json(value: object) -> Markup:
    """Return JSON that is safe between script tags: no `<`, `>` or `&` is left in it.

    >>> print(as_json({"a": "</script>"}))
    {"a":"\\u003c/script\\u003e"}
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for c in "<>&\u2028\u2029":
        text = text.replace(c, f"\\u{ord(c):04x}")
    return Markup(text)  # noqa: S704


def source(text: str) -> str:
    """Return code as it may stand between tags; raises ValueError where it would end them."""
    if re.search(r"</(script|style)|<!--", text, re.IGNORECASE):
        raise ValueError("code with a closing tag in it cannot be put into a page")
    return text


def bundle(modules: Sequence[str]) -> str:
    """Join ES modules, each after those it imports, into one strict function.

    Their imports are one line each and name what another of them declares at its top level, so
    in one scope both `import` lines and the word `export` can go.
    """
    joined = "\n".join(modules)
    joined = re.sub(r"^import .*$", "", joined, flags=re.MULTILINE)
    joined = re.sub(r"^export (?=const|function|class|async)", "", joined, flags=re.MULTILINE)
    return f'(() => {{\n"use strict";\n{joined}\n}})();'


def without_map(text: str) -> str:
    """Return a script without the comment that points to its source map."""
    return re.sub(r"^//# sourceMappingURL=.*$", "", text, flags=re.MULTILINE)


def policy(scripts: Sequence[str], style: str) -> str:
    """Return a Content-Security-Policy that lets just these scripts and this style act."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    allowed = " ".join(digest(s) for s in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {digest(style)}; img-src data:"


def spread(nodes: Sequence[Node], rounds: int = 120) -> NDArray[np.float64]:
    """Return positions in canvas units, from the build's, with no label upon another.

    The build's positions lie in [-1, 1]; they are scaled to give each node its area and then
    moved apart, pair by pair, where boxes of disc and label overlap, by half of the overlap
    along the shorter way a round. Shape (n, 2).
    """
    n = len(nodes)
    points = np.array([(node.x, node.y) for node in nodes], dtype=np.float64).reshape(n, 2)
    half = np.array([24 + 4.2 * width(node.name) for node in nodes])
    area = float((2 * half * ROW).sum())
    points *= 0.85 * math.sqrt(area) if n else 1.0
    # Nodes at the very same point would never part: a tiny spiral tells them apart.
    turn = np.arange(n) * 2.399963
    points += np.stack([np.cos(turn), np.sin(turn)], axis=1)
    for _ in range(rounds):
        d = points[:, None, :] - points[None, :, :]
        over_x = half[:, None] + half[None, :] - np.abs(d[:, :, 0])
        over_y = ROW - np.abs(d[:, :, 1])
        hit = (over_x > 0) & (over_y > 0)
        np.fill_diagonal(hit, val=False)
        if not hit.any():
            break
        sideways = over_x < over_y
        points[:, 0] += np.where(hit & sideways, np.sign(d[:, :, 0]) * over_x, 0).sum(1) * 0.3
        points[:, 1] += np.where(hit & ~sideways, np.sign(d[:, :, 1]) * over_y, 0).sum(1) * 0.3
    return points


def width(text: str) -> int:
    """Return the width of a name in half-width characters, as far as the page shows it.

    >>> width("GPU"), width("富岳")
    (3, 4)
    """
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text[:26])
