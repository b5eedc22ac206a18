/**
 * The side of the page: search, details, selection, colours and their legend, folding. All text goes in as text
 * (`textContent`), since names and labels are data and may look like markup.
 */

import { countsOf, gradientOf, isOther, legendOrder, rangeOf } from "./coloring.js";
import { shortened } from "./scene.js";

const MOST_FOUND = 12;
const MOST_LISTED = 300; // classes in the legend
const MOST_BARS = 8;

const by = (id) => document.getElementById(id);

/** An element with a class and a text. */
function element(tag, name = "", text = "") {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export const whole = (number) => number.toLocaleString("en");

export function number(value) {
  if (Number.isNaN(value)) return "none";
  return Number.isInteger(value) ? whole(value) : String(Number(value.toPrecision(4)));
}

export class Panel {
  constructor(app) {
    this.app = app;
    const acts = {
      home: () => app.home(),
      "to-root": () => app.flyTo(app.tree.root),
      closer: () => this.magnify(1.4),
      farther: () => this.magnify(1 / 1.4),
      names: () => app.toggleNames(),
      "save-png": () => app.savePicture(),
      theme: () => app.toggleTheme(),
      help: () => this.toggleHelp(),
      center: () => app.flyTo(app.focused()),
      reroot: () => app.reroot(app.focused()),
      up: () => app.step("ArrowUp"),
      "save-csv": () => app.saveRows(),
      clear: () => app.clear(),
      "show-all": () => app.hide(() => 0),
      "hide-all": () => app.hide(() => 1),
    };
    for (const [id, act] of Object.entries(acts)) by(id).addEventListener("click", act);
    app.columns.forEach((column, k) => by("color-by").append(new Option(shortened(column.name), k)));
    by("color-by").addEventListener("change", (event) => app.colorBy(Number(event.target.value)));
    this.listenToSearch();
    this.listenToFold();
    const { note } = app.data.header;
    by("note").textContent = note;
    by("note").hidden = !note;
    by("facts").textContent = `${whole(app.data.nodes.length)} rows · ${whole(app.tree.n)} nodes`;
  }

  magnify(factor) {
    const area = this.app.scene.overlay;
    this.app.magnify(factor, area.clientWidth / 2, area.clientHeight / 2);
  }

  toggleHelp(shown = by("keys").hidden) {
    by("keys").hidden = !shown;
    by("help").setAttribute("aria-expanded", String(shown));
  }

  /** Whether the help was open. */
  closeHelp() {
    const was = !by("keys").hidden;
    this.toggleHelp(false);
    return was;
  }

  /** What to do at all is told until it is done. */
  hideHint() {
    by("hint").hidden = true;
  }

  /** The part of the summary that goes by the root. */
  showReach() {
    const { tree } = this.app;
    const leaves = tree.order.filter((node) => tree.start[node] === tree.start[node + 1]).length;
    const deepest = tree.depth.reduce((a, b) => Math.max(a, b), 0);
    by("reach").textContent =
      `From its root it has ${whole(leaves)} leaves, up to ${whole(deepest)} edges and a distance of ${number(this.app.height())} away.`;
  }

  /** Tell a screen reader. */
  say(text) {
    by("said").textContent = text;
  }

  focusSearch() {
    by("search").focus();
    by("search").select();
  }

  listenToSearch() {
    const [input, list, nothing] = [by("search"), by("found"), by("nothing")];
    let found = [];
    let active = -1;
    const mark = (k) => {
      active = k;
      [...list.children].forEach((item, place) => item.setAttribute("aria-selected", String(place === k)));
      if (k >= 0) {
        input.setAttribute("aria-activedescendant", `found-${k}`);
        list.children[k].scrollIntoView({ block: "nearest" });
      } else input.removeAttribute("aria-activedescendant");
    };
    const close = () => {
      list.hidden = true;
      nothing.hidden = true;
      input.setAttribute("aria-expanded", "false");
      mark(-1);
    };
    const take = (k) => {
      if (!found[k]) return;
      input.value = shortened(found[k].text, 60);
      close();
      this.app.goTo(found[k]);
    };
    input.addEventListener("input", () => {
      found = this.app.index.find(input.value, MOST_FOUND);
      list.replaceChildren(
        ...found.map(({ text, kind }, k) => {
          const item = element("li");
          item.id = `found-${k}`;
          item.setAttribute("role", "option");
          item.append(element("span", "name", shortened(text, 60)), element("span", "kind", kind));
          item.addEventListener("pointerdown", (event) => {
            event.preventDefault();
            take(k);
          });
          return item;
        }),
      );
      list.hidden = found.length === 0;
      nothing.hidden = found.length > 0 || !input.value.trim();
      input.setAttribute("aria-expanded", String(found.length > 0));
      mark(found.length ? 0 : -1);
      if (input.value.trim()) this.say(found.length ? `${found.length} found, the first is ${shortened(found[0].text)}` : nothing.textContent);
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown" && found.length) mark((active + 1) % found.length);
      else if (event.key === "ArrowUp" && found.length) mark((active + found.length - 1) % found.length);
      else if (event.key === "Enter") take(active);
      else if (event.key === "Escape" && !(list.hidden && nothing.hidden)) close();
      else return;
      event.preventDefault();
    });
    input.addEventListener("blur", close);
  }

  listenToFold() {
    const select = by("fold-by");
    const ways = [["distance", "Distance from the root"], ["depth", "Edges from the root"]];
    if (this.app.tree.support) ways.push(["support", "Support"]);
    ways.forEach(([value, text]) => select.append(new Option(text, value)));
    const change = () => this.app.foldAt(select.value, Number(by("fold").value) / 1000);
    select.addEventListener("change", () => {
      by("fold").value = 1000;
      change();
    });
    by("fold").addEventListener("input", change);
  }

  showFold(text) {
    by("fold-value").textContent = text;
    by("fold").setAttribute("aria-valuetext", text);
  }

  resetFold() {
    by("fold").value = 1000;
  }

  /** Legend of the column in use. */
  showLegend() {
    const { column, data, tree, hidden } = this.app;
    const listed = Boolean(column.classes) && !column.isPlain;
    by("legend-tools").hidden = !listed;
    by("scale").hidden = Boolean(column.classes);
    const list = by("legend");
    if (!listed) {
      list.replaceChildren();
      if (!column.classes) this.showScale(rangeOf(column, data, tree));
      return;
    }
    const counts = countsOf(column, data);
    const largest = [...counts.keys()].sort((a, b) => counts[b] - counts[a]).slice(0, MOST_LISTED);
    const order = legendOrder(column, largest);
    const items = order.map((k) => this.legendItem(column.classes[k], counts[k], k));
    const others = order.findIndex((k) => isOther(column, k));
    const why = "More classes than colours that can be told apart: the largest have one each, those below are all grey.";
    if (others >= 0) items.splice(others, 0, element("li", "why", why));
    if (counts.length > MOST_LISTED) items.push(element("li", "", `and ${whole(counts.length - MOST_LISTED)} smaller ones`));
    list.replaceChildren(...items);
    const shown = hidden.length - hidden.reduce((sum, one) => sum + one, 0);
    by("legend-count").textContent = `${whole(shown)} of ${whole(hidden.length)} shown`;
  }

  legendItem(text, count, k) {
    const item = element("li");
    const show = element("button", "show");
    show.style.setProperty("--swatch", this.app.swatch(k));
    show.setAttribute("aria-pressed", String(!this.app.hidden[k]));
    show.title = text.slice(0, 300);
    show.append(element("i"), element("span", "name", text.slice(0, 200)), element("span", "count", whole(count)));
    show.addEventListener("click", () => {
      this.app.hide((place, now) => (place === k ? 1 - now : now));
      by("legend").querySelector(`[data-class="${k}"]`)?.focus();
    });
    show.dataset.class = k;
    const only = element("button", "only", "only");
    only.setAttribute("aria-label", `Show only ${shortened(text)}`);
    only.addEventListener("click", () => this.app.hide((place) => (place === k ? 0 : 1)));
    item.append(show, only);
    return item;
  }

  showScale([low, high]) {
    by("scale-low").textContent = number(low);
    by("scale-high").textContent = number(high);
    const bar = by("scale-bar");
    const pen = bar.getContext("2d");
    pen.fillStyle = gradientOf(pen, 0, bar.width, this.app.data.header.scale);
    pen.fillRect(0, 0, bar.width, 1);
  }

  /** The card beside the pointer. */
  showTip(node, px, py) {
    const tip = by("tip");
    tip.hidden = node < 0;
    if (node < 0) return;
    const [title, facts] = this.app.factsOf(node);
    const lines = facts.map(([what, value]) => {
      const line = element("p");
      line.append(element("span", "", what), element("span", "", shortened(value, 120)));
      return line;
    });
    tip.replaceChildren(element("strong", "", shortened(title, 80)), ...lines);
    const area = this.app.scene.overlay;
    tip.style.left = `${Math.min(px + 16, area.clientWidth - tip.offsetWidth - 8)}px`;
    tip.style.top = `${area.offsetTop + Math.min(py + 16, area.clientHeight - tip.offsetHeight - 8)}px`;
  }

  /** The node that was clicked, found or reached by keys. */
  showDetails(node) {
    by("details").hidden = node < 0;
    if (node < 0) return;
    const [title, facts] = this.app.factsOf(node);
    by("details-title").textContent = title;
    by("up").disabled = node === this.app.tree.root;
    by("details-list").replaceChildren(
      ...facts.map(([what, value]) => {
        const line = element("div");
        line.append(element("dt", "", what), element("dd", "", value));
        return line;
      }),
    );
    this.say(`${shortened(title)}. ${facts.map(([what, value]) => `${what} ${shortened(value)}`).join(", ")}`);
  }

  showSelection(rows) {
    by("chosen").hidden = rows === null;
    if (rows === null) return;
    by("chosen-title").textContent = `${whole(rows.length)} ${rows.length === 1 ? "row" : "rows"} selected`;
    const { column, data } = this.app;
    const list = by("chosen-classes");
    list.replaceChildren();
    if (!column.classes || column.isPlain) return;
    const counts = countsOf(column, data, rows);
    const largest = [...counts.keys()].filter((k) => counts[k] > 0).sort((a, b) => counts[b] - counts[a]);
    for (const k of largest.slice(0, MOST_BARS)) {
      const item = element("li");
      const bar = element("span", "bar");
      bar.style.setProperty("--swatch", this.app.swatch(k));
      bar.style.width = `${(100 * counts[k]) / counts[largest[0]]}%`;
      item.append(element("span", "name", shortened(column.classes[k], 60)), element("span", "", whole(counts[k])), bar);
      list.append(item);
    }
    if (largest.length > MOST_BARS) list.append(element("li", "", `and ${largest.length - MOST_BARS} more`));
  }
}
