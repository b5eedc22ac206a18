"""`infer`: from data to a rooted hierarchy in one call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.parallel import delayed

from .._jobs import one_blas_thread, run
from .._validation import check_flag, check_n_jobs, column_names
from ..embedding import HyperbolicMDS
from ..models import Model, check_points
from ._consensus import majority
from ._distances_of_rows import names_of_rows
from ._hierarchy import Hierarchy
from ._tree_builder import TREE_METHODS, Embedded, TreeBuilder, TreeMethod, embedded

# Of these dimensions, and as many seeds of each, are the embeddings of a consensus; of each a tree by either method.
_DIMENSIONS = (3, 5, 10)
_SEEDS = 2


def infer(
    X: Any,
    *,
    metric: Any = "geodesic",
    leaves: bool = False,
    tree: TreeMethod = "steiner",
    n_components: int = 5,
    weight_power: int = 2,
    max_iter: int = 5000,
    consensus: bool = False,
    root: int | str = "min_variance",
    names: Sequence[Any] | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> Hierarchy:
    """Rooted hierarchy of the rows of a table, of distances, or of points: embedded, joined by a tree, and rooted.

    Parameters
    ----------
    X : array-like of shape (n, n_features), (n, n) or (n, d)
        Features, distances for ``metric="precomputed"``, or points for ``metric="hyperbolic"``.
    metric : str or callable, default="geodesic"
        How far rows are apart, as in `HyperbolicMDS`; or ``"hyperbolic"``: rows are points in `model` coordinates,
        which are not embedded anew.
    leaves : bool, default=False
        True if no row is an ancestor of another, as among species; see `HyperSteiner`.
    tree : {"steiner", "neighbor_joining"}, default="steiner"
        With ``leaves=True`` the two are about equally good, but of tables of traits neighbour joining finds less: F1 of
        the splits .755 instead of .844 (below). Without, it cannot name ancestors.
    n_components : int >= 1, default=5
        Dimension of the embedding. The embedding costs more than the method of the tree: of 80 leaves F1 of the splits
        is .74 in 2 dimensions, .93 in 5, .92 in 10 (20 trees). Draw in 2, infer in 5 or more.
    weight_power : {0, 1, 2}, default=2
        Weights of pairs in the embedding: of distances with 20 % noise, 2 adds .23 to F1 over 0, and nothing over 1.
    max_iter : int >= 1, default=5000
        Bound on the iterations of the embedding. Of its other parameters: embed with `HyperbolicMDS`, and give the
        points with ``metric="hyperbolic"``.
    consensus : bool, default=False
        True: the majority consensus of 12 trees, of either method on two embeddings each in 3, 5 and 10 dimensions,
        with their shares as support; `tree` and `n_components` play no part. Needs ``leaves=True``. It adds .02 to F1
        over the single tree where distances have 20 % noise, and loses .04 on tables of traits.
    root : int, str or {"min_variance", "midpoint"}
        As in `Hierarchy.root_at`.
    names : sequence of length n, optional
        Names of the rows; by default the labels of a frame, else their numbers.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of points, for ``metric="hyperbolic"``.
    curvature : float < 0, default=-1.0
        Curvature of the space the points live in.
    random_state : int, RandomState or None, default=0
        For the embedding.
    n_jobs : int or None
        Embeddings at a time for ``consensus=True``, as in joblib. Every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Returns
    -------
    Hierarchy
        Lengths are in the units of the distances.

    Raises
    ------
    TypeError, ValueError
        As `HyperbolicMDS.fit` and :func:`hyperkit.check_points`.

    Warns
    -----
    ConvergenceWarning
        The stress of an embedding was still falling after `max_iter` iterations.

    Notes
    -----
    Figures are by ``python -m benchmarks.hierarchy_study --table``: simulated phylogenies with a relaxed clock,
    distances with 5 % noise, ``leaves=True``; docs/evidence.md has them all.

    Examples
    --------
    >>> from hyperkit.hierarchy import infer
    >>> distances = [[0, 3, 8, 8], [3, 0, 9, 9], [8, 9, 0, 4], [8, 9, 4, 0]]
    >>> tree = infer(distances, metric="precomputed", leaves=True, names=["ape", "man", "rat", "mouse"])
    >>> tree.n_rows
    4
    """
    check_flag("consensus", consensus)
    check_n_jobs(n_jobs)
    builder = TreeBuilder(tree, leaves, root)
    builder.check()
    if consensus and not leaves:
        raise ValueError("consensus=True joins trees by methods that make leaves of all rows; it needs leaves=True")
    if isinstance(metric, str) and metric == "hyperbolic":
        if consensus:
            raise ValueError('consensus=True is over several embeddings; metric="hyperbolic" has one: the points')
        points = check_points(X, model, curvature=curvature)
        return builder(Embedded(points, model, curvature, column_names(X)), names_of_rows(X, names, len(points)))
    labels = names_of_rows(X, names, X.shape[0] if hasattr(X, "shape") else len(X))
    builder.check_root(labels)
    search: dict[str, Any] = {"weight_power": weight_power, "max_iter": max_iter, "random_state": random_state}
    embed = HyperbolicMDS(n_components, metric=metric, **search)
    if not consensus:
        return builder(embedded(embed.set_params(n_jobs=n_jobs, verbose=verbose), X), labels)
    rng = check_random_state(random_state)
    embeddings = [clone(embed).set_params(n_components=d) for d in _DIMENSIONS for _ in range(_SEEDS)]
    # Table and labels go as one tuple: joblib leaves bare arrays with one worker of a dask cluster.
    tasks = [delayed(_both_trees)((X, labels), embed, root, int(rng.randint(2**31 - 1))) for embed in embeddings]
    trees = [one for pair in run(tasks, n_jobs, verbose, "embedding") for one in pair]
    return majority(trees, [one.row for one in trees], labels).root_at(root)


def _both_trees(
    rows: tuple[Any, NDArray[np.object_]], embed: HyperbolicMDS, root: int | str, seed: int
) -> tuple[Hierarchy, Hierarchy]:
    """Trees of leaves by either method, of one embedding."""
    table, labels = rows
    with one_blas_thread():
        where = embedded(embed, table, seed)
        steiner, joined = (TreeBuilder(method, True, root)(where, labels) for method in TREE_METHODS)
    return steiner, joined
