"""`compare`: two embeddings of the same rows, from the checks to the result.

Each question is answered in a module of its own: distances in `_pair_distances`, neighbours and labels in
`_shared_neighbors`, places in `_matching`, and against the data by `quality`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from ..._validation import check_count, check_n_jobs, check_paired_rows
from ...delaunay import ball_nearest
from ...geometry import ball_distance, ball_frechet_mean
from ...models import BallPoints, Model, curvature_radius, to_ball
from ...similarity.scores import check_labels
from .._metrics import Metric
from ..quality import quality
from ._matching import match
from ._pair_distances import distance_agreement
from ._result import EmbeddingComparison
from ._shared_neighbors import chance_of_same_label, same_label_shares, shared_shares

_SIZES = (5, 15, 50)


def compare(
    P: ArrayLike,
    Q: ArrayLike,
    data: Any = None,
    labels: ArrayLike | None = None,
    *,
    metric: Metric = "geodesic",
    n_neighbors: int | Sequence[int] | None = None,
    model: Model = "poincare",
    curvature: float = -1.0,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> EmbeddingComparison:
    """Compare two embeddings of the same rows: their distances, neighbours and places, and where they differ.

    Row i of P and row i of Q are the same observation. The embeddings may differ in their position, scale and
    dimension.

    Parameters
    ----------
    P, Q : array-like of shape (n, d) and (n, e); ``model="hyperboloid"``: one column more
        Two embeddings of n >= 3 rows, in `model` coordinates. If both are data frames whose index names the rows, the
        names must be the same in the same order.
    data : array-like of shape (n, n_features) or (n, n), sparse matrix or networkx graph, optional
        What both embed: then `quality` tells how well each of them does, by :func:`hyperkit.embedding.quality`.
    labels : array-like of shape (n,), optional
        One label a row, such as cell types.
    metric : str or callable, default="geodesic"
        How `data` is read, as :func:`hyperkit.embedding.quality` does: ``"geodesic"`` for shortest paths among
        neighbours, ``"precomputed"``, ``"euclidean"``, ...
    n_neighbors : int or sequence of int, optional
        Numbers of nearest neighbours to look at, 1 to n - 1. By default those of 5, 15 and 50 that are less than half
        of the rows.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of both embeddings.
    curvature : float < 0, default=-1.0
        Curvature of the spaces that the coordinates and all lengths are of. Not `curvature_` of
        :class:`HyperbolicMDS`: its `embedding_` is at -1.
    random_state : int, RandomState or None, default=0
        For the pairs of rows that are looked at, where there are too many to look at all.
    n_jobs : int, optional
        Threads of the neighbour search, as in joblib. The result does not depend on it.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    EmbeddingComparison
        Its `summary()` is a few lines of text, its `to_frame()` has a row for each row.

    Raises
    ------
    TypeError, ValueError
        As :func:`hyperkit.check_points`; or the tables have not the same rows, all of one embedding's are in one place,
        a label is missing, or a number of neighbours is out of range.

    Notes
    -----
    Nothing here depends on isometries of P or Q. Only the displacement depends on their scales, though Q is resized: no
    map changes all hyperbolic distances by a factor. Neighbours are exact and of all rows. Above 5,000 rows, distances
    are compared on 2,000,000 random pairs, and the isometry is fitted on 5,000 random rows (fewer above nine
    dimensions). Memory grows with n.

    Examples
    --------
    >>> from hyperkit import random_wrapped_normal, translate
    >>> P = random_wrapped_normal(100, random_state=0)
    >>> print(compare(P, translate(P, [0.3, 0.5])).summary())
    Rows                          100 (dimensions 2 and 2)
    Shared of 5 neighbours        100 % (chance 5.05 %)
    Shared of 15 neighbours       100 % (chance 15.2 %)
    Distances: rank correlation   1.0000
    Distances: correlation        1.0000
    Distances: scale from Q to P  1 (stress 0)
    Displacement after alignment  0 % of the spread of P
    """
    check_n_jobs(n_jobs)
    p, q = (_table(points, model, curvature, name) for points, name in ((P, "P"), (Q, "Q")))
    if len(p) != len(q):
        raise ValueError(f"P has {len(p)} rows and Q has {len(q)}; row i of both must be the same observation")
    index = check_paired_rows({"P": P, "Q": Q, "data": data, "labels": labels}, same=True)
    values = None if labels is None else check_labels(labels, "labels", len(p), "P")
    sizes = _sizes(n_neighbors, len(p))
    rng = check_random_state(random_state)

    judged = None
    if data is not None:
        both = {"P": P, "Q": Q}
        options: dict[str, Any] = {"metric": metric, "n_jobs": n_jobs, "verbose": verbose}
        judged = quality(both, data, model=model, curvature=curvature, random_state=rng, **options)
    agreement = distance_agreement(p, q, rng)
    here, moved = match(p, q, agreement.scale, rng)
    displacement = ball_distance(here, moved)
    spread = ball_distance(p, ball_frechet_mean(p))
    near_p, near_q = (ball_nearest(points, sizes[-1], None, n_jobs=n_jobs, verbose=verbose)[1] for points in (p, q))
    shared = {k: shared_shares(near_p[:, :k], near_q[:, :k]) for k in sizes}
    rows = pd.DataFrame({f"lost_{k}": 1 - share for k, share in shared.items()}, index=index)
    rows["displacement"] = displacement * curvature_radius(curvature)
    k = sizes[len(sizes) // 2]
    same: list[float | None] = [None, None, None]
    if values is not None:
        same = _add_labels(rows, values, near_p[:, :k], near_q[:, :k])
    return EmbeddingComparison(
        n=len(p),
        n_dimensions_p=p.d,
        n_dimensions_q=q.d,
        pearson=agreement.pearson,
        spearman=agreement.spearman,
        stress=agreement.stress,
        scale=agreement.scale,
        n_pairs=agreement.n_pairs,
        relative_displacement=float(np.linalg.norm(displacement) / np.linalg.norm(spread)),
        shared_neighbors=pd.DataFrame(
            {"shared": [share.mean() for share in shared.values()], "chance": np.array(sizes) / (len(p) - 1)},
            index=pd.Index(sizes, name="k"),
        ),
        n_neighbors=k,
        same_label_p=same[0],
        same_label_q=same[1],
        same_label_chance=same[2],
        quality=judged,
        model=model,
        curvature=float(curvature),
        _rows=rows,
        ball_p=here,
        ball_aligned=moved,
    )


def _table(points: ArrayLike, model: Model, curvature: float, name: str) -> BallPoints:
    ball = to_ball(points, model, curvature=curvature, name=name)
    if ball.z.ndim != 2 or len(ball) < 3:
        raise ValueError(f"{name} has shape {ball.z.shape}; give a table with one point a row, and three rows at least")
    return ball


def _sizes(n_neighbors: int | Sequence[int] | None, n: int) -> list[int]:
    """Numbers of neighbours, ascending."""
    if n_neighbors is None:
        return [k for k in _SIZES if 2 * k < n] or [(n - 1) // 2]
    several: Any = [n_neighbors]
    if isinstance(n_neighbors, list | tuple | range | np.ndarray) and len(n_neighbors):
        several = n_neighbors
    sizes = {check_count("n_neighbors", k) for k in several}
    return sorted(check_count("n_neighbors", k, 1, n - 1) for k in sizes)


def _add_labels(
    rows: pd.DataFrame, labels: NDArray[Any] | pd.Categorical, near_p: NDArray[np.int64], near_q: NDArray[np.int64]
) -> list[float | None]:
    """Add the labels and the same-label shares of the rows; gives the means of P, of Q and of chance."""
    codes = pd.factorize(labels)[0].astype(np.int64)
    rows.insert(0, "label", labels)
    rows["same_label_p"], rows["same_label_q"] = (same_label_shares(near, codes) for near in (near_p, near_q))
    chance = chance_of_same_label(codes)
    return [float(rows["same_label_p"].mean()), float(rows["same_label_q"].mean()), float(chance.mean())]
