"""What is read from an AnnData: its tables, columns and graphs, each by a key that an error can name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd
    from anndata import AnnData


def check_adata(adata: Any) -> None:
    """See that `adata` is an AnnData whose cells have names of their own.

    Raises
    ------
    ImportError
        anndata is not installed.
    TypeError, ValueError
        `adata` is something else, or two of its cells have one name.
    """
    try:
        from anndata import AnnData
    except ImportError as error:
        raise ImportError(
            'anndata is needed for hyperkit.tl and hyperkit.pl: pip install "hyperkit-geometry[anndata]"'
        ) from error
    if not isinstance(adata, AnnData):
        raise TypeError(f"adata is a {type(adata).__module__}.{type(adata).__qualname__}; give an anndata.AnnData")
    if not adata.obs_names.is_unique:
        name = adata.obs_names[adata.obs_names.duplicated()][0]
        raise ValueError(f"adata: two cells are called {name!r}; adata.obs_names_make_unique() tells them apart")


def entry(mapping: Any, where: str, argument: str, key: Any, way_out: str = "") -> Any:
    """``mapping[key]``, or an error that lists the keys that are there.

    A KeyError shows its text as `repr` does: with single quotes alone in it that can be read.
    """
    if not isinstance(key, str) or key not in mapping:
        have = ", ".join(map(repr, mapping)) or "none"
        raise KeyError(f"{argument}={key!r} is no key of adata.{where}; there are: {have}{way_out}")
    return mapping[key]


def several(argument: str, given: Any) -> list[Any]:
    """One name, or several, as a list."""
    if isinstance(given, str):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(f"{argument}={given!r} must be a name or a list of names")
    return list(given)


def column(adata: AnnData, argument: str, key: Any) -> pd.Series:
    """A column of ``adata.obs``."""
    return entry(adata.obs, "obs", argument, key)


def representation(adata: AnnData, use_rep: str, neighbors_key: str | None) -> tuple[Any, dict[str, Any]]:
    """A table of features or a graph of distances, and how `HyperbolicMDS` and `quality` are told which it is."""
    if neighbors_key is not None:
        return neighbor_graph(adata, neighbors_key), {"metric": "precomputed_graph"}
    if use_rep != "X":
        way_out = "; scanpy.pp.pca makes 'X_pca', and 'X' is adata.X itself"
        return entry(adata.obsm, "obsm", "use_rep", use_rep, way_out), {}
    if not adata.isbacked:
        return adata.X, {}
    table = adata.X
    return table.to_memory() if hasattr(table, "to_memory") else table[:], {}


def neighbor_graph(adata: AnnData, neighbors_key: str) -> Any:
    """The sparse distances that ``scanpy.pp.neighbors(key_added=neighbors_key)`` left."""
    about = entry(adata.uns, "uns", "neighbors_key", neighbors_key, "; scanpy.pp.neighbors makes one")
    key = about.get("distances_key", "distances") if hasattr(about, "get") else "distances"
    return entry(adata.obsp, "obsp", f"the distances of neighbors_key={neighbors_key!r}", key)


def values_of(adata: AnnData, color: Any) -> pd.Series | NDArray[np.float64]:
    """A column of ``adata.obs``, or of a gene the values in ``adata.X``, of which nothing else is read."""
    if isinstance(color, str) and color in adata.obs:
        return adata.obs[color]
    if not isinstance(color, str) or color not in adata.var_names:
        have = ", ".join(map(repr, adata.obs)) or "none"
        raise KeyError(f"color={color!r} is neither a gene of adata.var_names nor a column of adata.obs: {have}")
    values = adata[:, [color]].X
    return np.asarray(values.toarray() if hasattr(values, "toarray") else values, dtype=np.float64).ravel()
