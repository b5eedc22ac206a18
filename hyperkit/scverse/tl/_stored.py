"""From what `tree` and `hierarchy` left to the objects that the rest of the package takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...hierarchy import Hierarchy
from ...steiner import SteinerTree
from .._records import record_of
from .._tables import check_adata

if TYPE_CHECKING:
    from anndata import AnnData


def stored_tree(adata: AnnData, *, key: str = "tree") -> SteinerTree:
    """The tree that `tree` left, as a :class:`hyperkit.SteinerTree`.

    Parameters
    ----------
    adata : AnnData
        Also of fewer cells, or in another order: the tree is that of ``adata.uns["hyperkit"][key]["cells"]``.
    key : str, default="tree"
        `key_added` of `tree`.

    Returns
    -------
    SteinerTree
        Equal to the last bit, also after `adata` was written and read.

    Raises
    ------
    ImportError, KeyError
        anndata is not installed; there is no such tree.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> adata = anndata.AnnData(obsm={"X_pca": hk.datasets.load_krumsiek11().data[::8]})
    >>> hk.tl.embed(adata)
    >>> hk.tl.tree(adata)
    >>> hk.tl.stored_tree(adata).n_terminals
    80
    """
    check_adata(adata)
    record = record_of(adata, "key", key, "tree")
    return SteinerTree(
        np.asarray(record["points"]),
        np.asarray(record["edges"]),
        np.asarray(record["lengths"]),
        int(record["n_terminals"]),
        float(record["mst_length"]),
        str(record["model"]),  # type: ignore[arg-type] # one of the models, as it was written
        curvature=float(record["curvature"]),
    )


def stored_hierarchy(adata: AnnData, *, key: str = "hierarchy") -> Hierarchy:
    """The hierarchy that `hierarchy` left, or the tree of `tree` from its root.

    Parameters
    ----------
    adata : AnnData
        Also of fewer cells, or in another order: rows are those of ``adata.uns["hyperkit"][key]["cells"]``.
    key : str, default="hierarchy"
        `key_added` of `hierarchy` or `tree`.

    Returns
    -------
    hyperkit.hierarchy.Hierarchy
        Equal to the last bit, also after `adata` was written and read; rows have the names of the cells.

    Raises
    ------
    ImportError, KeyError
        anndata is not installed; there is no such hierarchy.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> adata = anndata.AnnData(obsm={"X_pca": hk.datasets.load_krumsiek11().data[::8]})
    >>> hk.tl.hierarchy(adata)
    >>> hk.tl.stored_hierarchy(adata).n_rows
    80
    """
    check_adata(adata)
    record = record_of(adata, "key", key, "hierarchy", "tree")
    nodes = record.get("rooted", record)
    row = np.asarray(nodes["row"])
    cells = np.append(np.asarray(record["cells"], dtype=object), "")  # a node that is no cell has row -1
    optional: dict[str, Any] = {name: np.asarray(nodes[name]) for name in ("support", "points") if name in nodes}
    if "model" in nodes:
        optional["model"] = str(nodes["model"])
    return Hierarchy(
        np.asarray(nodes["parent"]),
        np.asarray(nodes["length"]),
        row,
        cells[row],
        curvature=float(nodes["curvature"]),
        **optional,
    )
