"""From Hydra's start to the placement of least stress, and to the scale that suits the data.

In: dissimilarities whose largest is 1. Out: a :class:`Placement`. The one idea: the scale is one more variable of the
same L-BFGS run, because it decides everything (too small is Euclidean, too large sees only the largest pair) and its
best value moves as the points do. The run is cut into stages; at the start of each the points are moved until their
Fréchet mean is the origin, which keeps them off the rim, and the variables are rescaled, since near the rim a step
across the ray costs sinh(r) / r times one along it. Stress and gradient come from `_stress`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.spatial import KDTree

from ..geometry import ball_frechet_mean, move_to_origin
from ..models import ball_to_tangent, tangent_to_ball
from ._hydra import hydra
from ._stress import normalised_stress, stress_and_gradient

Float = NDArray[np.float64]
Watcher = Callable[["Placement", int], None]

# Hydra starts, as the hyperbolic length of the largest dissimilarity. Its own best lies at 4 to 12 on cells and on
# words, but after refinement no single start wins (stress of WordNet's mammals: 0.082 from 2, 0.086 from 4, 0.080 from
# 8; blood cells: 0.101, 0.100, 0.103), and krumsiek11 at a fixed 12 ends at 0.029 from 4 but at 0.005 from 2 and 8. A
# hyperbolic ball of radius 10 is found from 16 alone.
_STARTS = (2.0, 4.0, 8.0, 16.0)
# Beyond 40 a tree only gets thinner, and its polar radii come near _FAR.
_SCALES = (0.01, 40.0)
# L-BFGS iterations between two rescalings of the variables; 50 reach 0.0033 on krumsiek11 in 100 where none needs 1000.
_STAGE = 50
# Polar radius at which a trial step of the line search counts as lost; float64 Poincaré coordinates end at 36.
_FAR = 35.0
# Polar radius beyond which a placement at a fixed scale leans on that limit: its stress is the limit's, not the data's.
# Searches that lean on it came to rest at 34.1 to 34.9, by the version of scipy.
RIM = 34.0
# Stress that counts as 0: rounding of the distances, not of the placement.
_EXACT = 1e-9
# Objects of a start closer than this part of their mean radius share a place.
_SAME = 1e-9


class Placement(NamedTuple):
    """Points on their way: tangent vectors are ``scale * u``."""

    u: Float  # (n, d), in units of the largest dissimilarity
    log_scale: float
    stress: float

    @property
    def scale(self) -> float:
        """Hyperbolic length of the largest dissimilarity."""
        return float(np.exp(self.log_scale))

    @property
    def radius(self) -> float:
        """Largest polar radius."""
        return self.scale * float(np.linalg.norm(self.u, axis=1).max())


def embed(
    dissimilarities: Float,
    n_components: int,
    scale: float | None,
    max_iter: int,
    tol: float,
    random_state: np.random.RandomState,
    watch: Watcher,
) -> tuple[Placement, int, bool]:
    """Placement of least normalised stress.

    Parameters
    ----------
    dissimilarities : ndarray of shape (n, n), float64
        Symmetric, zero diagonal, largest entry 1.
    n_components : int
        Dimension of the hyperbolic space.
    scale : float > 0 or None
        Hyperbolic length of the largest dissimilarity; None searches for the best.
    max_iter : int
        Bound on the L-BFGS iterations after the start is chosen.
    tol : float
        Stop when a stage of 50 iterations lowers the stress by a smaller part than this.
    random_state : RandomState
        For `hydra`, and for the jitter that parts objects which share a place in the start.
    watch : callable
        Called after each stage with the placement and the number of iterations so far.

    Returns
    -------
    placement : Placement
        The Fréchet mean is at the origin. Where the scale asked for has no room, a point lies beyond `RIM`.
    n_iter : int
        Iterations after the start was chosen.
    converged : bool
    """
    starts = []
    for length in _STARTS if scale is None else sorted({*(min(start, scale) for start in _STARTS), scale}):
        u = hydra(length * dissimilarities, n_components, random_state) / length
        u += _jitter(u, dissimilarities, random_state)
        unit = length if scale is None else scale
        placement = _centred(Placement(_within(u, unit), float(np.log(unit)), np.inf), dissimilarities)
        if placement.stress < np.inf:
            refined, _ = _stage(placement, dissimilarities, free=scale is None, max_iter=_STAGE)
            # at a fixed scale a start that left for the rim stays lost, so that `embed` can say so
            placement = min(placement, refined, key=_stress) if scale is None else refined
        watch(placement, 0)
        starts.append(placement)
    best = min(starts, key=_stress)
    n_iter = 0
    while _EXACT < best.stress < np.inf:
        if n_iter >= max_iter:
            return best, n_iter, False
        limit = min(_STAGE, max_iter - n_iter)
        placement, used = _stage(best, dissimilarities, free=scale is None, max_iter=limit)
        n_iter += used
        if scale is not None and placement.radius > _FAR:
            return placement, n_iter, True
        watch(placement, n_iter)
        gained = 1.0 - placement.stress / best.stress
        best = min(best, placement, key=_stress)
        # a stage cut short by max_iter gains little for that reason alone
        if gained < tol and (limit == _STAGE or used < limit):
            break
    return best, n_iter, True


def _stress(placement: Placement) -> float:
    return placement.stress


def _jitter(u: Float, dissimilarities: Float, random_state: np.random.RandomState) -> Float:
    """Small normal deviates for objects that share a place; equal for objects at distance 0, and 0 for all others."""
    first = (dissimilarities == 0).argmax(axis=1)
    size = float(np.linalg.norm(u, axis=1).mean())
    several = np.unique(first)
    gaps = KDTree(u[several]).query(u[several], k=[2])[0][:, 0]
    step = np.zeros_like(u)
    step[several] = 1e-3 * size * (gaps <= _SAME * size)[:, None]
    return np.asarray((random_state.standard_normal(u.shape) * step)[first])


def _within(u: Float, scale: float) -> Float:
    """The vectors, those that lead beyond _FAR shortened to end there."""
    r = scale * np.linalg.norm(u, axis=1, keepdims=True)
    return np.asarray(u * np.minimum(1.0, _FAR / np.maximum(r, 1.0)))


def _centred(placement: Placement, dissimilarities: Float) -> Placement:
    """The placement with its Fréchet mean moved to the origin, its stress anew; infinite if a point is beyond _FAR."""
    scale = placement.scale
    points = tangent_to_ball(scale * placement.u)
    mean = ball_frechet_mean(points, tol=1e-8)
    moved = placement._replace(u=ball_to_tangent(move_to_origin(points, mean)) / scale, stress=np.inf)
    if moved.radius > _FAR:
        return moved
    return moved._replace(stress=normalised_stress(scale * moved.u, dissimilarities, scale))


def _stage(placement: Placement, dissimilarities: Float, *, free: bool, max_iter: int) -> tuple[Placement, int]:
    """L-BFGS in variables rescaled at the present placement; `free` lets the scale move. Gives the iterations too."""
    u0, log_scale0, _ = placement
    precondition = _preconditioner(u0, placement.scale)
    unit = stress_and_gradient(log_scale0, u0, dissimilarities)[0]
    if unit <= _EXACT**2:
        return placement._replace(stress=float(np.sqrt(unit))), 0

    def objective(p: Float) -> tuple[float, Float]:
        u = u0 + precondition(p[1:].reshape(u0.shape))
        log_scale = log_scale0 + float(p[0])
        if np.exp(log_scale) * np.linalg.norm(u, axis=1).max() > _FAR:
            return 1e6, np.zeros_like(p)
        value, by_log_scale, by_u = stress_and_gradient(log_scale, u, dissimilarities)
        return value / unit, np.concatenate([[by_log_scale if free else 0.0], precondition(by_u).reshape(-1)]) / unit

    low, high = (np.log(_SCALES) - log_scale0) if free else (0.0, 0.0)
    bounds = np.full((1 + u0.size, 2), [-np.inf, np.inf])
    bounds[0] = low, high
    result = minimize(
        objective,
        np.zeros(1 + u0.size),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": max_iter, "maxfun": 3 * max_iter, "ftol": 1e-10, "gtol": 1e-12},
    )
    u = u0 + precondition(result.x[1:].reshape(u0.shape))
    return _centred(Placement(u, log_scale0 + float(result.x[0]), np.inf), dissimilarities), int(result.nit)


def _preconditioner(u: Float, scale: float) -> Callable[[Float], Float]:
    """Symmetric linear map that shortens steps across the ray of each point by sqrt(r / sinh r)."""
    length = np.linalg.norm(u, axis=1, keepdims=True)
    ray = np.divide(u, length, out=np.zeros_like(u), where=length > 0)
    r = np.maximum(scale * length, 1e-6)
    # the root, not r / sinh(r): measured to reach the same stress in half the stages on all three bundled sets
    across = np.sqrt(r / np.sinh(r))
    return lambda step: across * step + (1.0 - across) * (step * ray).sum(axis=1, keepdims=True) * ray
