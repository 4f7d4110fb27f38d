// What is on view, as a value; the URL holds all of it, so a link restores the exact view.

export const OVERVIEW = "*";           // the pseudo-root of the start graph
export const FOCUS_LIMIT = 30;         // neighbours of the entity one searched for
export const EXPAND_LIMIT = 12;        // neighbours that one click adds
export const NARROW = { focus: 14, expand: 8 };  // the same on a phone, where labels must be legible
const MODALITIES = ["asserted", "hedged", "negated"];

const list = (text) => (text ? text.split(",").filter((x) => x) : []);

/** Read a view from a query string. */
export function parse(search) {
  const q = new URLSearchParams(search);
  const roots = list(q.get("e")).map((part, i) => {
    const [id, limit] = part.split(":");
    return { id, limit: bounded(limit, i ? EXPAND_LIMIT : FOCUS_LIMIT) };
  });
  const sel = q.get("s") ?? "";
  const path = list(q.get("p"));
  const modalities = list(q.get("m")).filter((m) => MODALITIES.includes(m));
  const confidence = Number(q.get("c") ?? 0);
  return {
    roots,
    sel: /^[ne]\./.test(sel) ? { kind: sel[0] === "n" ? "node" : "edge", id: sel.slice(2) } : null,
    hiddenClasses: list(q.get("hc")),
    hiddenProperties: list(q.get("hp")),
    modalities: modalities.length ? modalities : [...MODALITIES],
    confidence: confidence > 0 && confidence <= 1 ? confidence : 0,
    view: q.get("v") === "table" ? "table" : "graph",
    path: path.length === 2 ? path : null,
  };
}

function bounded(text, fallback) {
  const n = Number.parseInt(text ?? "", 10);
  return n >= 1 && n <= 500 ? n : fallback;
}

/** Write a view as a query string; what is as usual is left out. */
export function format(state, lang) {
  const q = new URLSearchParams();
  const set = (key, value) => { if (value) q.set(key, value); };
  set("e", state.roots.map((r, i) => (r.limit === (i ? EXPAND_LIMIT : FOCUS_LIMIT) ? r.id : `${r.id}:${r.limit}`)).join(","));
  set("s", state.sel ? `${state.sel.kind === "node" ? "n" : "e"}.${state.sel.id}` : "");
  set("hc", state.hiddenClasses.join(","));
  set("hp", state.hiddenProperties.join(","));
  set("m", state.modalities.length === MODALITIES.length ? "" : state.modalities.join(","));
  set("c", state.confidence ? String(state.confidence) : "");
  set("p", state.path?.join(","));
  set("v", state.view === "table" ? "table" : "");
  set("lang", lang === "en" ? "en" : "");
  const text = q.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
  return text ? `?${text}` : location.pathname;
}

/** The filters of a view as parameters of the REST API. */
export function filters(state, schema) {
  const visible = (all, hidden) => (hidden.length ? all.map((x) => x.name).filter((n) => !hidden.includes(n)) : []);
  return {
    class: visible(schema.classes, state.hiddenClasses),
    predicate: visible(schema.properties, state.hiddenProperties),
    modality: state.modalities.length === MODALITIES.length ? [] : state.modalities,
    min_confidence: state.confidence || "",
  };
}

/** Whether any filter is set. */
export const filtered = (state) =>
  state.hiddenClasses.length > 0 || state.hiddenProperties.length > 0 || state.modalities.length < MODALITIES.length || state.confidence > 0;
