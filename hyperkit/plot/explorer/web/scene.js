/**
 * The picture: where everything is on the screen, drawn into two canvases, and what is under a pointer. The lower
 * canvas has disk, edges and dots as pixels (`Raster`); the upper one what changes with the pointer: rings, the way to
 * the root, names. Lengths are pixels of the canvas, of which a screen may have several a CSS pixel.
 */

import { arc, halfTurn, placeAll } from "./geometry.js";
import { hexOf, inkOf } from "./coloring.js";
import { Raster } from "./raster.js";

const MARGIN = 0.93; // radius of the disk, in halves of the shorter side
const STRAIGHT = 0.35; // pixels that a line may be off its arc
const SHORTEST = 0.35; // pixels of an edge that is drawn
const SHORTEST_MOVING = 1.5; // while the disk moves
const FRAME = 20; // milliseconds that drawing may take while the disk moves: 30 frames a second with some to spare
const MOST_NAMES = 70;
const LONGEST_NAME = 36;
const LONGEST_MIDDLE = 8; // of a name without its middle, where that tells it from others

export class Scene {
  constructor(picture, overlay) {
    this.picture = picture;
    this.overlay = overlay;
    this.brush = picture.getContext("2d", { alpha: false });
    this.pen = overlay.getContext("2d");
    this.zoom = { scale: 1, x: 0, y: 0 };
    this.budget = 200000; // pixels of edges while the disk moves; goes by how long they take
  }

  /** Take on a number of nodes. */
  hold(n) {
    this.n = n;
    this.placed = { x: new Float64Array(n), y: new Float64Array(n), gap: new Float64Array(n) };
    this.x = new Float64Array(n);
    this.y = new Float64Array(n);
  }

  resize(width, height, ratio) {
    this.ratio = ratio;
    for (const canvas of [this.picture, this.overlay]) {
      canvas.width = Math.max(1, Math.round(width * ratio));
      canvas.height = Math.max(1, Math.round(height * ratio));
    }
    this.raster = new Raster(this.picture.width, this.picture.height);
    this.background = null;
  }

  get radius() {
    return (Math.min(this.picture.width, this.picture.height) / 2) * MARGIN * this.zoom.scale;
  }

  get center() {
    return [this.picture.width / 2 + this.zoom.x * this.ratio, this.picture.height / 2 + this.zoom.y * this.ratio];
  }

  /** Place in the disk of a point of the page, in CSS pixels of the canvas. */
  diskPlace(px, py) {
    const [cx, cy] = this.center;
    return [(px * this.ratio - cx) / this.radius, (cy - py * this.ratio) / this.radius];
  }

  /** Magnify about a point of the page; the disk stays in the picture, and in its middle unless it is larger. */
  magnify(factor, px, py) {
    const scale = Math.min(Math.max(this.zoom.scale * factor, 0.6), 400);
    const change = scale / this.zoom.scale;
    const [w, h] = [this.overlay.width / this.ratio, this.overlay.height / this.ratio];
    const keep = (offset, side, at) => {
      const moved = at - side / 2 - (at - side / 2 - offset) * change;
      const most = (Math.min(w, h) / 2) * MARGIN * Math.max(scale - 1, 0);
      return Math.min(Math.max(moved, -most), most);
    };
    this.zoom = { scale, x: keep(this.zoom.x, w, px), y: keep(this.zoom.y, h, py) };
    this.background = null;
  }

  /** Draw what `app` shows; while it `moves`, no more edges than there is time for, those with most rows below first. */
  draw(app, moves = false) {
    const start = performance.now();
    placeAll(app.view, app.data.points, this.placed);
    const { radius, x, y, placed } = this;
    const [cx, cy] = this.center;
    for (let i = 0; i < this.n; i++) {
      x[i] = cx + radius * placed.x[i];
      y[i] = cy - radius * placed.y[i];
    }
    this.drawBackground(app.theme);
    if (moves) this.drawEdges(app, SHORTEST_MOVING, this.budget);
    else this.drawEdges(app, SHORTEST, Infinity);
    this.drawDots(app);
    this.brush.putImageData(this.raster.image, 0, 0);
    this.drawOverlay(app);
    if (moves) {
      const change = FRAME / (performance.now() - start);
      this.budget = Math.min(Math.max(this.budget * Math.min(change, 1.2), 20000), 4e6);
    }
  }

  drawBackground(theme) {
    if (this.background === null || this.background.theme !== theme) {
      const [cx, cy] = this.center;
      this.raster.pixels.fill(theme.page);
      this.raster.dot(cx, cy, this.radius + this.ratio, theme.rim);
      this.raster.dot(cx, cy, this.radius, theme.disk);
      this.background = { theme, pixels: this.raster.pixels.slice() };
    } else this.raster.clear(this.background.pixels);
  }

