// The side panel: where to start, one entity, or one edge with every sentence behind it.

import { colour, h, icon, marked } from "./dom.js";
import { day, known, label, nameOf, number, t, words } from "./i18n.js";
import { searchBox } from "./search.js";

const term = (list, name) => list.find((x) => x.name === name);

/** A class or property as a small chip with its colour. */
function chip(info, text = label(info)) {
  return h("span", { class: "chip", vars: { c: colour(info?.colour) } }, h("span", { class: "swatch dot" }), text);
}

function modalityTag(schema, name, n) {
  return h("span", { class: `tag ${name}`, title: label(term(schema.modalities, name), "definition") }, label(term(schema.modalities, name)) || name, n > 1 && ` ${n}`);
}

function metric(value, name, note) {
  return h("div", { class: "metric" }, h("dt", {}, name), h("dd", {}, value, note && h("small", {}, note)));
}

/** A button that carries the name of an entity. */
function entityButton(schema, entity, open) {
  return h("button", { class: "entity-link", type: "button", on: { click: () => open(entity.id) } },
    h("span", { class: "swatch dot", vars: { c: colour(term(schema.classes, entity.cls)?.colour) } }), nameOf(entity));
}

/** What a person sees before anything is chosen. */
export function startPanel({ schema, stats, central, queries, open }) {
  const top = central[0]?.score || 1;
  const counts = stats.manifest.counts ?? {};
  return [
    h("header", { class: "panel-head" }, h("h1", {}, t("title")), h("p", { class: "lead" }, t("tagline"))),
    h("dl", { class: "metrics" },
      counts.posts !== undefined && metric(number(counts.posts), t("posts")),
      metric(number(stats.entities), t("entities")),
      metric(number(stats.edges), t("relations")),
      counts.claims !== undefined && metric(number(counts.claims), t("claims"))),
    h("p", { class: "hint" }, stats.entities ? t("startText") : t("emptyGraph")),
    central.length > 0 && h("section", {}, h("h2", {}, t("central")),
      h("ol", { class: "ranking" }, central.map((c) => h("li", {},
        h("button", { type: "button", class: "rank-row", on: { click: () => open(c.entity.id) } },
          h("span", { class: "rank" }, c.rank),
          h("span", { class: "rank-name" }, nameOf(c.entity)),
          h("span", { class: "rank-bar", vars: { w: `${Math.max(3, (100 * c.score) / top)}%`, c: colour(term(schema.classes, c.entity.cls)?.colour) } })))))),
    queries.length > 0 && h("section", {}, h("h2", {}, t("questions")),
      h("ul", { class: "questions" }, queries.map((q) => h("li", {}, h("a", { href: `/query?name=${encodeURIComponent(q.id)}`, title: words(q.description) }, words(q.title) || q.id))))),
    h("p", { class: "more-links" }, h("a", { href: "/query" }, t("query")), h("a", { href: "/api/docs" }, t("api"))),
  ];
}

/** One entity: names, metrics, and its facts by property. `root` says how much of it is on view. */
export function entityPanel({ detail, schema, root, actions }) {
  const e = detail.entity;
  const info = term(schema.classes, e.cls);
  const names = [...new Set([e.name, e.name_ja, ...e.aliases])].filter((x) => x && x !== nameOf(e));
  return [
    h("header", { class: "panel-head" },
      chip(info),
      h("h1", {}, nameOf(e)),
      names.length > 0 && h("p", { class: "aliases", title: t("aliases") }, names.slice(0, 6).map((n) => h("span", {}, n)), names.length > 6 && h("span", {}, `+${names.length - 6}`)),
      !e.known && h("p", { class: "note" }, t("found"))),
    actions.expand && h("div", { class: "actions" }, expandButton(root, e, actions), h("button", { class: "button", type: "button", on: { click: () => actions.focus(e.id) } }, icon("target"), t("focus"))),
    h("dl", { class: "metrics" },
      metric(number(e.posts), t("posts")),
      metric(number(e.mentions), t("mentions")),
      metric(number(e.degree), t("neighbors"))),
    metricTable(detail, schema),
    (detail.known_maker || detail.known_parent) && h("p", { class: "background", title: t("background") },
      detail.known_maker && [t("maker"), " ", h("b", {}, nameOf(detail.known_maker))], " ",
      detail.known_parent && [t("parent"), " ", h("b", {}, nameOf(detail.known_parent))]),
    h("section", { class: "facts" }, h("h2", {}, t("facts")),
      detail.facts.length ? detail.facts.map((g) => factGroup(g, schema, actions)) : h("p", { class: "hint" }, t("noFacts"))),
    quantityList(detail.quantities),
    pathSearch(e, schema, actions),
  ];
}

