// The legend is the filter: a click on a class, property or modality hides it or brings it back.

import { colour, h, put } from "./dom.js";
import { label, t } from "./i18n.js";
import { filtered } from "./state.js";

/** Draw the legend into `el`; `change(part)` gets the members of the state that a click changes. */
export function drawLegend(el, { state, schema, data }, change) {
  const classes = count(data.nodes.map((n) => n.cls));
  const properties = count(data.edges.map((e) => e.predicate));
  const modalities = count(data.edges.map((e) => e.modality));
  put(
    el,
    section(t("classes"), schema.classes.map((c) => row(c, "dot", classes.get(c.name), !state.hiddenClasses.includes(c.name),
      () => change({ hiddenClasses: toggled(state.hiddenClasses, c.name) }),
      () => change({ hiddenClasses: only(schema.classes, state.hiddenClasses, c.name) })))),
    section(t("properties"), schema.properties.map((p) => row(p, p.symmetric ? "line" : "line arrow", properties.get(p.name), !state.hiddenProperties.includes(p.name),
      () => change({ hiddenProperties: toggled(state.hiddenProperties, p.name) }),
      () => change({ hiddenProperties: only(schema.properties, state.hiddenProperties, p.name) })))),
    section(t("modality"), schema.modalities.map((m) => row(m, `line ${m.name}`, modalities.get(m.name), state.modalities.includes(m.name),
      () => change({ modalities: modalitiesWithout(schema, state.modalities, m.name) })))),
    section(t("confidence"), [slider(state, change)]),
    filtered(state) && h("button", { class: "button wide", type: "button", on: { click: () => change({ hiddenClasses: [], hiddenProperties: [], modalities: schema.modalities.map((m) => m.name), confidence: 0 }) } }, t("reset")),
  );
}

function section(title, rows) {
  return h("section", { class: "legend-section" }, h("h2", {}, title), h("div", { class: "legend-rows" }, rows));
}

function row(term, mark, n, shown, toggle, solo) {
  return h("div", { class: "legend-row", "data-name": term.name },
    h("button", { class: "legend-toggle", type: "button", "aria-pressed": String(shown), title: label(term, "definition"), on: { click: toggle } },
      h("span", { class: `swatch ${mark}`, vars: { c: term.colour ? colour(term.colour) : "currentColor" } }),
      h("span", { class: "legend-label" }, label(term)),
      h("span", { class: "legend-count" }, n ?? "")),
    solo && h("button", { class: "legend-only", type: "button", "aria-label": `${label(term)}: ${t("only")}`, on: { click: solo } }, t("only")));
}

function slider(state, change) {
  const out = h("output", {}, state.confidence ? t("atLeast", state.confidence.toFixed(2)) : "—");
  const input = h("input", {
    type: "range", min: "0", max: "1", step: "0.05", value: String(state.confidence), "aria-label": t("confidence"),
    on: {
      input: () => { out.textContent = Number(input.value) ? t("atLeast", Number(input.value).toFixed(2)) : "—"; },
      change: () => change({ confidence: Number(input.value) }),
    },
  });
  return h("div", { class: "slider" }, input, out);
}

function count(values) {
  const found = new Map();
  for (const v of values) found.set(v, (found.get(v) ?? 0) + 1);
  return found;
}

const toggled = (list, name) => (list.includes(name) ? list.filter((x) => x !== name) : [...list, name].sort());

/** Hide all but one; where that one is alone already, show all. */
function only(terms, hidden, name) {
  const others = terms.map((x) => x.name).filter((x) => x !== name).sort();
  const alone = others.every((x) => hidden.includes(x)) && !hidden.includes(name);
  return alone ? [] : others;
}

/** A view without any modality is empty, so hiding the last one shows all again. */
function modalitiesWithout(schema, shown, name) {
  const order = schema.modalities.map((m) => m.name);
  const next = order.filter((m) => (m === name ? !shown.includes(m) : shown.includes(m)));
  return next.length ? next : order;
}