  drawEdges(app, shortest, budget) {
    const { x, y, raster, picture, ratio } = this;
    const { edges, edgeInk } = app.paint;
    const { up } = app.fold;
    const { width, height } = picture;
    const least = (shortest * ratio) ** 2;
    const thin = ratio * Math.min(1.4, 0.75 + 60 / app.tree.n);
    const support = app.tree.support;
    let spent = 0;
    for (let k = 0; k < edges.length && spent < budget; k++) {
      const node = edges[k];
      const above = up[node];
      const dx = x[above] - x[node];
      const dy = y[above] - y[node];
      if (dx * dx + dy * dy < least) continue;
      // An arc bends towards the middle of the disk by less than its chord.
      const out = Math.abs(dx) + Math.abs(dy);
      if (Math.min(x[node], x[above]) > width + out || Math.max(x[node], x[above]) < -out) continue;
      if (Math.min(y[node], y[above]) > height + out || Math.max(y[node], y[above]) < -out) continue;
      const chosen = app.selection && app.selection[node];
      const share = support && support[node] < 1 ? 0.35 + 0.65 * support[node] : 1;
      spent += out + 3;
      const thick = thin * share * (chosen ? 1.5 : 1);
      this.follow(node, above, (u, v, s, t) => raster.line(u, v, s, t, thick, edgeInk[node]));
    }
  }

  /** Straight pieces of the geodesic between two nodes. */
  follow(node, above, piece) {
    const { x, y, placed, radius } = this;
    const [zx, zy, wx, wy] = [placed.x[node], placed.y[node], placed.x[above], placed.y[above]];
    const half = halfTurn(zx, zy, wx, wy);
    const chord = Math.hypot(wx - zx, wy - zy) * radius;
    if (chord * Math.abs(half) < 4 * STRAIGHT) {
      piece(x[node], y[node], x[above], y[above]);
      return;
    }
    const [cx, cy] = this.center;
    let [u, v] = [x[node], y[node]];
    arc(zx, zy, wx, wy, STRAIGHT / radius, (p, q) => {
      const [s, t] = [cx + radius * p, cy - radius * q];
      piece(u, v, s, t);
      [u, v] = [s, t];
    });
  }

  /** Radius of the dot of a node: smaller towards the rim, as everything is. */
  dotRadius(app, node) {
    const all = app.data.nodes.length;
    const full = Math.min(5, Math.max(1.6, 5 * (150 / all) ** 0.24)) * this.ratio * Math.min(2, this.zoom.scale ** 0.3);
    return Math.max(full * (0.5 + 0.5 * Math.sqrt(this.placed.gap[node])), 0.7 * this.ratio);
  }

  drawDots(app) {
    const { x, y, raster, picture } = this;
    const { dots, bundles, ink, edges, edgeInk } = app.paint;
    if (app.tree.n < 3000) {
      for (const node of edges) {
        if (app.data.place[node] < 0) raster.dot(x[node], y[node], 0.4 * this.dotRadius(app, node), edgeInk[node]);
      }
    }
    const { width, height } = picture;
    for (const { node, count, ink: color } of bundles) {
      const size = this.bundleRadius(app, node, count);
      raster.dot(x[node], y[node], size + this.ratio, app.theme.disk);
      raster.dot(x[node], y[node], size, color, 0.8);
    }
    for (let k = 0; k < dots.length; k++) {
      const node = dots[k];
      const [u, v] = [x[node], y[node]];
      if (u < -20 || v < -20 || u > width + 20 || v > height + 20) continue;
      raster.dot(u, v, this.dotRadius(app, node), ink[node]);
    }
  }

  bundleRadius(app, node, count) {
    const most = 15 * this.ratio * Math.sqrt(Math.min(1, count / (0.06 * app.data.nodes.length)));
    return Math.max(this.dotRadius(app, node) * 1.3, most * (0.35 + 0.65 * Math.sqrt(this.placed.gap[node])));
  }

  drawOverlay(app) {
    const { pen, x, y, ratio } = this;
    pen.clearRect(0, 0, this.overlay.width, this.overlay.height);
    const accent = hexOf(app.theme.accent);
    if (app.focus >= 0) {
      pen.strokeStyle = accent;
      pen.lineWidth = 2 * ratio;
      pen.lineJoin = "round";
      pen.beginPath();
      for (let node = app.fold.stands[app.focus]; app.fold.up[node] >= 0; node = app.fold.up[node]) {
        pen.moveTo(x[node], y[node]);
        this.follow(node, app.fold.up[node], (u, v, s, t) => pen.lineTo(s, t));
      }
      pen.stroke();
    }
    const ring = (node, size, color, width) => {
      pen.strokeStyle = color;
      pen.lineWidth = width * ratio;
      pen.beginPath();
      pen.arc(x[node], y[node], size * ratio, 0, 2 * Math.PI);
      pen.stroke();
    };
    ring(app.tree.root, 6, hexOf(app.theme.disk), 5);
    ring(app.tree.root, 6, hexOf(app.theme.text), 2);
    if (app.hover >= 0) ring(app.fold.stands[app.hover], 6, accent, 1.6);
    if (app.focus >= 0) ring(app.fold.stands[app.focus], 7.5, accent, 2.4);
    if (app.showsNames) this.drawNames(app);
  }

