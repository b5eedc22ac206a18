"""HyperDGA: how well two point sets mix in hyperbolic space, counted on the Delaunay graph of their union.

In come two sets A (the reference, given to ``fit``) and B (given to ``score`` or ``compare``); out comes the share of
Delaunay edges that join A to B. The one idea: neighbours in the hyperbolic Delaunay graph see each other without
anybody in between, at every scale at once, so two samples of one population are joined by about as many edges as chance
gives and two populations that live apart only by the few edges of their border. No scale, radius or number of
neighbours has to be chosen, and no isometry of the space changes the result.

The graph is the work of `hyperkit.delaunay`; coordinates and their errors are the work of `hyperkit.models`. What is
decided here is how edges are counted when rows coincide (see `HyperDGA`). The distances between sets that need no graph
are in `_set_distances`.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.validation import check_is_fitted

from .._base import HyperbolicEstimator, tangent_scale
from ..delaunay import HyperbolicDelaunay
from ..models import Model, to_ball
from ._set_distances import check_two_sets


@dataclass(frozen=True)
class DGAResult:
    """The counts behind a HyperDGA score of two sets A and B.

    Attributes
    ----------
    n_edges : int
        Edges counted; ``n_aa + n_bb + n_ab``, at least 1.
    n_aa, n_bb : int
        Edges with both ends in A, and with both ends in B.
    n_ab : int
        Edges that join A to B; at least 1, because the graph is connected.
    similarity : float
        ``n_ab / n_edges``, in (0, 1]; larger is more alike.
    distance : float
        ``1 - similarity``, in [0, 1): the number that the authors of [1]_ print as "HyperDGA"; smaller is more alike.
    n_shared : int
        Points that occur both in A and in B.
    n_repeated : int
        Rows that repeat an earlier row of their own set, and so are counted with it.

    References
    ----------
    .. [1] Medbouhi et al., "Hyperbolic Delaunay Geometric Alignment", ECML PKDD 2024 (arXiv 2404.08608).
    """

    n_edges: int
    n_aa: int
    n_bb: int
    n_ab: int
    similarity: float
    distance: float
    n_shared: int
    n_repeated: int


class HyperDGA(HyperbolicEstimator):
    """Hyperbolic Delaunay Geometric Alignment: the share of Delaunay edges that join one set to another.

    Parameters
    ----------
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the rows of both sets, at curvature -1. ``"tangent"`` takes any Euclidean features.

    Attributes
    ----------
    points_ : ndarray of shape (n, d), float64
        The reference set A in Poincare coordinates.
    scale_ : float
        The factor that shrinks the rows of both sets; 1.0 except for ``model="tangent"`` with a row longer than 30.
    n_features_in_ : int
        Columns seen in `fit`.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Column names seen in `fit`; only when all of them are strings.

    Notes
    -----
    The rule for rows that coincide (in float64 Poincare coordinates): what is counted are the *members* of the sets, a
    member being a distinct point of A or a distinct point of B. So

    * rows of one set that repeat each other are one member (``n_repeated`` says how many rows this concerns);
    * a point that A and B share is two members, one of each (``n_shared``);
    * two members are joined by an edge if their points are Delaunay neighbours, or are the same point.

    An edge between a shared point and a point of A alone therefore gives one A-A and one A-B edge, an edge between two
    shared points one A-A, one B-B and two A-B edges, and a shared point itself one A-B edge. The rule treats A and B
    alike, does not depend on the order of the rows, leaves sets without coincidences as they are and gives every pair
    of non-empty sets a score. A single point held against itself scores 1, a large set of the plane held against itself
    between 7/13 = 0.54 (a full triangulation) and 3/5 (a tree).

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

    def __init__(self, model: Model = "poincare") -> None:
        self.model = model

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
            X has no rows, or a row is not finite or not in the model.
        """
        self.points_ = self._to_ball(X, reset=True).z
        return self

    def compare(self, X: ArrayLike) -> DGAResult:
        """Count the Delaunay edges of the union of the reference set A and X as the set B.

        Parameters
        ----------
        X : array-like of shape (m, d), or (m, d + 1) for ``model="hyperboloid"``
            Points of the evaluated set B in `model` coordinates, with the columns of the reference set.

        Returns
        -------
        DGAResult
            The counts and the score. The estimator is left as it is.

        Raises
        ------
        ValueError
            X has no rows, another number of columns than the reference set, or a row that is not in the model.

        Warns
        -----
        UserWarning
            Above six dimensions, if the search by rays may have missed edges: the estimated share that was found.
        """
        check_is_fitted(self)
        return _count_edges(self.points_, self._to_ball(X, reset=False).z)

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


def hyperdga(A: ArrayLike, B: ArrayLike, *, model: Model = "poincare") -> float:
    """HyperDGA similarity of two point sets: the share of Delaunay edges that join one to the other.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The reference and the evaluated set, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets, at curvature -1.

    Returns
    -------
    float
        ``compare_sets(A, B, model=model).similarity``, in (0, 1]; larger is more alike.

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model.

    Examples
    --------
    >>> hyperdga([[0.0, 0.0], [0.1, 0.0]], [[0.5, 0.0]])
    0.5
    """
    return compare_sets(A, B, model=model).similarity


def compare_sets(A: ArrayLike, B: ArrayLike, *, model: Model = "poincare") -> DGAResult:
    """Count the Delaunay edges of the union of two point sets.

    As ``HyperDGA(model).fit(A).compare(B)``, but neither set comes first: for ``model="tangent"`` rows longer than 30
    in either set shrink both.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The two sets, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets, at curvature -1.

    Returns
    -------
    DGAResult
        The counts; the rules of counting are stated in `HyperDGA`.

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model.

    Examples
    --------
    >>> result = compare_sets([[0.0, 0.0], [0.1, 0.0]], [[0.5, 0.0]])
    >>> result.n_aa, result.n_bb, result.n_ab
    (1, 0, 1)
    """
    a, b = check_two_sets(A, B, model, -1.0)
    if model == "tangent":
        scale = tangent_scale(np.concatenate([a, b]), "A and B stacked")
        a, b = a * scale, b * scale
    return _count_edges(to_ball(a, model, name="A").z, to_ball(b, model, name="B").z)


def _count_edges(z_a: NDArray[np.float64], z_b: NDArray[np.float64]) -> DGAResult:
    """Count by the rule of `HyperDGA`, on Poincare points."""
    delaunay = HyperbolicDelaunay(np.concatenate([z_a, z_b]), model="poincare")
    if delaunay.recall_estimate_ < 1:
        warnings.warn(
            f"HyperDGA counts over an estimated {delaunay.recall_estimate_:.1%} of the Delaunay edges, those that rays "
            f"have found in {z_a.shape[1]} dimensions",
            UserWarning,
            stacklevel=3,
        )
    in_a = np.zeros(len(delaunay.points), dtype=bool)
    in_b = np.zeros(len(delaunay.points), dtype=bool)
    in_a[delaunay.inverse[: len(z_a)]] = True
    in_b[delaunay.inverse[len(z_a) :]] = True

    i, j = delaunay.edges.T
    n_shared = int(np.count_nonzero(in_a & in_b))
    n_aa = int(np.count_nonzero(in_a[i] & in_a[j]))
    n_bb = int(np.count_nonzero(in_b[i] & in_b[j]))
    n_ab = int(np.count_nonzero(in_a[i] & in_b[j]) + np.count_nonzero(in_b[i] & in_a[j])) + n_shared
    n_edges = n_aa + n_bb + n_ab
    return DGAResult(
        n_edges=n_edges,
        n_aa=n_aa,
        n_bb=n_bb,
        n_ab=n_ab,
        similarity=n_ab / n_edges,
        distance=1.0 - n_ab / n_edges,
        n_shared=n_shared,
        n_repeated=len(in_a) - int(np.count_nonzero(in_a)) - int(np.count_nonzero(in_b)),
    )
