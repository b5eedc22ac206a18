"""Colours of cells: by a column of `obs` or a gene, in the palette that an AnnData keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from ...plot import class_colors
from .._tables import values_of

if TYPE_CHECKING:
    from anndata import AnnData


def colored(adata: AnnData, color: Any, options: dict[str, Any]) -> tuple[pd.Series | None, dict[str, Any]]:
    """Labels of the cells, by their names, and the options of the picture with the colours of classes among them.

    Raises
    ------
    KeyError
        `color` is no column and no gene.
    ValueError
        The colours kept for it are not one for each category.
    """
    if color is None:
        return None, options
    labels = pd.Series(values_of(adata, color), index=adata.obs_names, copy=True)
    if pd.api.types.is_string_dtype(labels.dtype) and not isinstance(labels.dtype, pd.CategoricalDtype):
        from natsort import natsorted  # which anndata brings

        # As anndata makes categories of text when it writes: CD4 before CD14. In another order the colours that are
        # kept would go to other classes in the file.
        labels = labels.astype(pd.CategoricalDtype(natsorted(labels.dropna().unique())))
    if "cmap" in options or not isinstance(labels.dtype, pd.CategoricalDtype):
        return labels, options
    categories, key = labels.cat.categories.tolist(), f"{color}_colors"
    if key in adata.uns:
        kept = list(adata.uns[key])
        if len(kept) != len(categories):
            raise ValueError(
                f'adata.uns["{key}"] has {len(kept)} colours, and adata.obs["{color}"] {len(categories)} categories; '
                "delete it, or give one for each"
            )
        return labels, {**options, "cmap": dict(zip(categories, kept, strict=True))}
    palette = class_colors(categories, sizes=labels.value_counts(sort=False).reindex(categories))
    if not adata.is_view:
        adata.uns[key] = list(palette.values())
    return labels, {**options, "cmap": palette}
