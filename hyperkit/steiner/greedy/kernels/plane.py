"""Two Steiner points between two pairs of terminals of the plane, by Newton's method.

The length is geodesically convex, and where no edge vanishes it is smooth: from a start that is right but for a bounded
error, however large the tree, four to six steps are enough. A step goes so far that no edge loses more than a share of
its length, so edges that are to vanish become short step by step.

Points and vectors are complex numbers. What is across a unit vector e of a vector s is ``(s - e^2 conj(s)) / 2``, so
that the second derivative at a point, the sum over its edges of coth(length) times that, takes s to
``(p s - q conj(s)) / 2`` with p the sum of coth and q that of ``e^2 coth``. Derivatives take square roots only.
"""

from __future__ import annotations

import math

import numpy as np

from ...._compilation import bare_subkernel
from ....geometry.kernels.metric import side_length

# A tree with an edge this short, as a share of its length, counts as not full; other candidates are as good.
SHORTEST_EDGE = 1e-4
# Newton's error goes with the square of the last step: below this share of the shortest edge nothing is left to gain.
_SETTLED = 1e-9
_MAX_STEPS = 50
_MAX_HALVINGS = 30
# With 0.9 of an edge used up in a step, more points come too close to a terminal to turn around it: one full tree in
# seven hundred is lost, with 0.6 none in six thousand.
_USED_UP = 0.6
# A step saves about half of the slope along it. What would be too long after so many times the slope is given up.
_MORE = 4


@bare_subkernel
def two_in_the_plane(z, gap, rows, most):
    """Move Steiner points, row 4 next to the first two of `rows` and row 5 next to the others, to where they belong.

    Gives the length of the tree; infinite where an edge vanishes, or where the tree has turned out to be longer than
    `most`; NaN where a point has come so close to another that it cannot get away, though it should.
    """
    a, gap_a = _point(z, rows[0]), gap[rows[0]]
    b, gap_b = _point(z, rows[1]), gap[rows[1]]
    c, gap_c = _point(z, rows[2]), gap[rows[2]]
    d, gap_d = _point(z, rows[3]), gap[rows[3]]
    s, s_gap, t, t_gap = _point(z, 4), gap[4], _point(z, 5), gap[5]
    sa, sb, st = _length(s, s_gap, a, gap_a), _length(s, s_gap, b, gap_b), _length(s, s_gap, t, t_gap)
    tc, td = _length(t, t_gap, c, gap_c), _length(t, t_gap, d, gap_d)
    total = sa + sb + st + tc + td
    for _ in range(_MAX_STEPS):
        to_a, coth_a, _ = _edge(s, s_gap, a, gap_a)
        to_b, coth_b, _ = _edge(s, s_gap, b, gap_b)
        to_t, coth, csch = _edge(s, s_gap, t, t_gap)
        to_c, coth_c, _ = _edge(t, t_gap, c, gap_c)
        to_d, coth_d, _ = _edge(t, t_gap, d, gap_d)
        to_s, _, _ = _edge(t, t_gap, s, s_gap)
        pull_s, pull_t = to_a + to_b + to_t, to_c + to_d + to_s
        shortest = min(sa, sb, st, tc, td)
        if shortest <= SHORTEST_EDGE * total:
            if shortest in (sa, sb):
                u, v = to_b if shortest == sa else to_a, to_t
            elif shortest == st:
                u, v = to_a, to_b
            else:
                u, v = to_d if shortest == tc else to_c, to_s
            # An edge has vanished for good if the others at its end make 120 degrees or more.
            return np.inf if _dot(u, v) <= -0.5 else np.nan
        p_s, q_s = coth_a + coth_b + coth, coth_a * to_a * to_a + coth_b * to_b * to_b + coth * to_t * to_t
        p_t, q_t = coth_c + coth_d + coth, coth_c * to_c * to_c + coth_d * to_d * to_d + coth * to_s * to_s
        step_s, step_t = _newton_step((p_s, q_s, pull_s, to_t), (p_t, q_t, pull_t, to_s), csch)
        slope = -_dot(pull_s, step_s) - _dot(pull_t, step_t)
        if not total + _MORE * slope < most:
            return np.inf
        share = min(
            _share(sa, _dot(step_s, to_a)),
            _share(sb, _dot(step_s, to_b)),
            _share(st, _dot(step_s, to_t) + _dot(step_t, to_s)),
            _share(tc, _dot(step_t, to_c)),
            _share(td, _dot(step_t, to_d)),
        )
        settled = share == 1.0 and -slope <= _SETTLED * shortest
        old_s, old_s_gap, old_t, old_t_gap, before = s, s_gap, t, t_gap, total
        for _ in range(_MAX_HALVINGS):
            s, s_gap = _moved(old_s, old_s_gap, share * step_s)
            t, t_gap = _moved(old_t, old_t_gap, share * step_t)
            sa, sb, st = _length(s, s_gap, a, gap_a), _length(s, s_gap, b, gap_b), _length(s, s_gap, t, t_gap)
            tc, td = _length(t, t_gap, c, gap_c), _length(t, t_gap, d, gap_d)
            total = sa + sb + st + tc + td
            if total <= before or settled:  # near the minimum the decrease drowns in rounding
                break
            share /= 2
        if settled or not total < before:
            break
    _store(z, gap, 4, s, s_gap)
    _store(z, gap, 5, t, t_gap)
    return total if min(sa, sb, st, tc, td) > SHORTEST_EDGE * total else np.inf


