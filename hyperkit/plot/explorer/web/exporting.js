/** What leaves the page: the selected rows as CSV, the picture as PNG. Files are made here and sent nowhere. */

import { countsOf, gradientOf, legendOrder, rangeOf } from "./coloring.js";
import { number } from "./panel.js";
import { Scene, shortened, shortenedApart } from "./scene.js";

const SIDE = 1600; // pixels of the square with the disk in a PNG
const LINE = 34; // pixels of a line of its legend
const LINES = 44; // of a column of it

export function save(name, blob) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** A cell of CSV (RFC 4180): quoted where it has to be, never changed. */
function cell(value) {
  const text = value === null || Number.isNaN(value) ? "" : String(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

/** The rows among `nodes` as CSV: number, name, the user's columns, place in the tree. */
export function csvOf(app, nodes) {
  const own = app.columns.filter((column) => !column.isOfTree && !column.isPlain);
  const heads = ["row", "name", ...own.map((column) => column.name), "distance_from_root", "depth"];
  const lines = [heads.map(cell).join(",")];
  for (const node of nodes) {
    const values = own.map((column) => {
      const value = column.of(node, app.tree);
      if (!column.classes) return Number.isInteger(value) ? value : Number(value.toPrecision(column.digits));
      return value === column.missing ? "" : column.classes[value];
    });
    const name = app.data.header.names ? app.data.header.names[node] : app.data.row[node];
    const path = Number(app.tree.distance[node].toPrecision(7));
    lines.push([app.data.row[node], name, ...values, path, app.tree.depth[node]].map(cell).join(","));
  }
  return `${lines.join("\n")}\n`;
}

/** The picture as a canvas of print size, with the legend of what is shown beside it. */
export function pictureOf(app) {
  const page = app.scene.overlay;
  const ratio = SIDE / Math.min(page.clientWidth, page.clientHeight);
  const scene = new Scene(document.createElement("canvas"), document.createElement("canvas"));
  scene.hold(app.tree.n);
  scene.resize(page.clientWidth, page.clientHeight, ratio);
  scene.zoom = app.scene.zoom;
  const paper = { ...app, theme: { ...app.theme, page: app.theme.disk }, hover: -1 };
  scene.draw(paper);

  const entries = legendOf(app);
  const columns = app.column.classes ? Math.ceil(entries.length / LINES) : 1;
  const out = document.createElement("canvas");
  out.width = scene.picture.width + columns * 420;
  out.height = scene.picture.height;
  const pen = out.getContext("2d");
  pen.fillStyle = app.css("disk");
  pen.fillRect(0, 0, out.width, out.height);
  pen.drawImage(scene.picture, 0, 0);
  pen.drawImage(scene.overlay, 0, 0);
  pen.font = "24px system-ui, sans-serif";
  pen.textBaseline = "middle";
  const short = shortenedApart(entries.map(({ text }) => text), 28);
  entries.forEach(({ color }, k) => {
    const x = scene.picture.width + 420 * Math.floor(k / LINES) + 20;
    const y = 60 + LINE * (k % LINES);
    pen.fillStyle = color;
    pen.beginPath();
    pen.arc(x, y, 9, 0, 2 * Math.PI);
    pen.fill();
    pen.fillStyle = app.css("text");
    pen.fillText(short[k], x + 22, y);
  });
  if (!app.column.classes) drawScale(app, pen, scene.picture.width + 20, 60);
  pen.fillStyle = app.css("text");
  pen.fillText(app.data.header.note, 20, out.height - 24);
  return out;
}

/** The scale of numbers, with what it is a scale of. */
function drawScale(app, pen, x, y) {
  pen.fillStyle = gradientOf(pen, x, x + 300, app.data.header.scale);
  pen.fillRect(x, y, 300, 20);
  const [low, high] = rangeOf(app.column, app.data, app.tree).map(number);
  pen.fillStyle = app.css("text");
  pen.fillText(shortened(app.column.name, 28), x, y - 24);
  pen.fillText(low, x, y + 42);
  pen.fillText(high, x + 300 - pen.measureText(high).width, y + 42);
}

/** Classes that are shown, with their colours, as on the page: the largest if they are many. */
function legendOf(app) {
  const { column, hidden } = app;
  if (!column.classes || column.isPlain) return [];
  const counts = countsOf(column, app.data);
  const shown = [...column.classes.keys()].filter((k) => !hidden[k] && counts[k] > 0);
  const largest = shown.toSorted((a, b) => counts[b] - counts[a]).slice(0, 3 * LINES);
  return legendOrder(column, largest).map((k) => ({ text: column.classes[k], color: app.swatch(k) }));
}
