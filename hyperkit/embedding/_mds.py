"""`HyperbolicMDS`: the scikit-learn face of the embedding.

In: a table of features or a matrix of distances. Out: points of the Poincaré ball whose mutual distances follow the
data's. This file checks parameters, keeps scikit-learn's conventions and translates units; the distances come from
`_dissimilarities`, the start from `_hydra`, the search from `_refine`, the objective from `_stress`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import Tags, check_random_state
from threadpoolctl import threadpool_limits

from .._base import validated_table
from .._progress import progress_bars
from .._validation import check_count, check_number
from .._warn import warn_caller
from ..models import (
    ball_to_tangent,
    check_curvature,
    check_points,
    checked_to_ball,
    from_ball,
    require_inside,
    tangent_to_ball,
)
from ._dissimilarities import (
    Metric,
    check_memory,
    check_range,
    geodesic_distances,
    metric_distances,
    symmetric_matrix,
)
from ._refine import RIM, Placement, Watcher, embed
from ._stress import normalised_stress
from .graph import distinct_rows

Float = NDArray[np.float64]

# Largest distance asked for. Two points 36 from the origin, where float64 Poincaré coordinates end, are 72 apart; the
# rest is room for data that do not lie evenly around their mean.
_WIDEST = 60.0


class HyperbolicMDS(ClassNamePrefixFeaturesOutMixin, TransformerMixin, BaseEstimator):
    """Place samples in hyperbolic space so that hyperbolic distances follow given ones.

    Multidimensional scaling with a hyperbolic target: Hydra [1]_ gives the start, L-BFGS with the exact gradient lowers
    the normalised stress, and the curvature (equivalently the scale of the distances) is found along the way.
    Transductive: there is `fit_transform` and no `transform`. After ``set_output(transform="pandas")`` the points are a
    frame with the index of `X`.

    Parameters
    ----------
    n_components : int >= 1, default=2
        Dimension of the hyperbolic space.
    metric : str or callable, default="geodesic"
        ``"geodesic"``: shortest paths in the graph of Euclidean nearest neighbours, as in Isomap [2]_; a graph that is
        not connected is joined by its shortest bridges, with a warning. ``"precomputed"``: `X` is the matrix of
        distances. Else a metric of :func:`sklearn.metrics.pairwise_distances`, or a callable of two rows.
    n_neighbors : int >= 1, default=15
        Neighbours of each sample for ``metric="geodesic"``; of fewer distinct samples, all others are neighbours.
    curvature : float < 0 or "auto", default="auto"
        Curvature of the space in which distances should equal the given ones. ``"auto"`` searches for least stress,
        where the largest distance becomes 0.01 to 40 in units of the curvature radius. Not, as elsewhere in hyperkit,
        that of the coordinates: `embedding_` is at curvature -1 whatever it is (see Notes).
    max_iter : int >= 1, default=1000
        Bound on the iterations of L-BFGS after the start is chosen.
    tol : float > 0, default=2e-3
        Converged when 50 iterations lower the stress by a smaller part than this.
    random_state : int, RandomState instance or None, default=0
        For the small displacement that parts samples which share a place in the start, and for the start of the Lanczos
        iterations (more than 1000 samples). The same seed gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Attributes
    ----------
    embedding_ : ndarray of shape (n_samples, n_components), float64
        Poincaré coordinates at curvature -1, norms below 1. Hyperbolic distances of these, divided by
        ``sqrt(-curvature_)``, approximate the given distances. The Fréchet mean is at the origin. Identical rows of
        features share one point.
    curvature_ : float
        Curvature found or given: -scale^2, where `scale` is the hyperbolic length that stands for distance 1.
    stress_ : float
        Normalised stress ``sqrt(sum (d_ij - scale D_ij)^2 / sum (scale D_ij)^2)`` over all pairs, with D the given
        distances and d the hyperbolic ones of `embedding_`. 0 is perfect; all points in one place would give 1.
    n_iter_ : int
        Iterations of L-BFGS after the start was chosen.
    n_neighbors_ : int
        Neighbours used, only for ``metric="geodesic"``: `n_neighbors`, or the number of other distinct samples.
    n_features_in_ : int
        Number of columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the columns, where they are all strings.

    See Also
    --------
    HyperbolicEncoder : Reads features as tangent vectors; keeps distances from the origin only, transforms new data.

    Notes
    -----
    Memory is O(n_samples^2): five float64 matrices at the peak, 4 GB for 10,000 samples. More than the machine has
    raises at once. 700 samples take about 3 s, and the time grows a little faster than n_samples^2.

    What follows takes ``embedding_`` as it is, and its lengths are at curvature -1. In the units of the data:
    ``HyperSteiner(curvature=mds.curvature_).fit(mds.embedding_ / np.sqrt(-mds.curvature_))``.

    The stress is not convex. A few starts are tried (Hydra with the largest distance at 2, 4, 8 and 16, or at the
    length that a fixed curvature gives it), so neighbouring seeds agree to a few percent of the stress, not to the last
    digit. Orientation carries no meaning.

    ``"auto"`` takes what lowers the stress however little, and the pictures of tree-like data then crowd at the rim.
    For a picture, fix the curvature: ``-(10 / diameter) ** 2`` makes the data 10 across (the bundled krumsiek11: stress
    0.008 instead of 0.003, and both late branchings become visible).

    References
    ----------
    .. [1] Keller-Ressel and Nargang, "Hydra: a method for strain-minimizing hyperbolic embedding of network- and
       distance-based data", Journal of Complex Networks 8 (2020).
    .. [2] Tenenbaum, de Silva and Langford, "A global geometric framework for nonlinear dimensionality reduction",
       Science 290 (2000).

    Examples
    --------
    A star with three arms, distances along its edges:

    >>> import numpy as np
    >>> from hyperkit.embedding import HyperbolicMDS
    >>> distances = np.array([[0, 1, 1, 1], [1, 0, 2, 2], [1, 2, 0, 2], [1, 2, 2, 0]])
    >>> mds = HyperbolicMDS(metric="precomputed", random_state=0).fit(distances)
    >>> mds.embedding_.shape, bool(mds.stress_ < 0.02)
    ((4, 2), True)
    """

    def __init__(
        self,
        n_components: int = 2,
        *,
        metric: Metric = "geodesic",
        n_neighbors: int = 15,
        curvature: float | str = "auto",
        max_iter: int = 1000,
        tol: float = 2e-3,
        random_state: int | np.random.RandomState | None = 0,
        verbose: bool = False,
    ) -> None:
        self.n_components = n_components
        self.metric = metric
        self.n_neighbors = n_neighbors
        self.curvature = curvature
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: Any = None) -> HyperbolicMDS:
        """Compute the embedding.

        Parameters
        ----------
        X : array-like of shape (n_samples, n_features), or (n_samples, n_samples) for ``metric="precomputed"``
            Samples, or their distances: finite, symmetric, not negative, with a zero diagonal.
        y : None
            Ignored.

        Returns
        -------
        HyperbolicMDS
            The fitted estimator itself.

        Raises
        ------
        TypeError
            `X` does not hold real numbers, or hides some: a mask, or a gradient.
        ValueError
            A parameter is out of range, `X` is not finite or no matrix of distances, the matrices do not fit into
            memory, or `curvature` puts the largest distance beyond 60, or a point beyond 34.5 from the Fréchet
            mean: farther than float64 Poincaré coordinates reach.

        Warns
        -----
        UserWarning
            The graph of neighbours is not connected; it is joined by its shortest bridges.
        ConvergenceWarning
            The stress was still falling after `max_iter` iterations.
        """
        self._check_parameters()
        table = validated_table(self, X, reset=True)
        check_memory(len(table))
        # check_points names the row that is not finite; symmetric_matrix names the entry
        if self.metric != "precomputed":
            table = check_points(table, "tangent")
        # One thread: the same bits on any number of cores, and 3 s where two threads that share two busy cores took 9
        with threadpool_limits(1):
            return self._fit(np.asarray(table, dtype=np.float64))

    def _fit(self, table: Float) -> HyperbolicMDS:
        distances, copies = self._distances(table)
        largest = float(distances.max())
        rng = check_random_state(self.random_state)
        if largest == 0:
            self.embedding_ = np.zeros((len(table), int(self.n_components)))
            self.curvature_ = -1.0 if self.curvature == "auto" else float(self.curvature)
            self.stress_, self.n_iter_ = 0.0, 0
            return self
        distances /= largest
        scale = self._fixed_scale(largest)
        columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
        with progress_bars(*columns, show=self.verbose) as progress:
            watch = self._watcher(progress)
            placement, self.n_iter_, converged = embed(
                distances, int(self.n_components), scale, int(self.max_iter), float(self.tol), rng, watch
            )
        if scale is not None and placement.radius > RIM:
            raise ValueError(
                f"curvature={self.curvature}: the largest distance {largest:.6g} would span {placement.scale:.6g} of "
                f"hyperbolic length and a point would lie {placement.radius:.3g} from the Fréchet mean, where Poincaré "
                f'coordinates hold {RIM}; take a curvature nearer to 0, or "auto"'
            )
        if not converged:
            warn_caller(
                f"HyperbolicMDS did not converge in max_iter={self.max_iter} iterations: stress "
                f"{placement.stress:.4g}. Increase max_iter, or tol to be content with less",
                ConvergenceWarning,
            )
        points = require_inside(tangent_to_ball(placement.scale * placement.u), "embedding_")
        self.embedding_ = from_ball(points)[copies]
        self.curvature_ = -((placement.scale / largest) ** 2) if scale is None else float(self.curvature)
        # Of the points as they are given out, with the gap of their rounded coordinates.
        vectors = ball_to_tangent(checked_to_ball(self.embedding_, "poincare"))
        self.stress_ = normalised_stress(vectors, distances, placement.scale)
        return self

    def fit_transform(self, X: ArrayLike, y: Any = None) -> NDArray[np.float64]:
        """Compute the embedding and return it; parameters and errors as in :meth:`fit`.

        Returns
        -------
        ndarray of shape (n_samples, n_components), float64
            `embedding_`: Poincaré coordinates at curvature -1. A frame, if `set_output` asks for one.
        """
        return self.fit(X).embedding_

    @property
    def _n_features_out(self) -> int:
        """Number of columns of the result, which scikit-learn asks for."""
        return self.embedding_.shape[1]

    def _distances(self, table: Float) -> tuple[Float, NDArray[np.intp]]:
        """Dissimilarities of all samples, and for each sample the first one that has the same row of features."""
        if self.metric == "precomputed":
            distances = symmetric_matrix(table, "X")
            check_range(float(distances.max()))
            return distances, np.arange(len(table))
        first, inverse = distinct_rows(table)
        check_range(float((table.max(axis=0) - table.min(axis=0)).max()))
        if self.metric == "geodesic":
            self.n_neighbors_ = min(int(self.n_neighbors), len(first) - 1)
            distances = geodesic_distances(table[first], self.n_neighbors_)
        else:
            distances = metric_distances(table[first], self.metric)
        if len(first) < len(table):
            distances = distances[np.ix_(inverse, inverse)]
        return distances, first[inverse]

    def _fixed_scale(self, largest: float) -> float | None:
        """Hyperbolic length of the largest distance at the curvature asked for; None for "auto"."""
        if self.curvature == "auto":
            return None
        scale = float(np.sqrt(-float(self.curvature))) * largest
        if scale > _WIDEST:
            raise ValueError(
                f"curvature={self.curvature}: the largest distance {largest:.6g} would span {scale:.6g} of hyperbolic "
                f"length, and Poincaré coordinates hold {_WIDEST:g}; take a curvature above "
                f"{-((_WIDEST / largest) ** 2):.6g}"
            )
        return scale

    def _check_parameters(self) -> None:
        for name in ("n_components", "n_neighbors", "max_iter"):
            check_count(name, getattr(self, name))
        check_number("tol", self.tol, "a positive number", lambda tol: 0 < tol < np.inf)
        if not isinstance(self.metric, str) and not callable(self.metric):
            raise ValueError(f'metric={self.metric!r} must be "geodesic", "precomputed", another metric or a callable')
        if isinstance(self.curvature, str):
            if self.curvature != "auto":
                raise ValueError(f'curvature={self.curvature!r} must be "auto" or a negative number')
        else:
            check_curvature(self.curvature)

    def _watcher(self, progress: Progress) -> Watcher:
        task = progress.add_task("HyperbolicMDS", total=int(self.max_iter))

        def watch(placement: Placement, n_iter: int) -> None:
            progress.update(task, completed=n_iter, description=f"HyperbolicMDS: stress {placement.stress:.4g}")

        return watch

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.transformer_tags.preserves_dtype = ["float64"]
        return tags
