"""Cells in the disk, their tree, and their hierarchy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...plot import plot_hierarchy, plot_points, plot_tree
from .._records import coordinates, records
from .._tables import check_adata
from ..tl import stored_hierarchy, stored_tree
from ._colors import colored

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes


def embedding(adata: AnnData, *, basis: str = "X_hyperbolic", color: str | None = None, **options: Any) -> Axes:
    """Draw cells in the Poincaré or the Klein disk.

    Parameters
    ----------
    adata : AnnData
    basis : str, default="X_hyperbolic"
        Points: a key of ``adata.obsm`` whose model is recorded, as :func:`hyperkit.tl.embed` does.
    color : str, optional
        Column of ``adata.obs``, or a gene of ``adata.var_names``, whose values in ``adata.X`` are shown.
    **options
        Other parameters of :func:`hyperkit.plot.plot_points`, such as `ax`, `disk` or `size`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError
        anndata is not installed.
    KeyError
        There is no such table, column or gene; the message lists what there is.
    TypeError, ValueError
        As :func:`hyperkit.plot.plot_points`; ``adata.uns[f"{color}_colors"]`` has not a colour for each category.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(obsm={"X_hyperbolic": cells.embedding})
    >>> adata.obs["type"] = cells.target_names[cells.target]
    >>> adata.uns["hyperkit"] = {"X_hyperbolic": {"model": "poincare", "curvature": -1.0}}
    >>> ax = hk.pl.embedding(adata, color="type")
    >>> len(adata.uns["type_colors"])
    5
    >>> ax.figure.clear()
    """
    check_adata(adata)
    points, space = coordinates(adata, basis)
    labels, options = colored(adata, color, options)
    return plot_points(points, None if labels is None else labels.array, **space, **options)


def tree(adata: AnnData, *, key: str = "tree", color: str | None = None, **options: Any) -> Axes:
    """Draw the tree that :func:`hyperkit.tl.tree` left, in the disk.

    Parameters
    ----------
    adata : AnnData
        Of fewer cells than the tree was made of, all of it is drawn, and the others are grey.
    key : str, default="tree"
        `key_added` of the tree.
    color : str, optional
        As in `embedding`.
    **options
        Other parameters of :func:`hyperkit.plot.plot_tree`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError, KeyError, TypeError, ValueError
        There is no such tree; or as `embedding`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> adata = anndata.AnnData(obsm={"X_pca": hk.datasets.load_krumsiek11().data[::8]})
    >>> hk.tl.embed(adata)
    >>> hk.tl.tree(adata)
    >>> ax = hk.pl.tree(adata, color="tree_distance")
    >>> ax.figure.clear()
    """
    found = stored_tree(adata, key=key)
    labels, options = _colored_cells(adata, key, color, options)
    return plot_tree(found, labels, **options)


def hierarchy(adata: AnnData, *, key: str = "hierarchy", color: str | None = None, **options: Any) -> Axes:
    """Draw the hierarchy that :func:`hyperkit.tl.hierarchy` left, or a rooted tree, as a dendrogram or in the disk.

    Parameters
    ----------
    adata : AnnData
        Of fewer cells than the hierarchy was made of, all of it is drawn, and the others are grey.
    key : str, default="hierarchy"
        `key_added` of the hierarchy, or of a tree.
    color : str, optional
        As in `embedding`.
    **options
        Other parameters of :func:`hyperkit.plot.plot_hierarchy`, such as `layout`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    ImportError, KeyError, TypeError, ValueError
        There is no such hierarchy; or as `embedding`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> adata = anndata.AnnData(obsm={"X_pca": hk.datasets.load_krumsiek11().data[::8]})
    >>> hk.tl.hierarchy(adata, n_clusters=3)
    >>> ax = hk.pl.hierarchy(adata, color="hierarchy_cluster", names="none")
    >>> ax.figure.clear()
    """
    found = stored_hierarchy(adata, key=key)
    labels, options = _colored_cells(adata, key, color, options)
    return plot_hierarchy(found, labels, **options)


def _colored_cells(adata: AnnData, key: str, color: str | None, options: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Labels of the cells that a record was made of, missing for those that are gone; and options with the colours."""
    labels, options = colored(adata, color, options)
    cells = records(adata)[key]["cells"]
    return None if labels is None else labels.reindex(cells).array, options
