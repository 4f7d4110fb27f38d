// Where nodes stand: a force layout that always gives the same picture for the same graph.
// Springs along edges, repulsion between all, gravity shaped to the canvas, and boxes as wide as
// the labels that must not overlap. O(n²) a step with a bounded number of steps: no frozen page.

const GOLDEN = Math.PI * (3 - Math.sqrt(5));

/**
 * @param nodes [{id, radius, halfWidth}] in a stable order, the most important first
 * @param links [[id, id]]
 * @param fixed Map of id to {x, y}: nodes that already stand somewhere and should hardly move
 * @param aspect width of the canvas by its height
 * @returns Map of id to {x, y}
 */
export function layout(nodes, links, fixed, aspect) {
  const n = nodes.length;
  const index = new Map(nodes.map((node, i) => [node.id, i]));
  const pairs = distinctPairs(links, index);
  const degree = new Float64Array(n);
  for (const [a, b] of pairs) { degree[a]++; degree[b]++; }
  const x = new Float64Array(n), y = new Float64Array(n), weight = new Float64Array(n);
  place(nodes, pairs, fixed, x, y, weight);

  const steps = Math.round(Math.min(400, Math.max(60, 6e6 / (n * n + 1))));
  const spread = Math.sqrt(Math.min(Math.max(aspect, 0.4), 2.5));
  for (let step = 0; step < steps; step++) {
    const heat = 1 - step / steps;
    const dx = new Float64Array(n), dy = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      for (let j = i + 1; j < n; j++) {
        let ux = x[i] - x[j], uy = y[i] - y[j];
        if (ux === 0 && uy === 0) { ux = 0.01 * (i + 1); uy = 0.01 * (j + 1); }
        const d2 = ux * ux + uy * uy + 25;
        const push = 60000 / d2;
        const d = Math.sqrt(d2);
        dx[i] += (ux / d) * push; dy[i] += (uy / d) * push;
        dx[j] -= (ux / d) * push; dy[j] -= (uy / d) * push;
        separate(nodes[i], nodes[j], i, j, ux, uy, dx, dy);
      }
    }
    for (const [a, b] of pairs) {
      const ux = x[b] - x[a], uy = y[b] - y[a];
      const d = Math.hypot(ux, uy) || 1;
      // A hub's springs are longer, so that its neighbours have room around it.
      const rest = 90 + 12 * Math.sqrt(Math.max(degree[a], degree[b]));
      const pull = 0.16 * (d - rest) / Math.sqrt(Math.min(degree[a], degree[b]));
      dx[a] += (ux / d) * pull; dy[a] += (uy / d) * pull;
      dx[b] -= (ux / d) * pull; dy[b] -= (uy / d) * pull;
    }
    for (let i = 0; i < n; i++) {
      dx[i] -= (x[i] * 0.02) / spread;
      dy[i] -= y[i] * 0.02 * spread;
      const length = Math.hypot(dx[i], dy[i]) || 1;
      const most = (4 + 36 * heat) * weight[i];
      x[i] += (dx[i] / length) * Math.min(length * weight[i], most);
      y[i] += (dy[i] / length) * Math.min(length * weight[i], most);
    }
  }
  return new Map(nodes.map((node, i) => [node.id, { x: Math.round(x[i]), y: Math.round(y[i]) }]));
}

/** One pair of indices for each two nodes that any edge joins. */
function distinctPairs(links, index) {
  const seen = new Map();
  for (const [a, b] of links) {
    const [i, j] = [index.get(a), index.get(b)].sort((p, q) => p - q);
    if (i !== undefined && j !== undefined && i !== j) seen.set(`${i} ${j}`, [i, j]);
  }
  return [...seen.values()];
}

/** First positions: as they stand, else beside a neighbour that stands, else on a spiral. */
function place(nodes, pairs, fixed, x, y, weight) {
  const around = nodes.map(() => []);
  for (const [a, b] of pairs) { around[a].push(b); around[b].push(a); }
  nodes.forEach((node, i) => {
    const at = fixed.get(node.id);
    weight[i] = at ? 0.12 : 1;
    if (at) { x[i] = at.x; y[i] = at.y; }
  });
  nodes.forEach((node, i) => {
    if (fixed.has(node.id)) return;
    const near = around[i].filter((j) => fixed.has(nodes[j].id));
    const angle = i * GOLDEN;
    const r = near.length ? 110 : 26 * Math.sqrt(i);
    const cx = near.length ? near.reduce((s, j) => s + x[j], 0) / near.length : 0;
    const cy = near.length ? near.reduce((s, j) => s + y[j], 0) / near.length : 0;
    // New neighbours open outward, away from what stands already.
    const out = near.length && Math.hypot(cx, cy) > 1 ? Math.atan2(cy, cx) + ((i * GOLDEN) % 2) - 1 : angle;
    x[i] = cx + r * Math.cos(out);
    y[i] = cy + r * Math.sin(out);
  });
}

/** Push two nodes apart where the boxes of disc and label overlap. */
function separate(a, b, i, j, ux, uy, dx, dy) {
  const overX = a.halfWidth + b.halfWidth + 6 - Math.abs(ux);
  const overY = a.radius + b.radius + 24 - Math.abs(uy);
  if (overX <= 0 || overY <= 0) return;
  if (overX * 0.6 < overY) {
    const s = Math.sign(ux || i - j) * overX * 0.45;
    dx[i] += s; dx[j] -= s;
  } else {
    const s = Math.sign(uy || i - j) * overY * 0.45;
    dy[i] += s; dy[j] -= s;
  }
}
