// The page that stands alone: the explorer's drawing, legend and panel on data inside the file.

import { h, icon, put } from "./dom.js";
import { GraphView } from "./graph.js";
import { lang, nameOf, number, t } from "./i18n.js";
import { drawLegend } from "./legend.js";
import { edgePanel, entityPanel } from "./panel.js";
import { searchBox } from "./search.js";

const byElementId = (id) => document.getElementById(id);
const block = (id) => JSON.parse(byElementId(id).textContent);

const held = { nodes: block("nodes"), edges: block("edges").map(({ from, to, ...e }) => ({ ...e, subject: from, object: to })) };
const { schema, evidence, totals } = block("extra");
const entities = new Map(held.nodes.map((n) => [n.id, n]));
const positions = new Map(held.nodes.map((n) => [n.id, { x: n.x, y: n.y }]));
let view = { hiddenClasses: [], hiddenProperties: [], modalities: schema.modalities.map((m) => m.name), confidence: 0, sel: null };
let shown = held, cameFrom = null;

function visible() {
  const nodes = held.nodes.filter((n) => !view.hiddenClasses.includes(n.cls));
  const ids = new Set(nodes.map((n) => n.id));
  const edges = held.edges.filter((e) => ids.has(e.subject) && ids.has(e.object) && !view.hiddenProperties.includes(e.predicate)
    && Object.keys(e.modalities).some((m) => view.modalities.includes(m)) && e.confidence >= view.confidence);
  return { nodes, edges };
}

function drawAll(fit) {
  shown = visible();
  drawing.show(shown, schema, { roots: [], fit, positions: new Map([...positions].filter(([id]) => entities.has(id))) });
  drawLegend(byElementId("legend"), { state: view, schema, data: shown }, (change) => { view = { ...view, ...change }; drawAll(false); });
  put(byElementId("status"), t("shown", number(shown.nodes.length), number(totals.nodes), number(shown.edges.length), number(totals.edges)));
  choose(view.sel);
}

/** The facts of an entity by property and direction, as the server's /api/entities/{id} has them. */
function entityDetail(entity) {
  const groups = new Map();
  for (const edge of held.edges) {
    if (edge.subject !== entity.id && edge.object !== entity.id) continue;
    const property = schema.properties.find((p) => p.name === edge.predicate);
    const direction = property?.symmetric ? "both" : edge.subject === entity.id ? "out" : "in";
    const key = `${String(property?.order ?? 999).padStart(4, "0")} ${edge.predicate} ${direction}`;
    if (!groups.has(key)) groups.set(key, { predicate: edge.predicate, direction, items: [] });
    groups.get(key).items.push({ edge, other: entities.get(edge.subject === entity.id ? edge.object : edge.subject) });
  }
  const facts = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, g]) => g);
  for (const g of facts) {
    g.items.sort((a, b) => b.edge.support - a.edge.support || (a.edge.id < b.edge.id ? -1 : 1));
    g.total = g.items.length;
  }
  return { entity, ranks: entity.ranks, of: totals.nodes, facts, quantities: [] };
}

const acts = {
  open: (id) => choose({ kind: "node", id }),
  edge: (id) => choose({ kind: "edge", id }),
};

function choose(sel) {
  const moved = sel !== view.sel;  // a redraw chooses the same again, and must not move the view
  view = { ...view, sel };
  drawing.select(sel);
  document.body.classList.toggle("has-selection", Boolean(sel));
  const body = byElementId("panel-body");
  if (sel?.kind === "node") {
    cameFrom = entities.get(sel.id);
    put(body, entityPanel({ detail: entityDetail(cameFrom), schema, root: null, actions: acts }));
    if (moved) drawing.focusOn([sel.id, ...drawing.adjacent.get(sel.id) ?? []]);
  } else if (sel?.kind === "edge") {
    const edge = held.edges.find((e) => e.id === sel.id);
    const detail = { edge, subject: entities.get(edge.subject), object: entities.get(edge.object), claims: evidence[edge.id] ?? [] };
    const back = [edge.subject, edge.object].includes(cameFrom?.id) ? cameFrom : null;
    put(body, edgePanel({ detail, schema, back, actions: acts }));
    if (moved) drawing.focusOn([edge.subject, edge.object]);
  } else {
    put(body, h("header", { class: "panel-head" }, h("h1", {}, t("title")), h("p", { class: "lead" }, t("tagline"))), h("p", { class: "hint" }, t("standaloneText")),
      h("p", { class: "faint" }, t("shown", number(held.nodes.length), number(totals.nodes), number(held.edges.length), number(totals.edges))));
  }
  body.scrollTop = 0;
}

/** Search names: those that begin with the text, then those that contain it; by connections. */
async function lookup(text, limit) {
  const fold = (s) => s.normalize("NFKC").toLowerCase().replace(/[\s・]/g, "");
  const key = fold(text);
  const found = held.nodes.map((n) => {
    const names = [n.name, n.name_ja, ...n.aliases].filter((x) => x).map(fold);
    return { n, score: names.some((x) => x.startsWith(key)) ? 2 : names.some((x) => x.includes(key)) ? 1 : 0 };
  }).filter((x) => x.score).sort((a, b) => b.score - a.score || b.n.degree - a.n.degree);
  return { items: found.slice(0, limit).map((x) => x.n), more: found.length > limit };
}

function drawFrame() {
  document.title = t("title");
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-label]")) el.setAttribute("aria-label", t(el.dataset.label));
  const box = searchBox({ id: "search", schema: () => schema, placeholder: () => t("search"), lookup, choose: (n) => choose({ kind: "node", id: n.id }), problem: () => {} });
  put(byElementId("search-slot"), box.element, h("kbd", { "aria-hidden": "true" }, "/"));
}

const drawing = new GraphView(byElementId("graph"), {
  node: (id) => choose({ kind: "node", id }),
  edge: (id) => choose({ kind: "edge", id }),
  background: () => choose(null),
  focus: (id) => choose({ kind: "node", id }),
});
for (const [id, name, act] of [
  ["zoom-in", "plus", () => drawing.zoom(1.3)], ["zoom-out", "minus", () => drawing.zoom(1 / 1.3)], ["fit", "fit", () => drawing.fit(true)],
  ["theme", "theme", () => {
    const dark = document.documentElement.dataset.theme ? document.documentElement.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    drawing.recolour();
  }],
  ["filters", "filter", () => document.body.classList.toggle("legend-open")], ["panel-close", "close", () => choose(null)],
]) {
  byElementId(id).append(icon(name));
  byElementId(id).addEventListener("click", act);
}
byElementId("lang").addEventListener("click", () => { document.documentElement.lang = lang() === "ja" ? "en" : "ja"; drawFrame(); drawAll(false); });
addEventListener("keydown", (e) => {
  const typing = e.target.closest?.("input");
  if (e.key === "/" && !typing) { e.preventDefault(); byElementId("search").focus(); }
  if (e.key === "Escape" && !typing) choose(null);
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawing.recolour());
window.standalone = { drawing, held, choose };
drawFrame();
drawAll(true);
document.body.classList.add("ready");
