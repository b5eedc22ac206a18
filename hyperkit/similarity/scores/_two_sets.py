"""HyperDGA of two sets of which neither comes first, by functions."""

from __future__ import annotations

from typing import Literal

from numpy.random import RandomState
from numpy.typing import ArrayLike

from ..._validation import check_paired_rows, table_index
from ...models import Model
from .._settings import Settings
from ._compared import compare_points, score_points
from ._group_rows import pair_of_groups
from ._labels import stacked_index
from ._result import DGAResult
from ._sets import two_balls


def hyperdga(
    A: ArrayLike,
    B: ArrayLike,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    hops: int = 1,
    max_points: int | None = None,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> float:
    """HyperDGA similarity of two point sets: the share of Delaunay edges that join one to the other.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The reference and the evaluated set, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. The score has no unit.
    hops, max_points, method, n_rays, random_state, n_jobs, verbose
        As in `compare_sets`.

    Returns
    -------
    float
        ``compare_sets(A, B, ...).similarity``, in (0, 1]; larger is more alike.

    Raises
    ------
    ValueError
        As in `compare_sets`.

    Examples
    --------
    >>> hyperdga([[0.0, 0.0], [0.1, 0.0]], [[0.5, 0.0]])
    0.5
    """
    settings = Settings(method, n_rays, random_state, n_jobs, verbose, max_points=max_points, hops=hops)
    one, other = two_balls(A, B, model, curvature)
    return score_points(("A", one), ("B", other), settings)


def compare_sets(
    A: ArrayLike,
    B: ArrayLike,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    hops: int = 1,
    paired: bool = False,
    groups: tuple[ArrayLike, ArrayLike] | None = None,
    n_permutations: int = 0,
    interval: float | None = None,
    max_points: int | None = None,
    scan: bool = False,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> DGAResult:
    """Count the Delaunay edges of the union of two point sets.

    As ``HyperDGA(...).fit(A).compare(B)`` with the same options, but neither set comes first: for ``model="tangent"``
    rows longer than ``30 / sqrt(-curvature)`` in either set shrink both.

    Parameters
    ----------
    A, B : array-like of shape (n, d) and (m, d); ``model="hyperboloid"``: d + 1 columns
        The two sets, in `model` coordinates.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. Counts and p-values have no unit.
    hops : int >= 1, default=1
        Count the pairs that at most so many steps in the Delaunay graph join.
    paired : bool, default=False
        Row i of A and row i of B belong together. More on this and the next five in `HyperDGA.compare`.
    groups : pair of array-likes of shape (n,) and (m,), optional
        The group of each row of A and of B, such as its donor, for p-values of whole groups. One label is one group,
        in both sets as in one.
    n_permutations : int, default=0
        Labellings to draw for the permutation p-values.
    interval : float in (0, 1), optional
        Confidence level of an interval for the similarity.
    max_points : int >= 2, optional
        Above three dimensions: look for the neighbours of at most so many random points.
    scan : bool, default=False
        Also look where the sets differ.
    method : {"auto", "exact", "rays"}, default="auto"
        How Delaunay edges are found. More on this and the next in `HyperbolicDelaunay`.
    n_rays : int, default=16384
        Budget of a point in rays, for ``method="rays"``.
    random_state : int, RandomState or None, default=0
        For rays, permutations, half-samples and samples of points.
    n_jobs : int or None, default=None
        Jobs of rays, permutations and half-samples, as in joblib; every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Returns
    -------
    DGAResult
        The counts and their significance; the rules of counting are stated in `HyperDGA`.

    Raises
    ------
    ValueError
        A set has no rows, the sets differ in columns, or a row is not in the model; or as in `HyperDGA.compare`.

    Warns
    -----
    UserWarning
        As in `HyperDGA.compare`.

    Examples
    --------
    >>> result = compare_sets([[0.0, 0.0], [0.1, 0.0]], [[0.5, 0.0]])
    >>> result.n_aa, result.n_bb, result.n_ab
    (1, 0, 1)
    """
    if paired is True:
        check_paired_rows({"A": A, "B": B})
    one, other = two_balls(A, B, model, curvature)
    settings = Settings(
        method=method,
        n_rays=n_rays,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
        paired=paired,
        n_permutations=n_permutations,
        interval=interval,
        max_points=max_points,
        hops=hops,
        groups=pair_of_groups(groups, (("A", A, len(one)), ("B", B, len(other)))),
        scan=scan,
    )
    index = stacked_index(table_index(A), len(one), table_index(B), len(other))
    return compare_points(("A", one), ("B", other), settings, index)
