/**
 * What colour everything has: the columns that rows can be coloured by, and from the one in use, what is hidden, folded
 * and selected, the ink of each dot and edge. It is worked out when one of these changes, never in a frame.
 */

import { sumsBelow } from "./tree.js";

const SEVERAL = -2; // classes below an edge
const NONE = -3;
const FADED = 0.82; // of the way to the disk that what is not selected goes
const FADED_IN_THE_DARK = 0.6; // where the eye tells less apart

/** "#rrggbb" as the pixels of an image have it: 0xAABBGGRR. */
export function inkOf(hex) {
  const rgb = parseInt(hex.slice(1, 7), 16);
  return ((0xff << 24) | ((rgb & 0xff) << 16) | (rgb & 0xff00) | (rgb >> 16)) >>> 0;
}

export function hexOf(ink) {
  const rgb = ((ink & 0xff) << 16) | (ink & 0xff00) | ((ink >> 16) & 0xff);
  return `#${rgb.toString(16).padStart(6, "0")}`;
}

/** A share `t` of the way from one ink to another. */
export function mixed(one, other, t) {
  let ink = 0xff000000;
  for (const shift of [0, 8, 16]) {
    const a = (one >> shift) & 0xff;
    const b = (other >> shift) & 0xff;
    ink |= Math.round(a + (b - a) * t) << shift;
  }
  return ink >>> 0;
}

const isDark = (ink) => luminance(ink) < 0.2;

