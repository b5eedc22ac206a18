/**
 * The hyperbolic plane in the Poincaré disk. A point is z = (x, y) with its gap 1 - |z|², since beside the rim z alone
 * has lost its distance from it. A view is the isometry w = e^{iθ} (z - a) / (1 - ā z): the point `a` comes to the
 * middle. Near `a` both factors are written by z - a, which is exact there, so that a cluster far out opens as well as
 * one in the middle: 1 - ā z = gap(a) - ā (z - a), and |1 - ā z|² = |z - a|² + gap(z) gap(a).
 */

const SPLITTER = 134217729; // 2^27 + 1 parts a double into two halves whose products are exact
const RIM_GAP = 1e-16; // of points that a projection has rounded onto the rim

/** Error of the product x x. */
function squareError(x) {
  const big = SPLITTER * x;
  const high = big - (big - x);
  const low = x - high;
  return low * low - (x * x - high * high - 2 * high * low);
}

/** 1 - x² - y², its sums and products with their errors (Knuth, Dekker): 1 - |z|² as it stands loses every digit. */
export function gapOf(x, y) {
  const [big, small] = Math.abs(x) > Math.abs(y) ? [x, y] : [y, x];
  const first = 1 - big * big;
  const firstError = 1 - first - big * big;
  const second = small * small;
  const total = first - second;
  const back = total - first;
  const secondError = first - (total - back) + (-second - back);
  const gap = total + (firstError + secondError - squareError(big) - squareError(small));
  return gap > 0 ? gap : RIM_GAP;
}

export const IDENTITY = Object.freeze({ x: 0, y: 0, gap: 1, cos: 1, sin: 0 });

/** Where a view shows the point (x, y): [x, y, gap]. */
export function place(view, x, y, gap = gapOf(x, y)) {
  const dx = x - view.x;
  const dy = y - view.y;
  const re = view.gap - (view.x * dx + view.y * dy);
  const im = view.x * dy - view.y * dx; // minus that of 1 - ā z: its conjugate multiplies
  const norm = dx * dx + dy * dy + gap * view.gap;
  const u = (dx * re - dy * im) / norm;
  const v = (dx * im + dy * re) / norm;
  return [u * view.cos - v * view.sin, u * view.sin + v * view.cos, (gap * view.gap) / norm];
}

/** `place` for all points; writes into the arrays of `out`. The loop that every frame waits for. */
export function placeAll(view, points, out) {
  const { x: ax, y: ay, gap: ag, cos, sin } = view;
  const { x, y, gap } = points;
  for (let i = 0; i < x.length; i++) {
    const dx = x[i] - ax;
    const dy = y[i] - ay;
    const re = ag - (ax * dx + ay * dy);
    const im = ax * dy - ay * dx;
    const both = gap[i] * ag;
    const norm = dx * dx + dy * dy + both;
    const u = (dx * re - dy * im) / norm;
    const v = (dx * im + dy * re) / norm;
    out.x[i] = u * cos - v * sin;
    out.y[i] = u * sin + v * cos;
    out.gap[i] = both / norm;
  }
}

/** The point that a view shows at (u, v): the inverse of `place`. */
export function pointAt(view, u, v, gap = gapOf(u, v)) {
  const back = { x: -view.x, y: -view.y, gap: view.gap, cos: 1, sin: 0 };
  return place(back, u * view.cos + v * view.sin, v * view.cos - u * view.sin, gap);
}

/** The view, then the translation (w + b) / (1 + b̄ w) of what it shows: the middle goes to b = (x, y). */
export function moved(view, x, y, gap = gapOf(x, y)) {
  const [ax, ay, agap] = pointAt(view, -x, -y, gap);
  const ex = view.cos * view.x - view.sin * view.y; // e^{iθ} a
  const ey = view.sin * view.x + view.cos * view.y;
  const re = 1 - (x * ex + y * ey); // q = 1 - b̄ e^{iθ} a; the new turn is e^{iθ} q̄ / q
  const im = y * ex - x * ey;
  const norm = re * re + im * im;
  const turn = [(re * re - im * im) / norm, (-2 * re * im) / norm];
  return turned({ x: ax, y: ay, gap: agap, cos: view.cos, sin: view.sin }, ...turn);
}

