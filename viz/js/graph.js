// The drawing of the graph: vis-network with its physics off, on positions of our own.

import { colour, h } from "./dom.js";
import { label, nameOf, t } from "./i18n.js";
import { layout } from "./layout.js";

const FONT = '"Hiragino Sans","Noto Sans JP","Noto Sans CJK JP","Yu Gothic UI",Meiryo,system-ui,sans-serif';
const BIG = 80;
export const DASHES = { asserted: false, hedged: [7, 5], negated: [2, 5] };

export class GraphView {
  /** `on` has node(id), edge(id), background(), focus(id): what a person did. */
  constructor(container, on) {
    this.container = container;
    this.on = on;
    this.positions = new Map();
    this.data = { nodes: [], edges: [] };
    this.byId = new Map();
    this.nodes = new vis.DataSet();
    this.edges = new vis.DataSet();
    this.selection = null;
    this.path = new Set();
    this.tip = h("div", { class: "tip", hidden: true, role: "presentation" });
    const canvas = h("div", { class: "canvas" });
    container.append(canvas, this.tip);
    this.network = new vis.Network(canvas, { nodes: this.nodes, edges: this.edges }, {
      autoResize: true,
      physics: false,
      layout: { improvedLayout: false },
      interaction: { hover: true, hoverConnectedEdges: false, tooltipDelay: 1e9, selectConnectedEdges: false, multiselect: false, zoomSpeed: 0.7 },
      // Names too small to read on the screen are not drawn.
      nodes: { shape: "dot", borderWidth: 1.5, scaling: { label: { drawThreshold: 7.5 } }, font: { face: FONT, size: 13, strokeWidth: 4, vadjust: -5 } },
      edges: { selectionWidth: 0, hoverWidth: 0, arrowStrikethrough: false, font: { face: FONT, size: 11, strokeWidth: 4, align: "middle" } },
    });
    this.listen();
    this.recolour();
  }

  listen() {
    const net = this.network;
    let timer = 0;
    net.on("click", (p) => {
      this.unhover();
      if (p.nodes.length) {
        // A double click focuses; a single one must wait to know that it is not the first of two.
        clearTimeout(timer);
        timer = setTimeout(() => this.on.node(p.nodes[0], p.event.srcEvent?.shiftKey), 220);
      } else if (p.edges.length) this.on.edge(p.edges[0]);
      else this.on.background();
      this.restoreSelection();
    });
    net.on("doubleClick", (p) => {
      clearTimeout(timer);
      if (p.nodes.length) this.on.focus(p.nodes[0]);
    });
    net.on("dragEnd", (p) => {
      for (const id of p.nodes) this.positions.set(id, net.getPosition(id));
    });
    net.on("hoverNode", (p) => this.hover(p, "node"));
    net.on("hoverEdge", (p) => this.hover(p, "edge"));
    for (const name of ["blurNode", "blurEdge", "dragStart", "zoom"]) net.on(name, () => this.unhover());
    net.on("afterDrawing", (ctx) => this.badges(ctx));
  }

  /** Take the colours of the theme from the style sheet. */
  recolour() {
    const probe = h("span", { hidden: true });
    this.container.append(probe);
    const read = (name) => {
      probe.style.color = `var(--${name})`;
      return getComputedStyle(probe).color;
    };
    this.theme = { text: read("text"), canvas: read("canvas"), muted: read("muted"), faint: read("faint"), accent: read("accent"), surface: read("surface") };
    probe.remove();
    this.restyle();
  }

  /** Show a graph; nodes that were on view stay where they are, and the view moves only if asked. */
  show(data, schema, { roots, fit, positions = null }) {
    this.data = data;
    this.schema = schema;
    this.roots = new Set(roots);
    this.byId = new Map(data.nodes.map((n) => [n.id, n]));
    this.adjacent = new Map(data.nodes.map((n) => [n.id, new Set()]));
    for (const e of data.edges) {
      this.adjacent.get(e.subject)?.add(e.object);
      this.adjacent.get(e.object)?.add(e.subject);
    }
    const kept = new Map([...this.positions].filter(([id]) => this.byId.has(id)));
    if (kept.size < 0.3 * data.nodes.length && fit) kept.clear();
    const boxes = data.nodes.map((n) => ({ id: n.id, radius: radius(n, this.roots.has(n.id)), halfWidth: Math.max(18, textWidth(nameOf(n)) / 2) }));
    const { clientWidth: w, clientHeight: hgt } = this.container;
    this.positions = positions ?? layout(boxes, data.edges.map((e) => [e.subject, e.object]), kept, w / (hgt || 1));
    this.restyle();
    if (fit) this.fit();
    this.container.setAttribute("aria-label", t("graphLabel", data.nodes.length, data.edges.length));
  }

  select(selection, path = []) {
    this.selection = selection;
    this.path = new Set(path);
    this.restyle();
  }

