"""`HyperSteiner`: the estimator that fits a short Steiner tree to points of hyperbolic space.

It validates, merges identical rows, asks a method for a tree of what remains, and packs the result: identical rows come
back as vertices of their own, at length 0 from the first of them. Which method does what is in `_methods`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from rich.console import Console
from rich.progress import Progress
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import HyperbolicEstimator
from ..delaunay import ball_spanning_tree
from ..geometry import ball_distance
from ..models import BallPoints, Model, from_ball, to_ball
from ._methods import METHODS, Method, Options, chosen, in_order, solve
from ._network import Network
from ._tree import SteinerTree
from ._tree_distance import distance_to_tree


class HyperSteiner(HyperbolicEstimator):
    """Short Steiner tree of points in hyperbolic space: the hierarchy that the data suggest.

    Parameters
    ----------
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the points. ``"tangent"`` takes any Euclidean features as tangent vectors at the origin.
    method : {"auto", "greedy"}, default="auto"
        ``"greedy"`` is the published algorithm [1]_: full trees on three and four neighbouring terminals, concatenated
        in order of their length over that of the minimum spanning tree edges they replace.
        ``"auto"`` chooses a method by the number of points; so far it is always ``"greedy"``.
    verbose : bool, default=False
        Show a progress bar on stderr while fitting.

    Attributes
    ----------
    tree_ : SteinerTree
        Every row of X is a vertex of it, identical rows too. Coordinates are those of `model`, times `scale_`.
    length_, mst_length_ : float
        Hyperbolic length of the tree and of the minimum spanning tree, at curvature -1.
    reduction_ : float
        ``1 - length_ / mst_length_``, in [0, 0.5].
    method_used_ : {"greedy", "mst"}
        ``"mst"``, the minimum spanning tree, in dimensions other than 2.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If X has column names.
    scale_ : float
        Factor on tangent vectors: 1.0 unless ``model="tangent"`` and a row of X is longer than 30.

    Raises
    ------
    TypeError, ValueError
        In ``fit`` and ``score``: as :func:`hyperkit.check_points`.

    Notes
    -----
    Plane: O(n log n) time. In other dimensions the tree is, so far, the minimum spanning tree.

    Inside, points are float64 Poincaré coordinates, and lengths are those between these. Coordinates of another model
    are rounded to them once; at polar radius r that moves a point by up to 1e-16 e^r: 2e-12 at 10, 1e-3 at 30.

    References
    ----------
    .. [1] García-Castellanos et al., "HyperSteiner: Computing heuristic hyperbolic Steiner minimal trees", 2024,
       arXiv 2409.05671.

    Examples
    --------
    Three points at polar radius 2, 120 degrees apart, meet in the middle:

    >>> import numpy as np
    >>> turns = np.arange(3) * 2 * np.pi / 3
    >>> steiner = HyperSteiner(model="tangent").fit(2 * np.column_stack([np.cos(turns), np.sin(turns)]))
    >>> round(steiner.length_, 6), round(steiner.mst_length_, 6)
    (6.0, 7.448407)
    """

    tree_: SteinerTree

    def __init__(
        self,
        model: Model = "poincare",
        method: Method = "auto",
        *,
        n_restarts: int | None = None,
        time_limit: float | None = None,
        random_state: int | RandomState | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.method = method
        self.n_restarts = n_restarts
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: Any = None) -> HyperSteiner:
        """Fit a tree to the rows of `X`.

        Parameters
        ----------
        X : array-like of shape (n, d)
            Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first); n >= 1.
        y : ignored

        Returns
        -------
        self
        """
        if self.method not in METHODS:
            raise ValueError(f"method={self.method!r} is not known; choose one of {', '.join(map(repr, METHODS))}")
        table = self._to_table(X, reset=True)
        terminals = to_ball(table, self.model)
        mst, lengths = ball_spanning_tree(terminals)
        with Progress(console=Console(stderr=True), disable=not self.verbose) as progress:
            network = self._solve(terminals, mst, lengths, progress)
        self._vertices = network.vertices(terminals)
        self.tree_ = self._pack(table, network, math.fsum(lengths))
        return self

    def _solve(
        self, terminals: BallPoints, mst: NDArray[np.int64], lengths: NDArray[np.float64], progress: Progress
    ) -> Network:
        """A tree over all rows, identical ones hanging on the first of them."""
        n = len(terminals.gap)
        apart = lengths > 0
        # Rows that hang on the first of their kind come after it.
        first = np.setdiff1d(np.arange(n), mst[~apart, 1])
        self.method_used_ = chosen(self.method, len(first))
        if len(first) == 1:
            return Network(terminals.take(np.s_[:0]), mst)
        problem = in_order(terminals.take(first), np.searchsorted(first, mst[apart]), lengths[apart])
        options = Options(
            self.n_restarts, self.time_limit, int(check_random_state(self.random_state).randint(2**31 - 1)), self.n_jobs
        )
        network = solve(problem, self.method_used_, options, progress)
        steiner = n + np.arange(len(network.steiner_points.gap))
        edges = np.concatenate([first[problem.rows], steiner])[network.edges]
        return Network(network.steiner_points, np.concatenate([edges, mst[~apart]]))

    def _pack(self, table: NDArray[np.float64], network: Network, mst_length: float) -> SteinerTree:
        """The result, its terminals in the coordinates they came in."""
        edges = np.sort(network.edges, axis=1)
        edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
        return SteinerTree(
            points=np.concatenate([table, from_ball(network.steiner_points, self.model)]),
            edges=edges,
            lengths=ball_distance(self._vertices.take(edges[:, 0]), self._vertices.take(edges[:, 1])),
            n_terminals=len(table),
            mst_length=mst_length,
            model=self.model,
        )

    @property
    def length_(self) -> float:
        """Hyperbolic length of the fitted tree."""
        return self.tree_.length

    @property
    def mst_length_(self) -> float:
        """Hyperbolic length of the minimum spanning tree."""
        return self.tree_.mst_length

    @property
    def reduction_(self) -> float:
        """Share of the minimum spanning tree's length that the tree saves."""
        return self.tree_.reduction

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Minus the mean hyperbolic distance from the rows of `X` to the fitted tree, to its edges and vertices.

        Parameters
        ----------
        X : array-like of shape (m, d)
            Points in `model` coordinates.
        y : ignored

        Returns
        -------
        float
            At most 0, higher is better: cross-validation can choose among embeddings or models by it.
        """
        check_is_fitted(self)
        points = self._to_ball(X, reset=False)
        return -float(distance_to_tree(points, self._vertices, self.tree_.edges).mean())
