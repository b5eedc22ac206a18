/** Pointer, wheel and keys, and what they ask of the explorer. */

import { pull } from "./geometry.js";

const A_CLICK = 4; // CSS pixels that a pointer may move in a click
const FARTHEST = 0.97; // of what is grasped: beyond, the disk would race
const STEP = 0.18; // of the disk, that an arrow key with Shift moves it

export function listen(app) {
  const area = app.scene.overlay;
  const pointers = new Map();
  let travelled = 0;

  const at = (event) => {
    const box = area.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const grasp = ([px, py]) => {
    const [u, v] = app.scene.diskPlace(px, py);
    const r = Math.hypot(u, v);
    return r > FARTHEST ? [(u * FARTHEST) / r, (v * FARTHEST) / r] : [u, v];
  };
  const middle = () => {
    const all = [...pointers.values()];
    return [0, 1].map((axis) => all.reduce((sum, place) => sum + place[axis], 0) / all.length);
  };
  const spread = () => {
    const [one, other] = [...pointers.values()];
    return Math.hypot(one[0] - other[0], one[1] - other[1]);
  };

  area.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    area.setPointerCapture(event.pointerId);
    if (pointers.size === 0) travelled = 0;
    pointers.set(event.pointerId, at(event));
    app.stop();
    app.point(-1);
  });
  area.addEventListener("pointermove", (event) => {
    if (!pointers.has(event.pointerId)) {
      const [px, py] = at(event);
      app.point(app.scene.nodeAt(app, px, py), px, py);
      return;
    }
    const [from, wide] = [middle(), pointers.size === 2 ? spread() : 0];
    pointers.set(event.pointerId, at(event));
    const to = middle();
    travelled += Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (pointers.size === 2) {
      travelled = Infinity;
      if (wide > 0) app.magnify(spread() / wide, ...to);
    }
    if (travelled <= A_CLICK) return;
    area.classList.add("dragging");
    app.pull(...pull(...grasp(from), ...grasp(to)));
  });
  const release = (event) => {
    if (!pointers.delete(event.pointerId) || pointers.size > 0) return;
    area.classList.remove("dragging");
    app.settle(); // also where a flight was stopped and the system took the pointer away
  };
  area.addEventListener("pointerup", release);
  area.addEventListener("pointercancel", release);
  area.addEventListener("pointerleave", () => app.point(-1));
  area.addEventListener("click", (event) => {
    if (travelled <= A_CLICK && event.detail < 2) app.click(...at(event), event.shiftKey); // the second is a double click
  });
  area.addEventListener("dblclick", (event) => app.doubleClick(...at(event), event.shiftKey));
  area.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
      app.magnify(Math.exp(-Math.max(-240, Math.min(240, event.deltaY * lines)) / (event.ctrlKey ? 120 : 420)), ...at(event));
    },
    { passive: false },
  );

  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  area.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const half = [area.clientWidth / 2, area.clientHeight / 2];
    const acts = {
      Enter: () => app.flyTo(app.focused()),
      " ": () => app.selectBranch(app.focused(), event.shiftKey),
      r: () => app.reroot(app.focused()),
      "+": () => app.magnify(1.25, ...half),
      "=": () => app.magnify(1.25, ...half),
      "-": () => app.magnify(0.8, ...half),
      0: () => app.home(),
      Home: () => app.home(),
      o: () => app.flyTo(app.tree.root),
      n: () => app.toggleNames(),
    };
    if (key in arrows && event.shiftKey) {
      app.pull(...arrows[key].map((step) => -step * STEP));
      app.settle();
    } else if (key in arrows) app.step(key);
    else if (key in acts) acts[key]();
    else return;
    event.preventDefault();
  });

  // Wherever the focus is, also on a page just opened; but what is typed is text.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const types = event.target.matches("input[type=search], select");
    if (event.key === "Escape" && !app.panel.closeHelp()) app.clear();
    else if (event.key === "?" && !types) app.panel.toggleHelp();
    else if (event.key === "/" && !types) {
      app.panel.focusSearch();
      event.preventDefault(); // the stroke is not typed into it
    }
  });
}
