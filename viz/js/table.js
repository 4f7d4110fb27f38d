// The same graph as a table: for screen readers, for reading in order, for copying.

import { colour, h, put } from "./dom.js";
import { day, label, nameOf, t } from "./i18n.js";

const COLUMNS = [
  ["subject", "subject"], ["property", "property"], ["object", "object"], ["modality", "modality"], ["posts", "support"], ["confidence", "confidence"], ["date", "last"],
];

/** Draw the edges in view as a sortable table; `sort` is {key, down} and is kept by the caller. */
export function drawTable(el, { data, schema, sort, selection }, on) {
  const byId = new Map(data.nodes.map((n) => [n.id, n]));
  const property = (e) => schema.properties.find((p) => p.name === e.predicate);
  const modality = (e) => schema.modalities.find((m) => m.name === e.modality);
  const value = {
    subject: (e) => nameOf(byId.get(e.subject)), property: (e) => property(e)?.order ?? 999, object: (e) => nameOf(byId.get(e.object)),
    modality: (e) => modality(e)?.order ?? 9, support: (e) => e.support, confidence: (e) => e.confidence, last: (e) => e.last,
  };
  const edges = [...data.edges].sort((a, b) => {
    const [x, y] = [value[sort.key](a), value[sort.key](b)];
    const order = typeof x === "string" ? x.localeCompare(y, document.documentElement.lang) : x - y;
    return (sort.down ? -order : order) || (a.id < b.id ? -1 : 1);
  });
  put(el, h("table", { class: "edges" },
    h("caption", {}, `${t("tableCaption")} (${edges.length})`),
    h("thead", {}, h("tr", {}, COLUMNS.map(([word, key]) => h("th", { scope: "col", "aria-sort": sort.key === key ? (sort.down ? "descending" : "ascending") : "none" },
      h("button", { type: "button", on: { click: () => on.sort({ key, down: sort.key === key ? !sort.down : key === "support" || key === "confidence" || key === "last" }) } }, t(word)))))),
    h("tbody", {}, edges.map((e) => h("tr", { class: selection?.kind === "edge" && selection.id === e.id ? "selected" : null },
      h("td", {}, h("button", { type: "button", on: { click: () => on.node(e.subject) } }, nameOf(byId.get(e.subject)))),
      h("td", {}, h("button", { type: "button", class: "edge-button", on: { click: () => on.edge(e.id) } }, h("span", { class: "swatch dot", vars: { c: colour(property(e)?.colour) } }), label(property(e)) || e.predicate)),
      h("td", {}, h("button", { type: "button", on: { click: () => on.node(e.object) } }, nameOf(byId.get(e.object)))),
      h("td", {}, h("span", { class: `tag ${e.modality}` }, label(modality(e)) || e.modality)),
      h("td", { class: "num" }, e.support),
      h("td", { class: "num" }, e.confidence.toFixed(2)),
      h("td", {}, day(e.last)))))));
}
