// The explorer: keeps the view's state, loads what it asks for, and draws it.

import * as api from "./api.js";
import { h, icon, put } from "./dom.js";
import { GraphView } from "./graph.js";
import { lang, nameOf, number, setLang, t } from "./i18n.js";
import { drawLegend } from "./legend.js";
import { edgePanel, entityPanel, errorPanel, pathsPanel, startPanel } from "./panel.js";
import { searchBox } from "./search.js";
import { EXPAND_LIMIT, FOCUS_LIMIT, NARROW, OVERVIEW, filters, format, parse } from "./state.js";
import { drawTable } from "./table.js";

const $ = (id) => document.getElementById(id);
const MORE = 30;
const narrow = () => matchMedia("(max-width: 720px)").matches;
const focusLimit = () => (narrow() ? NARROW.focus : FOCUS_LIMIT);
const expandLimit = () => (narrow() ? NARROW.expand : EXPAND_LIMIT);

let state = parse(location.search);
let schema = null, stats = null, central = [], queries = [];
let data = { nodes: [], edges: [], totals: new Map() };
let lastEntity = null, panelRun = null, loadRun = 0;
let sort = { key: "support", down: true };
let graph = null, search = null;

// ---------------------------------------------------------------- state

/** Change the view: remember it in the URL, load what is missing, draw. */
function go(change, { replace = false, fit = false } = {}) {
  state = { ...state, ...change };
  history[replace ? "replaceState" : "pushState"](null, "", format(state, lang()));
  return refresh({ fit });
}

addEventListener("popstate", () => { state = parse(location.search); refresh({ fit: true }); });

async function refresh({ fit }) {
  const run = ++loadRun;
  document.body.classList.add("busy");
  try {
    const loaded = await load(state);
    if (run !== loadRun) return;
    data = loaded;
    showError(null);
    draw(fit);
  } catch (error) {
    if (run !== loadRun) return;
    if (!data.nodes.length) draw(false);  // the legend and a way to start, at least
    showError(error);
  } finally {
    if (run === loadRun) document.body.classList.remove("busy");
  }
}

/** Fetch the graph that a view asks for: the union of its roots' neighbourhoods and its path. */
async function load(view) {
  const wanted = filters(view, schema);
  const roots = view.roots.length || view.path ? view.roots : [{ id: OVERVIEW, limit: focusLimit() }];
  const parts = await Promise.all(roots.map((r) => (r.id === OVERVIEW
    ? api.overview({ ...wanted, limit: r.limit })
    : api.neighborhood(r.id, { ...wanted, limit: r.limit }))));
  const path = view.path ? await api.paths(...view.path) : null;
  const nodes = new Map(), edges = new Map(), totals = new Map();
  parts.forEach((part, i) => {
    for (const n of part.nodes) nodes.set(n.id, n);
    for (const e of part.edges) edges.set(e.id, e);
    totals.set(roots[i].id, { shown: part.nodes.length - 1, total: part.total_nodes - 1, center: part.center });
  });
  for (const n of path?.nodes ?? []) nodes.set(n.id, n);
  for (const p of path?.paths ?? []) for (const hop of p.hops) edges.set(hop.edge.id, hop.edge);
  return { nodes: [...nodes.values()], edges: [...edges.values()], totals, path };
}

// ---------------------------------------------------------------- actions

const rootIds = () => state.roots.map((r) => r.id);
/** What is on view before the first expansion counts as a root too. */
const rootsNow = () => (state.roots.length || state.path ? state.roots : [{ id: OVERVIEW, limit: focusLimit() }]);