function expandButton(root, e, actions) {
  if (!root) return h("button", { class: "button primary", type: "button", on: { click: () => actions.expand(e.id) } }, icon("expand"), t("expand"), h("span", { class: "pill" }, e.degree));
  const rest = root.total - root.shown;
  return [
    rest > 0 && h("button", { class: "button primary", type: "button", on: { click: () => actions.more(e.id) } }, icon("plus"), t("more"), h("span", { class: "pill" }, t("around", root.shown, root.total))),
    h("button", { class: "button", type: "button", on: { click: () => actions.collapse(e.id) } }, icon("minus"), t("collapse")),
  ];
}

function metricTable(detail, schema) {
  const rows = schema.measures.filter((m) => m.name in detail.ranks);
  if (!rows.length) return null;
  return h("details", { class: "more-metrics" }, h("summary", {}, t("metrics")),
    h("table", {}, h("tbody", {}, rows.map((m) => h("tr", { title: m.help },
      h("th", { scope: "row" }, label(m)), h("td", {}, t("rank", detail.ranks[m.name])), h("td", { class: "faint" }, t("of", detail.of)), h("td", { class: "mono" }, detail.entity.metrics[m.name].toPrecision(3)))))));
}

function quantityList(quantities) {
  if (!quantities.length) return null;
  return h("section", {}, h("h2", {}, t("quantities")), h("ul", { class: "quantities" }, quantities.map((q) => h("li", {},
    h("details", {}, h("summary", {}, h("b", {}, q.text), h("span", { class: "faint" }, `${q.kind} · ${day(q.date)}`)),
      q.sentences.map((s) => h("blockquote", {}, marked(s.text, [q.text]))), h("p", { class: "faint" }, q.title || q.post))))));
}

function factGroup(group, schema, actions) {
  const info = term(schema.properties, group.predicate);
  const kind = group.direction === "in" ? "inverse_label" : "label";
  return h("div", { class: "fact-group", vars: { c: colour(info?.colour) } },
    h("h3", { title: label(info, "definition") }, label(info, kind) || group.predicate, h("span", { class: "count" }, group.total)),
    h("ul", {}, group.items.map(({ edge, other }) => h("li", {},
      h("button", { class: "fact", type: "button", "data-edge": edge.id, on: { click: () => actions.edge(edge.id) } },
        h("span", { class: "swatch dot", vars: { c: colour(term(schema.classes, other.cls)?.colour) } }),
        h("span", { class: "fact-name" }, nameOf(other)),
        edge.modality !== "asserted" && modalityTag(schema, edge.modality, 1),
        h("span", { class: "fact-support" }, t("support", edge.support)))))),
    group.total > group.items.length && h("p", { class: "faint" }, t("around", group.items.length, group.total)));
}

function pathSearch(e, schema, actions) {
  if (!actions.path) return null;
  const { element } = searchBox({ id: "path-search", schema: () => schema, placeholder: () => t("pathHint"), choose: (other) => actions.path(e.id, other.id), lookup: actions.lookup, problem: actions.problem });
  return h("section", { class: "path-search" }, h("h2", {}, t("pathTo")), element);
}

