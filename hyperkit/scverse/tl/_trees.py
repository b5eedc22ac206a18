"""`tree` and `hierarchy`: how cells hang together, and how far each is from the root."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..._validation import check_count
from ...hierarchy import Hierarchy, from_steiner, infer
from ...steiner import HyperSteiner
from .._records import check_free, coordinates, keep
from .._tables import check_adata, column, representation

if TYPE_CHECKING:
    from anndata import AnnData

# What `Hierarchy.root_at` finds by itself.
_CRITERIA = ("min_variance", "midpoint", "frechet")


def tree(
    adata: AnnData,
    *,
    basis: str = "X_hyperbolic",
    root: str = "min_variance",
    groupby: str | None = None,
    key_added: str = "tree",
    **options: Any,
) -> None:
    """Join cells by a short Steiner tree of their points.

    Parameters
    ----------
    adata : AnnData
    basis : str, default="X_hyperbolic"
        Points: a key of ``adata.obsm`` whose model is recorded, as `embed` does.
    root : str, default="min_variance"
        Where distances begin: ``"min_variance"``, ``"midpoint"`` or ``"frechet"``, as in
        :meth:`hyperkit.hierarchy.Hierarchy.root_at`; the name of a cell; or, with `groupby`, one of its groups, whose
        median in the tree is the root.
    groupby : str, optional
        The column of ``adata.obs`` in which `root` is a group.
    key_added : str, default="tree"
        Where the result goes.
    **options
        Other parameters of :class:`hyperkit.HyperSteiner`, such as `method`.

    Returns
    -------
    None
        ``adata.obs[f"{key_added}_distance"]`` is the distance from the root along the tree, in the space of
        `curvature`; ``adata.uns["hyperkit"][key_added]`` has `points` (cells, then Steiner points), `edges`, `lengths`,
        `newick` (rooted, with the names of cells), `rooted` (the nodes of a hierarchy), `cells` and what else a
        :class:`hyperkit.SteinerTree` has. `stored_tree` makes one of it, and `stored_hierarchy` the rooted tree.

    Raises
    ------
    ImportError
        anndata is not installed.
    KeyError
        There is no such table or column; the message lists those that are there.
    TypeError, ValueError
        As :meth:`hyperkit.HyperSteiner.fit`; `root` is no cell and no group; or something else is at `key_added`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(cells.data[::8], obsm={"X_hyperbolic": cells.embedding[::8]})
    >>> adata.obs["type"] = cells.target_names[cells.target[::8]]
    >>> adata.uns["hyperkit"] = {"X_hyperbolic": {"model": "poincare", "curvature": -1.0}}
    >>> hk.tl.tree(adata, root="progenitor", groupby="type")
    >>> adata.obs.groupby("type")["tree_distance"].mean().idxmin()
    'progenitor'
    """
    check_adata(adata)
    check_free(adata, key_added, "tree", obs=("distance",))
    points, space = coordinates(adata, basis)
    rows = _rows_of_root(adata, root, groupby)
    steiner = HyperSteiner(**space, **options).fit(points)
    found = steiner.tree_
    rooted = _rooted(from_steiner(found, names=adata.obs_names), root, rows)
    record = {
        "points": found.points,
        "edges": found.edges,
        "lengths": found.lengths,
        "n_terminals": found.n_terminals,
        "mst_length": found.mst_length,
        "model": found.model,
        "curvature": found.curvature,
        "method": steiner.method_used_,
        "rooted": _nodes(rooted),
        "newick": rooted.to_newick(),
        "cells": _names(adata),
    }
    params = {"basis": basis, "root": root, "groupby": groupby, **options}
    keep(adata, key_added, "tree", record, params, obs={"distance": _distances(rooted)})


def hierarchy(
    adata: AnnData,
    *,
    use_rep: str = "X_pca",
    basis: str | None = None,
    neighbors_key: str | None = None,
    root: str = "min_variance",
    groupby: str | None = None,
    n_clusters: int | None = None,
    min_size: int = 1,
    key_added: str = "hierarchy",
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> None:
    """Infer the rooted hierarchy of cells, and cut it into clusters.

    Parameters
    ----------
    adata : AnnData
    use_rep, neighbors_key
        Features or graph, as in `embed`: they are embedded anew, in five dimensions, which find more than two do.
    basis : str, optional
        Instead: points, a key of ``adata.obsm`` whose model is recorded, which are taken as they are.
    root, groupby
        As in `tree`.
    n_clusters : int >= 1, optional
        Clusters to cut the hierarchy into, as :meth:`hyperkit.hierarchy.Hierarchy.cut` does.
    min_size : int >= 1, default=1
        Least number of cells of a cluster.
    key_added : str, default="hierarchy"
        Where the result goes.
    random_state : int, RandomState or None, default=0
    **options
        Other parameters of :func:`hyperkit.hierarchy.infer`, such as `leaves` or `n_components`.

    Returns
    -------
    None
        ``adata.obs[f"{key_added}_distance"]`` is the distance from the root; with `n_clusters`
        ``adata.obs[f"{key_added}_cluster"]`` the cluster, categorical, from ``"0"`` in depth-first order.
        ``adata.uns["hyperkit"][key_added]`` has `parent`, `length` and `row` of the nodes, `points` if there are any,
        `newick` and `cells`; `stored_hierarchy` makes a :class:`hyperkit.hierarchy.Hierarchy` of them.

    Raises
    ------
    ImportError, KeyError, TypeError, ValueError
        As `tree` and :func:`hyperkit.hierarchy.infer`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(cells.data[::8], obsm={"X_pca": cells.data[::8]})
    >>> hk.tl.hierarchy(adata, n_clusters=3)
    >>> adata.obs["hierarchy_cluster"].cat.categories.tolist()
    ['0', '1', '2']
    """
    check_adata(adata)
    check_free(adata, key_added, "hierarchy", obs=("distance", "cluster"))
    if n_clusters is not None:
        check_count("n_clusters", n_clusters, most=adata.n_obs)
        check_count("min_size", min_size)
    if basis is not None:
        if neighbors_key is not None:
            raise ValueError(f"basis={basis!r}, neighbors_key={neighbors_key!r}: give one of the two")
        table, read_as = coordinates(adata, basis)
        read_as["metric"] = "hyperbolic"
    else:
        table, read_as = representation(adata, use_rep, neighbors_key)
    rows = _rows_of_root(adata, root, groupby)
    found = infer(table, names=adata.obs_names, random_state=random_state, **read_as, **options)
    rooted = _rooted(found, root, rows)
    record = _nodes(rooted) | {"newick": rooted.to_newick(), "cells": _names(adata)}
    obs: dict[str, Any] = {"distance": _distances(rooted)}
    if n_clusters is not None:
        clusters = rooted.cut(n_clusters, min_size=min_size)
        obs["cluster"] = pd.Categorical.from_codes(clusters, [str(k) for k in range(clusters.max() + 1)])
    source = {"basis": basis} if basis is not None else {"use_rep": use_rep, "neighbors_key": neighbors_key}
    asked = {"root": root, "groupby": groupby, "n_clusters": n_clusters, "min_size": min_size}
    keep(adata, key_added, "hierarchy", record, source | asked | {"random_state": random_state} | options, obs=obs)


def _rows_of_root(adata: AnnData, root: Any, groupby: str | None) -> np.ndarray | None:
    """Cells of the group that is the root, None if it is none; a root that is nothing is an error before the work."""
    if groupby is not None:
        labels = column(adata, "groupby", groupby)
        rows = np.flatnonzero(np.asarray(labels.astype(object) == root))
        if len(rows) == 0:
            have = ", ".join(map(repr, labels.dropna().unique().tolist()))
            raise ValueError(f"root={root!r} is no group of adata.obs[{groupby!r}]; there are: {have}")
        return rows
    if not isinstance(root, str) or (root not in _CRITERIA and root not in adata.obs_names):
        words = ", ".join(map(repr, _CRITERIA))
        raise ValueError(f"root={root!r} is none of {words}, and no cell of adata.obs_names; for a group give groupby=")
    return None


def _rooted(found: Hierarchy, root: str, rows: np.ndarray | None) -> Hierarchy:
    if rows is not None:
        return found.root_at(node=found.median(rows))
    # A cell may be called as a criterion is: then the criterion is meant.
    return found.root_at(root)


def _nodes(rooted: Hierarchy) -> dict[str, Any]:
    """What `stored_hierarchy` makes a hierarchy of, but for the names of cells."""
    record: dict[str, Any] = {name: getattr(rooted, name) for name in ("parent", "length", "row", "curvature")}
    optional = {"points": rooted.points, "model": rooted.model, "support": rooted.support}
    return record | {name: value for name, value in optional.items() if value is not None}


def _distances(rooted: Hierarchy) -> np.ndarray:
    """Distance from the root of every cell, in the order of the cells."""
    return rooted.distance_from_root[rooted.node_of_rows]


def _names(adata: AnnData) -> np.ndarray:
    return adata.obs_names.to_numpy(dtype=object)
