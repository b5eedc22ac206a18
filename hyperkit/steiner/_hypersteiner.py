"""`HyperSteiner`: the estimator that fits a short Steiner tree to points of hyperbolic space.

It validates, asks for a tree, and packs the result. Identical rows come back as vertices of their own, at length 0 from
the first of them (`_identical`); which method does what is in `_methods`.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from rich.progress import Progress
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from .._base import HyperbolicEstimator
from .._progress import progress_bars
from .._validation import check_choice, check_count, check_flag, check_n_jobs, check_number
from ..delaunay import check_exact
from ..geometry import ball_distance
from ..models import BallPoints, Model, checked_to_ball, curvature_radius, from_ball
from ._given import given_network
from ._identical import grow_rows, solve_rows
from ._leaves import laid_out_with_tips, raised
from ._lower_bound import steiner_lower_bound
from ._methods import Options, Solution, improve, spanning_tree
from ._network import Network, laid_out
from ._registry import METHODS, Method
from ._tree import SteinerTree
from ._tree_distance import distance_to_tree


class HyperSteiner(HyperbolicEstimator):
    """Short Steiner tree of points in hyperbolic space: the hierarchy that the data suggest.

    Parameters
    ----------
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the points. ``"tangent"`` takes any Euclidean features as tangent vectors at the origin.
    curvature : float < 0, default=-1.0
        Curvature of the space the points live in; every length that comes out is of this space. The tree does not
        depend on it, but for the size of all.
    method : {"auto", "greedy", "local", "thorough", "exact"}, default="auto"
        - ``"greedy"``: the published HyperSteiner [1]_: full trees on three and four neighbouring terminals,
          concatenated in order of their length over that of the minimum spanning tree edges they replace.
        - ``"local"``: local search over topologies, from the greedy tree and up to 1,000 points from neighbour joining
          [2]_: subtrees are pruned and regrafted, edges cut and the parts reconnected; then the shortest tree of the
          topology is found.
        - ``"thorough"``: local search from many starts that escapes from local optima, and up to 2,000 points the
          shortest tree that can be made of the parts of all trees found [3]_. Takes minutes for 300 points without
          `time_limit`; Ctrl-C gives the best tree so far.
        - ``"exact"``: the shortest tree, with a proof: up to 14 points (11 above the plane) by all topologies [4]_, in
          seconds for 12; above, in the plane, by prices [3]_, some seconds for 25, half a minute for 50 or 100, longer
          where edges are. Up to 100 points these get five minutes, up to 300 `time_limit`, if given; what is proven by
          then is in `gap_`. Where that is nothing, ``"exact-components"``: a tree no longer than any whose full
          components have at most `largest_component_` terminals. A search that the time or Ctrl-C ends gives the best
          tree so far, which is ``"local"`` or better, and a warning; so does one where rounding hides the proof.
        - ``"auto"``: local up to 200,000 points, greedy above.
    n_restarts : int, optional
        ``"thorough"``: starts after the first. By default 8, or as many as `time_limit` allows.
    time_limit : float, optional
        ``"thorough"`` and ``"exact"``: seconds, after which the best tree so far is the result. About so many: what
        ``"local"`` does comes first, and a search that has begun is brought to its end, which takes seconds for 20,000
        points. Other methods take no notice.
    random_state : int, RandomState or None, default=0
        ``"thorough"``: where it starts and what it takes out.
    n_jobs : int, optional
        How much runs at once, as in joblib: starts of ``"thorough"``; regions of the tree in ``"local"``, above 10,000
        points. Without `time_limit` every number gives the same tree.
    init : SteinerTree or array-like of shape (k, 2), optional
        Tree to start from: edges between rows of X and other vertices, which are numbered from n on and may have any
        degree. ``"auto"``, ``"local"`` and ``"thorough"`` only.
    fixed_topology : bool, default=False
        Only place the vertices of `init` that are no rows of X, where the tree is shortest: a published phylogeny or
        ontology laid out. All its vertices and edges stay.
    leaves : bool, default=False
        True: every row is a tip. The topology is that of a tree of the points with long pendant edges, laid out at the
        true places: for data of which all rows are leaves, such as species; never where ancestors are rows, as cells
        along a path are (see Notes).
    verbose : bool, default=False
        Show progress bars on stderr while fitting.

    Attributes
    ----------
    tree_ : SteinerTree
        Every row of X is a vertex of it, identical rows too. Coordinates are those of `model`, times `scale_`.
    points_ : ndarray of shape (n, d), float64
        The terminals: the rows of X in the order they came in, in the coordinates they came in, times `scale_`.
    length_, mst_length_ : float
        Hyperbolic length of the tree and of the minimum spanning tree, in the space of `curvature`.
    reduction_ : float
        ``1 - length_ / mst_length_``, in [0, 0.5]; with `init` possibly below 0.
    lower_bound_ : float
        A length that no tree through the points can be below: proven by ``"exact"``; else half the minimum spanning
        tree, or half of Held and Karp's bound of a tour [5]_ if that is more (up to 3,000 points; O(n^2) when first
        asked for, 2 s for 1,000). Near the rim some percent below the shortest tree, else about a third.
    gap_ : float
        ``1 - lower_bound_ / length_``: no tree is shorter by a greater share. At most 0.5 without `init`; at most
        1e-9 if proven. Beyond polar radius 18 rounding hides more: 5e-9 at 20, 2e-7 at 24.
    largest_component_ : int or None
        ``"exact-components"``: how many terminals full components had at most. None: nothing of the kind is proven.
    method_used_ : {"greedy", "local", "thorough", "exact", "exact-components", "mst", "fixed"}
        ``"exact"`` only with a proof: no tree is shorter, by more than 1e-9 of the length; else ``method="exact"`` is
        ``"exact-components"``, or ``"local"`` with a warning. ``"mst"``: fewer than three distinct points, where there
        is nothing to choose. ``"fixed"``: see `fixed_topology`.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If X has column names.
    scale_ : float
        Factor on tangent vectors: 1.0 unless ``model="tangent"`` and a row of X is longer than 30 (at curvature -1).

    Raises
    ------
    TypeError, ValueError
        In ``fit``, ``insert`` and ``score``: as :func:`hyperkit.check_points`. In ``insert`` and ``score``: `model` or
        `curvature` was set after ``fit``. In ``fit``: a parameter is out of its range, or `init` is not a tree over all
        rows of X; the message names the first edge or vertex that is wrong. Or all rows are too close together: within
        about 1e-140 of each other, and in the plane a Poincaré coordinate is not 0 but below 1e-65. Down to there small
        sets give the tree of the Euclidean space, at any scale.

    Notes
    -----
    Any dimension. Time: greedy and local O(n log n) for data of a bounded dimension, neighbour joining up to 1,000
    points about n^2; local 0.1 s for 1,000, 5 s for 100,000 points of the plane, 72 s for a million.

    What is proven: ``"exact"`` trees are the shortest, to `gap_`. All other trees have the least length for their
    topology, and those of ``"local"`` and ``"thorough"`` no two edges at less than 120 degrees, where edges are longer
    than the rounding of coordinates; but the topology is only the best that was found.

    ``leaves=True`` gives longer trees, nearer to the truth where all rows are leaves, about equally far from the root:
    of phylogenies of 80 leaves with a relaxed clock, embedded in 5 dimensions from distances with 20 % noise, F1 of the
    splits is .79 instead of .71 (neighbour joining: .77). Without a clock it loses .01, on caterpillars .11. Where
    ancestors are rows it wrecks the tree: F1 of the ancestors falls from .83 to .29, what any tree of leaves has. Of 20
    trees each, by ``python -m benchmarks.hierarchy_study --table``; docs/evidence.md has more.

    Without `init`, the order of the rows does not matter, nor does an isometry of the space, but for rounding and for
    ties: which of several spanning trees of equal length a search starts from.

    Inside, points are float64 Poincaré coordinates, and lengths are those between these. Coordinates of another model
    are rounded to them once; at polar radius r that moves a point by up to 1e-16 e^r: 2e-12 at 10, 1e-3 at 30.

    References
    ----------
    .. [1] García-Castellanos et al., "HyperSteiner: Computing heuristic hyperbolic Steiner minimal trees", 2024,
       arXiv 2409.05671.
    .. [2] Saitou, Nei, "The neighbor-joining method", Molecular Biology and Evolution 4, 1987.
    .. [3] Warme, "Spanning trees in hypergraphs with applications to Steiner trees", University of Virginia, 1998.
    .. [4] Smith, "How to find Steiner minimal trees in Euclidean d-space", Algorithmica 7, 1992.
    .. [5] Held, Karp, "The traveling-salesman problem and minimum spanning trees", Operations Research 18, 1970.

    Examples
    --------
    Three points at polar radius 2, 120 degrees apart, meet in the middle:

    >>> import numpy as np
    >>> turns = np.arange(3) * 2 * np.pi / 3
    >>> steiner = HyperSteiner(model="tangent").fit(2 * np.column_stack([np.cos(turns), np.sin(turns)]))
    >>> round(steiner.length_, 6), round(steiner.mst_length_, 6), steiner.method_used_
    (6.0, 7.448407, 'local')

    A given topology, laid out:

    >>> points = [[0.6, 0.1], [0.6, -0.1], [-0.6, 0.1], [-0.6, -0.1]]
    >>> edges = [[0, 4], [2, 4], [1, 5], [3, 5], [4, 5]]
    >>> HyperSteiner(init=edges, fixed_topology=True).fit(points).tree_.edges.tolist()
    [[0, 4], [1, 5], [2, 4], [3, 5], [4, 5]]
    """

    tree_: SteinerTree

    def __init__(
        self,
        model: Model = "poincare",
        *,
        curvature: float = -1.0,
        method: Method = "auto",
        n_restarts: int | None = None,
        time_limit: float | None = None,
        random_state: int | RandomState | None = 0,
        n_jobs: int | None = None,
        init: SteinerTree | ArrayLike | None = None,
        fixed_topology: bool = False,
        leaves: bool = False,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.curvature = curvature
        self.method = method
        self.n_restarts = n_restarts
        self.time_limit = time_limit
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.init = init
        self.fixed_topology = fixed_topology
        self.leaves = leaves
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
        self._check_parameters()
        table = self._to_table(X, reset=True)
        terminals = checked_to_ball(table, self.model, curvature=self.curvature)
        check_exact(terminals, "auto", "X")
        mst, lengths = spanning_tree(terminals)
        with progress_bars(show=self.verbose) as progress:
            if self.leaves:
                solution = self._solve_leaves(terminals, mst[lengths == 0], progress)
            elif self.init is None:
                solution = solve_rows(terminals, mst, lengths, self.method, self._options(), progress)
            else:
                solution = self._from_given(self.init, terminals, mst, progress)
        self._finish(table, terminals, solution, math.fsum(lengths))
        return self

    def insert(self, X: ArrayLike) -> HyperSteiner:
        """Put new terminals into the fitted tree, and improve it around them; the rest stays as it is.

        Much faster than to fit anew, and nearly as short while the new points are few.

        Parameters
        ----------
        X : array-like of shape (m, d)
            Points in `model` coordinates.

        Returns
        -------
        self
            The rows of X are the terminals after those that were there.

        Examples
        --------
        >>> steiner = HyperSteiner().fit([[0.6, 0.0], [-0.3, 0.5], [-0.3, -0.5]])
        >>> steiner.insert([[0.5, 0.1]]).tree_.n_terminals
        4
        """
        check_is_fitted(self)
        if self.leaves:
            raise ValueError("leaves=True: the tree was found among stretched points; fit to all rows again")
        new = self._to_table(X, reset=False)
        old = self.tree_.n_terminals
        table = np.concatenate([self.points_, new])
        points = checked_to_ball(new, self.model, curvature=self.curvature)
        check_exact(points, "auto", "X")
        terminals = self._vertices.take(np.s_[:old]).joined(points)
        mst, lengths = spanning_tree(terminals)
        with progress_bars(show=self.verbose) as progress:
            if old < 3:
                solution = solve_rows(terminals, mst, lengths, self.method, self._options(), progress)
            else:
                fitted = Network(self._vertices.take(np.s_[old:]), self.tree_.edges)
                solution = Solution(grow_rows(fitted, terminals, mst[lengths == 0], old, progress), "local")
        self._finish(table, terminals, solution, math.fsum(lengths))
        return self

    def _check_parameters(self) -> None:
        check_choice("method", self.method, METHODS)
        check_flag("fixed_topology", self.fixed_topology)
        if self.n_restarts is not None:
            check_count("n_restarts", self.n_restarts, 0)
        if self.time_limit is not None:
            check_number("time_limit", self.time_limit, "a positive number of seconds, or None", lambda time: time > 0)
        check_n_jobs(self.n_jobs)
        if self.init is not None and not METHODS[self.method].starts_from_a_tree and not self.fixed_topology:
            raise ValueError(f"method={self.method!r} does not start from a tree; leave out init, or use 'local'")
        if self.fixed_topology and self.init is None:
            raise ValueError("fixed_topology=True needs the topology: init=, a SteinerTree or a table of edges")
        check_flag("leaves", self.leaves)
        if self.leaves and (self.init is not None or self.method == "exact"):
            what = "init" if self.init is not None else "method='exact'"
            raise ValueError(f"leaves=True takes the topology from stretched points: leave out {what}")

    def _options(self) -> Options:
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        return Options(self.n_restarts, self.time_limit, seed, self.n_jobs)

    def _solve_leaves(self, terminals: BallPoints, identical: NDArray[np.int64], progress: Progress) -> Solution:
        """A tree of which all rows are tips; copies of earlier rows are the second of the `identical`."""
        first = np.arange(len(terminals))
        first[identical[:, 1]] = identical[:, 0]
        far = raised(terminals).take(first)
        solution = solve_rows(far, *spanning_tree(far), self.method, self._options(), progress)
        return Solution(laid_out_with_tips(solution.network.edges, terminals), solution.method)

    def _from_given(
        self, init: SteinerTree | ArrayLike, terminals: BallPoints, mst: NDArray[np.int64], progress: Progress
    ) -> Solution:
        """The tree that `init` leads to."""
        given = given_network(init, terminals)
        if self.fixed_topology:
            return Solution(laid_out(given, terminals), "fixed")
        if len(terminals) < 3:
            return Solution(Network(terminals.take(np.s_[:0]), mst), "mst")
        method = "thorough" if self.method == "thorough" else "local"
        return Solution(improve(given, terminals, mst, method, self._options(), progress), method)

    def _finish(self, table: NDArray[np.float64], terminals: BallPoints, solution: Solution, mst_length: float) -> None:
        """Pack the result, its terminals in the coordinates they came in; here lengths become those of the user."""
        network, self.method_used_, lower_bound, self.largest_component_ = solution
        unit = curvature_radius(self.curvature)
        self._lower_bound = lower_bound * unit
        self._vertices = network.vertices(terminals)
        edges = np.sort(network.edges, axis=1)
        edges = edges[np.lexsort((edges[:, 1], edges[:, 0]))]
        steiner_points = from_ball(network.steiner_points, self.model, curvature=self.curvature)
        self.tree_ = SteinerTree(
            points=np.concatenate([table, steiner_points]),
            edges=edges,
            lengths=ball_distance(self._vertices.take(edges[:, 0]), self._vertices.take(edges[:, 1])) * unit,
            n_terminals=len(table),
            mst_length=mst_length * unit,
            model=self.model,
            curvature=float(self.curvature),
            columns=tuple(self.feature_names_in_) if hasattr(self, "feature_names_in_") else None,
        )

    @property
    def points_(self) -> NDArray[np.float64]:
        """The terminals in the coordinates they came in, times `scale_`."""
        return self.tree_.points[: self.tree_.n_terminals]

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

    @property
    def lower_bound_(self) -> float:
        """Length that no tree through the points can be below."""
        tree = self.tree_
        if self._lower_bound == 0.0:
            terminals = self._vertices.take(np.s_[: tree.n_terminals])
            unit = curvature_radius(tree.curvature)
            self._lower_bound = steiner_lower_bound(terminals, tree.mst_length / unit) * unit
        return self._lower_bound

    @property
    def gap_(self) -> float:
        """Share of the length by which another tree can be shorter at most."""
        return 1 - self.lower_bound_ / self.length_ if self.length_ > 0 else 0.0

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
            At most 0, in the space of `curvature`; higher is better: cross-validation can choose among embeddings or
            models by it.
        """
        check_is_fitted(self)
        points = self._to_ball(X, reset=False)
        distances = distance_to_tree(points, self._vertices, self.tree_.edges)
        return -float(distances.mean()) * curvature_radius(self.curvature)