@bare_subkernel
def _newton_step(at_s, at_t, csch):
    """Steps of both points: only what is across the edge between them couples them.

    Of each it takes the sums p and q over its edges, that of the directions, and the direction to the other.
    """
    p_s, q_s, pull_s, to_t = at_s
    p_t, q_t, pull_t, to_s = at_t
    across_s, across_t = 1j * to_t, -1j * to_s
    free_s, free_t = _solve(p_s, q_s, pull_s), _solve(p_t, q_t, pull_t)
    bent_s, bent_t = _solve(p_s, q_s, across_s), _solve(p_t, q_t, across_t)
    own_s, own_t = _dot(across_s, free_s), _dot(across_t, free_t)
    by_s, by_t = csch * _dot(across_s, bent_s), csch * _dot(across_t, bent_t)
    coupled = csch / (1 - by_s * by_t)
    return free_s + coupled * (own_t + by_t * own_s) * bent_s, free_t + coupled * (own_s + by_s * own_t) * bent_t


@bare_subkernel
def _point(z, row):
    return complex(z[row, 0], z[row, 1])


@bare_subkernel
def _store(z, gap, row, point, point_gap):
    z[row, 0], z[row, 1], gap[row] = point.real, point.imag, point_gap


@bare_subkernel
def _square(v):
    return v.real * v.real + v.imag * v.imag


@bare_subkernel
def _dot(v, w):
    return v.real * w.real + v.imag * w.imag


@bare_subkernel
def _length(z, gap, w, w_gap):
    return side_length(_square(w - z) / (gap * w_gap))


@bare_subkernel
def _edge(z, gap, w, w_gap):
    """Direction at z towards w, and coth and 1 / sinh of their distance."""
    delta = w - z
    squared, gaps = _square(delta), gap * w_gap
    towards = gap * delta - squared * z
    csch = 0.5 / math.sqrt(squared * (squared + gaps))
    return towards * (1 / math.sqrt(_square(towards))), csch * (gaps + 2 * squared), csch * gaps


@bare_subkernel
def _solve(p, q, r):
    """The vector s with (p s - q conj(s)) / 2 = r."""
    return (2 / (p * p - _square(q))) * (p * r + q * complex(r.real, -r.imag))


@bare_subkernel
def _share(length, closer):
    """Share of a step that brings the ends of an edge closer, after which four tenths of the edge are left at least."""
    return min(1.0, _USED_UP * length / closer) if closer > 0 else 1.0


@bare_subkernel
def _moved(z, gap, step):
    """The end of a short step, to second order, and its gap."""
    square = _square(step) / 4
    own = 1 / (1 + square)
    delta = 0.5 * math.sqrt(own) * step + z
    squared = _square(delta)
    share = 1 / (squared + gap * own)
    return share * (gap * delta + squared * z), gap * own * share
