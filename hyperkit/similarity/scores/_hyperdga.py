"""HyperDGA: how well two point sets mix in hyperbolic space, counted on the Delaunay graph of their union.

In come two sets A (the reference, given to ``fit``) and B (given to ``score`` or ``compare``); out comes the share of
Delaunay edges that join A to B. The one idea: neighbours in the hyperbolic Delaunay graph see each other without
anybody in between, at every scale at once, so two samples of one population are joined by about as many edges as chance
gives and two populations that live apart only by the few edges of their border. No scale, radius or number of
neighbours has to be chosen, and no isometry of the space changes the result.

The graph is the work of `hyperkit.delaunay`; coordinates and their errors are the work of `hyperkit.models`. What is
decided here is how edges are counted when rows coincide (see `HyperDGA`; the counting is done in `graph._members`),
and what they would be by chance (`graph._rows`, `significance._nulls`). The distances between sets that need no graph
are in `distances`.
"""

from __future__ import annotations

from typing import Any, Literal, Self

from numpy.random import RandomState
from numpy.typing import ArrayLike
from sklearn.utils.validation import check_is_fitted

from ..._base import HyperbolicEstimator
from ..._validation import check_paired_rows, table_index
from ...delaunay import check_exact
from ...models import Model, checked_to_ball
from .._settings import Settings, check_search
from ._compared import compare_points
from ._group_rows import pair_of_groups
from ._labels import stacked_index
from ._result import DGAResult


