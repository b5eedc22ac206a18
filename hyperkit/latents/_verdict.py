"""`quality`: the measures of `hyperkit.embedding`, of latents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike
from scipy.sparse import issparse

from ._extras import type_name
from ._points import LatentPoints

if TYPE_CHECKING:
    from ..embedding import EmbeddingQuality


def quality(
    z: LatentPoints,
    reference: Any,
    *,
    metric: Any = "geodesic",
    n_neighbors: int = 15,
    tree: Any = None,
    nodes: ArrayLike | None = None,
    sample_size: int | None = None,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> EmbeddingQuality:
    """Measure how well latents keep the distances, the neighbours and the order of data, a tree or distances.

    Parameters
    ----------
    z : LatentPoints
        Latents, as `encode` and `to_poincare` give them. At least 3 points.
    reference : torch.Tensor or array-like of shape (n, ...), sparse matrix of shape (n, n), or networkx graph
        What the latents should reproduce, row for row of the data that were encoded: the data themselves (more than
        two axes, as images have, are made one row each), a matrix of distances, or a tree or other graph.
    metric : str or callable, default="geodesic"
        How `reference` is read. This and all that follow are the options of `hyperkit.embedding.quality`, which has
        more on them: ``"geodesic"`` and ``"euclidean"`` for data, ``"precomputed"`` for a matrix of distances. Graphs
        are known by their type.
    n_neighbors : int >= 1, default=15
        Neighbours k for `mean_average_precision`, `trustworthiness` and `continuity`, and for ``metric="geodesic"``.
    tree : array-like of shape (n_nodes,) or networkx graph, optional
        Compare triplets with paths along this tree: the parent of each node (-1 for the root), or a networkx graph.
    nodes : array-like of shape (n,), optional
        At which node of `tree` each row of the data is.
    sample_size : int >= 2, optional
        Rows looked at, drawn at random. By default all of up to 5,000, else 500.
    random_state : int, RandomState or None, default=0
        For the sample.
    n_jobs : int or None, default=None
        Threads; any number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    EmbeddingQuality
        ``.to_frame()`` has one row, with `distortion`, `mean_average_precision`, `q_local`, `q_global`, `triplets` and
        more; all but `scale`, a length at curvature -1, have no unit. Rows that `z` left out are left out of
        `reference` and `nodes` too.

    Raises
    ------
    TypeError
        `z` is no LatentPoints.
    ValueError
        As in `hyperkit.embedding.quality`; also if `z` left out rows and `reference` is a graph, whose paths need all
        vertices.

    Warns
    -----
    UserWarning
        As in `hyperkit.embedding.quality`.

    Examples
    --------
    >>> import torch
    >>> from hyperkit.latents import quality, to_poincare
    >>> data = torch.tensor([[0.0, 0.0], [0.5, 0.0], [0.0, 0.6], [-0.7, 0.0]])
    >>> found = quality(to_poincare(data, -1.0), data, metric="euclidean")
    >>> found.to_frame()[["distortion", "triplets"]].round(3)
            distortion  triplets
    points       0.055       1.0
    """
    from ..embedding import quality as embedding_quality

    if not isinstance(z, LatentPoints):
        raise TypeError(f"z must be LatentPoints, got {type_name(z)}: give latents.to_poincare(z, manifold)")
    if hasattr(reference, "detach"):
        reference = reference.detach().cpu().numpy()
    if isinstance(reference, np.ndarray) and reference.ndim > 2:
        reference = reference.reshape(len(reference), -1)
    if len(z.dropped):
        reference, nodes = _of_kept(reference, nodes, tree, metric, z)
    return embedding_quality(
        z.points,
        reference,
        metric=metric,
        n_neighbors=n_neighbors,
        tree=tree,
        nodes=nodes,
        sample_size=sample_size,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
    )


def _of_kept(reference: Any, nodes: Any, tree: Any, metric: Any, z: LatentPoints) -> tuple[Any, Any]:
    """The rows of the reference that `z` has kept, and the nodes of the tree where they are."""
    n, n_left_out = len(z.points) + len(z.dropped), len(z.dropped)
    if hasattr(reference, "nodes") or issparse(reference):
        raise ValueError(
            f"z left out {n_left_out} of {n} rows, and paths along a graph need all its vertices: give the matrix of "
            'its distances, by metric="precomputed" (hyperkit.embedding.graph_distances)'
        )
    table = reference if hasattr(reference, "iloc") else np.asarray(reference)
    if len(table) != n:
        raise ValueError(f"reference has {len(table)} rows; {n} rows were encoded, and z left out {n_left_out} of them")
    rows = z.rows
    kept = table.iloc[rows] if hasattr(table, "iloc") else table[rows]
    if isinstance(metric, str) and metric == "precomputed":
        kept = kept.iloc[:, rows] if hasattr(kept, "iloc") else kept[:, rows]
    if tree is not None:
        given = _nodes_in_order(tree, n) if nodes is None else list(nodes)
        nodes = [given[row] for row in rows]
    return kept, nodes


def _nodes_in_order(tree: Any, n: int) -> list[Any]:
    """The node of each row where none are given: numbers, or the nodes of a graph in its order."""
    nodes = list(tree.nodes) if hasattr(tree, "nodes") else list(range(len(tree)))
    if len(nodes) != n:
        raise ValueError(f"tree has {len(nodes)} nodes and {n} rows were encoded; say by nodes= at which node each is")
    return sorted(nodes) if set(nodes) == set(range(n)) else nodes
