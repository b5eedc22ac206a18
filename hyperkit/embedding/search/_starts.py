"""Placements out of nothing: by an eigendecomposition, or by stochastic gradient descent, which tells apart too."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.optimize import minimize_scalar

from ...geometry import ball_distance_matrix
from ._descent import stress_of
from ._hydra import hydra
from ._place import parted
from ._placement import Placement
from ._sweeps import sweep_pairs
from ._target import Target

_HYDRA_LENGTHS = (2.0, 4.0, 8.0, 16.0, 32.0)
# Part of the best length up to which it is known: of points of the space the stress is 0 there, and nowhere else.
_TOL_LENGTH = 1e-3
# Points of a start closer than this part of the largest dissimilarity share a place.
_SAME = 1e-9
# Stochastic gradient descent: sweeps over all pairs out of nothing, and from a placement; the first and last step.
_SWEEPS, _SWEEPS_APART, _FIRST_STEP, _LAST_STEP = 8, 4, 1.0, 0.05


def from_anywhere(target: Target, length: float, n_components: int, rng: np.random.RandomState) -> Placement:
    """Stochastic gradient descent from normal deviates; the largest dissimilarity is `length` long."""
    anywhere = Placement(rng.standard_normal((target.n, n_components)) / length, float(np.log(length)))
    return swept(anywhere, target, rng, _SWEEPS)


def swept(placement: Placement, target: Target, rng: np.random.RandomState, n_sweeps: int = _SWEEPS_APART) -> Placement:
    """Stochastic gradient descent, which parts what lies in one place too."""
    steps = np.geomspace(_FIRST_STEP, _LAST_STEP, n_sweeps)
    lengths, weights = placement.scale * target.lengths, target.weights(target.lengths)
    return Placement.at(sweep_pairs(placement.points, lengths, weights, steps, rng), placement.scale)


def from_hydra(target: Target, scale: float | None, n_components: int, rng: np.random.RandomState) -> Placement:
    """Hydra's placement at the length, of at most `scale`, where its stress is least."""

    def at(length: float) -> Placement:
        u = hydra(length * target.lengths.astype(np.float64), n_components, rng) / length
        return Placement(u, float(np.log(length))).within().measured(target)

    lengths = sorted(_HYDRA_LENGTHS if scale is None else {*(min(a, scale) for a in _HYDRA_LENGTHS), scale})
    best = min((at(length) for length in lengths), key=stress_of)
    if scale is None:
        low, high = best.log_scale - np.log(2.0), min(best.log_scale + np.log(2.0), np.log(_HYDRA_LENGTHS[-1]))
        found = minimize_scalar(
            lambda log_length: at(np.exp(log_length)).stress,
            bounds=(low, high),
            method="bounded",
            options={"xatol": _TOL_LENGTH},
        )
        best = min(best, at(float(np.exp(found.x))), key=stress_of)
    points = best.points
    apart = ball_distance_matrix(points, points)
    np.fill_diagonal(apart, np.inf)
    if apart.min() > _SAME * best.scale:
        return best
    return Placement.at(parted(points, best.scale, rng), best.scale)


def at_scale(placement: Placement, scale: float) -> Placement:
    """The placement with the vectors it has, at another scale."""
    return replace(placement, log_scale=float(np.log(scale))).within()
