"""HyperDGA of every pair of many sets.

In come sets of points, out come matrices and a table with one pair a row. Each pair is a joblib task with one Delaunay
graph; the joint graph of all sets is found once, and a pair then has the part of it that lies among the two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from textwrap import shorten
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import check_random_state

from ..._repr import KeyFigures
from ..._validation import check_choice, check_flag, check_paired_rows
from ...models import BallPoints, Model, check_table
from .._settings import Settings, check_search
from ..distances import check_sets
from ..graph import Float, member_graph, parts_of_pairs
from ..significance import corrected_p_values
from ._comparison import comparison_figures, warn_of_missed_edges
from ._group_rows import group_labels, groups_of_sets, warn_of_least, whole_groups
from ._labels import check_labels
from ._many import figures_table, run_comparisons
from ._result import DGAResult
from ._sets import scaled, to_balls

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False, repr=False)
class PairwiseDGA(KeyFigures):
    """HyperDGA of every pair of k sets.

    Attributes
    ----------
    names : ndarray of shape (k,)
        Labels of the sets in ascending order, or in that of their categories; keys of a mapping; or numbers.
    similarity : ndarray of shape (k, k), float64
        Shares of edges that join the two sets, in [0, 1]; symmetric. 1 on the diagonal, by definition.
    relative_similarity : ndarray of shape (k, k), float64
        These in units of what chance gives; 1 on the diagonal.
    z_score : ndarray of shape (k, k), float64
        0 on the diagonal.
    p_value : ndarray of shape (k, k), float64
        One-sided: small if the two sets differ. 1 on the diagonal.
    p_value_corrected : ndarray of shape (k, k), float64
        Corrected for the number of pairs.
    """

    names: NDArray[Any]
    similarity: NDArray[np.float64]
    relative_similarity: NDArray[np.float64]
    z_score: NDArray[np.float64]
    p_value: NDArray[np.float64]
    p_value_corrected: NDArray[np.float64]
    _table: pd.DataFrame

    def _key_figures(self) -> dict[str, object]:
        return {
            "n_sets": len(self.names),
            "least_similarity": self._table["similarity"].min(),
            "least_p_value_corrected": self._table["p_value_corrected"].min(),
            "names": shorten(", ".join(map(str, self.names)), 60, placeholder=" ..."),
        }

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: columns `a` and `b` with the names, then the numbers of `DGAResult`, NaN for None."""
        return self._table.copy()


