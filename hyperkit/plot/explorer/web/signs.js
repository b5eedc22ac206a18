/** Names that may be written into the picture: of groups where they are, and of nodes. The scene picks those with room. */

import { distance } from "./geometry.js";
import { whole } from "./panel.js";
import { shortenedApart } from "./scene.js";
import { medianNode } from "./tree.js";

const MOST_NODES = 1500; // with names, that are tried in a frame
const MOST_CLASSES = 200;
const EVERYWHERE = 0.9; // of how far all rows are from their middle: the name of such a class would be wrong anywhere

export function signsOf(app) {
  const signs = [...ofGroups(app), ...ofNodes(app)];
  const short = shortenedApart(signs.map(({ text }) => text));
  return signs.map((sign, k) => ({ ...sign, short: short[k] }));
}

function ofGroups(app) {
  const { data, tree, fold, column, hidden, paint } = app;
  if (!column.classes || column.isPlain || column.classes.length > MOST_CLASSES) return [];
  const members = column.classes.map(() => []);
  for (const node of app.rows ?? data.nodes) members[column.of(node)].push(node);
  const most = EVERYWHERE * spread(data, tree, data.nodes);
  const balls = new Map(paint.bundles.map(({ node, count }) => [node, count]));
  const signs = [];
  members.forEach((nodes, k) => {
    if (!nodes.length || hidden[k] || (nodes.length > 1 && spread(data, tree, nodes) > most)) return;
    const node = fold.stands[medianNode(tree, nodes)];
    const all = balls.get(node) ?? 0; // rows folded there
    const own = all && nodes.filter((one) => !fold.open[one] && fold.stands[one] === node).length;
    if (all && !own) return; // a ball of others
    const share = own < all ? ` (${whole(own)} of ${whole(all)} rows)` : "";
    signs.push({ node, text: column.classes[k] + share, count: nodes.length, isGroup: nodes.length > 1 });
  });
  return signs;
}

/** Median distance of nodes from the one in their middle. */
function spread({ points: { x, y, gap } }, tree, nodes) {
  const at = (node) => [x[node], y[node], gap[node]];
  const middle = at(medianNode(tree, nodes));
  const distances = Float64Array.from(nodes, (node) => distance(at(node), middle)).sort();
  return distances[distances.length >> 1];
}

function ofNodes({ data, tree, fold, selection }) {
  const { names } = data.header;
  if (!names) return [];
  const size = (node) => tree.last[node] - tree.position[node];
  const named = [...tree.order].filter((node) => names[node] && fold.open[node] && (!selection || selection[node]));
  named.sort((a, b) => size(b) - size(a));
  return named.slice(0, MOST_NODES).map((node) => ({ node, text: names[node], count: size(node), isGroup: false }));
}