/** The view, then a turn about the middle. */
export function turned(view, cos, sin) {
  const c = view.cos * cos - view.sin * sin;
  const s = view.cos * sin + view.sin * cos;
  const norm = Math.hypot(c, s);
  return { ...view, cos: c / norm, sin: s / norm };
}

/** The b whose translation takes p to q without turning the middle: p + b = q (1 + b̄ p). */
export function pull(px, py, qx, qy) {
  const dx = qx - px;
  const dy = qy - py;
  const mx = qx * px - qy * py; // q p
  const my = qx * py + qy * px;
  const norm = 1 - mx * mx - my * my;
  return [(dx + mx * dx + my * dy) / norm, (dy + my * dx - mx * dy) / norm];
}

/** Hyperbolic distance between two points [x, y, gap] at curvature -1. */
export function distance(p, q) {
  return 2 * Math.asinh(Math.hypot(p[0] - q[0], p[1] - q[1]) / Math.sqrt(p[2] * q[2]));
}

/** The point a share `t` of the way from the middle to (x, y), along their geodesic: [x, y, gap]. */
export function along(x, y, gap, t) {
  const norm = Math.hypot(x, y);
  if (norm === 0) return [0, 0, 1];
  const half = (t * Math.asinh((2 * norm) / gap)) / 2;
  const cosh = Math.cosh(half);
  return [(Math.tanh(half) * x) / norm, (Math.tanh(half) * y) / norm, 1 / (cosh * cosh)];
}

/**
 * The flight of a view to one with the point [x, y, gap] in the middle, as a function of t in [0, 1]; it ends with the
 * turn `end`, if one is given. Its path is a geodesic, its speed constant.
 */
export function flight(view, point, end = null) {
  const [wx, wy, wgap] = place(view, ...point);
  const [ux, uy, ugap] = along(wx, wy, wgap, 1);
  const last = moved(view, -ux, -uy, ugap);
  const angle = end === null ? 0 : Math.atan2(end.sin * last.cos - end.cos * last.sin, end.cos * last.cos + end.sin * last.sin);
  return (t) => {
    const [bx, by, bgap] = along(wx, wy, wgap, t);
    const now = turned(moved(view, -bx, -by, bgap), Math.cos(t * angle), Math.sin(t * angle));
    return t < 1 ? now : { ...now, x: point[0], y: point[1], gap: point[2] };
  };
}

/** Half the turn of the geodesic arc from z to w: the angle between it and its chord at either end. */
export function halfTurn(zx, zy, wx, wy) {
  return Math.atan2(zy * wx - zx * wy, 1 - (zx * wx + zy * wy));
}

/**
 * Points of the geodesic from z to w after z, so close that no piece is further than `tolerance` from the arc: calls
 * `line(x, y)` for each. By the theorem of the inscribed angle no centre and radius are needed, which blow up where an
 * arc is nearly straight.
 */
export function arc(zx, zy, wx, wy, tolerance, line) {
  const dx = wx - zx;
  const dy = wy - zy;
  const half = halfTurn(zx, zy, wx, wy);
  const sine = Math.sin(half);
  const bend = Math.abs(half) < 1e-9 ? 1 : half / sine;
  const count = Math.max(1, Math.ceil(Math.sqrt((Math.hypot(dx, dy) * Math.abs(half) * bend) / (4 * tolerance))));
  for (let k = 1; k < count; k++) {
    const t = k / count;
    const reach = Math.sin(t * half) / sine;
    const re = reach * Math.cos((1 - t) * half);
    const im = reach * -Math.sin((1 - t) * half);
    line(zx + dx * re - dy * im, zy + dx * im + dy * re);
  }
  line(wx, wy);
}