class HyperDGA(HyperbolicEstimator):
    """Hyperbolic Delaunay Geometric Alignment: the share of Delaunay edges that join one set to another.

    Parameters
    ----------
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the rows of both sets. ``"tangent"`` takes any Euclidean features.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. Counts and p-values have no unit.
    hops : int >= 1, default=1
        Count the pairs of points that at most so many steps in the Delaunay graph join; 1 is the published score. For a
        test take 3 (``docs/evidence.md``), or `mixing_profile`, which tests all scales at once.
    method : {"auto", "exact", "rays"}, default="auto"
        How Delaunay edges are found; ``"auto"`` is exact up to six dimensions. See `HyperbolicDelaunay`.
    n_rays : int, default=16384
        Budget of a point in rays, for ``method="rays"``.
    random_state : int, RandomState or None, default=0
        For rays, permutations, half-samples and samples of points. The same seed gives the same bits.
    n_jobs : int or None, default=None
        Jobs of rays, permutations and half-samples, as in joblib; every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Attributes
    ----------
    points_ : ndarray of shape (n, d) or (n, d + 1), float64
        The reference set A in `model` coordinates of the space of `curvature`, as given, with `scale_` applied.
    scale_ : float
        The factor that shrinks the rows of both sets; 1.0 except for ``model="tangent"`` with a row longer than
        ``30 / sqrt(-curvature)``.
    n_features_in_ : int
        Columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features,)
        Column names seen in `fit`; only when all of them are strings.

    Notes
    -----
    The rule for rows that coincide (in float64 Poincaré coordinates): what is counted are the *members* of the sets, a
    member being a distinct point of A or a distinct point of B. So

    * rows of one set that repeat each other are one member (``n_repeated`` says how many rows this concerns);
    * a point that A and B share is two members, one of each (``n_shared``);
    * two members are joined by an edge if their points are Delaunay neighbours, or are the same point.

    An edge between a shared point and a point of A alone therefore gives one A-A and one A-B edge, an edge between two
    shared points one A-A, one B-B and two A-B edges, and a shared point itself one A-B edge. The rule treats A and B
    alike, does not depend on the order of the rows, leaves sets without coincidences as they are and gives every pair
    of non-empty sets a score. A single point held against itself scores 1, a large set of the plane held against itself
    between 7/13 = 0.54 (a full triangulation) and 3/5 (a tree). z-score and p-values are those of the rows, see
    `DGAResult`.

    Where more than three points lie on one circle the diagonals of one triangulation count, and which one that is can
    depend on the order of the rows. Above six dimensions the edges are found by rays (see `HyperbolicDelaunay`); if
    some may be missing, the result comes with a `UserWarning` that says how many.

    References
    ----------
    .. [1] Medbouhi et al., "Hyperbolic Delaunay Geometric Alignment", ECML PKDD 2024 (arXiv 2404.08608), section 3.

    Examples
    --------
    >>> A = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.2]]
    >>> B = [[0.6, 0.1], [0.7, 0.0]]
    >>> dga = HyperDGA(model="poincare").fit(A)
    >>> dga.compare(B).n_ab, dga.compare(B).n_edges
    (3, 7)
    >>> round(dga.score(B), 4)
    0.4286
    """

    def __init__(
        self,
        model: Model = "poincare",
        *,
        curvature: float = -1.0,
        hops: int = 1,
        method: Literal["auto", "exact", "rays"] = "auto",
        n_rays: int = 16384,
        random_state: int | RandomState | None = 0,
        n_jobs: int | None = None,
        verbose: bool = False,
    ) -> None:
        self.model = model
        self.curvature = curvature
        self.hops = hops
        self.method = method
        self.n_rays = n_rays
        self.random_state = random_state
        self.n_jobs = n_jobs
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: Any = None) -> Self:
        """Take X as the reference set A.

        Parameters
        ----------
        X : array-like of shape (n, d), or (n, d + 1) for ``model="hyperboloid"``
            Points of the reference set in `model` coordinates.
        y : ignored
            Here for scikit-learn's conventions.

        Returns
        -------
        HyperDGA
            The fitted estimator itself.

        Raises
        ------
        ValueError
            X has no rows, or a row is not finite or not in the model; a parameter is out of its range.
        """
        check_search(self._settings())
        self.points_ = self._to_table(X, reset=True)
        # Converted once, for all sets to come.
        self._ball = checked_to_ball(self.points_, self.model, curvature=self.curvature).taken_as_exact()
        check_exact(self._ball, self.method, "X")
        self._index = table_index(X)
        return self

    def compare(
        self,
        X: ArrayLike,
        *,
        paired: bool = False,
        groups: tuple[ArrayLike, ArrayLike] | None = None,
        n_permutations: int = 0,
        interval: float | None = None,
        max_points: int | None = None,
        scan: bool = False,
    ) -> DGAResult:
        """Count the Delaunay edges of the union of the reference set A and X as the set B.

        Parameters
        ----------
        X : array-like of shape (m, d), or (m, d + 1) for ``model="hyperboloid"``
            Points of the evaluated set B in `model` coordinates, with the columns of the reference set.
        paired : bool, default=False
            Row i of A and row i of X belong together, as data and their reconstruction do: expectation and p-values
            are those of swaps inside pairs.
        groups : pair of array-likes of shape (n,) and (m,), optional
            The group of each row of A and of each row of X, such as its donor, where rows of one group depend on each
            other: expectation and p-values are those of labels that go with whole groups. Groups with one label are one
            group, in both sets as in one: if all are in both, as donors before and after, expectation and p-values are
            those of swaps inside groups, another test. Donors that each set counts from 0 need names that differ. See
            `DGAResult` for what is assumed.
        n_permutations : int, default=0
            Labellings to draw for the permutation p-values; 10,000 on 20,000 points take 5 s. With `groups` all their
            labellings are counted if they are at most 262,144, as of 10 + 10 groups, or at most so many; of more, so
            many are drawn, or 9,999 by default.
        interval : float in (0, 1), optional
            Confidence level, such as 0.95, of an interval for the similarity of the populations that the sets are
            drawn from, at these sizes: from 200 random halves of A and of B, so that it takes 100 times the score. The
            rows must be independent. Intervals of 95 % held the mean in 94 to 99 % of experiments with two normal
            samples of 50 to 200 points, but in 87 % where only 17 edges joined 50 + 50 points.
        max_points : int >= 2, optional
            With more rows than this in both sets together, above three dimensions, the neighbours of only so many
            random points are looked for, by rays and among all points; similarity is then an estimate with a
            `standard_error`, and the counts and p-values are those of the edges found. Up to three dimensions the whole
            graph takes less time than the neighbours of a hundred points, and is always counted; at several `hops` it
            is found, and the pairs at so many random points are. So they are, at up to 10,000 points, if all pairs
            would take more than half of the memory of the machine (20 bytes for each point within the hops of a point).
        scan : bool, default=False
            Also look where the sets differ: the neighbourhood of every row, from one step in the Delaunay graph to
            `hops`, or to three where `hops` is less (the few rows within one step can hardly stand out), is held
            against labellings of all rows, or of whole `groups` (999, or as many as `n_permutations`; all if groups
            have no more). See `DGAResult.regions` and, for what its p-values assume, `DGAResult`. On 100,000 points of
            the plane it takes some 5 s and 0.1 GB.

        Returns
        -------
        DGAResult
            The counts, the score and its significance. The estimator is left as it is.

        Raises
        ------
        ValueError
            X has no rows, another number of columns than the reference set, or a row that is not in the model; or
            `model` or `curvature` was set after ``fit``; or with
            ``paired=True`` another number of rows. `n_permutations`, `interval` or `max_points` is out of its range.
            With `groups`: not one label for each row, a missing one, or some groups in both sets and some in one;
            `paired` or `interval` are given, too. With `interval`: fewer than 4 rows in a set, more points than
            `max_points`, or several `hops` that join over a quarter of all pairs. With `scan` or ``method="exact"``:
            more points than `max_points`, where it would take a sample. With several `hops` above three dimensions:
            more points than `max_points`, as steps go on from the neighbours of all points.

        Warns
        -----
        UserWarning
            If the search by rays may have missed edges: the estimated share that was found, with `interval` the least
            of all halves. If all pairs within the hops would take too much memory, and a sample of points is taken. If
            several hops join nearly all pairs, as 3 do in five dimensions. If there are so few `groups` that no p-value
            can reach 0.05, or both sets number theirs 0, 1, ...; or if `n_permutations` are fewer than the 19 it takes.
        """
        check_is_fitted(self)
        settings = self._settings()._replace(
            paired=paired, n_permutations=n_permutations, interval=interval, max_points=max_points, scan=scan
        )
        if paired is True:
            check_paired_rows({"the reference set": self._index, "X": X})
        other = self._to_ball(X, reset=False)
        index = stacked_index(self._index, len(self._ball), table_index(X), len(other))
        sizes = ("the reference set", self._index, len(self._ball)), ("X", X, len(other))
        settings = settings._replace(groups=pair_of_groups(groups, sizes))
        return compare_points(("the reference set", self._ball), ("X", other), settings, index)

    def score(self, X: ArrayLike, y: Any = None) -> float:
        """Share of Delaunay edges that join the reference set to X.

        Parameters
        ----------
        X : array-like of shape (m, d), or (m, d + 1) for ``model="hyperboloid"``
            Points of the evaluated set B in `model` coordinates.
        y : ignored
            Here for scikit-learn's conventions.

        Returns
        -------
        float
            `DGAResult.similarity`, in (0, 1]; larger is more alike.
        """
        return self.compare(X).similarity

    def _settings(self) -> Settings:
        return Settings(self.method, self.n_rays, self.random_state, self.n_jobs, self.verbose, hops=self.hops)