  /** Names that have room, the weightiest first: of groups, then of nodes. */
  drawNames(app) {
    const { pen, x, y, ratio, placed } = this;
    const size = 11.5 * ratio;
    pen.font = `${size}px system-ui, sans-serif`;
    pen.textBaseline = "middle";
    pen.lineJoin = "round";
    pen.lineWidth = 4 * ratio;
    pen.strokeStyle = hexOf(app.theme.disk);
    pen.fillStyle = hexOf(app.theme.text);
    const taken = [];
    const candidates = app.signs
      .map((sign) => ({ ...sign, weight: (sign.isGroup ? 10 : 1) * placed.gap[sign.node] ** 0.5 * Math.log2(2 + sign.count) }))
      .sort((a, b) => b.weight - a.weight);
    for (const { node, short, isGroup } of candidates) {
      if (taken.length === MOST_NAMES) break;
      if (x[node] < 0 || y[node] < 0 || x[node] > this.overlay.width || y[node] > this.overlay.height) continue;
      const wide = pen.measureText(short).width;
      const beside = x[node] + 7 * ratio;
      const fits = beside + wide < this.overlay.width;
      const around = Math.max(3 * ratio, Math.min(x[node] - wide / 2, this.overlay.width - wide - 3 * ratio));
      const left = isGroup ? around : fits ? beside : x[node] - 7 * ratio - wide;
      const box = [left - 2 * ratio, y[node] - 0.65 * size, left + wide + 2 * ratio, y[node] + 0.65 * size];
      if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
      taken.push(box);
      pen.strokeText(short, left, y[node]);
      pen.fillText(short, left, y[node]);
    }
  }

  /** The node whose dot is nearest to a point of the page, within `reach` CSS pixels; -1 if there is none. */
  nodeAt(app, px, py, reach = 9) {
    const [u, v] = [px * this.ratio, py * this.ratio];
    let [nearest, least] = [-1, (reach * this.ratio) ** 2];
    const look = (node, extra = 0) => {
      const square = Math.max(0, Math.hypot(this.x[node] - u, this.y[node] - v) - extra) ** 2;
      if (square <= least) [nearest, least] = [node, square];
    };
    for (const node of app.paint.edges) look(node);
    look(app.tree.root);
    for (const { node, count } of app.paint.bundles) look(node, this.bundleRadius(app, node, count));
    for (const node of app.paint.dots) look(node);
    return nearest;
  }

  /** The node below the edge nearest to a point of the page. */
  edgeAt(app, px, py, reach = 6) {
    const [u, v] = [px * this.ratio, py * this.ratio];
    let [nearest, least] = [-1, reach * this.ratio];
    for (const node of app.paint.edges) {
      const above = app.fold.up[node];
      const long = Math.abs(this.x[node] - this.x[above]) + Math.abs(this.y[node] - this.y[above]) + reach;
      if (Math.abs(this.x[node] - u) > long || Math.abs(this.y[node] - v) > long) continue;
      this.follow(node, above, (a, b, c, d) => {
        const [dx, dy] = [c - a, d - b];
        const t = Math.min(1, Math.max(0, ((u - a) * dx + (v - b) * dy) / (dx * dx + dy * dy || 1)));
        const away = Math.hypot(a + t * dx - u, b + t * dy - v);
        if (away < least) [nearest, least] = [node, away];
      });
    }
    return nearest;
  }
}

/** A text without its middle if it is long. */
export function shortened(text, most = LONGEST_NAME) {
  const letters = Array.from(text.length > 4 * most ? text.slice(0, 2 * most) + text.slice(-2 * most) : text);
  if (letters.length <= most) return text;
  return `${letters.slice(0, most / 2 - 1).join("")}…${letters.slice(-most / 2).join("")}`;
}

/** Texts, long ones without their middles; of those that would be alike what differs there stays. */
export function shortenedApart(texts, most = LONGEST_NAME) {
  const short = new Map(texts.map((text) => [text, shortened(text, most)]));
  const groups = new Map(); // Map.groupBy is of 2024
  for (const [text, brief] of short) {
    if (!groups.has(brief)) groups.set(brief, []);
    groups.get(brief).push(text);
  }
  for (const [brief, alike] of groups) {
    if (alike.length === 1) continue;
    const start = commonLength(alike.map((text) => Array.from(text)));
    const ends = alike.map((text) => Array.from(text).slice(start));
    const stop = commonLength(ends.map((end) => end.toReversed()));
    const middles = shortenedApart(ends.map((end) => end.slice(0, end.length - stop).join("")), LONGEST_MIDDLE);
    alike.forEach((text, k) => short.set(text, brief.replace("…", () => `…${middles[k]}…`)));
  }
  return texts.map((text) => short.get(text));
}

/** How many entries all lists begin with. */
function commonLength([first, ...others]) {
  const at = first.findIndex((entry, k) => others.some((other) => other[k] !== entry));
  return at < 0 ? first.length : at;
}

/** Colours of the picture, from the style sheet. */
export function themeOf(element) {
  const style = getComputedStyle(element);
  const names = ["page", "disk", "rim", "edge", "text", "accent"];
  return Object.fromEntries(names.map((name) => [name, inkOf(style.getPropertyValue(`--${name}`).trim())]));
}
