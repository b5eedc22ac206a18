"""`dga` and `scan`: how groups of cells mix, and where two of them differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from ..._validation import check_flag, check_number
from ...similarity import compare_sets, pairwise_hyperdga
from .._records import MEASURES, check_free, coordinates, keep
from .._tables import check_adata, column, several

if TYPE_CHECKING:
    from anndata import AnnData


def dga(
    adata: AnnData,
    *,
    groupby: str,
    groups: str | None = None,
    basis: str = "X_hyperbolic",
    hops: int = 1,
    correction: Literal["holm", "bh", "by"] = "holm",
    key_added: str = "dga",
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> None:
    """HyperDGA of every pair of groups of cells: how far they mix, and whether chance would mix them more.

    Parameters
    ----------
    adata : AnnData
    groupby : str
        Column of ``adata.obs`` with the groups to compare.
    groups : str, optional
        Column of ``adata.obs`` with what cells depend on, such as their donor: p-values are then those of whole donors,
        as in :func:`hyperkit.pairwise_hyperdga`. Without, cells are taken as independent.
    basis : str, default="X_hyperbolic"
        Points: a key of ``adata.obsm`` whose model is recorded, as `embed` does.
    hops, correction
        As in :func:`hyperkit.pairwise_hyperdga`.
    key_added : str, default="dga"
        Where the result goes.
    random_state : int, RandomState or None, default=0
    **options
        Other parameters of :func:`hyperkit.pairwise_hyperdga`, such as `joint` or `n_jobs`.

    Returns
    -------
    None
        ``adata.uns["hyperkit"][key_added]`` has `names`, the groups as text in the order of their categories; the
        matrices `similarity`, `relative_similarity`, `z_score`, `p_value` and `p_value_corrected`; and `pairs`, a data
        frame with one row a pair.

    Raises
    ------
    ImportError
        anndata is not installed.
    KeyError
        There is no such table or column; the message lists those that are there.
    TypeError, ValueError
        As :func:`hyperkit.pairwise_hyperdga`; or something else is at `key_added`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(obsm={"X_hyperbolic": cells.embedding})
    >>> adata.obs["type"] = cells.target_names[cells.target]
    >>> adata.uns["hyperkit"] = {"X_hyperbolic": {"model": "poincare", "curvature": -1.0}}
    >>> hk.tl.dga(adata, groupby="type")
    >>> adata.uns["hyperkit"]["dga"]["similarity"].shape
    (5, 5)
    """
    check_adata(adata)
    check_free(adata, key_added, "dga")
    points, space = coordinates(adata, basis)
    labels = column(adata, "groupby", groupby).array
    donors = None if groups is None else column(adata, "groups", groups).array
    asked = {"hops": hops, "correction": correction, "random_state": random_state, **options}
    found = pairwise_hyperdga(points, labels, groups=donors, **space, **asked)
    pairs = found.to_frame()
    pairs[["a", "b"]] = pairs[["a", "b"]].astype(str)
    pairs.index = pairs.index.astype(str)  # as files have it
    record = {"names": found.names.astype(str).astype(object), "pairs": pairs}
    record |= {name: getattr(found, name) for name in MEASURES}
    keep(adata, key_added, "dga", record, {"basis": basis, "groupby": groupby, "groups": groups, **asked})


def scan(
    adata: AnnData,
    *,
    groupby: str,
    sets: Sequence[Any] | None = None,
    groups: str | None = None,
    basis: str = "X_hyperbolic",
    hops: int = 3,
    level: float = 0.05,
    sequential: bool = False,
    key_added: str = "scan",
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> None:
    """Find where two groups of cells differ: the regions that one of them crowds.

    Parameters
    ----------
    adata : AnnData
    groupby : str
        Column of ``adata.obs`` with the two groups.
    sets : pair, optional
        Two of the values in `groupby`: the reference A and the evaluated B, if there are more or to fix which is which.
        Other cells play no part.
    groups : str, optional
        Column of ``adata.obs`` with what cells depend on, such as their donor, as in `dga`.
    basis : str, default="X_hyperbolic"
        Points: a key of ``adata.obsm`` whose model is recorded, as `embed` does.
    hops : int >= 1, default=3
        As in :func:`hyperkit.similarity.compare_sets`.
    level, sequential
        As in :meth:`hyperkit.DGAResult.regions`.
    key_added : str, default="scan"
        Where the result goes.
    random_state : int, RandomState or None, default=0
    **options
        Other parameters of :func:`hyperkit.similarity.compare_sets`, such as `n_permutations`.

    Returns
    -------
    None
        ``adata.obs[f"{key_added}_z_score"]`` (positive where B is crowded) and ``adata.obs[f"{key_added}_p_value"]``,
        NaN for other cells; ``adata.obs[f"{key_added}_region"]``, categorical, from ``"0"``, missing outside all
        regions. ``adata.uns["hyperkit"][key_added]`` has `sets`, the numbers of the comparison, and `regions`, a data
        frame in which `crowded` is a group and `medoid` a cell.

    Raises
    ------
    ImportError, KeyError, TypeError, ValueError
        As `dga` and :func:`hyperkit.similarity.compare_sets`; `groupby` has not two groups, and `sets` are not given.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(obsm={"X_hyperbolic": cells.embedding})
    >>> adata.obs["type"] = cells.target_names[cells.target]
    >>> adata.uns["hyperkit"] = {"X_hyperbolic": {"model": "poincare", "curvature": -1.0}}
    >>> hk.tl.scan(adata, groupby="type", sets=("progenitor", "Ery"))
    >>> adata.uns["hyperkit"]["scan"]["regions"]["crowded"].unique().tolist()
    ['Ery', 'progenitor']
    """
    check_adata(adata)
    check_free(adata, key_added, "scan", obs=("z_score", "p_value", "region"))
    check_number("level", level, "a number between 0 and 1, such as 0.05", lambda number: 0 < number < 1)
    check_flag("sequential", sequential)
    points, space = coordinates(adata, basis)
    pair, (a, b) = _two_sets(adata, groupby, sets)
    donors = None
    if groups is not None:
        of_cells = column(adata, "groups", groups).array
        donors = (of_cells[a], of_cells[b])
    asked = {"hops": hops, "random_state": random_state, **options}
    found = compare_sets(points[a], points[b], groups=donors, scan=True, **space, **asked)
    cells = np.concatenate([a, b])
    table, regions = found.to_frame(), found.regions(level=level, sequential=sequential)
    codes = np.full(adata.n_obs, -1)
    for number, rows in enumerate(regions["rows"]):
        codes[cells[rows]] = number
    obs = {
        "z_score": _scattered(cells, table["scan_z_score"], adata.n_obs),
        "p_value": _scattered(cells, table["p_value_scan"], adata.n_obs),
        "region": pd.Categorical.from_codes(codes, [str(number) for number in range(len(regions))]),
    }
    named = regions.drop(columns="rows").assign(
        crowded=[str(pair["AB".index(which)]) for which in regions["crowded"]],
        medoid=adata.obs_names[cells[regions["medoid"].to_numpy(dtype=np.int64)]].astype(str),
    )
    named.index = named.index.astype(str)  # as files have it
    record = {
        "sets": np.array([str(name) for name in pair], dtype=object),
        "regions": named,
        "similarity": found.similarity,
        "z_score": found.z_score,
        "p_value": found.p_value,
        "p_value_scan": found.p_value_scan,
    }
    asked |= {"basis": basis, "groupby": groupby, "groups": groups, "level": level, "sequential": sequential}
    keep(adata, key_added, "scan", record, asked, obs=obs)


def _two_sets(adata: AnnData, groupby: str, sets: Any) -> tuple[list[Any], list[np.ndarray]]:
    """Names of the two groups, and the cells of each."""
    labels = column(adata, "groupby", groupby)
    kept = labels.dropna()
    categorical = isinstance(kept.dtype, pd.CategoricalDtype)
    have = kept.cat.remove_unused_categories().cat.categories.tolist() if categorical else np.unique(kept).tolist()
    if sets is None:
        if len(have) != 2 or len(kept) < len(labels):
            listed = ", ".join(map(repr, have)) + (", and cells without one" if len(kept) < len(labels) else "")
            raise ValueError(f"groupby={groupby!r} must have two groups and has {listed}; choose two with sets=")
        sets = have
    chosen = several("sets", sets)
    unknown = [name for name in chosen if name not in have]
    if len(chosen) != 2 or unknown or chosen[0] == chosen[1]:
        raise ValueError(f"sets={sets!r} must be two groups of adata.obs[{groupby!r}]; there are: {have}")
    return chosen, [np.flatnonzero(np.asarray(labels.astype(object) == name)) for name in chosen]


def _scattered(cells: np.ndarray, values: Any, n: int) -> np.ndarray:
    """Values of some cells in a column of all, NaN elsewhere."""
    everywhere = np.full(n, np.nan)
    everywhere[cells] = values
    return everywhere
