"""The matrix of HyperDGA of all pairs of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure

from ..._validation import check_choice
from .._records import MEASURES, record_of
from .._tables import check_adata

if TYPE_CHECKING:
    from anndata import AnnData
    from matplotlib.axes import Axes

_MOST_NUMBERS = 20  # groups in whose cells of a third of an inch a number can be read


def dga_matrix(
    adata: AnnData, *, key: str = "dga", measure: str = "similarity", cmap: Any = "viridis", ax: Axes | None = None
) -> Axes:
    """Draw how far each two groups of cells mix, as :func:`hyperkit.tl.dga` left it.

    Parameters
    ----------
    adata : AnnData
    key : str, default="dga"
        `key_added` of the comparison.
    measure : {"similarity", "relative_similarity", "z_score", "p_value", "p_value_corrected"}
    cmap : str or Colormap, default="viridis"
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure, as large as the groups need.

    Returns
    -------
    matplotlib Axes
        Groups are at 0, 1, ... The diagonal, which is so by definition, is left white. Of at most 20 groups the numbers
        are written.

    Raises
    ------
    ImportError, KeyError, ValueError
        anndata is not installed; there is no such comparison, or no such measure.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(obsm={"X_hyperbolic": cells.embedding})
    >>> adata.obs["type"] = cells.target_names[cells.target]
    >>> adata.uns["hyperkit"] = {"X_hyperbolic": {"model": "poincare", "curvature": -1.0}}
    >>> hk.tl.dga(adata, groupby="type")
    >>> [text.get_text() for text in hk.pl.dga_matrix(adata).get_xticklabels()]
    ['Ery', 'Mk', 'Mo', 'Neu', 'progenitor']
    """
    check_adata(adata)
    check_choice("measure", measure, MEASURES)
    record = record_of(adata, "key", key, "dga")
    names, values = [str(name) for name in record["names"]], np.array(record[measure], dtype=np.float64)
    np.fill_diagonal(values, np.nan)
    if ax is None:
        inches = 0.45 * len(names) + 0.08 * max(map(len, names)) + 1.0
        ax = Figure(figsize=(inches + 0.8, inches), layout="constrained").add_subplot()
    image = ax.imshow(values, cmap=cmap)
    ax.figure.colorbar(image, ax=ax, label=measure.replace("_", " "), shrink=0.8)
    ax.set_xticks(range(len(names)), names, rotation=90)
    ax.set_yticks(range(len(names)), names)
    if len(names) <= _MOST_NUMBERS:
        dark = image.to_rgba(values)[..., :3] @ [0.3, 0.59, 0.11] < 0.5  # as bright as the eye sees the colours
        for i, j in np.argwhere(~np.eye(len(names), dtype=bool)):
            color = "white" if dark[i, j] else "black"
            ax.text(j, i, f"{values[i, j]:.2g}", ha="center", va="center", fontsize=7, color=color)
    return ax
