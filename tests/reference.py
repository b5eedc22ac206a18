"""Independent truth: hyperbolic geometry in 500-digit arithmetic, and Delaunay graphs by brute force in fractions.

Written from the definitions (arccosh on the hyperboloid, circumcircles), not from the package's formulas.
"""

from fractions import Fraction
from itertools import combinations
from math import isqrt, lcm

import mpmath as mp

mp.mp.dps = 500  # 1e-200 apart costs 400 digits of the arccosh


def hyperboloid(point, model, curvature=-1.0):
    """Exact (time, space) of a point given in doubles, at curvature -1."""
    c = -mp.mpf(curvature)
    root = mp.sqrt(c)
    x = [mp.mpf(float(value)) for value in point]
    if model == "hyperboloid":
        space = [value * root for value in x[1:]]
    elif model == "halfspace":
        *y, t = x
        squared = sum(value**2 for value in y)
        denominator = squared + (1 + t) ** 2
        space = _from_poincare([2 * value / denominator for value in y] + [(squared + t**2 - 1) / denominator])
    elif model == "poincare":
        space = _from_poincare([value * root for value in x])
    elif model == "klein":
        s = mp.sqrt(1 - c * sum(value**2 for value in x))
        space = [value * root / s for value in x]
    else:
        radius = mp.sqrt(sum(value**2 for value in x)) * root
        space = [value * root * (mp.sinh(radius) / radius if radius else 1) for value in x]
    return mp.sqrt(1 + sum(value**2 for value in space)), space


def _from_poincare(z):
    gap = 1 - sum(value**2 for value in z)
    return [2 * value / gap for value in z]


def poincare(point, model, curvature=-1.0):
    """Exact Poincaré coordinates at curvature -1."""
    time, space = hyperboloid(point, model, curvature)
    return [value / (1 + time) for value in space]


def distance(x, y, model, curvature=-1.0):
    """Exact distance."""
    (t, u), (s, v) = hyperboloid(x, model, curvature), hyperboloid(y, model, curvature)
    return mp.acosh(t * s - sum(a * b for a, b in zip(u, v, strict=True))) / mp.sqrt(-mp.mpf(curvature))


def delaunay_edges(points):
    """Hyperbolic Delaunay edges of planar Poincaré points by the definition, in fractions, with ties counted as edges.

    (i, j) is an edge iff a circle through both lies inside the open unit disk with no point strictly inside. With the
    centres parametrised along the bisector each point gives an interval of parameters, and so does the unit circle.
    """
    z = [tuple(Fraction(float(value)) for value in point) for point in points]
    return {(i, j) for i, j in combinations(range(len(z)), 2) if _is_edge(z, i, j)}


def _is_edge(z, i, j):
    (ax, ay), (bx, by) = z[i], z[j]
    mx, my, nx, ny = (ax + bx) / 2, (ay + by) / 2, -(by - ay), bx - ax
    low = high = None
    for k, (px, py) in enumerate(z):
        if k in (i, j):
            continue
        # |p - c|^2 >= |a - c|^2 for c = m + t n is linear in t: const - 2 t slope >= 0.
        const = (px - mx) ** 2 + (py - my) ** 2 - (ax - mx) ** 2 - (ay - my) ** 2
        slope = (px - mx) * nx + (py - my) * ny
        if slope == 0:
            if const < 0:
                return False
        elif slope > 0:
            bound = const / (2 * slope)
            high = bound if high is None else min(high, bound)
        else:
            bound = const / (2 * slope)
            low = bound if low is None else max(low, bound)
    if low is not None and high is not None and low > high:
        return False
    # Inside the disk: (1 - |c|)^2 > r^2 with |c| < 1, that is L = 1 + |c|^2 - r^2 > 2 |c|. L is linear in t, so the
    # condition is quadratic: L^2 - 4 |c|^2 > 0 with L > 0.
    l0 = 1 + mx**2 + my**2 - (ax - mx) ** 2 - (ay - my) ** 2
    l1 = 2 * (mx * nx + my * ny)
    n2 = nx**2 + ny**2
    a = l1**2 - 4 * n2
    b = 2 * l0 * l1 - 8 * (mx * nx + my * ny)
    c = l0**2 - 4 * (mx**2 + my**2)

    def inside(t):
        return a * t**2 + b * t + c > 0 and l0 + l1 * t > 0

    candidates = [t for t in (low, high) if t is not None]
    best = -b / (2 * a)  # a < 0: the disk condition holds on an interval about the vertex of the parabola
    if (low is None or best >= low) and (high is None or best <= high):
        candidates.append(best)
    return any(inside(t) for t in candidates)


