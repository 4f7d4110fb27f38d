// The server's REST API. Errors are problem documents (RFC 9457) and are thrown as `Problem`.

export class Problem extends Error {
  constructor(body, status) {
    super(body.detail || body.title || `HTTP ${status}`);
    this.title = body.title || `HTTP ${status}`;
    this.status = status;
    this.kind = (body.type ?? "").replace(/^.*:/, "");
    this.suggestions = body.suggestions ?? [];
  }
}

/** GET a JSON resource; `params` with empty values are left out, lists are joined by commas. */
export async function get(path, params = {}, { signal } = {}) {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    const text = Array.isArray(value) ? value.join(",") : value;
    if (text !== null && text !== undefined && text !== "") query.set(key, text);
  }
  const url = `/api/${path}${query.size ? `?${query}` : ""}`;
  let response;
  try {
    response = await fetch(url, { headers: { Accept: "application/json" }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ title: "offline" }, 0);
  }
  if (!response.ok) {
    const body = await response.json().catch(() => ({}));
    throw new Problem(body, response.status);
  }
  return response.json();
}

const seg = encodeURIComponent;

export const entity = (id, options) => get(`entities/${seg(id)}`, {}, options);
export const edge = (id, options) => get(`edges/${seg(id)}`, {}, options);
export const search = (q, limit, options) => get("entities", { q, limit }, options);
export const neighborhood = (id, params) => get(`entities/${seg(id)}/neighborhood`, params);
export const overview = (params) => get("overview", params);
export const paths = (source, target) => get("paths", { source, target, limit: 3 });
