"""The metric of the ball in kernels: distances, directions and moves of points given as rows with their gaps.

In come tables of Poincaré coordinates `z` (n, d) with the gaps ``1 - |z|^2`` of their rows. Everything is written in
differences of coordinates and in gaps, as in `hyperkit.geometry._ball`, so that nothing cancels: neither for points
1e-12 apart nor near the rim. What only compares distances takes the squared half-chord, ``sinh^2(d / 2)``, which grows
with the distance d and is what coordinates give without a transcendental function.
"""

from __future__ import annotations

import math

from ..._compilation import bare_subkernel


@bare_subkernel
def squared_half_chord(z, gap, i, j):
    """sinh^2(d / 2) for the distance d of rows i and j of `z`."""
    squared = 0.0
    for c in range(z.shape[1]):
        squared += (z[i, c] - z[j, c]) ** 2
    return squared / (gap[i] * gap[j])


@bare_subkernel
def squared_half_chord_to(z, gap, i, point, point_gap):
    """sinh^2(d / 2) for the distance d of row i of `z` and a point of any other table."""
    squared = 0.0
    for c in range(len(point)):
        squared += (z[i, c] - point[c]) ** 2
    return squared / (gap[i] * point_gap)


@bare_subkernel
def half_chord(z, gap, i, j):
    """sinh(d / 2) for rows i and j of the disk; unlike its square it does not underflow for points 1e-160 apart."""
    return math.hypot(z[i, 0] - z[j, 0], z[i, 1] - z[j, 1]) / math.sqrt(gap[i] * gap[j])


@bare_subkernel
def side_length(square):
    """The length d with sinh^2(d / 2) = square; twice as fast as by asinh."""
    return math.log1p(2 * (square + math.sqrt(square * (1 + square))))


@bare_subkernel
def distance(z, gap, i, j):
    """Hyperbolic distance of rows i and j of `z`."""
    return side_length(squared_half_chord(z, gap, i, j))


@bare_subkernel
def direction(z, gap, i, j, out):
    """Unit vector at row i towards row j, into `out`; 0 where they coincide."""
    d = z.shape[1]
    squared = 0.0
    for c in range(d):
        squared += (z[j, c] - z[i, c]) ** 2
    norm = 0.0
    for c in range(d):
        out[c] = gap[i] * (z[j, c] - z[i, c]) - squared * z[i, c]
        norm += out[c] ** 2
    norm = math.sqrt(norm)
    for c in range(d):
        out[c] = out[c] / norm if norm > 0 else 0.0


@bare_subkernel
def move(z, gap, i, vector, share, to_z, to_gap, to):
    """Put the end of the geodesic that leaves row i along `share` of a tangent vector, at most 1 long, into row `to`.

    It is the point tanh(|s| / 2) s / |s| carried from the origin to row i.
    """
    d = len(vector)
    norm = 0.0
    for c in range(d):
        norm += vector[c] ** 2
    norm = math.sqrt(norm)
    if norm == 0:
        copy_row(z, gap, i, to_z, to_gap, to)
        return
    reach = min(share * norm, 1.0)
    radius = math.tanh(reach / 2)
    factor = radius / norm
    own = 1 - radius * radius
    squared = 0.0
    for c in range(d):
        squared += (factor * vector[c] + z[i, c]) ** 2
    # As geometry.move_from_origin, in the difference from -z.
    denominator = squared + gap[i] * own
    for c in range(d):
        delta = factor * vector[c] + z[i, c]
        to_z[to, c] = (gap[i] * delta + squared * z[i, c]) / denominator
    to_gap[to] = gap[i] * own / denominator


@bare_subkernel
def copy_row(z, gap, i, to_z, to_gap, to):
    """Copy a point into row `to` of other arrays. A loop compiles faster than an assignment of slices, by seconds."""
    for c in range(z.shape[1]):
        to_z[to, c] = z[i, c]
    to_gap[to] = gap[i]
