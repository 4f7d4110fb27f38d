// The query page: the named queries as examples, an editor, and the result as a table.

import * as api from "./api.js";
import { h, put } from "./dom.js";
import { lang, number, setLang, t, words } from "./i18n.js";

const $ = (id) => document.getElementById(id);
const ENTITY = "https://ai-infra-kg.example/entity/";
const FORMATS = { select: ["csv", "json", "xml", "tsv"], ask: ["json", "xml"], construct: ["turtle", "ntriples", "jsonld"] };
const EXTENSION = { turtle: "ttl", ntriples: "nt", jsonld: "jsonld" };
const START = `# Who competes with whom, and in how many posts
SELECT ?a ?b (COUNT(DISTINCT ?claim) AS ?posts) WHERE {
  ?claim a kg:Claim ;
         rdf:subject ?a ; rdf:predicate kg:competesWith ; rdf:object ?b .
}
GROUP BY ?a ?b
ORDER BY DESC(?posts)
LIMIT 20
`;

let queries = [], current = null, running = null, outcome = null;

function drawWords() {
  for (const el of document.querySelectorAll("[data-t]")) el.textContent = t(el.dataset.t);
  for (const el of document.querySelectorAll("[data-label]")) el.setAttribute("aria-label", t(el.dataset.label));
  document.title = `SPARQL · ${t("title")}`;
  put($("examples"), queries.map((q) => h("li", {}, h("button", { type: "button", "aria-current": q === current ? "true" : null, title: words(q.description), on: { click: () => open(q) } }, words(q.title) || q.id))));
  $("description").textContent = current ? words(current.description) || t("queryIntro") : t("queryIntro");
}

function open(q) {
  current = q;
  $("query").value = q.text;
  history.replaceState(null, "", `?name=${encodeURIComponent(q.id)}`);
  drawWords();
  run();
}

/** Send the query as the protocol has it: the text itself as the body, so nothing is encoded. */
const send = (query, accept, signal) => fetch("/sparql", { method: "POST", body: query, signal, headers: { "Content-Type": "application/sparql-query", Accept: accept } });

async function run() {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  const query = $("query").value;
  $("state").textContent = t("running");
  $("downloads").hidden = true;
  try {
    const response = await send(query, "application/sparql-results+json, text/turtle;q=0.9", signal);
    const type = response.headers.get("Content-Type") ?? "";
    if (!response.ok) throw new api.Problem(await response.json().catch(() => ({})), response.status);
    outcome = { query, rows: Number(response.headers.get("X-Rows")), truncated: response.headers.has("X-Truncated") };
    if (type.includes("json")) {
      outcome.body = await response.json();
      outcome.kind = "boolean" in outcome.body ? "ask" : "select";
    } else {
      outcome.body = await response.text();
      outcome.kind = "construct";
    }
    drawResult();
  } catch (error) {
    if (error.name === "AbortError") return;
    outcome = null;
    $("state").textContent = "";
    put($("result"), h("div", { class: "error", role: "alert" }, h("h1", {}, error.title ?? t("offline")), h("p", {}, error.message)));
  }
}

function drawResult() {
  const { kind, body, rows, truncated } = outcome;
  $("state").textContent = `${t("rows", number(rows))}${truncated ? ` · ${t("truncated")}` : ""}`;
  put($("downloads"), FORMATS[kind].map((f) => h("button", { class: "button", type: "button", "aria-label": `${t("download")}: ${f}`, on: { click: () => download(f) } }, f)));
  $("downloads").hidden = false;
  if (kind === "ask") put($("result"), h("p", { class: "big" }, body.boolean ? t("yes") : t("no")));
  else if (kind === "construct") put($("result"), h("pre", {}, body));
  else if (!body.results.bindings.length) put($("result"), h("p", { class: "faint" }, t("noRows")));
  else put($("result"), h("table", {}, h("thead", {}, h("tr", {}, body.head.vars.map((v) => h("th", { scope: "col" }, v)))),
    h("tbody", {}, body.results.bindings.map((row) => h("tr", {}, body.head.vars.map((v) => h("td", {}, cell(row[v]))))))));
}

/** A term of a result. Only our own entities become links: an IRI from a post goes nowhere. */
function cell(term) {
  if (!term) return "";
  if (term.type !== "uri") return term.value;
  if (term.value.startsWith(ENTITY)) {
    const id = decode(term.value.slice(ENTITY.length));
    return h("a", { class: "iri", href: `/?e=${encodeURIComponent(id)}&s=n.${encodeURIComponent(id)}` }, id);
  }
  return h("span", { class: "iri", title: term.value }, term.value.replace(/^.*[/#](?=.)/, ""));
}

function decode(text) {
  try { return decodeURIComponent(text); } catch { return text; }
}

async function download(format) {
  const response = await fetch(`/sparql?format=${format}`, { method: "POST", body: outcome.query, headers: { "Content-Type": "application/sparql-query" } });
  const url = URL.createObjectURL(await response.blob());
  h("a", { href: url, download: `${current?.id ?? "result"}.${EXTENSION[format] ?? format}` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}

$("form").addEventListener("submit", (e) => { e.preventDefault(); run(); });
$("query").addEventListener("keydown", (e) => { if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) { e.preventDefault(); run(); } });
$("lang").addEventListener("click", () => { setLang(lang() === "ja" ? "en" : "ja"); drawWords(); if (outcome) drawResult(); });

$("query").value = START;
drawWords();
api.get("queries").then((found) => {
  queries = found;
  const wanted = queries.find((q) => q.id === new URLSearchParams(location.search).get("name"));
  drawWords();
  if (wanted) open(wanted);
}).catch((error) => put($("result"), h("div", { class: "error", role: "alert" }, error.message)));