def pairwise_hyperdga(
    X: ArrayLike | Sequence[ArrayLike] | Mapping[Any, ArrayLike],
    labels: ArrayLike | None = None,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    hops: int = 1,
    joint: bool = False,
    groups: ArrayLike | Sequence[ArrayLike] | Mapping[Any, ArrayLike] | None = None,
    correction: Literal["holm", "bh", "by"] = "holm",
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> PairwiseDGA:
    """HyperDGA of every pair of sets, with p-values corrected for their number.

    Parameters
    ----------
    X : sequence or mapping of k array-likes of shape (n_i, d), or one array-like of shape (n, d) with `labels`
        The sets, in `model` coordinates (``"hyperboloid"``: d + 1 columns); k >= 2. The keys of a mapping are their
        names, in its order.
    labels : array-like of shape (n,), optional
        The set of each row of `X`. Sets are in ascending order of their labels; of categorical labels in that of the
        categories, without those that have no rows.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of all sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. Counts and p-values have no unit.
    hops : int >= 1, default=1
        Count the pairs that at most so many steps in the Delaunay graph join. Where p-values then come from
        permutations (see `DGAResult`), they are at least 0.001 before they are corrected.
    joint : bool, default=False
        False: a Delaunay graph for each pair, as if there were no other sets. True: one graph of all sets, of which a
        pair has the edges among the two: faster, and sets that others keep apart are not neighbours. Steps of several
        `hops` lead over points of all sets.
    groups : array-like of shape (n,), or sequence or mapping of k array-likes of shape (n_i,), optional
        The group of each row, such as its donor, in the form of `X`: p-values are then those of whole groups, as in
        `HyperDGA.compare`, for each pair by itself. One label is one group, in all sets.
    correction : {"holm", "bh", "by"}, default="holm"
        ``"holm"`` bounds the chance of any false discovery, under any dependence of the pairs; ``"bh"`` (Benjamini and
        Hochberg) bounds their share, if pairs depend positively; ``"by"`` (Benjamini and Yekutieli) always.
    method, n_rays, random_state
        As in `HyperDGA`.
    n_jobs : int or None
        Pairs at a time, as in joblib, whose active backend is used: within ``joblib.parallel_config(backend="dask")``
        a cluster. Every number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    PairwiseDGA

    Raises
    ------
    ValueError
        There are fewer than two sets, or one is empty; a row is not in the model; the labels or groups do not fit, or
        two sets share some of their groups and not all.

    Warns
    -----
    UserWarning
        If the search by rays may have missed edges: the estimated share that was found, the least of all pairs. If
        there are so few groups, for so many pairs, that no corrected p-value can reach 0.05.

    Notes
    -----
    Pairs in one joint graph: where neither set has edges to itself or to the other, similarity is 0 and the p-value 1.
    The labels of the two sets are exchanged on the edges among them, all other points staying where they are.

    Examples
    --------
    >>> result = pairwise_hyperdga([[0.0, 0.0], [0.1, 0.1], [0.6, 0.0], [0.7, 0.1]], ["a", "b", "a", "b"])
    >>> result.names.tolist(), result.similarity.round(2).tolist()
    (['a', 'b'], [[1.0, 0.6], [0.6, 1.0]])
    """
    check_choice("correction", correction, ("holm", "bh", "by"))
    check_flag("joint", joint)
    check_search(Settings(method, n_rays, n_jobs=n_jobs, hops=hops))
    names, sets, of_rows = _sets(X, labels, groups, model, curvature, method)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    settings = Settings(method, n_rays, seed, n_jobs, verbose, hops=hops)
    pairs = list(combinations(range(len(sets)), 2))
    of_pairs = [
        settings
        if of_rows is None
        else settings._replace(groups=whole_groups(of_rows[i], of_rows[j], (names[i], names[j])))
        for i, j in pairs
    ]
    if joint:
        graph = member_graph(sets, settings)
        recall = graph.recall
        parts = zip(parts_of_pairs(graph, pairs), of_pairs, strict=True)
        figures = [asdict(DGAResult(**comparison_figures(part, each))) for part, each in parts]
    else:
        figures, recall = run_comparisons([(sets[i], sets[j]) for i, j in pairs], of_pairs, "comparing pairs")
    warn_of_missed_edges(recall, sets[0].d)
    corrected = corrected_p_values(np.array([row["p_value"] for row in figures]), correction)
    if of_rows is not None:
        least = corrected_p_values(np.array([row["least_p_value"] for row in figures]), correction)
        warn_of_least(float(least.min()), f"corrected for {len(pairs)} pair(s)")
    figures = [row | {"p_value_corrected": p} for row, p in zip(figures, corrected.tolist(), strict=True)]
    return _pairwise_result(names, pairs, figures)


def _sets(
    X: ArrayLike | Sequence[ArrayLike] | Mapping[Any, ArrayLike],
    labels: ArrayLike | None,
    groups: Any,
    model: Model,
    curvature: float,
    method: str,
) -> tuple[NDArray[Any], list[BallPoints], list[NDArray[np.object_]] | None]:
    """Names and points of the sets, and the groups of their rows."""
    import pandas as pd

    if labels is None and isinstance(X, Mapping):
        tables: list[ArrayLike] = list(X.values())
        names = pd.Index(list(X), tupleize_cols=False).to_numpy()
    elif labels is None:
        check_table(X)
        tables = list(X)  # type: ignore[arg-type] # without labels X is a sequence of tables
        names = np.arange(len(tables))
    else:
        check_paired_rows({"X": X, "labels": labels})
        (table,) = check_sets([("X", X)], model, curvature)  # type: ignore[list-item] # with labels one table
        values = check_labels(labels, "labels", len(table), "X")
        if isinstance(values, pd.Categorical):
            names = values.remove_unused_categories().categories.to_numpy()
        else:
            names = np.unique(values)
    if len(names) < 2:
        raise ValueError(f"X has {len(names)} set(s); a pair takes two: give a list of tables, or one table and labels")
    if labels is not None:
        # Split once it is converted: a bad row has its number in X.
        (points,) = to_balls(["X"], scaled([table], model, curvature, "X"), model, curvature, method)
        of_rows = None if groups is None else group_labels(groups, "groups", "X", X, len(table))
        split = [values == name for name in names]
        return (
            names,
            [points.take(rows) for rows in split],
            None if of_rows is None else [of_rows[rows] for rows in split],
        )
    titles = [f"X[{name}]" for name in names.tolist()]
    checked = check_sets(list(zip(titles, tables, strict=True)), model, curvature)
    of_sets = None if groups is None else groups_of_sets(groups, X, [len(table) for table in checked])
    return names, to_balls(titles, scaled(checked, model, curvature), model, curvature, method), of_sets


def _pairwise_result(
    names: NDArray[Any], pairs: Sequence[tuple[int, int]], figures: list[dict[str, Any]]
) -> PairwiseDGA:
    table = figures_table(figures)
    i, j = np.array(pairs).T
    table.insert(0, "a", names[i])
    table.insert(1, "b", names[j])

    def matrix(column: str, diagonal: float) -> Float:
        out = np.full((len(names), len(names)), diagonal)
        out[i, j] = out[j, i] = table[column]
        return out

    return PairwiseDGA(
        names=names,
        similarity=matrix("similarity", 1.0),
        relative_similarity=matrix("relative_similarity", 1.0),
        z_score=matrix("z_score", 0.0),
        p_value=matrix("p_value", 1.0),
        p_value_corrected=matrix("p_value_corrected", 1.0),
        _table=table,
    )
