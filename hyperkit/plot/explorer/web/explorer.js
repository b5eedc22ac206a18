/** The explorer: holds what the page shows, and does what gestures and the panel ask for. */

import { flight, IDENTITY, moved, pointAt } from "./geometry.js";
import { branch, collapsed, medianNode, read, rerooted, sumsBelow, unpacked } from "./tree.js";
import { columnsOf, hexOf, inkOf, legible, painted } from "./coloring.js";
import { Scene, themeOf } from "./scene.js";
import { number, Panel, whole } from "./panel.js";
import { listen } from "./gestures.js";
import { csvOf, pictureOf, save } from "./exporting.js";
import { Index } from "./search.js";
import { signsOf } from "./signs.js";

const FLIGHT = 650; // milliseconds

class Explorer {
  constructor(data) {
    this.data = data;
    this.hang(data.tree);
    this.view = IDENTITY;
    this.scene = new Scene(document.getElementById("picture"), document.getElementById("overlay"));
    this.scene.hold(this.tree.n);
    this.hover = -1;
    this.focus = -1;
    this.selection = null;
    this.rows = null; // nodes of the selected rows
    this.showsNames = true;
    this.frame = 0;
    this.flying = 0;
    this.columns = columnsOf(data);
    this.column = this.columns.find((column) => column.classes) ?? this.columns[0];
    this.hidden = new Uint8Array(this.column.classes ? this.column.classes.length : 0);
    this.index = new Index(this);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    this.setTheme(dark.matches);
    this.panel = new Panel(this);
    document.getElementById("color-by").value = this.columns.indexOf(this.column);
    this.foldAt("distance", 1);
    this.panel.showLegend();
    dark.addEventListener("change", () => this.changeTheme(dark.matches));
    this.fit();
    listen(this);
    new ResizeObserver(() => this.fit()).observe(this.scene.overlay);
  }

  /** Take a tree, or the same from another root. */
  hang(tree) {
    this.tree = tree;
    this.rowsBelow = sumsBelow(tree, Float64Array.from(this.data.row, (row) => (row >= 0 ? 1 : 0)));
  }

  /** Distance from the root of the node furthest from it. */
  height() {
    return this.tree.distance.reduce((a, b) => Math.max(a, b), 0);
  }

  css(name) {
    return hexOf(this.theme[name]);
  }

  swatch(k) {
    return hexOf(legible(inkOf(this.column.colors[k]), this.theme.disk));
  }

  // What is drawn, and when

  fit() {
    const area = this.scene.overlay;
    this.scene.resize(area.clientWidth, area.clientHeight, Math.min(window.devicePixelRatio || 1, 2));
    this.scene.draw(this);
  }