const actions = {
  open(id) {
    if (data.nodes.some((n) => n.id === id)) return actions.select({ kind: "node", id });
    return actions.focus(id);
  },
  focus(id) {
    return go({ roots: [{ id, limit: focusLimit() }], sel: { kind: "node", id }, path: null }, { fit: true });
  },
  async expand(id) {
    if (rootIds().includes(id)) return actions.select({ kind: "node", id });
    const before = new Set(data.nodes.map((n) => n.id));
    await go({ roots: [...rootsNow(), { id, limit: expandLimit() }], sel: { kind: "node", id } });
    graph.reveal(id, ...data.nodes.map((n) => n.id).filter((n) => !before.has(n)));
    const node = data.nodes.find((n) => n.id === id);
    if (node) say(t("expanded", nameOf(node), data.nodes.length - before.size));
  },
  collapse(id) {
    return go({ roots: state.roots.filter((r) => r.id !== id) }, { fit: state.roots.length <= 1 });
  },
  more(id) {
    return go({ roots: rootsNow().map((r) => (r.id === id ? { id, limit: r.limit + MORE } : r)) }, { fit: true });
  },
  select(sel) {
    state = { ...state, sel };
    history.pushState(null, "", format(state, lang()));
    drawSelection();
    if (sel?.kind === "node") {
      graph.reveal(sel.id);
      say(t("selected", nameOf(data.nodes.find((n) => n.id === sel.id) ?? { name: sel.id })));
    }
  },
  edge(id) {
    actions.select({ kind: "edge", id });
    const e = data.edges.find((x) => x.id === id);
    if (e) graph.reveal(e.subject, e.object);
  },
  lookup: (q, limit, options) => api.search(q, limit, options),
  path(source, target) { return go({ path: [source, target], sel: null }, { fit: true }); },
  clearPath() { return go({ path: null, sel: state.path ? { kind: "node", id: state.path[0] } : null, roots: state.roots.length ? state.roots : [{ id: state.path[0], limit: focusLimit() }] }, { fit: true }); },
  problem(error) { showError(error); },
};

// ---------------------------------------------------------------- drawing

function draw(fit) {
  graph.show(data, schema, { roots: rootIds(), fit });
  drawLegend($("legend"), { state, schema, data }, (change) => go(change));
  drawStatus();
  drawRoots();
  drawView();
  drawSelection();
}

function drawStatus() {
  put($("status"), h("span", { title: t("shownHelp") }, t("shown", number(data.nodes.length), number(stats.entities), number(data.edges.length), number(stats.edges))));
  const message = !stats.entities ? t("emptyGraph") : !data.nodes.length ? t("empty") : "";
  $("blank").textContent = message;
  $("blank").hidden = !message;
}

/** The expansions that make up the view, each with how much of it is shown and a way to end it. */
function drawRoots() {
  put($("roots"), state.roots.filter((r) => r.id !== OVERVIEW).map((r) => {
    const total = data.totals.get(r.id);
    const node = data.nodes.find((n) => n.id === (total?.center ?? r.id));
    const name = node ? nameOf(node) : r.id;
    return h("span", { class: "root" },
      h("button", { type: "button", class: "root-name", on: { click: () => actions.select({ kind: "node", id: r.id }) } }, name, total && h("small", { title: t("around", total.shown, total.total) }, `${total.shown}/${total.total}`)),
      total && total.shown < total.total && h("button", { type: "button", class: "root-button", "aria-label": `${name}: ${t("more")}`, title: t("more"), on: { click: () => actions.more(r.id) } }, icon("plus")),
      h("button", { type: "button", class: "root-button", "aria-label": `${name}: ${t("collapse")}`, title: t("collapse"), on: { click: () => actions.collapse(r.id) } }, icon("close")));
  }));
}

function drawView() {
  document.body.dataset.view = state.view;
  for (const name of ["graph", "table"]) $(`view-${name}`).setAttribute("aria-pressed", String(state.view === name));
  drawTable($("table"), { data, schema, sort, selection: state.sel }, {
    sort: (next) => { sort = next; drawView(); },
    node: (id) => actions.select({ kind: "node", id }),
    edge: actions.edge,
  });
  // Off screen the table is for screen readers, which need no tab stops to reach it.
  for (const b of $("table").querySelectorAll("button")) b.tabIndex = state.view === "table" ? 0 : -1;
}

function drawSelection() {
  const hops = data.path && !state.sel ? data.path.paths.flatMap((p) => p.hops.map((x) => x.edge.id)) : [];
  graph.select(state.sel, hops);
  drawPanel();
  if (state.view === "table") drawView();
}

async function drawPanel() {
  const panel = $("panel-body");
  panelRun?.abort();
  const run = (panelRun = new AbortController());
  const sel = state.sel;
  document.body.classList.toggle("has-selection", Boolean(sel || data.path));
  try {
    let content;
    if (sel?.kind === "node") {
      const detail = await api.entity(sel.id, { signal: run.signal });
      lastEntity = detail.entity;
      content = entityPanel({ detail, schema, root: data.totals.get(sel.id), actions });
    } else if (sel?.kind === "edge") {
      const detail = await api.edge(sel.id, { signal: run.signal });
      const ends = [detail.subject.id, detail.object.id];
      content = edgePanel({ detail, schema, back: ends.includes(lastEntity?.id) ? lastEntity : null, actions });
    } else if (data.path) {
      content = pathsPanel({ found: data.path, schema, back: true, actions });
    } else {
      content = startPanel({ schema, stats, central, queries, open: actions.focus });
    }
    if (run.signal.aborted) return;
    put(panel, content);
    panel.scrollTop = 0;
  } catch (error) {
    if (error.name === "AbortError") return;
    put(panel, errorPanel(error, { retry: drawPanel, open: actions.focus }));
  }
}