  /** Give every node and edge the look that selection, path and theme ask for. */
  restyle() {
    if (!this.schema) return;
    const near = this.emphasised();
    const nodes = this.data.nodes.map((n) => this.nodeStyle(n, near));
    const edges = edgeCurves(this.data.edges).map(([e, smooth]) => ({ ...this.edgeStyle(e, near), smooth }));
    replace(this.nodes, nodes);
    replace(this.edges, edges);
    this.restoreSelection();
  }

  /** Nodes and edges that stay bright; null where nothing is selected and all are. */
  emphasised() {
    if (this.path.size) {
      const edges = this.data.edges.filter((e) => this.path.has(e.id));
      return { nodes: new Set(edges.flatMap((e) => [e.subject, e.object])), edges: new Set(edges.map((e) => e.id)) };
    }
    const s = this.selection;
    if (s?.kind === "edge") {
      const e = this.data.edges.find((x) => x.id === s.id);
      return e ? { nodes: new Set([e.subject, e.object]), edges: new Set([e.id]) } : null;
    }
    if (s?.kind === "node" && this.byId.has(s.id)) {
      const edges = this.data.edges.filter((e) => e.subject === s.id || e.object === s.id);
      return { nodes: new Set([s.id, ...this.adjacent.get(s.id)]), edges: new Set(edges.map((e) => e.id)) };
    }
    return null;
  }

  nodeStyle(n, near) {
    const term = this.schema.classes.find((c) => c.name === n.cls);
    const fill = colour(term?.colour);
    const dim = near !== null && !near.nodes.has(n.id);
    const selected = this.selection?.kind === "node" && this.selection.id === n.id;
    const root = this.roots.has(n.id);
    return {
      id: n.id,
      label: shorten(nameOf(n)),
      ...this.positions.get(n.id),
      size: radius(n, root),
      opacity: dim ? 0.22 : 1,
      borderWidth: selected ? 4 : root ? 3 : 1.5,
      color: flat(fill, selected ? this.theme.text : root ? this.theme.surface : this.theme.canvas),
      font: {
        color: dim ? this.theme.faint : this.theme.text,
        strokeColor: this.theme.canvas,
        size: this.fontSize(n, root || selected),
      },
      shadow: root ? { enabled: true, color: `${fill}88`, size: 14, x: 0, y: 0 } : false,
    };
  }

  /** Hubs of a big graph have bigger names, which stay legible when all of it is in view. */
  fontSize(n, important) {
    const plain = important ? 15 : 13;
    return this.data.nodes.length > BIG ? Math.round(plain + Math.min(16, 1.9 * Math.sqrt(n.degree))) : plain;
  }

  edgeStyle(e, near) {
    const term = this.schema.properties.find((p) => p.name === e.predicate);
    const fill = colour(term?.colour);
    const dim = near !== null && !near.edges.has(e.id);
    const selected = this.selection?.kind === "edge" && this.selection.id === e.id;
    const labelled = selected || this.path.has(e.id) || (near !== null && !dim && near.edges.size <= 14);
    return {
      id: e.id,
      from: e.subject,
      to: e.object,
      label: labelled ? label(term) || e.predicate : " ",  // vis-network keeps the old one for ""
      width: (selected ? 3 : 1) + Math.min(3, Math.log2(e.support || 1)),
      dashes: DASHES[e.modality] ?? false,
      color: { color: fill, highlight: fill, hover: fill, inherit: false, opacity: dim ? 0.07 : near ? 0.95 : 0.55 },
      arrows: { to: { enabled: !term?.symmetric, scaleFactor: 0.45 } },
      font: { color: this.theme.text, strokeColor: this.theme.canvas },
    };
  }

  restoreSelection() {
    // vis-network selects on click by itself; what is selected is decided by the view's state.
    this.network.unselectAll();
  }

