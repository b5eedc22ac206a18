/**
 * The hierarchy: arrays over nodes, which keep their numbers whatever the root. `order` has the nodes in depth-first
 * order, so that the branch of a node is `order[position[node]]` up to `order[last[node] - 1]`: loops over it are walks
 * from the root, and backwards from the leaves. Nothing recurses.
 */

import { gapOf } from "./geometry.js";

/** The tree with what follows from its edges. */
export function hung(parent, length, support) {
  const n = parent.length;
  const start = new Int32Array(n + 1); // children of node i: children[start[i]] up to children[start[i + 1] - 1]
  let root = 0;
  for (let i = 0; i < n; i++) {
    if (parent[i] < 0) root = i;
    else start[parent[i] + 1]++;
  }
  for (let i = 0; i < n; i++) start[i + 1] += start[i];
  const children = new Int32Array(Math.max(n - 1, 0));
  const next = start.slice(0, n);
  for (let i = 0; i < n; i++) if (parent[i] >= 0) children[next[parent[i]]++] = i;

  const order = new Int32Array(n);
  const position = new Int32Array(n);
  const last = new Int32Array(n);
  const depth = new Int32Array(n);
  const distance = new Float64Array(n);
  const stack = [root];
  for (let k = 0; k < n; k++) {
    const node = stack.pop();
    order[k] = node;
    position[node] = k;
    const above = parent[node];
    if (above >= 0) {
      depth[node] = depth[above] + 1;
      distance[node] = distance[above] + length[node];
    }
    for (let j = start[node + 1] - 1; j >= start[node]; j--) stack.push(children[j]);
  }
  for (let k = n - 1; k >= 0; k--) {
    const node = order[k];
    last[node] = Math.max(last[node], k + 1);
    if (parent[node] >= 0) last[parent[node]] = Math.max(last[parent[node]], last[node]);
  }
  return { n, root, parent, length, support, start, children, order, position, last, depth, distance };
}

/** The same tree with another node as its root: the edges on the way there turn round, with length and support. */
export function rerooted(tree, root) {
  const parent = tree.parent.slice();
  const length = tree.length.slice();
  const support = tree.support && tree.support.slice();
  let below = root;
  for (let node = tree.parent[root]; node >= 0; below = node, node = tree.parent[node]) {
    parent[node] = below;
    length[node] = tree.length[below];
    if (support) support[node] = tree.support[below];
  }
  parent[root] = -1;
  length[root] = 0;
  if (support) support[root] = NaN;
  return hung(parent, length, support);
}

/** Nodes of the branch below `node`, itself among them. */
export function branch(tree, node) {
  return tree.order.subarray(tree.position[node], tree.last[node]);
}

/** Sums of `values` over the branch of each node. */
export function sumsBelow(tree, values) {
  const total = Float64Array.from(values);
  for (let k = tree.n - 1; k > 0; k--) total[tree.parent[tree.order[k]]] += total[tree.order[k]];
  return total;
}

/** The node in the middle of some: the lowest with more than half of them below. */
export function medianNode(tree, nodes) {
  const marks = new Uint8Array(tree.n);
  for (const node of nodes) marks[node] = 1;
  const below = sumsBelow(tree, marks);
  let middle = tree.root;
  for (let k = 0; k < tree.n; k++) if (2 * below[tree.order[k]] > nodes.length) middle = tree.order[k];
  return middle;
}

/**
 * Which nodes are open when the tree is collapsed, and which one stands for each that is not.
 *
 * By "depth" and "distance" nodes further from the root than `limit` fold into the last ancestor that is not; by
 * "support" inner edges with less than `limit` are contracted. `up` is the node an open one hangs from.
 */
export function collapsed(tree, by, limit) {
  const { n, order, parent } = tree;
  const open = new Uint8Array(n);
  const stands = new Int32Array(n);
  const up = new Int32Array(n);
  const isOpen = {
    depth: (node) => tree.depth[node] <= limit,
    distance: (node) => tree.distance[node] <= limit,
    support: (node) => !(tree.support[node] < limit),
  }[by];
  for (let k = 0; k < n; k++) {
    const node = order[k];
    open[node] = k === 0 || isOpen(node) ? 1 : 0;
    stands[node] = open[node] ? node : stands[parent[node]];
    up[node] = k === 0 ? -1 : stands[parent[node]];
  }
  return { open, stands, up };
}

/** Arrays of the page's data, as Python packed them: zlib over a JSON header and the bytes of the arrays. */
export async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  const size = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, size)));
  const kinds = { u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, f4: Float32Array, f8: Float64Array };
  const arrays = {};
  for (const [name, [kind, offset, length]] of Object.entries(header.arrays)) {
    arrays[name] = new kinds[kind](buffer, 4 + size + offset, length);
  }
  return { header, arrays };
}

/** The data as the page uses them: points with gaps, the tree, and which node each row is. */
export function read({ header, arrays }) {
  const n = arrays.x.length;
  const parent = Int32Array.from(arrays.up, (steps, i) => (i === 0 ? -1 : i - steps));
  const row = Int32Array.from(arrays.row, (number) => number - 1);
  const gap = new Float64Array(n);
  for (let i = 0; i < n; i++) gap[i] = gapOf(arrays.x[i], arrays.y[i]);
  const nodes = []; // of the rows, in their order
  for (let i = 0; i < n; i++) if (row[i] >= 0) nodes.push(i);
  nodes.sort((a, b) => row[a] - row[b]);
  const place = new Int32Array(n).fill(-1); // of each node among the rows: where its labels are
  nodes.forEach((node, k) => (place[node] = k));
  return {
    header,
    points: { x: arrays.x, y: arrays.y, gap },
    tree: hung(parent, Float64Array.from(arrays.length), arrays.support ? Float64Array.from(arrays.support) : null),
    row,
    place,
    nodes: Int32Array.from(nodes),
    arrays,
  };
}
