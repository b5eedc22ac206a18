"""HyperDGA of one reference against a series of sets, a row each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from numpy.random import RandomState
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from ..._validation import check_paired_rows, refuse_hidden
from ...models import Model
from .._settings import Settings, check_search, check_settings
from ..distances import check_sets
from ._comparison import warn_of_few_permutations, warn_of_missed_edges
from ._group_rows import groups_of_series, warn_of_few_groups
from ._many import figures_table, run_comparisons
from ._sets import scaled, to_balls

if TYPE_CHECKING:
    import pandas as pd


def mixing_curve(
    A: ArrayLike,
    series: Sequence[ArrayLike],
    levels: Sequence[Any] | None = None,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    scores: Mapping[str, Callable[..., float]] | None = None,
    hops: int = 1,
    groups: tuple[ArrayLike, Sequence[ArrayLike]] | None = None,
    paired: bool = False,
    n_permutations: int = 0,
    interval: float | None = None,
    max_points: int | None = None,
    scan: bool = False,
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
        A name or number for each of them, the index of the table; 0, 1, ... by default. A pandas index keeps its name.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}, default="poincare"
        Coordinates of all sets.
    curvature : float < 0, default=-1.0
        Curvature of the space the coordinates live in. Counts and p-values have no unit.
    scores : mapping of str to callable, optional
        Further scores, by the name of their column: called as ``score(A, B, model=model, curvature=curvature)``, such
        as `hyperkit.chamfer`, whose lengths are then those of the space of this curvature. They get the sets that are
        compared: ``model="tangent"`` with a row longer than ``30 / sqrt(-curvature)`` shrinks all sets by one factor.
    groups : pair of an array-like of shape (n,) and a sequence of array-likes of shape (m_i,), optional
        The group of each row of A, such as its donor, and of each row of each set of the series: p-values are then
        those of whole groups, as in `HyperDGA.compare`. One label is one group, in all sets.
    paired, n_permutations, interval, max_points, scan
        As in `HyperDGA.compare`.
    hops, method, n_rays, random_state
        As in `HyperDGA`.
    n_jobs : int or None
        Sets at a time, as in joblib. Every number gives the same bits.
    verbose : bool, default=False
        Show a progress bar on stderr.

    Returns
    -------
    pandas.DataFrame
        One row a level, with the numbers of `DGAResult`, NaN for None, and then the further scores. The correlation
        with the level is ``scipy.stats.spearmanr(table.index, table["similarity"])``.

    Raises
    ------
    ValueError
        A set is empty or has a row that is not in the model, or there is not one level for each set; or as in
        `HyperDGA.compare`.

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

    check_search(Settings(method, n_rays, n_jobs=n_jobs, hops=hops))
    refuse_hidden("levels", levels)
    if levels is None:
        levels = range(len(series))
    if len(levels) != len(series):
        raise ValueError(f"levels has {len(levels)} entries and series {len(series)} sets; there must be one for each")
    names = ["A", *(f"series[{i}]" for i in range(len(series)))]
    if paired is True:
        for name, table in zip(names[1:], series, strict=True):
            check_paired_rows({"A": A, name: table})
    tables = scaled(check_sets(list(zip(names, [A, *series], strict=True)), model, curvature), model, curvature)
    reference, *others = to_balls(names, tables, model, curvature, method)
    seed = int(check_random_state(random_state).randint(2**31 - 1))
    settings = Settings(
        method=method,
        n_rays=n_rays,
        random_state=seed,
        n_jobs=n_jobs,
        verbose=verbose,
        paired=paired,
        n_permutations=n_permutations,
        interval=interval,
        max_points=max_points,
        hops=hops,
        scan=scan,
    )
    of_series = groups_of_series(groups, A, series, [len(table) for table in tables])
    of_pairs = [settings._replace(groups=each) for each in of_series]
    for other, each in zip(others, of_pairs, strict=True):
        check_settings(each, len(reference), len(other))
    figures, recall = run_comparisons([(reference, other) for other in others], of_pairs, "comparing with each set")
    warn_of_missed_edges(recall, reference.d)
    warn_of_few_groups(of_series)
    warn_of_few_permutations(settings._replace(groups=next(iter(of_series), None)))
    for name, score in (scores or {}).items():
        for row, B in zip(figures, tables[1:], strict=True):
            row[name] = score(tables[0], B, model=model, curvature=curvature)
    return figures_table(figures).set_axis(pd.Index(levels, name=getattr(levels, "name", None) or "level"))
