"""`delta_hyperbolicity`: how far a metric space is from a tree, and what curvature that suggests.

In: distances, in any of the forms that a reference has. Out: `Hyperbolicity`, bounds that meet where the search ended.
The search is in `kernels.quadruples`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.utils import check_random_state

from ..._repr import KeyFigures
from ..._validation import check_count
from ...models import check_curvature
from .._dissimilarities import symmetric_matrix
from .._metrics import Metric
from ._distance_rows import DistanceRows, Float, Index, read_distances

# Rows that are all looked at, and rows of a sample.
_MOST_EXACT = 5000
_ROWS = 500
# Rows of the product that the search begins with: .3 s.
_FEW = 1000
# Of the largest distance: what sums of distances lose to rounding, and the largest delta that counts as 0.
_ROUNDING, _NOTHING = 1e-13, 1e-12


@dataclass(frozen=True, repr=False)
class Hyperbolicity(KeyFigures):
    """Gromov's four-point delta, or bounds of it.

    Attributes
    ----------
    lower, upper : float
        Bounds of delta, in the units of the distances; `lower` is that of the quadruple `witness`.
    is_exact : bool
        Whether the bounds are equal: then both are delta, up to rounding (1e-9 of the diameter).
    diameter : float
        Largest distance looked at.
    witness : tuple of int, or None
        Four rows a, b, c, d: ``d(a, b) + d(c, d)`` exceeds the larger of the two other sums by ``2 * lower``. None if
        `lower` is 0.
    n_rows : int
        Rows of the data.
    n_sampled : int
        Rows whose quadruples were looked at; if fewer, `lower` is that of a sample.
    """

    lower: float
    upper: float
    is_exact: bool
    diameter: float
    witness: tuple[int, int, int, int] | None
    n_rows: int
    n_sampled: int

    @property
    def relative_delta(self) -> float:
        """``2 * lower / diameter``, in [0, 1]: 0 for trees, 1 for the worst; 0 for a single point."""
        return 2 * self.lower / self.diameter if self.diameter > 0 else 0.0

    @property
    def suggested_curvature(self) -> float:
        """``-(ln 2 / lower)^2``, the curvature of the hyperbolic space with this delta; ``-inf`` for trees.

        A rule of thumb: delta is set by the worst four points of all, and says nothing of the rest. Where delta is not
        exact, its curvature may be nearer to 0.
        """
        return -float((np.log(2) / self.lower) ** 2) if self.lower > 0 else -np.inf

    def _key_figures(self) -> dict[str, object]:
        bounds = {"delta": self.lower} if self.is_exact else {"lower": self.lower, "upper": self.upper}
        return bounds | {
            "relative_delta": self.relative_delta,
            "suggested_curvature": self.suggested_curvature,
            "n_rows": self.n_rows,
            "n_sampled": None if self.n_sampled == self.n_rows else self.n_sampled,
        }


def delta_hyperbolicity(
    distances: Any,
    *,
    metric: Metric = "precomputed",
    n_neighbors: int = 15,
    curvature: float = -1.0,
    max_quadruples: int = 2_000_000_000,
    sample_size: int | None = None,
    random_state: int | np.random.RandomState | None = 0,
) -> Hyperbolicity:
    """Gromov's delta: how far a metric space is from a tree.

    Of the three sums ``d(a, b) + d(c, d)``, ``d(a, c) + d(b, d)``, ``d(a, d) + d(b, c)`` of four points, half the
    difference of the two largest; delta is the largest of all quadruples. Trees have 0, hyperbolic space of curvature
    -1 has ln 2 in any dimension, a cycle of 4 m edges has m.

    Parameters
    ----------
    distances : array-like of shape (n, n) or (n, n_features), sparse matrix of shape (n, n), or networkx graph
        A metric: distances, a graph (see :func:`quality`), or rows for another `metric`.
    metric : str or callable, default="precomputed"
        How `distances` are read if they are no graph: ``"precomputed"``; ``"geodesic"``, ``"euclidean"`` and others for
        features; ``"poincare"`` and other models for points. As for :func:`quality`.
    n_neighbors : int >= 1, default=15
        Neighbours for ``metric="geodesic"``.
    curvature : float < 0
        Curvature of the space that points of a model live in.
    max_quadruples : int >= 1, default=2 * 10^9
        Quadruples looked at, some 3 to 10 s; the search for the exact value ends here if it has not before.
    sample_size : int >= 4, optional
        Rows looked at. By default all of up to 5,000, else 500: half of them drawn at random, half each as far from
        those before as can be.
    random_state : int, RandomState instance or None, default=0
        For the sample.

    Returns
    -------
    Hyperbolicity
        ``.lower`` and ``.upper``, equal if ``.is_exact``; ``.relative_delta`` and ``.suggested_curvature``.

    Raises
    ------
    TypeError, ValueError
        What is given cannot be read as distances, is no metric (a triangle that the search meets and that is broken by
        more than 1e-7 of the diameter), or a parameter is out of range.

    Notes
    -----
    Exact by pairs in falling order of distance, far-apart ones only [1]_, with the pruning of [2]_; of graphs, in each
    block that no vertex parts. Where that does not
    end within `max_quadruples`, the largest delta d of quadruples with one given point, by a (max, min) product in
    O(n^3), bounds it: d <= delta <= 2 d [3]_. From a sample comes a lower bound: delta is a maximum over all
    quadruples, and the largest are easily missed; the upper bound is then half of the largest distance that there can
    be. Memory is a few n x n matrices, n of the rows looked at.

    References
    ----------
    .. [1] Cohen, Coudert and Lancin, "On computing the Gromov hyperbolicity", ACM Journal of Experimental Algorithmics
       20 (2015).
    .. [2] Borassi, Coudert, Crescenzi and Marino, "On computing the hyperbolicity of real-world graphs", ESA 2015.
    .. [3] Fournier, Ismail and Vigneron, "Computing the Gromov hyperbolicity of a discrete metric space", Information
       Processing Letters 115 (2015), arXiv 1210.3323.

    Examples
    --------
    >>> import networkx as nx
    >>> from hyperkit.embedding import delta_hyperbolicity
    >>> delta_hyperbolicity(nx.cycle_graph(12)).lower
    3.0
    >>> delta_hyperbolicity(nx.balanced_tree(2, 4)).lower
    0.0
    """
    budget = check_count("max_quadruples", max_quadruples)
    n_neighbors = check_count("n_neighbors", n_neighbors)
    if sample_size is not None:
        sample_size = check_count("sample_size", sample_size, 4)
    check_curvature(curvature)
    rng = check_random_state(random_state)
    space = read_distances(distances, metric, "distances", curvature=curvature, n_neighbors=n_neighbors)
    if space.n == 0:
        raise ValueError("distances has no rows")
    m = min(space.n, sample_size or (space.n if space.n <= _MOST_EXACT else _ROWS))
    rows, radius = (np.arange(space.n), np.inf) if m == space.n else _spread_rows(space, m, rng)
    matrix = symmetric_matrix(_columns(space, rows), "distances")
    lower, upper, witness = 0.0, 0.0, (0, 0, 0, 0)
    for block in _blocks(space) if m == space.n else [np.arange(m)]:
        part = matrix[np.ix_(block, block)]
        if part.max() > 2 * lower:
            found, bound, four = _bounds(part, budget, rows[block])
            upper = max(upper, bound)
            if found > lower:
                lower, witness = found, four
    if m < space.n:
        upper = radius
    return Hyperbolicity(
        lower=lower,
        upper=upper,
        is_exact=lower == upper,
        diameter=float(matrix.max()),
        witness=None if lower == 0 else witness,
        n_rows=space.n,
        n_sampled=m,
    )


def _blocks(space: DistanceRows) -> list[Index]:
    """Rows that may hold a quadruple with the largest delta: of a graph, blocks that no vertex parts, largest first.

    Four points of more than one block have the delta of the places where they enter one. The graph of the mammals of
    WordNet is a tree but for one ring: .07 s, where the search of all its pairs did not end in 16 s.
    """
    if space.neighbors is None:
        return [np.arange(space.n)]
    import networkx as nx

    start, heads = space.neighbors
    graph = nx.Graph(zip(np.repeat(np.arange(space.n), np.diff(start)).tolist(), heads.tolist(), strict=True))
    blocks = [np.sort(list(block)) for block in nx.biconnected_components(graph) if len(block) > 3]
    return sorted(blocks, key=len, reverse=True)


def _columns(space: DistanceRows, rows: Index) -> Float:
    """Distances among some rows, block by block."""
    blocks = np.array_split(rows, -(-len(rows) * space.n // 2**21))
    return np.concatenate([space.rows(block)[:, rows] for block in blocks])


def _spread_rows(space: DistanceRows, m: int, rng: np.random.RandomState) -> tuple[Index, float]:
    """Rows of a sample, ascending, and the least of their largest distances, half of what any distance can be."""
    chosen = list(rng.permutation(space.n)[: m - m // 2])
    nearest, radius = np.full(space.n, np.inf), np.inf
    for place in range(m):
        if place >= len(chosen):
            chosen.append(int(np.argmax(nearest)))
        distances = space.rows(np.array([chosen[place]]))[0]
        nearest = np.minimum(nearest, distances)
        nearest[chosen[place]] = -1.0
        radius = min(radius, float(distances.max()))
    return np.sort(np.array(chosen)), radius


def _bounds(matrix: Float, budget: int, rows: Index) -> tuple[float, float, tuple[int, int, int, int]]:
    """Bounds of delta of a metric, and the quadruple with the lower one, by their `rows`."""
    from .kernels.quadruples import search_quadruples

    n, diameter = len(matrix), float(matrix.max())
    nothing = _NOTHING * diameter
    # A good start rules out much: the search of btree8's geodesics takes 2.2 and not 3.5 s from that of one base.
    few = np.unique(np.linspace(0, n - 1, min(n, _FEW)).astype(np.intp))
    based, witness = _base_bound(matrix[np.ix_(few, few)])
    witness = few[witness]
    if based <= nothing and len(few) < n:  # a tree, it seems
        based, witness = _base_bound(matrix)
    if based <= nothing:
        return 0.0, 0.0, (0, 0, 0, 0)
    first, second, start = _long_pairs(matrix)
    eccentricity = matrix.max(axis=1)
    centre = int(np.argmin(eccentricity))
    lower, place, broken = search_quadruples(
        matrix, first, second, start, eccentricity, centre, _ROUNDING * diameter, budget, based, witness
    )
    if broken >= 0:
        a, b, c = first[place], second[place], broken
        raise ValueError(
            f"distances are no metric: rows {rows[a]} and {rows[b]} are {matrix[a, b]:.6g} apart, and by way of row "
            f"{rows[c]} {matrix[a, c] + matrix[c, b]:.6g}; take a metric, or lengths of shortest paths"
        )
    upper = lower
    if place < len(first):
        if len(few) < n:
            based, other = _base_bound(matrix)
            lower, witness = (based, other) if based > lower else (lower, witness)
        upper = max(lower, min(float(matrix[first[place], second[place]]) / 2, 2 * based))
    a, b, c, d = (int(row) for row in rows[witness])
    return float(lower), float(upper), (a, b, c, d)


def _base_bound(matrix: Float) -> tuple[float, Index]:
    """Largest delta of the quadruples with an end of the diameter, and one that has it."""
    from .kernels.quadruples import base_delta

    witness = np.zeros(4, dtype=np.int64)
    return float(base_delta(matrix, int(np.argmax(matrix.max(axis=1))), witness)), witness


def _long_pairs(matrix: Float) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """All pairs, the longest first, and the running sum of how many each point has."""
    n = len(matrix)
    first, second = (part.astype(np.int32) for part in np.triu_indices(n, 1))
    order = np.argsort(-matrix[first, second], kind="stable")
    return first[order], second[order], np.arange(n + 1) * (n - 1)