function luminance(ink) {
  const [r, g, b] = [0, 8, 16].map((shift) => (((ink >> shift) & 0xff) / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** The ink, mixed with white or black until it stands out from the background: black dots vanish in a dark disk. */
export function legible(ink, background, least = 1.5) {
  const dark = isDark(background);
  if (dark) least *= 1.6;
  for (let t = 0; t <= 1; t += 0.1) {
    const now = mixed(ink, dark ? 0xffffffff : 0xff000000, t);
    const [low, high] = [luminance(now), luminance(background)].sort((a, b) => a - b);
    if ((high + 0.05) / (low + 0.05) >= least) return now;
  }
  return ink;
}

/** Everything to colour by: one colour, the user's columns, and what the tree has. */
export function columnsOf(data) {
  const own = data.header.columns.map((column, k) => {
    const values = data.arrays[`column${k}`];
    if (column.classes === null) {
      const of = (node) => (data.place[node] < 0 ? NaN : values[data.place[node]]);
      return { name: column.name, digits: values instanceof Float32Array ? 7 : 17, of };
    }
    const missing = column.classes.length;
    const of = (node) => (data.place[node] < 0 ? NONE : values[data.place[node]] === 0 ? missing : values[data.place[node]] - 1);
    const some = values.includes(0);
    return {
      name: column.name,
      classes: some ? [...column.classes, "(no label)"] : column.classes,
      colors: some ? [...column.colors, "#a9a9a9"] : column.colors,
      others: column.others,
      missing,
      of,
    };
  });
  const ofTree = [
    { name: "Distance from the root", of: (node, tree) => tree.distance[node], isOfTree: true },
    { name: "Edges from the root", of: (node, tree) => tree.depth[node], isOfTree: true },
  ];
  if (data.tree.support) ofTree.push({ name: "Support of the edge above", of: (node, tree) => tree.support[node], isOfTree: true });
  const plain = { name: "One colour", classes: ["All rows"], colors: ["#3b6fb6"], of: (node) => (data.place[node] < 0 ? NONE : 0), isPlain: true };
  return [...own, ...ofTree, plain];
}

/** Classes in the order of legends: those of one grey, as they are too many, after those with a colour of their own. */
export function legendOrder(column, classes) {
  const rank = (k) => (isOther(column, k) ? 1 : 0);
  return classes.toSorted((a, b) => rank(a) - rank(b) || a - b);
}

/** Whether a class is one of those beyond the list of colours. */
export function isOther(column, k) {
  return column.colors[k] === column.others;
}

/** Rows of each class. */
export function countsOf(column, data, nodes = data.nodes) {
  const counts = new Float64Array(column.classes.length);
  for (const node of nodes) if (data.place[node] >= 0) counts[column.of(node)]++;
  return counts;
}

/** Least and greatest number of a column. */
export function rangeOf(column, data, tree) {
  let [low, high] = [Infinity, -Infinity];
  for (const node of column.isOfTree ? tree.order : data.nodes) {
    const value = column.of(node, tree);
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 1];
}

/** A scale of colours from `left` to `right` of a canvas. */
export function gradientOf(pen, left, right, scale) {
  const fill = pen.createLinearGradient(left, 0, right, 0);
  scale.forEach((color, k) => fill.addColorStop(k / (scale.length - 1), color));
  return fill;
}

/** The ink of a share in [0, 1] of a scale of inks. */
function onScale(scale, share) {
  const place = Math.min(Math.max(share, 0), 1) * (scale.length - 1);
  const k = Math.min(Math.floor(place), scale.length - 2);
  return mixed(scale[k], scale[k + 1], place - k);
}

/**
 * Inks of the nodes and of the edges above them; `dots` to draw, those of large classes first; `edges` to draw, by the
 * node below; `bundles` of folded rows.
 */
export function painted({ data, tree, column, hidden, fold, selection, theme }) {
  const { n } = tree;
  const code = new Int32Array(n).fill(NONE);
  const ink = new Uint32Array(n);
  const gone = new Uint8Array(n); // rows of hidden classes
  let rank = null; // of the class of each node: the larger the lower
  const grey = mixed(theme.edge, theme.disk, 0.35);
  if (column.classes) {
    const inks = column.colors.map((color) => legible(inkOf(color), theme.disk));
    const counts = countsOf(column, data);
    const bySize = [...counts.keys()].sort((a, b) => counts[b] - counts[a]);
    rank = new Int32Array(counts.length);
    bySize.forEach((k, place) => (rank[k] = column.missing === k ? -1 : place)); // those without a label go under all
    for (const node of data.nodes) {
      code[node] = column.of(node);
      ink[node] = inks[code[node]];
      gone[node] = hidden[code[node]];
    }
  } else {
    const scale = data.header.scale.map((color) => legible(inkOf(color), theme.disk, 1.25));
    const [low, high] = rangeOf(column, data, tree);
    for (let node = 0; node < n; node++) {
      const value = column.of(node, tree);
      ink[node] = Number.isNaN(value) ? grey : onScale(scale, high > low ? (value - low) / (high - low) : 0.5);
    }
  }
  const fade = (color) => mixed(color, theme.disk, isDark(theme.disk) ? FADED_IN_THE_DARK : FADED);
  const edgeInk = inksOfEdges({ data, tree, column, code, ink, theme });
  if (selection) {
    for (let node = 0; node < n; node++) {
      if (selection[node]) continue;
      ink[node] = fade(ink[node]);
      edgeInk[node] = fade(edgeInk[node]);
    }
  }
  const isShown = (node) => data.place[node] >= 0 && !gone[node];
  const shownBelow = sumsBelow(tree, Float64Array.from({ length: n }, (_, node) => (isShown(node) ? 1 : 0)));
  const edges = tree.order.filter((node, k) => k > 0 && fold.open[node] && shownBelow[node] > 0);
  edges.sort((a, b) => shownBelow[b] - shownBelow[a]); // in a hurry the first are drawn
  const dots = data.nodes.filter((node) => fold.open[node] && isShown(node));
  const keys = new Float64Array(n);
  for (const node of dots) {
    const level = rank ? rank[code[node]] : Number.isNaN(column.of(node, tree)) ? -1 : 0;
    keys[node] = level + (selection && selection[node] ? 1e6 : 0);
  }
  dots.sort((a, b) => keys[a] - keys[b] || a - b);
  return { ink, edgeInk, dots, edges, bundles: bundled({ data, fold, isShown, code, ink }), isShown };
}

/** Edges with rows of one class only below them have its colour; others are grey; those of a scale of the tree its own. */
function inksOfEdges({ data, tree, column, code, ink, theme }) {
  const edgeInk = new Uint32Array(tree.n).fill(theme.edge);
  if (column.isOfTree) return ink.slice();
  if (!column.classes || column.isPlain) return edgeInk;
  const group = code.slice();
  for (let k = tree.n - 1; k > 0; k--) {
    const node = tree.order[k];
    const above = tree.parent[node];
    if (group[above] === NONE) group[above] = group[node];
    else if (group[node] !== group[above] && group[node] !== NONE) group[above] = SEVERAL;
  }
  const inks = new Map();
  for (const node of data.nodes) inks.set(code[node], mixed(ink[node], theme.disk, 0.25));
  for (let node = 0; node < tree.n; node++) if (group[node] >= 0) edgeInk[node] = inks.get(group[node]);
  return edgeInk;
}

/** Folded rows that are shown, by the node that stands for them: how many, and the ink most of them have. */
function bundled({ data, fold, isShown, code, ink }) {
  const found = new Map();
  for (const node of data.nodes) {
    if (fold.open[node] || !isShown(node)) continue;
    const stand = fold.stands[node];
    if (!found.has(stand)) found.set(stand, { node: stand, count: 0, inks: new Map(), ink: ink[node] });
    const bundle = found.get(stand);
    bundle.count++;
    bundle.inks.set(ink[node], (bundle.inks.get(ink[node]) || 0) + 1);
    if (code[node] >= 0 && bundle.inks.get(ink[node]) > (bundle.inks.get(bundle.ink) || 0)) bundle.ink = ink[node];
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
