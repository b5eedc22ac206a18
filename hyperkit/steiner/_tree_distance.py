"""Nearest points of a tree, on its edges and not only its vertices, and distances to them, in any dimension.

A nearby vertex or piece of an edge bounds the distance from above; a spatial index then gives the pieces that could be
nearer, and only their edges are measured. Hyperbolic balls are Euclidean balls about another centre, so a Euclidean
k-d tree over the middles of the pieces answers hyperbolic range queries exactly.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import KDTree

from ..geometry import ball_distance, ball_geodesic, directions, move_to_origin
from ..models import BallPoints, polar_radius

# Edges are cut to pieces no longer than the mean edge or 1, but into no more than this many pieces on average.
_PIECES_PER_EDGE = 20
_BLOCK = 2_000_000  # (point, edge) pairs measured at once


def distance_to_tree(points: BallPoints, vertices: BallPoints, edges: NDArray[np.int64]) -> NDArray[np.float64]:
    """Hyperbolic distance from each point to the nearest point of a tree.

    Parameters
    ----------
    points : BallPoints of shape (m,)
    vertices : BallPoints of shape (n,)
    edges : ndarray of shape (n - 1, 2), int64

    Returns
    -------
    ndarray of shape (m,), float64
        Near O((m + n) log n) for points close to the tree; O(m n) in the worst case.
    """
    return ball_distance(points, vertices) if len(edges) == 0 else _nearest_edges(points, vertices, edges)[0]


def ball_nearest_on_tree(
    points: BallPoints, vertices: BallPoints, edges: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """Nearest point of a tree of at least one edge, for each of the points.

    Returns
    -------
    edge : ndarray of shape (m,), int64
        The first of the nearest edges.
    along : ndarray of shape (m,), float64
        Distance of the nearest point of the tree from the first end of that edge.
    distance : ndarray of shape (m,), float64
        As `distance_to_tree` gives it.
    """
    distance, edge = _nearest_edges(points, vertices, edges)
    a, b = vertices.take(edges[edge, 0]), vertices.take(edges[edge, 1])
    return edge, _way_to_foot(points, a, b), distance


def _nearest_edges(
    points: BallPoints, vertices: BallPoints, edges: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Distance from each point to the tree, and the first of the edges that are as near."""
    middles, owner, half = _pieces(vertices, edges)
    index = KDTree(middles.z)
    near = index.query(points.z, k=min(4, len(owner)), return_distance=False)
    rows = np.repeat(np.arange(len(points)), near.shape[1])
    nearest, first = np.full(len(points), np.inf), np.full(len(points), len(edges))
    _measure(nearest, first, points, rows, owner[near.ravel()], vertices, edges)

    centre, radius = _euclidean_ball(points, nearest + half)
    counts = index.query_radius(centre, radius, count_only=True)
    starts = np.concatenate([[0], np.cumsum(counts)])
    start = 0
    while start < len(counts):
        stop = max(int(np.searchsorted(starts, starts[start] + _BLOCK, side="right")) - 1, start + 1)
        found = index.query_radius(centre[start:stop], radius[start:stop])
        rows = np.repeat(np.arange(start, stop), counts[start:stop])
        pairs = np.unique(rows * len(edges) + owner[np.concatenate(found)])
        _measure(nearest, first, points, pairs // len(edges), pairs % len(edges), vertices, edges)
        start = stop
    return nearest, first


def _pieces(vertices: BallPoints, edges: NDArray[np.int64]) -> tuple[BallPoints, NDArray[np.intp], float]:
    """Cut edges into pieces: their middles, the edges they belong to, and the greatest half length."""
    a, b = vertices.take(edges[:, 0]), vertices.take(edges[:, 1])
    lengths = ball_distance(a, b)
    mean = float(lengths.mean())
    longest = max(min(mean, 1.0), mean / _PIECES_PER_EDGE)
    count = np.maximum(np.ceil(lengths / longest), 1).astype(np.intp) if longest > 0 else np.ones(len(edges), np.intp)
    owner = np.repeat(np.arange(len(edges)), count)
    number = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    middles = ball_geodesic(a.take(owner), b.take(owner), ((number + 0.5) / count[owner])[:, None])
    return BallPoints(middles.z[:, 0], middles.gap[:, 0]), owner, float((lengths / count).max()) / 2


def _euclidean_ball(points: BallPoints, radius: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and radius of the Euclidean balls that are the hyperbolic balls about `points`, a little enlarged."""
    polar = polar_radius(points)
    outer, inner = np.tanh((polar + radius) / 2), np.tanh((polar - radius) / 2)
    norm = np.linalg.norm(points.z, axis=1)
    direction = np.divide(points.z, norm[:, None], out=np.zeros_like(points.z), where=norm[:, None] > 0)
    # Rounding of the middles and of tanh near the rim; a few pieces too many do no harm.
    return direction * ((outer + inner) / 2)[:, None], (outer - inner) / 2 * (1 + 1e-9) + 1e-15


def _measure(
    nearest: NDArray[np.float64],
    first: NDArray[np.int64],
    points: BallPoints,
    rows: NDArray[np.intp],
    owners: NDArray[np.intp],
    vertices: BallPoints,
    edges: NDArray[np.int64],
) -> None:
    """Lower `nearest[rows]`, in place, to the distances from points `rows` to edges `owners`; `first` says which."""
    for start in range(0, len(rows), _BLOCK):
        row, owner = rows[start : start + _BLOCK], owners[start : start + _BLOCK]
        edge = edges[owner]
        distances = segment_distance(points.take(row), vertices.take(edge[:, 0]), vertices.take(edge[:, 1]))
        before = nearest.copy()
        np.minimum.at(nearest, row, distances)
        first[nearest < before] = len(edges)
        hit = distances == nearest[row]
        np.minimum.at(first, row[hit], owner[hit])


def segment_distance(points: BallPoints, a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """Distance from points to the geodesic segments from a to b, row by row.

    The foot of the perpendicular is inside iff the angles at both ends are acute. Then, by the right-angled triangle at
    the nearer end, ``sinh(distance) = sinh(c) sin(angle)`` with c the distance to that end.
    """
    seen, along, to_near, _ = _from_nearer_end(points, a, b)
    foot = (seen.z * along).sum(axis=1)
    # At the far end the angle is acute, since that end is farther from the point than the near one.
    across = np.linalg.norm(seen.z - foot[:, None] * along, axis=1)
    height = np.arcsinh(2 * across / seen.gap)
    return np.where(foot > 0, height, to_near)


def _way_to_foot(points: BallPoints, a: BallPoints, b: BallPoints) -> NDArray[np.float64]:
    """Distance from a to the nearest point of the geodesic segment from a to b, row by row.

    In the same triangle ``tanh(way) = tanh(c) cos(angle)``, from the nearer end: with r the norm of the point and f its
    part along the segment that is ``2 f / (1 + r^2)``. From a way of 19 it rounds to 1, so ``1 + r^2 - 2 f`` is found
    without a difference, as ``(1 - r)^2 + 2 (r - f)``.
    """
    seen, along, _, swap = _from_nearer_end(points, a, b)
    foot = np.maximum((seen.z * along).sum(axis=1), 0)
    across = np.linalg.norm(seen.z - foot[:, None] * along, axis=1)
    norm = np.hypot(foot, across)
    aside = np.divide(across**2, norm + foot, out=np.zeros_like(norm), where=norm > 0)
    whole = ball_distance(a, b)
    way = np.minimum(np.log1p(4 * foot / ((seen.gap / (1 + norm)) ** 2 + 2 * aside)) / 2, whole)
    return np.where(swap, whole - way, way)


def _from_nearer_end(
    points: BallPoints, a: BallPoints, b: BallPoints
) -> tuple[BallPoints, NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Points as seen from the nearer end of segments, the direction of these, the distance to that end, and if it is b.

    The nearer end is the accurate one to measure from.
    """
    to_a, to_b = ball_distance(points, a), ball_distance(points, b)
    swap = to_b < to_a
    near = BallPoints(np.where(swap[:, None], b.z, a.z), np.where(swap, b.gap, a.gap))
    far = BallPoints(np.where(swap[:, None], a.z, b.z), np.where(swap, a.gap, b.gap))
    return move_to_origin(points, near), directions(near, far), np.minimum(to_a, to_b), swap
