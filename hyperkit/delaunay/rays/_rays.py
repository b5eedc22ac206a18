"""The Delaunay graph by rays, in any dimension: no edge is ever false, and few or none are missing.

From a site along a unit tangent vector, the bisector met first belongs to a true Delaunay neighbour, so a ray costs
one product with every point and needs no triangulation, whose size grows like ``n^ceil(d/2)``. In come distinct points
of the ball; the kernels aim the rays and settle a site once every other point is proven a neighbour or none; here the
sites are spread over jobs, leads within rounding are decided in integers, and the edges missed by sites that ran out
of budget are estimated. Points that do not fit in memory go to :mod:`._ray_neighbors`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.utils import check_random_state, gen_even_slices
from sklearn.utils.parallel import delayed

from ..._jobs import run
from ..._validation import check_count
from ...models import BallPoints
from .kernels.ray_search import FOUND_FAR, FOUND_NEAR, UNCLEAR, UNKNOWN, gabriel_sign, half_spaces, search_site

# Candidates of the second part that are looked at whatever the budget: the estimate of the recall needs a sample.
_LEAST_TAKEN = 8
# Sites are dealt out in this many blocks, whatever the number of jobs.
_BLOCKS = 64


class RayGraph(NamedTuple):
    """Delaunay edges found by rays, and how sure it is that they are all."""

    edges: NDArray[np.int64]
    """Shape (E, 2), i < j, in lexicographic order; each a true edge."""
    recall_estimate: float
    """Estimated share of the true edges that were found, in (0, 1]; pairs too close to call count as missed edges."""
    settled: NDArray[np.bool_]
    """Shape (n,): sites at which every other point is proven a neighbour or none, up to rounding."""


def ray_edges(
    points: BallPoints,
    *,
    n_rays: int,
    random_state: int | RandomState | None = None,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> RayGraph:
    """Hyperbolic Delaunay edges of points in any dimension, by aimed rays.

    Whatever `n_rays`, the graph contains the Gabriel graph (the pairs whose midpoint ball is empty, ties excepted), and
    so the minimum spanning tree: what rounding cannot tell there is decided in integers. Of the other edges those are
    left out, and their sites not called settled, whose wall is thinner than 1e-12 of its distance, or begins farther
    than 14 from both sites, where doubles cannot tell it from the rim.

    Parameters
    ----------
    points : BallPoints of shape (n, d)
        Distinct rows, with the gaps of their coordinates as they are (:func:`hyperkit.models.ball_gap`).
    n_rays : int >= 1
        Budget of a site, in rays: the search for further neighbours ends when as many half-spaces have been looked at
        as this many rays meet, ``n_rays * n``.
    random_state : int, RandomState or None
        Order in which candidates come up; it matters only to sites that run out of budget.
    n_jobs : int or None
        As in joblib; every number gives the same bits.
    verbose : bool
        Show a progress bar on stderr.

    Returns
    -------
    RayGraph

    Raises
    ------
    ValueError
        `n_rays` is no whole number of at least 1, or two rows are so close that squares of their distance underflow.

    Notes
    -----
    Time O(n^2 d) a ray and site. The directions follow Clarkson [1]_. Sites that run out of budget have looked at a
    random sample of their candidates, of known probability, from which the number of their neighbours is estimated
    without bias [2]_; the recall is the share of that number which was found.

    References
    ----------
    .. [1] Clarkson, "More output-sensitive geometric algorithms", FOCS 1994.
    .. [2] Duffield, Lund, Thorup, "Priority sampling for estimation of arbitrary subset sums", Journal of the ACM 54,
       2007.
    """
    check_count("n_rays", n_rays)
    n = points.n
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    blocks = list(gen_even_slices(n, min(n, _BLOCKS)))
    search = delayed(_search_sites)
    tasks = [search(points, range(n)[block], n_rays, seed) for block in blocks]
    found = run(tasks, n_jobs, verbose, "shooting rays")
    codes = np.unique(_pair_codes(n, [row for block in found for row in block.neighbors]))
    _, ends = np.unique(_pair_codes(n, [row for block in found for row in block.unclear]), return_counts=True)
    # Each edge has two ends. Pairs too close to call from both count as missed.
    expected = sum(block.degree for block in found) / 2 + np.count_nonzero(ends == 2)
    recall = 1.0 if expected <= len(codes) else len(codes) / expected
    settled = np.concatenate([block.settled for block in found])
    return RayGraph(np.column_stack(np.divmod(codes, n)), float(recall), settled)


class _Found(NamedTuple):
    """Neighbours of a block of sites, site by site, and the estimated number of all of them."""

    neighbors: list[NDArray[np.int64]]
    unclear: list[NDArray[np.int64]]
    settled: NDArray[np.bool_]
    degree: float


def _search_sites(points: BallPoints, sites: range, n_rays: int, seed: int) -> _Found:
    n = points.n
    neighbors, unclear, settled, degree = [], [], np.empty(len(sites), dtype=bool), 0.0
    for row, site in enumerate(sites):
        columns, lengths, too_close = half_spaces(points.z, points.z[site], points.gap[site])
        refuse_too_close(site, too_close)
        nearest_first = np.argsort(-lengths, kind="stable")
        # Near candidates are likelier neighbours, chance lets the estimate of the misses see the others.
        times = np.empty(n)
        times[nearest_first] = np.arange(1, n + 1) * np.random.default_rng([seed, site]).exponential(size=n)
        by_time = np.argsort(times)
        budget = float(n_rays) * n
        states, _, _, _, n_taken = search_site(columns, lengths, nearest_first, by_time, budget, _LEAST_TAKEN)
        decide_unclear(points, site, nearest_first, states)
        neighbors.append(np.flatnonzero((states == FOUND_NEAR) | (states == FOUND_FAR)))
        unclear.append(np.flatnonzero(states == UNCLEAR))
        degree += np.count_nonzero(states == FOUND_NEAR) + _far_degree(states, nearest_first, times, by_time, n_taken)
        states[site] = FOUND_NEAR
        settled[row] = not ((states == UNKNOWN) | (states == UNCLEAR)).any()
    return _Found(neighbors, unclear, settled, degree)


def _far_degree(
    states: NDArray[np.int8],
    nearest_first: NDArray[np.int64],
    times: NDArray[np.float64],
    by_time: NDArray[np.int64],
    n_taken: int,
) -> float:
    """Unbiased estimate of the number of far neighbours from those among the candidates whose turn came.

    A candidate of rank r comes before the time t of the first one whose turn did not come with probability
    ``1 - exp(-t / r)``; each far neighbour that came stands for the inverse of that (priority sampling).
    """
    rank = np.empty(len(times))
    rank[nearest_first] = np.arange(1, len(times) + 1)
    taken = by_time[:n_taken]
    far = taken[states[taken] == FOUND_FAR]
    if n_taken == len(times):
        return float(len(far))
    return float((-1 / np.expm1(-times[by_time[n_taken]] / rank[far])).sum())


def refuse_too_close(site: int, other: int) -> None:
    """Raise ValueError if a row was too close to the site for doubles."""
    if other >= 0:
        raise ValueError(
            f"points: rows {min(site, other)} and {max(site, other)} are less than 1e-150 apart, where squares "
            "underflow; make them equal, or scale the data up"
        )


def decide_unclear(points: BallPoints, site: int, nearest_first: NDArray[np.int64], states: NDArray[np.int8]) -> None:
    """Find the Gabriel neighbours among the candidates left ``UNCLEAR``, ties excepted.

    Near the rim and in far, tight clusters all first hits lie within rounding of each other. But the spanning tree
    hangs on Gabriel neighbours only, and ``sinh(d/2)`` tells these at full relative precision.
    """
    for k in np.flatnonzero(states == UNCLEAR).tolist():
        verdict = gabriel_sign(points.z, points.gap, site, k, nearest_first)
        if verdict > 0 or (verdict == 0 and _is_gabriel(points.z, site, k)):
            states[k] = FOUND_NEAR


def _is_gabriel(z: NDArray[np.float64], i: int, k: int) -> bool:
    """Whether all other points are outside the closed ball with diameter from i to k, in integers."""
    ratios = [[x.as_integer_ratio() for x in row] for row in z.tolist()]
    unit = max(denominator for row in ratios for _, denominator in row)  # denominators are powers of two
    rows = [[numerator * (unit // denominator) for numerator, denominator in row] for row in ratios]
    gaps = [unit * unit - sum(x * x for x in row) for row in rows]

    def squared(a: int, b: int) -> int:
        return sum((x - y) ** 2 for x, y in zip(rows[a], rows[b], strict=True))

    top = squared(i, k)
    return all(
        squared(i, m) * gaps[k] + squared(k, m) * gaps[i] > top * gaps[m] for m in range(len(rows)) if m not in (i, k)
    )


def _pair_codes(n: int, others: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    """``i * n + j`` of the pairs i < j of each site with the others named for it."""
    sites = np.repeat(np.arange(n), [len(row) for row in others])
    ends = np.concatenate(others)
    return np.minimum(sites, ends) * n + np.maximum(sites, ends)