/** One edge: both ends, how sure, and each post's sentences with the two names marked. */
export function edgePanel({ detail, schema, back, actions }) {
  const { edge, subject, object, claims } = detail;
  const info = term(schema.properties, edge.predicate);
  const span = [...new Set([day(edge.first), day(edge.last)])].join(" – ");
  return [
    back && h("button", { class: "back", type: "button", on: { click: () => actions.open(back.id) } }, icon("back"), nameOf(back)),
    h("header", { class: "panel-head triple" },
      h("h1", {}, entityButton(schema, subject, actions.open),
        h("span", { class: `predicate ${info?.symmetric ? "" : "arrow"}`, vars: { c: colour(info?.colour) } }, label(info) || edge.predicate),
        entityButton(schema, object, actions.open)),
      h("p", { class: "hint" }, label(info, "definition"))),
    h("div", { class: "tags" }, Object.entries(edge.modalities).map(([m, n]) => modalityTag(schema, m, n)),
      h("span", { class: "faint" }, t("support", edge.support), " · ", span)),
    h("section", {}, h("h2", {}, t("evidence")),
      claims.length ? claims.map((c) => claimView(c, detail, schema)) : h("p", { class: "hint" }, t("noEvidence"))),
  ];
}

function claimView(claim, { subject, object }, schema) {
  const names = (e) => [e.name, e.name_ja, ...e.aliases];
  const marks = [...names(subject), ...names(object)];
  return h("article", { class: "claim" },
    h("header", {}, h("h3", {}, claim.title || claim.post),
      h("p", { class: "claim-facts" }, h("time", { datetime: claim.date || null }, day(claim.date)), modalityTag(schema, claim.modality, 1), confidence(claim.confidence))),
    claim.sentences.map((s) => h("blockquote", { title: t("offsets", s.start, s.end) }, marked(s.text, marks))),
    h("footer", { class: "claim-source" }, h("span", {}, claim.post), h("span", {}, t("offsets", claim.sentences[0]?.start ?? 0, claim.sentences.at(-1)?.end ?? 0)), claim.frame && h("span", {}, `${t("frame")}: ${claim.frame}`)));
}

function confidence(value) {
  return h("span", { class: "confidence", title: t("confidence"), vars: { w: `${Math.round(value * 100)}%` } }, h("span", { class: "bar" }), `${t("confidence")} ${value.toFixed(2)}`);
}

/** The connections of two entities, hop by hop. */
export function pathsPanel({ found, schema, back, actions }) {
  const byId = new Map(found.nodes.map((n) => [n.id, n]));
  return [
    back && h("button", { class: "back", type: "button", on: { click: () => actions.clearPath() } }, icon("back"), t("pathClear")),
    h("header", { class: "panel-head triple" }, h("h1", {}, entityButton(schema, byId.get(found.source), actions.open), h("span", { class: "predicate arrow" }, t("pathTo").slice(-2)), entityButton(schema, byId.get(found.target), actions.open))),
    found.paths.map((p) => h("section", { class: "path" }, h("h2", {}, t("pathSteps", p.length)),
      h("ol", { class: "hops" }, p.hops.map((hop) => {
        const info = term(schema.properties, hop.edge.predicate);
        return h("li", {}, h("button", { class: "hop", type: "button", on: { click: () => actions.edge(hop.edge.id) } },
          nameOf(byId.get(hop.source)), h("span", { class: `predicate ${info?.symmetric ? "" : hop.forward ? "arrow" : "arrow-back"}`, vars: { c: colour(info?.colour) } }, label(info)), nameOf(byId.get(hop.target))));
      })))),
  ];
}

/** A failure, said clearly, with a way on. */
export function errorPanel(error, { retry, open }) {
  return [
    h("div", { class: "error", role: "alert" },
      h("h1", {}, error.status === 0 ? t("offline") : known(error.kind) ? t(error.kind) : error.title || t("failed")),
      error.status !== 0 && h("p", {}, error.message),
      error.suggestions?.length > 0 && h("p", {}, t("didYouMean"), " ", error.suggestions.map((s) => h("button", { class: "button", type: "button", on: { click: () => open(s) } }, s))),
      h("button", { class: "button primary", type: "button", on: { click: retry } }, t("retry"))),
  ];
}