  /** Draw in the next frame; what `moves` is drawn with fewer edges. */
  redraw(moves = false) {
    this.moves = moves;
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.scene.draw(this, this.moves);
    });
  }

  repaint() {
    this.paint = painted(this);
    this.signs = signsOf(this);
    this.redraw();
  }

  settle() {
    clearTimeout(this.settling);
    this.redraw();
  }

  /** Draw all edges once nothing moves any more. */
  settleSoon() {
    clearTimeout(this.settling);
    this.settling = setTimeout(() => this.settle(), 140);
  }

  // Moving

  pull(x, y) {
    this.panel.hideHint();
    this.view = moved(this.view, x, y);
    this.redraw(true);
    this.settleSoon();
  }

  magnify(factor, px, py) {
    this.panel.hideHint();
    this.scene.magnify(factor, px, py);
    this.redraw(true);
    this.settleSoon();
  }

  stop() {
    cancelAnimationFrame(this.flying);
    this.flying = 0;
  }

  /** Move along a path of views, and to the whole disk if `resets`. */
  fly(path, resets = false) {
    this.stop();
    const zoom = this.scene.zoom;
    const start = performance.now();
    const length = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : FLIGHT;
    const step = (now) => {
      const t = length ? Math.min(1, Math.max(0, now - start) / length) : 1;
      const eased = t < 0.5 ? 4 * t ** 3 : 1 - (2 - 2 * t) ** 3 / 2;
      this.view = path(eased);
      if (resets) {
        this.scene.zoom = { scale: zoom.scale ** (1 - eased), x: zoom.x * (1 - eased), y: zoom.y * (1 - eased) };
        this.scene.background = null;
      }
      this.flying = t < 1 ? requestAnimationFrame(step) : 0;
      this.scene.draw(this, t < 1);
    };
    this.flying = requestAnimationFrame(step);
  }

  flyTo(node) {
    if (node < 0) return;
    const { x, y, gap } = this.data.points;
    const at = this.fold.stands[node];
    this.fly(flight(this.view, [x[at], y[at], gap[at]]), true);
  }

  /** The first view, of the tree as it hung first. */
  home() {
    if (this.tree.root !== this.data.tree.root) this.hangFrom(this.data.tree);
    this.fly(flight(this.view, [0, 0, 1], IDENTITY), true);
  }

  // Nodes

  /** The node that keys act on: the focused one, or the root. */
  focused() {
    return this.focus >= 0 ? this.focus : this.tree.root;
  }

  point(node, px, py) {
    this.panel.showTip(node, px, py);
    this.scene.overlay.classList.toggle("over", node >= 0);
    if (node !== this.hover) {
      this.hover = node;
      this.scene.drawOverlay(this);
    }
  }

  focusOn(node) {
    this.focus = node;
    this.panel.showDetails(node);
    this.scene.drawOverlay(this);
  }

  click(px, py, adds) {
    this.beforeClick = this.panel.closeHelp() ? null : { focus: this.focus, selection: this.selection };
    if (!this.beforeClick) return;
    this.panel.hideHint();
    let node = this.scene.nodeAt(this, px, py);
    if (node < 0) node = this.scene.edgeAt(this, px, py);
    if (node < 0) this.clear();
    else this.selectBranch(node, adds);
  }

  /** Move, or hang the tree elsewhere: nothing is selected, so that what the first of the clicks did is undone. */
  doubleClick(px, py, roots) {
    if (!this.beforeClick) return; // it closed the help
    this.focusOn(this.beforeClick.focus);
    this.choose(this.beforeClick.selection);
    const node = this.scene.nodeAt(this, px, py);
    if (node >= 0) {
      if (roots) this.reroot(node);
      else this.flyTo(node);
      return;
    }
    const [u, v] = this.scene.diskPlace(px, py);
    if (Math.hypot(u, v) < 0.999) this.fly(flight(this.view, pointAt(this.view, u, v)), true);
  }

  /** To a relative by an arrow key. */
  step(key) {
    const { parent, start, children } = this.tree;
    const node = this.fold.stands[this.focused()];
    if (this.focus < 0) {
      this.reach(node);
      return;
    }
    const open = (list) => list.filter((one) => this.fold.open[one]);
    const childrenOf = (one) => open(Array.from(children.subarray(start[one], start[one + 1])));
    if (key === "ArrowUp") this.reach(this.fold.up[node]);
    else if (key === "ArrowDown") this.reach(childrenOf(node)[0] ?? -1);
    else if (parent[node] >= 0) {
      const beside = childrenOf(parent[node]);
      const place = beside.indexOf(node) + (key === "ArrowRight" ? 1 : beside.length - 1);
      this.reach(beside[place % beside.length]);
    }
  }

  /** Focus a node, and bring it into the picture. */
  reach(node) {
    if (node < 0) return;
    this.focusOn(node);
    const { x, y, placed } = this.scene;
    const outside = x[node] < 0 || y[node] < 0 || x[node] > this.scene.overlay.width || y[node] > this.scene.overlay.height;
    if (outside || placed.gap[node] < 0.35) this.flyTo(node);
  }

  /** Title and facts of a node, as text. */
  factsOf(node) {
    const { data, tree } = this;
    const rows = data.row[node];
    const name = data.header.names ? data.header.names[node] : "";
    const below = this.rowsBelow[node] - (rows >= 0 ? 1 : 0);
    const title = name || (rows >= 0 ? `Row ${rows}` : node === tree.root ? "Root" : "Branch point");
    const facts = [];
    if (name && rows >= 0 && name !== String(rows)) facts.push(["Row", String(rows)]);
    for (const column of this.columns) {
      if (column.isOfTree || column.isPlain || rows < 0) continue;
      const value = column.of(node, tree);
      facts.push([column.name, column.classes ? column.classes[value] : number(value)]);
    }
    facts.push(["Distance from the root", number(tree.distance[node])], ["Edges from the root", whole(tree.depth[node])]);
    if (below > 0) facts.push(["Rows below", whole(below)]);
    if (tree.support && !Number.isNaN(tree.support[node])) facts.push(["Support", number(tree.support[node])]);
    return [title, facts];
  }

  reroot(node) {
    this.focus = node;
    this.hangFrom(rerooted(this.tree, node));
    this.flyTo(node);
  }

  /** Take the tree as it hangs from another root, and show it with all its branches open. */
  hangFrom(tree) {
    this.hang(tree);
    this.panel.resetFold();
    this.foldAt(document.getElementById("fold-by").value, 1);
    if (!this.column.classes) this.panel.showLegend();
    this.panel.showReach();
    this.focusOn(this.focus);
    this.panel.say(`The tree hangs from ${this.factsOf(tree.root)[0]} now`);
  }

  // Selecting

  selectBranch(node, adds = false) {
    this.focusOn(node);
    this.select(branch(this.tree, node), adds);
  }

  select(nodes, adds = false) {
    const selection = adds && this.selection ? this.selection.slice() : new Uint8Array(this.tree.n);
    for (const node of nodes) selection[node] = 1;
    this.choose(selection);
  }

  /** Take a selection: 1 for each node in it; null for none. */
  choose(selection) {
    this.selection = selection;
    this.rows = selection && this.data.nodes.filter((node) => selection[node]);
    this.panel.showSelection(this.rows);
    this.repaint();
  }

  clear() {
    this.focusOn(-1);
    this.choose(null);
  }

  /** Fly to what was found, a node or the rows of a class, and show nothing else in panel and picture. */
  goTo({ node, column, code }) {
    this.clear();
    if (node !== undefined) {
      this.focusOn(node);
      this.flyTo(node);
      return;
    }
    const members = this.data.nodes.filter((one) => column.of(one) === code);
    if (column !== this.column) {
      this.colorBy(this.columns.indexOf(column));
      document.getElementById("color-by").value = this.columns.indexOf(column);
    } else if (this.hidden[code]) this.hide((place, now) => (place === code ? 0 : now));
    this.select(members);
    this.flyTo(medianNode(this.tree, members));
  }

  // Colours and folding

  colorBy(k) {
    this.column = this.columns[k];
    this.hidden = new Uint8Array(this.column.classes ? this.column.classes.length : 0);
    this.panel.showLegend();
    this.panel.showSelection(this.rows);
    this.repaint();
  }

  /** Hide the classes for which `rule(place, now)` is 1. */
  hide(rule) {
    this.hidden = this.hidden.map((now, place) => rule(place, now));
    this.panel.showLegend();
    this.repaint();
  }

  /** Fold branches beyond a share of the way from all folded (0) to all open (1). */
  foldAt(by, share) {
    const { tree } = this;
    const deepest = tree.depth.reduce((a, b) => Math.max(a, b), 0);
    const limits = {
      distance: this.height() * share,
      depth: Math.round(deepest * share ** 2), // the first of a thousand edges are within reach
      support: 1 - share,
    };
    const limit = limits[by];
    this.fold = share >= 1 ? collapsed(tree, "depth", deepest) : collapsed(tree, by, limit);
    const texts = { support: `below ${number(limit)}`, depth: `beyond ${whole(limit)}`, distance: `beyond ${number(limit)}` };
    this.panel.showFold(share >= 1 ? "all open" : texts[by]);
    this.repaint();
  }

  // The rest

  toggleNames() {
    this.showsNames = !this.showsNames;
    document.getElementById("names").setAttribute("aria-pressed", String(this.showsNames));
    this.scene.drawOverlay(this);
  }

  setTheme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    document.getElementById("theme").textContent = dark ? "Light" : "Dark";
    this.theme = themeOf(document.documentElement);
  }

  toggleTheme() {
    this.changeTheme(document.documentElement.dataset.theme !== "dark");
  }

  changeTheme(dark) {
    this.setTheme(dark);
    this.panel.showLegend();
    this.panel.showSelection(this.rows);
    this.repaint();
  }

  saveRows() {
    save("rows.csv", new Blob([csvOf(this, this.rows)], { type: "text/csv" }));
  }

  savePicture() {
    pictureOf(this).toBlob((blob) => save("hierarchy.png", blob), "image/png");
  }
}

const data = read(await unpacked(document.getElementById("data").textContent));
const explorer = new Explorer(data);
document.getElementById("wait").remove();
document.documentElement.dataset.ready = "true";
globalThis.explorer = explorer; // for the console, and for tests
