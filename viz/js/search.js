// The search box: a combobox (WAI-ARIA 1.2) usable by keyboard alone.

import { colour, h, icon, marked, put } from "./dom.js";
import { label, nameOf, t } from "./i18n.js";

const LIMIT = 8;

/**
 * Make a search box. `lookup(text, limit, {signal})` finds {items, more}, as /api/entities does;
 * `choose(entity)` is called with what a person picked.
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export function searchBox({ id, schema, placeholder, choose, lookup, problem }) {
  let items = [], active = -1, running = null, timer = 0, shownFor = "";
  const listbox = h("ul", { class: "suggestions", id: `${id}-list`, role: "listbox", hidden: true });
  const input = h("input", {
    id, type: "search", class: "search-input", role: "combobox", autocomplete: "off", spellcheck: "false", enterkeyhint: "search",
    "aria-expanded": "false", "aria-controls": `${id}-list`, "aria-autocomplete": "list", "aria-label": placeholder(), placeholder: placeholder(), maxlength: "200",
  });
  const element = h("div", { class: "search" }, icon("search"), input, listbox);

  function close() {
    listbox.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(i) {
    active = i;
    [...listbox.querySelectorAll("[role=option]")].forEach((el, j) => {
      el.setAttribute("aria-selected", String(i === j));
      if (i === j) el.scrollIntoView({ block: "nearest" });
    });
    if (i >= 0) input.setAttribute("aria-activedescendant", `${id}-${i}`);
    else input.removeAttribute("aria-activedescendant");
  }

  function pick(item) {
    close();
    running?.abort();
    clearTimeout(timer);
    input.value = "";
    items = [];
    choose(item);
  }

  function draw(found) {
    items = found.items;
    put(listbox,
      items.map((n, i) => option(n, i)),
      !items.length && h("li", { class: "suggestion-note", role: "presentation" }, t("noHits")),
      found.more && h("li", { class: "suggestion-note", role: "presentation" }, t("moreHits")));
    listbox.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(items.length ? 0 : -1);
  }

  function option(n, i) {
    const term = schema().classes.find((c) => c.name === n.cls);
    const query = found(n, input.value);
    return h("li", { class: "suggestion", role: "option", id: `${id}-${i}`, "aria-selected": "false", on: { mousedown: (e) => { e.preventDefault(); pick(n); }, mousemove: () => mark(i) } },
      h("span", { class: "swatch dot", vars: { c: colour(term?.colour) } }),
      h("span", { class: "suggestion-name" }, marked(nameOf(n), [input.value.trim()]), query && h("span", { class: "suggestion-alias" }, marked(query, [input.value.trim()]))),
      h("span", { class: "suggestion-class" }, label(term)),
      h("span", { class: "suggestion-count" }, n.degree));
  }

  async function look() {
    const q = input.value.trim();
    running?.abort();
    if (!q) { close(); return; }
    running = new AbortController();
    try {
      const found = await lookup(q, LIMIT, { signal: running.signal });
      shownFor = q;
      draw(found);
    } catch (error) {
      if (error.name !== "AbortError") { close(); problem(error); }
    }
  }

  async function enter() {
    clearTimeout(timer);
    if (shownFor !== input.value.trim() || listbox.hidden) await look();
    if (items.length && !listbox.hidden) pick(items[Math.max(0, active)]);
  }

  input.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(look, 110); });
  input.addEventListener("focus", () => { if (items.length && input.value) { listbox.hidden = false; input.setAttribute("aria-expanded", "true"); } });
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return;           // Enter ends a kana conversion, not the search
    const n = items.length;
    if (e.key === "ArrowDown" && n && !listbox.hidden) mark((active + 1) % n);
    else if (e.key === "ArrowDown" && input.value) look();
    else if (e.key === "ArrowUp" && n) mark((active - 1 + n) % n);
    else if (e.key === "Enter") enter();
    else if (e.key === "Escape") { if (listbox.hidden) input.blur(); else close(); } else return;
    e.preventDefault();
    e.stopPropagation();
  });
  return { element, input };
}

/** The name under which an entity was found, where it is not the one shown. */
function found(n, text) {
  const key = fold(text);
  if (!key || fold(nameOf(n)).includes(key)) {
    const other = nameOf(n) === n.name ? n.name_ja : n.name;
    return other && other !== nameOf(n) ? other : "";
  }
  return [n.name, n.name_ja, ...n.aliases].find((a) => a && fold(a).includes(key)) ?? "";
}

const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/[\s・]/g, "");
