// Elements from data. Every string becomes a text node: text from posts is never markup.

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `props` are attributes, except `on` (listeners) and `vars` (CSS variables). */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

function fill(el, props, children) {
  for (const [key, value] of Object.entries(props ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "on") for (const [name, f] of Object.entries(value)) el.addEventListener(name, f);
    else if (key === "vars") for (const [name, v] of Object.entries(value)) el.style.setProperty(`--${name}`, v);
    else if (key === "value") el.value = value;
    else el.setAttribute(key, value === true ? "" : String(value));
  }
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    el.append(child instanceof Node ? child : document.createTextNode(String(child)));
  }
  return el;
}

/** Replace the children of an element. */
export function put(el, ...children) {
  el.replaceChildren(...children.flat(Infinity).filter((c) => c !== null && c !== undefined && c !== false));
}

const PATHS = {
  search: "M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14Zm5 12 4.500 4.500",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  close: "M6 6l12 12M18 6 6 18",
  back: "M14 6l-6 6 6 6",
  theme: "M12 3a9 9 0 1 0 0 18V3Z M12 3a9 9 0 0 1 0 18",
  filter: "M4 6h16M7 12h10M10 18h4",
  target: "M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM12 2v4M12 18v4M2 12h4M18 12h4",
  expand: "M12 12 5 5M12 12l7-7M12 12v8M5 5h.01M19 5h.01M12 20h.01",
  path: "M6 18a2 2 0 1 0 0 .01M18 6a2 2 0 1 0 0 .01M8 17c6-1 2-9 8-10",
  external: "M9 5H5v14h14v-4M13 5h6v6M19 5l-9 9",
};

/** A line icon; it says nothing to a screen reader, so its button needs a label. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  fill(svg, { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, []);
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** A colour of the ontology, or a neutral one where it is not a hexadecimal colour. */
export function colour(value) {
  return /^#[0-9a-f]{6}$/i.test(value ?? "") ? value : "#7b8494";
}

/** Split `text` at occurrences of `names`: plain strings and `mark` elements. */
export function marked(text, names) {
  const wanted = [...new Set(names.filter((n) => n))].sort((a, b) => b.length - a.length);
  if (!wanted.length) return [text];
  const pattern = new RegExp(`(${wanted.map((n) => n.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join("|")})`, "gi");
  return text.split(pattern).map((part, i) => (i % 2 ? h("mark", {}, part) : part));
}
