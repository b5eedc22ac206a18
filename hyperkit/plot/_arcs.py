"""Edges of the hyperbolic plane as polylines fine enough to look smooth.

In come the two ends of each edge in the disk of the picture, out goes a `LineCollection`. Geodesics of the Klein
disk are chords. In the Poincaré disk they are arcs of circles that meet the rim at right angles, and the arc from z to
w (complex numbers) leaves z at the angle ``-arg(1 - conj(z) w)`` to its chord: the Möbius translation that carries
z to 0 straightens the arc and turns nothing at z. By the theorem of the inscribed angle every other point of the
arc follows from this angle alone, without the centre and radius that blow up when the arc is nearly straight. An arc
gets as many pieces as its bend needs, so that 20,000 short edges cost hardly more than 20,000 lines.
"""

from __future__ import annotations

import numpy as np
from matplotlib.collections import LineCollection
from numpy.typing import NDArray

from ._disk import Disk

# Largest distance of a polyline from its arc, in disk radii: a tenth of a pixel where the disk is 2,000 pixels wide.
_TOLERANCE = 1e-4


def edge_paths(positions: NDArray[np.float64], edges: NDArray[np.int64], disk: Disk) -> list[NDArray[np.float64]]:
    """Polylines (k, 2) along the edges between `positions` (n, 2), in their order."""
    ends = positions[edges]
    return list(ends) if disk == "klein" else arc_lines(ends[:, 0], ends[:, 1])


def lines_of(
    paths: list[NDArray[np.float64]],
    color: str | NDArray[np.float64],
    width: float | NDArray[np.float64],
) -> LineCollection:
    """Polylines in one colour and width, or each in its own, below the dots."""
    return LineCollection(paths, colors=color, linewidths=width, capstyle="round", zorder=1)


def arc_lines(start: NDArray[np.float64], stop: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Polylines (k, 2) along the Poincaré geodesics from `start` (E, 2) to `stop` (E, 2), in this order."""
    z, w = start @ (1, 1j), stop @ (1, 1j)
    half_turn = np.angle(1 - np.conj(z) * w)
    lines: list[NDArray[np.float64]] = [np.empty((0, 2))] * len(z)
    pieces = _pieces(np.abs(w - z), half_turn)
    for count in np.unique(pieces):
        rows = np.flatnonzero(pieces == count)
        fraction = np.arange(count + 1) / count
        turn = half_turn[rows, None]
        # sin(t turn) / sin(turn): the part of the chord covered at fraction t of the arc; t itself for a straight one.
        reach = fraction * np.sinc(fraction * turn / np.pi) / np.sinc(turn / np.pi)
        points = z[rows, None] + (w - z)[rows, None] * reach * np.exp(-1j * (1 - fraction) * turn)
        for row, line in zip(rows, np.stack([points.real, points.imag], axis=-1), strict=True):
            lines[row] = line
    return lines


def _pieces(chord: NDArray[np.float64], half_turn: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many straight pieces keep a polyline within the tolerance of its arc, rounded up to a power of two.

    A piece of an arc of radius R that turns by a is ``R a^2 / 8`` away from it in its middle; here ``R = chord / (2
    sin(half_turn))`` and ``a = 2 half_turn / pieces``. Powers of two leave few lengths, so that few arrays are made.
    """
    needed = np.sqrt(chord * np.abs(half_turn) / (4 * _TOLERANCE * np.sinc(half_turn / np.pi)))
    return (2 ** np.ceil(np.log2(np.maximum(needed, 1)))).astype(np.int64)