  /** Draw how many neighbours of a node are not on view, as a pill beside it. */
  badges(ctx) {
    if (this.network.getScale() < 0.45) return;
    const near = this.emphasised();
    ctx.save();
    ctx.font = `600 9.5px ${FONT}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    for (const n of this.data.nodes) {
      const hidden = n.degree - (this.adjacent.get(n.id)?.size ?? 0);
      if (hidden <= 0) continue;
      if (!this.nodes.get(n.id)) continue;  // a redraw can come between data and drawing
      const at = this.network.getPosition(n.id);
      const r = radius(n, this.roots.has(n.id));
      const text = `+${hidden}`;
      const w = ctx.measureText(text).width + 8;
      const x = at.x + r * 0.75 + w / 2 - 3, y = at.y - r * 0.85;
      ctx.globalAlpha = near && !near.nodes.has(n.id) ? 0.2 : 1;
      ctx.fillStyle = this.theme.surface;
      ctx.strokeStyle = this.theme.faint;
      ctx.lineWidth = 1;
      ctx.beginPath();
      ctx.roundRect(x - w / 2, y - 7, w, 14, 7);
      ctx.fill();
      ctx.stroke();
      ctx.fillStyle = this.theme.muted;
      ctx.fillText(text, x, y + 0.5);
    }
    ctx.restore();
  }

  hover(p, kind) {
    const id = kind === "node" ? p.node : p.edge;
    const text = kind === "node" ? this.describeNode(id) : this.describeEdge(id);
    if (!text) return;
    this.tip.textContent = text;
    this.tip.hidden = false;
    const box = this.container.getBoundingClientRect();
    const { x, y } = p.pointer.DOM;
    this.tip.style.left = `${Math.min(Math.max(8, x + 14), Math.max(8, box.width - this.tip.offsetWidth - 8))}px`;
    this.tip.style.top = `${Math.max(8, y - this.tip.offsetHeight - 10)}px`;
    this.container.style.cursor = "pointer";
  }

  unhover() {
    this.tip.hidden = true;
    this.container.style.cursor = "";
  }

  describeNode(id) {
    const n = this.byId.get(id);
    const term = this.schema.classes.find((c) => c.name === n?.cls);
    return n ? `${nameOf(n)} · ${label(term)} · ${t("neighbors")} ${n.degree}` : "";
  }

  describeEdge(id) {
    const e = this.data.edges.find((x) => x.id === id);
    if (!e) return "";
    const term = this.schema.properties.find((p) => p.name === e.predicate);
    const modality = this.schema.modalities.find((m) => m.name === e.modality);
    const arrow = term?.symmetric ? "—" : "→";
    return `${nameOf(this.byId.get(e.subject))} —${label(term)}${arrow} ${nameOf(this.byId.get(e.object))} · ${label(modality)} · ${t("support", e.support)}`;
  }

  fit(animate = false) {
    const still = !animate || matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.network.fit({ animation: still ? false : { duration: 260 }, maxZoomLevel: 1.25 });
    if (!still) return;
    // Labels reach beyond the discs that `fit` measures.
    const scale = this.network.getScale();
    this.network.moveTo({ scale: scale * 0.94 });
  }

  /** Show everything where one of these nodes is out of sight; else leave the view alone. */
  reveal(...ids) {
    const { clientWidth: w, clientHeight: hgt } = this.container;
    const outside = ids.filter((id) => this.byId.has(id)).some((id) => {
      const p = this.network.canvasToDOM(this.network.getPosition(id));
      return p.x < 40 || p.y < 50 || p.x > w - 40 || p.y > hgt - 50;
    });
    if (outside) this.fit(true);
  }

  /** Bring some nodes into view, as large as is comfortable. */
  focusOn(ids) {
    const nodes = [...ids].filter((id) => this.byId.has(id));
    if (nodes.length) this.network.fit({ nodes, maxZoomLevel: 1.1, animation: matchMedia("(prefers-reduced-motion: reduce)").matches ? false : { duration: 260 } });
  }

  zoom(factor) {
    this.network.moveTo({ scale: Math.min(4, Math.max(0.1, this.network.getScale() * factor)) });
  }

  /** The nearest node in a direction (a unit vector) from `id`: how arrow keys move. */
  neighbourTowards(id, dx, dy) {
    const from = this.positions.get(id);
    if (!from) return this.data.nodes[0]?.id ?? null;
    let best = null, least = Infinity;
    for (const [other, p] of this.positions) {
      const vx = p.x - from.x, vy = p.y - from.y;
      const along = vx * dx + vy * dy;
      if (other === id || along <= 0) continue;
      const cost = along + 2.2 * Math.abs(vx * dy - vy * dx);
      if (cost < least) { least = cost; best = other; }
    }
    return best;
  }

  /** Where a node is on the page, in CSS pixels (for tests and for people's tools). */
  pagePosition(id) {
    const p = this.network.canvasToDOM(this.network.getPosition(id));
    const box = this.container.getBoundingClientRect();
    return { x: box.left + p.x, y: box.top + p.y };
  }
}

function flat(fill, border) {
  return { background: fill, border, highlight: { background: fill, border }, hover: { background: fill, border } };
}

function radius(n, root) {
  return Math.min(24, 7 + 2.6 * Math.sqrt(n.degree)) + (root ? 3 : 0);
}

const shorten = (text) => (text.length > 26 ? `${text.slice(0, 25)}…` : text);

function textWidth(text) {
  let width = 0;
  for (const c of shorten(text)) width += c.codePointAt(0) > 0x2e7f ? 13.5 : 7.6;
  return width;
}

/** Bend edges that join the same two nodes apart from each other. */
function edgeCurves(edges) {
  const groups = new Map();
  for (const e of edges) {
    const key = [e.subject, e.object].sort().join("\u0000");
    if (!groups.has(key)) groups.set(key, []);
    groups.get(key).push(e);
  }
  const out = [];
  for (const group of groups.values()) {
    group.forEach((e, i) => {
      const offset = i - (group.length - 1) / 2;
      const bend = offset * 0.24 * (e.subject < e.object ? 1 : -1);
      out.push([e, bend === 0 ? false : { enabled: true, type: bend > 0 ? "curvedCW" : "curvedCCW", roundness: Math.abs(bend) }]);
    });
  }
  return out;
}

/** Make a DataSet hold exactly `items`. */
function replace(set, items) {
  const ids = new Set(items.map((x) => x.id));
  set.remove(set.getIds().filter((id) => !ids.has(id)));
  set.update(items);
}