function showError(error) {
  $("banner").hidden = !error;
  if (!error) { put($("banner")); return; }
  put($("banner"), errorPanel(error, {
    retry: () => (schema ? refresh({ fit: true }) : start()),
    open: (name) => actions.focus(name),
  }), h("button", { class: "icon-button", type: "button", "aria-label": t("close"), on: { click: () => showError(null) } }, icon("close")));
}

/** Tell screen readers what happened. */
function say(text) { $("live").textContent = text; }

// ---------------------------------------------------------------- the frame of the page

/** Put the words of the page's language wherever the HTML asks for them. */
function drawWords() {
  document.title = t("title");
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-label]")) {
    el.setAttribute("aria-label", t(el.dataset.label));
    el.title = t(el.dataset.label);
  }
  search = searchBox({ id: "search", schema: () => schema, placeholder: () => t("search"), choose: (n) => actions.focus(n.id), lookup: actions.lookup, problem: showError });
  put($("search-slot"), search.element, h("kbd", { "aria-hidden": "true" }, "/"));
}

function wire() {
  const button = (id, name, action) => { $(id).append(icon(name)); $(id).addEventListener("click", action); };
  button("zoom-in", "plus", () => graph.zoom(1.3));
  button("zoom-out", "minus", () => graph.zoom(1 / 1.3));
  button("fit", "fit", () => graph.fit(true));
  button("theme", "theme", switchTheme);
  button("filters", "filter", () => toggleLegend());
  button("panel-close", "close", () => { if (state.path && !state.sel) actions.clearPath(); else actions.select(null); });
  $("lang").addEventListener("click", () => {
    setLang(lang() === "ja" ? "en" : "ja");
    drawWords();
    go({}, { replace: true });
  });
  $("home").addEventListener("click", (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    go({ ...parse("") }, { fit: true });
  });
  for (const name of ["graph", "table"]) {
    $(`view-${name}`).addEventListener("click", () => { go({ view: name }); });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => graph.recolour());
  $("graph").addEventListener("keydown", graphKeys);
  addEventListener("keydown", pageKeys);
}

function toggleLegend(open = !document.body.classList.contains("legend-open")) {
  document.body.classList.toggle("legend-open", open);
  $("filters").setAttribute("aria-expanded", String(open));
}

function switchTheme() {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("kg.theme", root.dataset.theme); } catch { /* private mode: it lasts for this page */ }
  graph.recolour();
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function graphKeys(e) {
  const at = state.sel?.kind === "node" ? state.sel.id : null;
  if (e.ctrlKey || e.metaKey || e.altKey) return;
  if (e.key in ARROWS) {
    const next = at ? graph.neighbourTowards(at, ...ARROWS[e.key]) : data.nodes[0]?.id;
    if (next) actions.select({ kind: "node", id: next });
  } else if (e.key === "Enter" && at) actions.expand(at);
  else if (e.key === "+" || e.key === "=") graph.zoom(1.3);
  else if (e.key === "-") graph.zoom(1 / 1.3);
  else if (e.key === "0") graph.fit(true);
  else return;
  e.preventDefault();
}

function pageKeys(e) {
  const typing = e.target.closest?.("input, textarea, select");
  if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey) {
    e.preventDefault();
    search.input.focus();
  } else if (e.key === "Escape" && !typing) {
    if (document.body.classList.contains("legend-open")) toggleLegend(false);
    else if (state.sel) actions.select(null);
  }
}

async function start() {
  showError(null);
  try {
    let ranked, found;
    [schema, stats, ranked, found] = await Promise.all([
      api.get("schema"), api.get("stats"), api.get("centrality", { measure: "pagerank", limit: 10 }), api.get("queries"),
    ]);
    central = ranked.items;
    queries = found;
    drawWords();
    await refresh({ fit: true });
    document.body.classList.add("ready");
  } catch (error) {
    showError(error);
  }
}

graph = new GraphView($("graph"), {
  node: (id, selectOnly) => (selectOnly || rootIds().includes(id) ? actions.select({ kind: "node", id }) : actions.expand(id)),
  edge: actions.edge,
  background: () => { if (state.sel) actions.select(null); },
  focus: actions.focus,
});
drawWords();
wire();
// For tests and for people at the console: the view, read-only.
window.explorer = { graph, get state() { return state; }, get data() { return data; } };
start();
