"""HyperDGA of many sets: every pair of them, or one reference against a series.

In come sets of points, out comes a table with one comparison a row (`mixing_curve`), or matrices and such a table
(`pairwise_hyperdga`). Comparisons are joblib tasks, each with one Delaunay graph; the joint graph of all sets is found
once, and a pair then has the part of it that lies among the two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray
from scipy.stats import false_discovery_control
from sklearn.utils import check_random_state
from sklearn.utils.parallel import delayed

from .._base import tangent_scale
from .._jobs import run
from ..models import Model, check_points, check_table, to_ball
from ._comparison import comparison_figures
from ._hyperdga import compare_points
from ._labels import check_labels
from ._members import Float, MemberGraph, member_graph
from ._result import DGAResult
from ._set_distances import check_sets
from ._settings import Settings, check_settings
from ._warn import warn_of_missed_edges

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class PairwiseDGA:
    """HyperDGA of every pair of k sets.

    Attributes
    ----------
    names : ndarray of shape (k,)
        Labels of the sets in ascending order, or their numbers.
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
    _table: pd.DataFrame = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """One row a pair: columns `a` and `b` with the names, then the numbers of `DGAResult`."""
        return self._table.copy()


def pairwise_hyperdga(
    X: ArrayLike | Sequence[ArrayLike],
    labels: ArrayLike | None = None,
    *,
    model: Model = "poincare",
    joint: bool = False,
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
    X : sequence of k array-likes of shape (n_i, d), or one array-like of shape (n, d) with `labels`
        The sets, in `model` coordinates (``"hyperboloid"``: d + 1 columns); k >= 2.
    labels : array-like of shape (n,), optional
        The set of each row of `X`.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
    joint : bool, default=False
        False: a Delaunay graph for each pair, as if there were no other sets. True: one graph of all sets, of which a
        pair has the edges among the two: faster, and sets that others keep apart are not neighbours.
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
        There are fewer than two sets, or one is empty; a row is not in the model; the labels do not fit.

    Warns
    -----
    UserWarning
        If the search by rays may have missed edges: the estimated share that was found, the least of all pairs.

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
    if correction not in ("holm", "bh", "by"):
        raise ValueError(f"correction={correction!r} is not 'holm', 'bh' or 'by'")
    names, tables = _sets(X, labels, model)
    sets = _to_ball(tables, [f"X[{name}]" for name in names.tolist()], model)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    settings = Settings(method=method, n_rays=n_rays, random_state=seed, n_jobs=n_jobs, verbose=verbose)
    pairs = list(combinations(range(len(sets)), 2))
    if joint:
        graph = member_graph(sets, settings)
        recall = graph.recall
        figures = [asdict(DGAResult(**comparison_figures(part, settings))) for part in _parts(graph, pairs)]
    else:
        figures, recall = _run_comparisons([(sets[i], sets[j]) for i, j in pairs], settings, "comparing pairs")
    warn_of_missed_edges(recall, sets[0].shape[1])
    corrected = _corrected(np.array([row["p_value"] for row in figures]), correction)
    figures = [row | {"p_value_corrected": p} for row, p in zip(figures, corrected.tolist(), strict=True)]
    return _pairwise_result(names, pairs, figures)


def mixing_curve(
    A: ArrayLike,
    series: Sequence[ArrayLike],
    levels: Sequence[Any] | None = None,
    *,
    model: Model = "poincare",
    scores: Mapping[str, Callable[..., float]] | None = None,
    paired: bool = False,
    n_permutations: int = 0,
    interval: float | None = None,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> pd.DataFrame:
    """How a reference mixes with each set of a series: checkpoints of a training, or levels of noise.

    Parameters
    ----------
    A : array-like of shape (n, d); ``model="hyperboloid"``: d + 1 columns
        The reference set, in `model` coordinates.
    series : sequence of array-likes of shape (m_i, d)
        The sets to compare it with.
    levels : sequence, optional
        A name or number for each of them, the index of the table; 0, 1, ... by default.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
    scores : mapping of str to callable, optional
        Further scores, by the name of their column: called as ``score(A, B, model=model)``, such as `hyperkit.chamfer`.
    paired, n_permutations, interval
        As in `HyperDGA.compare`.
    method, n_rays, random_state
        As in `HyperDGA`.
    n_jobs : int or None
        Sets at a time, as in joblib. Every number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    pandas.DataFrame
        One row a level, with the numbers of `DGAResult` and then the further scores. The correlation with the level is
        ``scipy.stats.spearmanr(table.index, table["similarity"])``.

    Raises
    ------
    ValueError
        A set is empty or has a row that is not in the model, or there is not one level for each set.

    Warns
    -----
    UserWarning
        As in `HyperDGA.compare`, the least share of all levels.

    Examples
    --------
    >>> A = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.2]]
    >>> curve = mixing_curve(A, [[[0.1, 0.1], [0.0, 0.1]], [[0.6, 0.1], [0.7, 0.0]]], ["near", "far"])
    >>> curve["similarity"].round(3).to_dict()
    {'near': 0.714, 'far': 0.429}
    """
    import pandas as pd

    if levels is None:
        levels = range(len(series))
    if len(levels) != len(series):
        raise ValueError(f"levels has {len(levels)} entries and series {len(series)} sets; there must be one for each")
    tables = check_sets({"A": A} | {f"series[{i}]": B for i, B in enumerate(series)}, model, -1.0)
    reference, *others = _to_ball(tables, ["A", *(f"series[{i}]" for i in range(len(series)))], model)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    settings = Settings(method, n_rays, seed, n_jobs, verbose, paired, n_permutations, interval)
    for B in others:
        check_settings(settings, len(reference), len(B))
    figures, recall = _run_comparisons([(reference, B) for B in others], settings, "comparing with each set")
    warn_of_missed_edges(recall, reference.shape[1])
    for name, score in (scores or {}).items():
        for row, B in zip(figures, tables[1:], strict=True):
            row[name] = score(tables[0], B, model=model)
    return pd.DataFrame(figures, index=pd.Index(levels, name="level"))


def _sets(
    X: ArrayLike | Sequence[ArrayLike], labels: ArrayLike | None, model: Model
) -> tuple[NDArray[Any], list[ArrayLike]]:
    """Names and rows of the sets."""
    if labels is None:
        check_table(X)
        tables = list(X)  # type: ignore[arg-type] # without labels X is a sequence of tables
        names = np.arange(len(tables))
    else:
        table = check_points(X, model)  # type: ignore[arg-type] # before it is split: a bad row has its number in X
        values = check_labels(labels, "labels", len(table), "X")
        names = np.unique(values)
        tables = [table[values == name] for name in names]
    if len(tables) < 2:
        raise ValueError(
            f"X has {len(tables)} set(s); a pair takes two: give a list of tables, or one table and labels"
        )
    return names, tables


def _to_ball(tables: Sequence[ArrayLike], names: Sequence[str], model: Model) -> list[Float]:
    """Poincaré points of sets in one space; tangent vectors that are too long shrink all of them."""
    checked = check_sets(dict(zip(names, tables, strict=True)), model, -1.0)
    scale = tangent_scale(np.concatenate(checked), "all sets stacked") if model == "tangent" else 1.0
    return [to_ball(table * scale, model, name=name).z for name, table in zip(names, checked, strict=True)]


def _run_comparisons(
    pairs: Sequence[tuple[Float, Float]], settings: Settings, description: str
) -> tuple[list[dict[str, Any]], float]:
    """The numbers of each comparison, and the least recall of their graphs."""
    one_job = settings._replace(n_jobs=1, verbose=False)
    # A pair goes as one tuple: joblib leaves bare arrays with one worker of a dask cluster, and they would die with it.
    tasks = [delayed(_figures)(pair, one_job) for pair in pairs]
    done = run(tasks, settings.n_jobs, settings.verbose, description)
    return [figures for figures, _ in done], min((recall for _, recall in done), default=1.0)


def _figures(pair: tuple[Float, Float], settings: Settings) -> tuple[dict[str, Any], float]:
    """The numbers of a comparison, and the recall; the graph stays where it was made."""
    result, recall = compare_points(*pair, settings)
    return asdict(result), recall


def _parts(graph: MemberGraph, pairs: Sequence[tuple[int, int]]) -> Iterator[MemberGraph]:
    """The graph among the members of each pair of sets, as a graph of two sets."""
    k = int(graph.row_sets[-1]) + 1
    kinds = graph.sets[graph.edges] @ [k, 1]  # members ascend by set: the first end is in the lower one
    by_kind = np.argsort(kinds, kind="stable")
    bounds = np.searchsorted(kinds[by_kind], np.arange(k * k + 1))
    starts = np.searchsorted(graph.sets, np.arange(k + 1))
    for i, j in pairs:
        edges = np.concatenate(
            [graph.edges[by_kind[bounds[kind] : bounds[kind + 1]]] for kind in (i * k + i, i * k + j, j * k + j)]
        )
        edges = edges[np.argsort(edges[:, 0], kind="stable")]
        members = np.r_[starts[i] : starts[i + 1], starts[j] : starts[j + 1]]
        number = np.empty(len(graph.z), dtype=np.int64)
        number[members] = np.arange(len(members))
        rows = (graph.row_sets == i) | (graph.row_sets == j)
        yield MemberGraph(
            z=graph.z[members],
            sets=(graph.sets[members] == j).astype(np.int64),
            edges=number[edges],
            members=number[graph.members[rows]],
            row_sets=(graph.row_sets[rows] == j).astype(np.int64),
            points=graph.points[members],
        )


def _corrected(p: Float, correction: str) -> Float:
    """p-values corrected for their number."""
    if correction != "holm":
        return np.asarray(false_discovery_control(p, method=correction))
    order = np.argsort(p, kind="stable")
    out = np.empty_like(p)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)))
    return out


def _pairwise_result(
    names: NDArray[Any], pairs: Sequence[tuple[int, int]], figures: list[dict[str, Any]]
) -> PairwiseDGA:
    import pandas as pd

    table = pd.DataFrame(figures)
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