def spatial_edges(points, *, strict=False):
    """Hyperbolic Delaunay edges of distinct Poincaré points in any dimension, by the definition, in integers.

    Let z = Z / s with integers Z, and q = s^2 - |Z|^2. The point (t, x) = (2 s^2 - q, 2 s Z) / q of the hyperboloid is
    at a distance from the direction of (1, y) that grows with t - x.y; so y is no further from i than from k iff
    (q_i Z_k - q_k Z_i).y <= (q_i - q_k) s. A pair (i, j) is an edge iff the y with equality for k = j and `<=` for all
    others include one with |y| < 1. Ties count as edges unless `strict`: then the cells share a wall of full dimension.
    """
    scale = lcm(*(Fraction(float(value)).denominator for point in points for value in point))
    z = [[int(Fraction(float(value)) * scale) for value in point] for point in points]
    gaps = [scale**2 - _dot(point, point) for point in z]
    edges = set()
    for i, (site, gap) in enumerate(zip(z, gaps, strict=True)):
        normals = [[u * gap - v * q for u, v in zip(w, site, strict=True)] for w, q in zip(z, gaps, strict=True)]
        gram = [[_dot(a, b) for b in normals] for a in normals]
        offsets = [(gap - q) * scale for q in gaps]
        others = [k for k in range(len(z)) if k != i]
        edges |= {(i, j) for j in others if i < j and _cells_meet(gram, offsets, others, j, len(site), strict)}
    return edges


def _cells_meet(gram, offsets, rows, j, dimension, strict):
    nearest = _nearest(gram, offsets, rows, j, dimension)
    if nearest is None or nearest[2] >= nearest[1]:
        return False
    if not strict:
        return True
    # From the nearest point of the wall, is there a way along the bisector that leaves all tight half-spaces inwards?
    tight = [k for k in rows if _slack(gram, offsets, k, nearest) == 0]
    return _nearest(gram, [-(k != j) for k in range(len(gram))], tight, j, dimension, bounded=False) is not None


def _nearest(gram, offsets, rows, j, dimension, bounded=True):
    """Least-norm point with a_k.y <= b_k for k in `rows` and equality for j; None if there is none (with |y| < 1).

    It is given as (weights, D, N) with y = sum of weights[k] a_k / D and |y|^2 = N / D. A problem of few constraints is
    solved by trying all sets of equalities; the most violated of all constraints joins these few, until none is
    violated. The norm grows at each step, so that no few come twice.
    """
    point = _flat_point(gram, offsets, (j,))
    while not (bounded and point[2] >= point[1]):
        slacks = {k: _slack(gram, offsets, k, point) for k in rows if k != j}
        violated = [k for k in slacks if slacks[k] < 0]
        if not violated:
            return point
        new = min(violated, key=lambda k: slacks[k] // (isqrt(gram[k][k]) + 1))
        few = [k for k in point[0] if k != j]
        candidates = [
            _flat_point(gram, offsets, (j, new, *chosen))
            for size in range(min(len(few), dimension - 2) + 1)
            for chosen in combinations(few, size)
        ]
        few.append(new)
        feasible = [c for c in candidates if c and all(_slack(gram, offsets, k, c) >= 0 for k in few)]
        if not feasible:
            return None
        point = min(feasible, key=lambda c: Fraction(c[2], c[1]))
    return None


def _flat_point(gram, offsets, rows):
    """Least-norm point with a_k.y = b_k for k in `rows`; None if these normals are dependent. Bareiss elimination."""
    table = [[gram[a][b] for b in rows] + [offsets[a]] for a in rows]
    pivot = 1
    for c, row in enumerate(table):
        last, pivot = pivot, row[c]
        if pivot == 0:
            return None
        for other in table:
            if other is not row:
                factor = other[c]
                other[:] = [(pivot * u - factor * v) // last for u, v in zip(other, row, strict=True)]
    weights = {k: row[-1] for k, row in zip(rows, table, strict=True)}
    return weights, pivot, sum(w * offsets[k] for k, w in weights.items())


def _slack(gram, offsets, k, point):
    """D (b_k - a_k.y)."""
    weights, denominator, _ = point
    return denominator * offsets[k] - sum(w * gram[k][m] for m, w in weights.items())


def _dot(a, b):
    return sum(u * v for u, v in zip(a, b, strict=True))
