"""Support of splits: the tree of resampled features, or of jittered points, over and over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.parallel import delayed

from .._jobs import one_blas_thread, run_until_stopped
from .._repr import KeyFigures
from .._validation import check_count, check_n_jobs, check_number, refuse_hidden
from .._warn import warn_caller
from ..embedding import HyperbolicMDS
from ..geometry import move_from_origin
from ..models import BallPoints, Model, check_points, check_table, checked_to_ball, curvature_radius, from_ball, tangent_to_ball
from ._consensus import majority, with_support
from ._distances_of_rows import names_of_rows
from ._hierarchy import Hierarchy
from ._splits import splits
from ._tree_builder import Embedded, TreeBuilder, TreeMethod, embedded


@dataclass(frozen=True, eq=False, repr=False)
class Replicates(KeyFigures):
    """A hierarchy with the support that replicates give its splits; made by `bootstrap` and `stability`.

    Attributes
    ----------
    hierarchy : Hierarchy
        Of the data as they are; `support` is the share of the replicates that have a split, wherever they are rooted.
        NaN where an edge parts fewer than two rows from the others.
    consensus : Hierarchy
        Majority consensus of the replicates: see `hyperkit.hierarchy.consensus`.
    replicates : tuple of Hierarchy
        As many as were asked for, or as were done when Ctrl-C came.
    """

    hierarchy: Hierarchy
    consensus: Hierarchy
    replicates: tuple[Hierarchy, ...]

    def _key_figures(self) -> dict[str, object]:
        support = self.hierarchy.support
        known = support[~np.isnan(support)] if support is not None else np.empty(0)
        return {
            "n_replicates": len(self.replicates),
            "n_rows": self.hierarchy.n_rows,
            "n_splits": len(known),
            "mean_support": float(known.mean()) if len(known) else None,
            "n_consensus_splits": int(np.isfinite(self.consensus.support).sum()),
        }


def bootstrap(
    data: Any,
    *,
    embed: BaseEstimator | None = None,
    tree: TreeMethod | Callable[..., Hierarchy] = "steiner",
    leaves: bool = False,
    groups: ArrayLike | None = None,
    n_replicates: int = 100,
    blocks: ArrayLike | None = None,
    root: int | str = "min_variance",
    names: Sequence[Any] | None = None,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> Replicates:
    """Support of the splits of a hierarchy: features are resampled, embedded anew, and joined by a tree [1]_.

    Parameters
    ----------
    data : array-like or sparse array of shape (n, n_features)
        The features.
    embed : estimator, optional
        Gives points of hyperbolic space by ``fit_transform``; by default ``HyperbolicMDS(5, weight_power=2)``.
    tree : {"steiner", "neighbor_joining"} or callable, default="steiner"
        A callable is called as ``tree(points, names=, model=, curvature=)``, like `neighbor_joining`.
    leaves : bool, default=False
        ``"steiner"``: True if no row is an ancestor of another; see `HyperSteiner`.
    groups : array-like of shape (n,), optional
        Label of each row: trees are condensed to one node a label (`Hierarchy.condense`), and splits are those of the
        labels. The way for cells, of which splits one by one mean nothing.
    n_replicates : int >= 1, default=100
    blocks : array-like of shape (n_features,), optional
        Label of each feature: features of one label are drawn together, as those that correlate must be. Otherwise each
        by itself.
    root : int, str or {"min_variance", "midpoint"}
        As in `Hierarchy.root_at`; of labels where there are `groups`.
    names : sequence of length n, optional
        Names of the rows; by default the labels of a frame, else their numbers.
    random_state : int, RandomState or None, default=0
        For what is drawn, and for the embeddings of the replicates.
    n_jobs : int or None
        Replicates at a time, as in joblib, whose active backend is used: within ``joblib.parallel_config(backend="dask")``
        a cluster. Every number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    Replicates

    Raises
    ------
    TypeError, ValueError
        As the embedding does of `data`; or a parameter is out of its range.

    Warns
    -----
    UserWarning
        Ctrl-C came: the result is that of the replicates that were done.

    References
    ----------
    .. [1] Felsenstein, "Confidence limits on phylogenies: an approach using the bootstrap", Evolution 39, 1985.

    Examples
    --------
    >>> import numpy as np
    >>> from hyperkit.hierarchy import bootstrap
    >>> data = np.random.default_rng(0).normal(size=(6, 40)) + np.repeat([0, 3, 6], 2)[:, None]
    >>> bootstrap(data, leaves=True, n_replicates=5).hierarchy.n_rows
    6
    """
    check_count("n_replicates", n_replicates)
    check_n_jobs(n_jobs)
    builder = TreeBuilder(tree, leaves, root)
    builder.check()
    embed = HyperbolicMDS(5, weight_power=2) if embed is None else embed
    if not issparse(data):
        check_table(data, name="data")
    table: Any = csr_array(data) if issparse(data) else np.asarray(data)
    if table.ndim != 2:
        raise ValueError(f"data has shape {table.shape}; give a table of features")
    labels = names_of_rows(data, names, table.shape[0])
    whole = builder(embedded(embed, data), labels)
    rng = check_random_state(random_state)
    drawn = [_drawn(columns, rng) for columns in [_columns(blocks, table.shape[1])] * n_replicates]
    seeds = rng.randint(2**31 - 1, size=n_replicates).tolist()
    # The table goes in a tuple: joblib leaves bare arrays with one worker of a dask cluster, and they would die with it.
    tasks = [delayed(_resampled)((table, labels, columns), embed, builder, seed) for columns, seed in zip(drawn, seeds)]
    return _replicates(whole, tasks, groups, n_jobs, verbose)


def stability(
    X: ArrayLike,
    *,
    scale: float,
    tree: TreeMethod | Callable[..., Hierarchy] = "steiner",
    leaves: bool = False,
    groups: ArrayLike | None = None,
    n_replicates: int = 100,
    root: int | str = "min_variance",
    names: Sequence[Any] | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> Replicates:
    """How often each split of a hierarchy stays when its points are jittered: stability, and no probability.

    A split that jitter leaves alone may still be false: what is wrong in the points stays wrong in all replicates. Of
    splits in more than .9 of the replicates .80 were true. Where there are features, `bootstrap` is the one to use.

    Parameters
    ----------
    X : array-like of shape (n, d)
        Points in `model` coordinates (``"hyperboloid"``: (n, d + 1), time first).
    scale : float > 0
        Standard deviation of the jitter along each axis, a length in the space of `curvature`: each point goes along the
        geodesic of a normal vector there.
    tree, leaves, groups, n_replicates, root, names, n_jobs, verbose
        As in `bootstrap`.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of the points.
    curvature : float < 0, default=-1.0
        Curvature of the space the points live in.
    random_state : int, RandomState or None, default=0
        For the jitter.

    Returns
    -------
    Replicates

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or a parameter is out of its range.

    Warns
    -----
    UserWarning
        Ctrl-C came: the result is that of the replicates that were done.

    Examples
    --------
    >>> from hyperkit.hierarchy import stability
    >>> points = [[0.9, 0.1], [0.9, -0.1], [-0.9, 0.1], [-0.9, -0.1]]
    >>> stability(points, scale=0.1, leaves=True, n_replicates=5)
    <Replicates n_replicates=5 n_rows=4 n_splits=2 mean_support=1 n_consensus_splits=1>
    """
    check_number("scale", scale, "a positive number", lambda scale: 0 < scale < np.inf)
    check_count("n_replicates", n_replicates)
    check_n_jobs(n_jobs)
    builder = TreeBuilder(tree, leaves, root)
    builder.check()
    table = check_points(X, model, curvature=curvature)
    labels = names_of_rows(X, names, len(table))
    points = checked_to_ball(table, model, curvature=curvature)
    whole = builder(Embedded(table, model, curvature), labels)
    seeds = check_random_state(random_state).randint(2**31 - 1, size=n_replicates).tolist()
    step = scale / curvature_radius(curvature)
    tasks = [delayed(_jittered)((points.z, points.gap, labels), step, builder, curvature, seed) for seed in seeds]
    return _replicates(whole, tasks, groups, n_jobs, verbose)


def _columns(blocks: ArrayLike | None, n_features: int) -> list[NDArray[np.int64]]:
    """Features of each block."""
    refuse_hidden("blocks", blocks)
    if blocks is None:
        return list(np.arange(n_features)[:, None])
    labels = np.asarray(blocks)
    if labels.shape != (n_features,):
        raise ValueError(f"blocks has shape {labels.shape}; data has {n_features} features: give a label for each")
    _, kind = np.unique(labels, return_inverse=True)
    order = np.argsort(kind, kind="stable")
    return np.split(order, np.cumsum(np.bincount(kind))[:-1])


def _drawn(blocks: Sequence[NDArray[np.int64]], rng: RandomState) -> NDArray[np.int64]:
    """Features of as many blocks as there are, drawn with replacement."""
    return np.concatenate([blocks[block] for block in rng.randint(len(blocks), size=len(blocks))])


def _resampled(
    rows: tuple[Any, NDArray[np.object_], NDArray[np.int64]], embed: BaseEstimator, builder: TreeBuilder, seed: int
) -> Hierarchy:
    """The hierarchy of some columns of a table."""
    table, labels, columns = rows
    with one_blas_thread():
        return builder(embedded(embed, table[:, columns], seed), labels)


def _jittered(
    rows: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.object_]],
    step: float,
    builder: TreeBuilder,
    curvature: float,
    seed: int,
) -> Hierarchy:
    """The hierarchy of points that have moved at random."""
    z, gap, labels = rows
    vectors = RandomState(seed).normal(scale=step, size=z.shape)
    moved = move_from_origin(tangent_to_ball(vectors), BallPoints(z, gap))
    with one_blas_thread():
        points = from_ball(moved, "hyperboloid", curvature=curvature)
        return builder(Embedded(points, "hyperboloid", curvature), labels)


def _replicates(
    whole: Hierarchy, tasks: Sequence[Any], groups: ArrayLike | None, n_jobs: int | None, verbose: bool
) -> Replicates:
    """Run the tasks, and count the splits of their trees."""
    trees = run_until_stopped(tasks, n_jobs, verbose, "replicates")
    if len(trees) < len(tasks):
        warn_caller(f"Ctrl-C: the result is that of {len(trees)} replicates of {len(tasks)}")
    if groups is not None:
        whole, *trees = (one.condense(groups) for one in (whole, *trees))
    names = whole.names[whole.node_of_rows]
    found = [splits(one, one.row, len(names)) for one in trees]
    return Replicates(
        hierarchy=with_support(whole, whole.row, found, len(names)),
        consensus=majority(trees, [one.row for one in trees], names).root_at("min_variance"),
        replicates=tuple(trees),
    )
