"""What `monitor` measures of points of the ball; each a number or a few, with no torch in it.

Likeness is HyperDGA relative to chance: 1 where two sets, or classes, are as mixed as chance mixes them, near 0 where
they are apart.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..delaunay import check_exact
from ..geometry import ball_distance, ball_frechet_mean, move_to_origin
from ..models import BallPoints, ball_to_tangent, polar_radius
from ..similarity.graph import share, whole_or_sampled_graph
from ..similarity.scores import Settings, check_labels, compare_points

# Above three dimensions neighbours of so many points are looked for, by so many rays. 1,000 + 1,000 points then take
# 0.4 s in 5 dimensions and 0.6 in 10; the similarity has a standard error of 0.004.
_N_SITES, _N_RAYS = 100, 1024
# 1,000 points within 1e-300 took 24 s a graph in 3 dimensions, within 1e-60 0.03 s.
_SMALLEST = 1e-60
# Variance of a direction that an encoder uses, in units of the manifold (Burda et al., section 5.2).
_ACTIVE = 0.01


def radii(points: BallPoints, unit: float) -> dict[str, float]:
    """Distances from the origin of the manifold."""
    _require(len(points), 1)
    radius = polar_radius(points) * unit
    return {"radius_mean": radius.mean(), "radius_median": np.median(radius), "radius_max": radius.max()}


def spread(points: BallPoints, unit: float) -> dict[str, float]:
    """How far the points are from one place, and how many directions they use."""
    _require(len(points), 2)
    vectors = ball_to_tangent(move_to_origin(points, ball_frechet_mean(points))) * unit
    n, d = vectors.shape
    variances = np.linalg.svd(vectors, compute_uv=False)[: min(d, n - 1)] ** 2 / n  # no more than rows can show
    total = variances.sum()
    return {
        "spread": np.sqrt(total),
        "effective_dimensions": total**2 / np.square(variances).sum() if total > 0 else 0.0,
        "collapse": np.mean(variances < _ACTIVE),
    }


def mixing(points: BallPoints, labels: Any, seed: int) -> float:
    """Share of Delaunay edges between different labels, relative to labels dealt out at random."""
    _check_graph(points)
    _require_places(points)
    kinds, of = np.unique(labels, return_inverse=True)
    if len(kinds) < 2:
        raise ValueError(f"all {len(points)} rows have the label {kinds[0]}")
    exact = points.taken_as_exact()
    sets = [exact.take(of == kind) for kind in range(len(kinds))]
    graph, _ = whole_or_sampled_graph(sets, _settings(seed))
    crossing = np.count_nonzero(graph.sets[graph.edges[:, 0]] != graph.sets[graph.edges[:, 1]])
    sizes, n = graph.sizes, len(graph.sets)
    expected = 1 - (sizes * (sizes - 1)).sum() / (n * (n - 1))
    return float(share(crossing, len(graph.edges)) / expected)


def likeness(one: BallPoints, other: BallPoints, seed: int) -> float:
    """HyperDGA of rows and what became of each, relative to swaps of the two."""
    _check_graph(one)
    _check_graph(other)
    _require_places(one)
    return compare_points(("one", one), ("other", other), _settings(seed)._replace(paired=True)).relative_similarity


def shift(one: BallPoints, other: BallPoints) -> float:
    """Median distance from rows to what became of each, in units of the spread of the rows."""
    _require(len(one), 2)
    _require_places(one)
    return float(np.median(ball_distance(one, other)) / spread(one, 1.0)["spread"])


def labels_of(labels: Any, n: int) -> NDArray[Any]:
    """One label a row, as an array; ValueError that names a missing one."""
    values = labels.detach().cpu().numpy() if hasattr(labels, "detach") else labels
    return np.asarray(check_labels(values, "labels", n, "batch"))


def _require(n: int, least: int) -> None:
    if n == 0:
        raise ValueError("no row can be used")
    if n < least:
        raise ValueError(f"1 row can be used; at least {least} are needed")


def _require_places(points: BallPoints) -> None:
    """Raise ValueError for latents that have collapsed: a score of these would be that of a perfect mixture, 1."""
    if not np.ptp(points.z, axis=0).any():
        raise ValueError(f"all {len(points)} latents are in one place")


def _check_graph(points: BallPoints) -> None:
    """Raise ValueError where there is no graph, or where it would take minutes: exact signs underflow, in fractions."""
    _require(len(points), 2)
    check_exact(points, "auto", "latents")
    largest = np.abs(points.z).max()
    if 0 < largest < _SMALLEST:
        raise ValueError(f"all latents are within {largest:.1g} of the origin, too near each other for a graph")


def _settings(seed: int) -> Settings:
    return Settings(n_rays=_N_RAYS, random_state=seed, max_points=_N_SITES)
