"""`quality`: one verdict on embeddings of any making.

In: embeddings, and what they should reproduce. Out: `EmbeddingQuality`. This file reads and checks arguments; distances
come from `_distance_rows` and `_tree_paths`, counts from `_tallies`, formulas from `_measures`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from ..._validation import check_choice, check_count, check_n_jobs, check_paired_rows
from ...models import MODELS, Model, check_curvature
from .._metrics import Metric
from ._distance_rows import DistanceRows, read_distances, read_points
from ._embedding_quality import EmbeddingQuality
from ._measures import measures, q_nx, standard_errors, widest_gain
from ._tallies import Tally, is_sample, joined, plan, tally_all
from ._tree_paths import read_tree

Space = Model | Literal["euclidean", "precomputed"]
_SPACES = (*MODELS, "euclidean", "precomputed")


def quality(
    points: ArrayLike | Mapping[Any, ArrayLike],
    reference: Any,
    *,
    metric: Metric = "geodesic",
    n_neighbors: int = 15,
    tree: Any = None,
    nodes: ArrayLike | None = None,
    model: Space | Mapping[Any, Space] = "poincare",
    curvature: float = -1.0,
    sample_size: int | None = None,
    random_state: int | np.random.RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> EmbeddingQuality:
    """Measure how well embeddings keep the distances, the neighbours and the order of a reference.

    Parameters
    ----------
    points : array-like of shape (n, d), or a mapping of names to such
        One embedding, or several of the same rows to see side by side. At least 3 rows.
    reference : array-like of shape (n, n_features) or (n, n), sparse matrix of shape (n, n), or networkx graph
        What the embeddings should reproduce, row for row. Graphs are known by their type, and distances are lengths of
        shortest paths: entries of a sparse matrix are lengths of edges, which serve both directions; edges of networkx
        have the length "weight", else 1, and rows are in the order of ``list(graph)``, or by number where the nodes
        are 0 to n - 1.
    metric : str or callable, default="geodesic"
        How any other `reference` is read. ``"geodesic"``: features, and shortest paths among Euclidean neighbours, as
        in :class:`HyperbolicMDS`. ``"precomputed"``: the matrix of distances. ``"poincare"`` or another model: another
        embedding, at the same `curvature`. Else features, and a metric of :func:`sklearn.metrics.pairwise_distances`,
        such as ``"euclidean"``, or a callable of two rows.
    n_neighbors : int >= 1, default=15
        Neighbours k for `mean_average_precision`, `trustworthiness` and `continuity`, and those of the ``"geodesic"``
        graph. Of few rows k is smaller: less than half of them.
    tree : array-like of shape (n_nodes,) or networkx graph, optional
        Compare triplets with paths along this tree: the parent of each node (-1 for the root), edges counted; or a tree
        of networkx, read as `reference` is.
    nodes : array-like of shape (n,), optional
        At which node of `tree` each row is: a number for parents, a name for networkx. By default row i is at node i,
        of networkx in the order of `reference`'s.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent", "euclidean", "precomputed"} or a mapping
        What `points` are: coordinates, or the matrix of their distances; a mapping gives each embedding its own.
    curvature : float < 0
        Curvature of the space that points of a model live in. Not `curvature_` of :class:`HyperbolicMDS`: its
        `embedding_` is at -1.
    sample_size : int >= 2, optional
        Rows looked at, drawn at random, each against all others. By default all of up to 5,000, else 500.
    random_state : int, RandomState instance or None, default=0
        For the sample.
    n_jobs : int, optional
        Threads; any number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    EmbeddingQuality
        ``.to_frame()`` has a row for each embedding, and columns

        - `stress` : ``sqrt(sum (d - s D)^2 / sum (s D)^2)`` over pairs, d of the embedding and D of the reference, at
          the scale s that makes it least; in [0, 1].
        - `distortion` : mean of ``|d / (s D) - 1|`` over pairs that are apart in the reference; at least 0.
        - `mean_average_precision` : as for Poincaré embeddings of graphs [1]_: how far the neighbours in the
          reference come first in the embedding; of a graph those that an edge joins, else the k nearest.
        - `q_local`, `q_global` : mean of the curve Q_nx up to `k_max` and from there on [2]_, [3]_.
        - `trustworthiness`, `continuity` : 1 less the ranks by which the k nearest of the embedding are farther in the
          reference, and those of the reference in the embedding [4]_.
        - `triplets` : share of triplets (i; j, k) for which j is nearer to i than k is in both, of those for which it
          is in the reference, or in the tree.
        - `rank_correlation` : Spearman's, of distances over pairs.
        - `scale` : s, the length in the embedding for a distance of 1; `k_max` : the neighbourhood at which Q_nx is
          farthest above chance; `n_neighbors` : k; `n_sampled` : rows looked at.

        and, where not all rows and pairs were looked at, `stress_error` ... `rank_correlation_error`, standard errors.
        ``.q_nx`` has the curves.

    Raises
    ------
    TypeError, ValueError
        A row is not in its model, the tables are not of the same rows (data frames: of the same index, in the same
        order) or of fewer than 3, distances of the reference are all 0 or not finite (a graph that is not connected),
        or a parameter is out of range.

    Warns
    -----
    UserWarning
        The graph of neighbours is not connected and was joined, or `reference` is read as features and looks like a
        matrix of distances.

    Notes
    -----
    Where the reference holds two rows equally far from a third, any order is right; where only the embedding does, it
    counts as wrong. So the result does not depend on the order of the rows. Without such ties, Q_nx is as in the code
    of Poincaré maps [3]_ and trustworthiness as in scikit-learn.

    NaN stands for what is undefined: `triplets` if all others are equally far from each row,
    `rank_correlation` if all distances are equal, `mean_average_precision` of a graph without edges at the rows looked
    at. If all points are in one place, `scale` is 0 and `stress` and `distortion` are 1.

    Time O(m n log n) for m rows looked at; memory of a few blocks of 16 MB, but for matrices that are given or that
    ``"geodesic"`` makes, and 8 bytes an embedding and pair: 100 MB for 5,000 rows.

    References
    ----------
    .. [1] Nickel and Kiela, "Poincaré embeddings for learning hierarchical representations", NeurIPS 2017.
    .. [2] Lee and Verleysen, "Scale-independent quality criteria for dimensionality reduction", Pattern Recognition
       Letters 31 (2010).
    .. [3] Klimovskaia et al., "Poincaré maps for analyzing complex hierarchies in single-cell data", Nature
       Communications 11 (2020).
    .. [4] Venna and Kaski, "Local multidimensional scaling", Neural Networks 19 (2006).

    Examples
    --------
    >>> import numpy as np
    >>> from hyperkit.embedding import quality
    >>> points = np.array([[0.0, 0.0], [0.5, 0.0], [0.0, 0.6], [-0.7, 0.0]])
    >>> found = quality({"as it is": points, "flat": points}, points, metric="poincare",
    ...                 model={"as it is": "poincare", "flat": "euclidean"})
    >>> found.to_frame()[["stress", "triplets"]].round(3)
              stress  triplets
    as it is   0.000       1.0
    flat       0.064       1.0
    """
    n_neighbors = check_count("n_neighbors", n_neighbors)
    if sample_size is not None:
        sample_size = check_count("sample_size", sample_size, 2)
    check_n_jobs(n_jobs)
    check_curvature(curvature)
    rng = check_random_state(random_state)
    several = points if isinstance(points, Mapping) else {}
    tables: dict[str, Any] = {f"points[{name!r}]": table for name, table in several.items()} or {"points": points}
    check_paired_rows(tables | {"reference": reference, "nodes": nodes}, same=True)
    embeddings = _read_embeddings(points, model, curvature)
    wanted = read_distances(reference, metric, "reference", curvature=curvature, n_neighbors=n_neighbors)
    for name, embedding in embeddings.items():
        if embedding.n != wanted.n:
            which = f"points[{name!r}]" if isinstance(points, Mapping) else "points"
            raise ValueError(
                f"{which} has {embedding.n} rows and reference has {wanted.n}; they must be of the same rows"
            )
    n = wanted.n
    if n < 3:
        raise ValueError(f"points has {n} rows; neighbours and triplets need at least 3")
    k = min(n_neighbors, (n - 1) // 2)
    truth = None if tree is None else read_tree(tree, nodes, n)
    tasks = plan(n, sample_size, rng)
    tallies = tally_all(tasks, wanted, list(embeddings.values()), truth, k, n_jobs, verbose)
    return _verdict(list(embeddings), tallies, n, k, rng.randint(2**31) if is_sample(tasks) else None)


def _read_embeddings(points: Any, model: Any, curvature: float) -> dict[Any, DistanceRows]:
    """Embeddings by the names that the frame has for them."""
    several = isinstance(points, Mapping)
    tables = dict(points) if several else {"points": points}
    if not tables:
        raise ValueError("points is an empty mapping; give at least one embedding")
    spaces = model if isinstance(model, Mapping) else dict.fromkeys(tables, model)
    if spaces.keys() != tables.keys():
        raise ValueError(f"model has the names {[*spaces]} and points has {[*tables]}; give each embedding its model")
    found = {}
    for name, table in tables.items():
        label = f"points[{name!r}]" if several else "points"
        check_choice("model", spaces[name], _SPACES)
        found[name] = read_points(table, spaces[name], label, curvature=curvature)
    return found


def _verdict(names: Sequence[Any], tallies: list[list[Tally]], n: int, k: int, seed: int | None) -> EmbeddingQuality:
    """The frames: each embedding by all its tallies together; with a seed, its errors by how they differ."""
    import pandas as pd

    rows, curves = [], {}
    for name, parts in zip(names, zip(*tallies, strict=True), strict=True):
        whole = joined(parts)
        if not whole.wanted.any():
            raise ValueError("reference: all distances are 0, and no embedding can be compared with them")
        curves[name] = q_nx(whole)
        k_max = widest_gain(curves[name])
        row = measures(whole, n, k, k_max) | {"k_max": k_max, "n_neighbors": k, "n_sampled": whole.n_rows}
        if seed is not None:
            errors = standard_errors(parts, n, k, k_max, np.random.RandomState(seed))
            row |= {f"{measure}_error": error for measure, error in errors.items()}
        rows.append(row)
    sizes = pd.RangeIndex(1, n, name="n_neighbors")
    index = pd.Index(names)  # of tuples, one of several levels
    return EmbeddingQuality(q_nx=pd.DataFrame(curves, index=sizes), _table=pd.DataFrame(rows, index=index))
