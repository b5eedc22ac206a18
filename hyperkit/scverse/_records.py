"""Where results lie in an AnnData, what may be overwritten, and how they are found again.

The record of a result is ``adata.uns["hyperkit"][key_added]``: plain arrays, numbers and text, which h5ad and zarr
hold. What has one entry a cell is in `obsm` or `obs` under names that begin with `key_added`. A result of one cell each
follows when cells are selected; a record does not, and so the trees in it keep the names of their cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..models import Model
from ._tables import entry

if TYPE_CHECKING:
    from anndata import AnnData

HOME = "hyperkit"
# Matrices of `PairwiseDGA`, which a record of `dga` has by these names.
MEASURES = ("similarity", "relative_similarity", "z_score", "p_value", "p_value_corrected")


def check_free(adata: AnnData, key_added: Any, kind: str, *, obsm: bool = False, obs: tuple[str, ...] = ()) -> None:
    """See, before the work, that nothing would be overwritten but an earlier result of this kind by this name.

    Raises
    ------
    ValueError
        `key_added` is no name; or there is something that was not written by this function.
    """
    if not isinstance(key_added, str) or not key_added or "/" in key_added:
        raise ValueError(f"key_added={key_added!r} must be a name: text without a slash, which h5ad reads as a folder")
    earlier = records(adata).get(key_added, {})
    ours = earlier.get("kind") == kind
    written = set(earlier.get("columns", ())) if ours else set()
    taken = [f'adata.uns["{HOME}"]["{key_added}"]'] if key_added in records(adata) and not ours else []
    taken += [f'adata.obsm["{key_added}"]'] if obsm and key_added in adata.obsm and not ours else []
    columns = [f"{key_added}_{suffix}" for suffix in obs]
    taken += [f'adata.obs["{name}"]' for name in columns if name in adata.obs and name not in written]
    if taken:
        raise ValueError(
            f"key_added={key_added!r}: {taken[0]} is there, and no earlier result of this function; give another "
            "key_added, or delete it first"
        )


def keep(
    adata: AnnData,
    key_added: str,
    kind: str,
    record: Mapping[str, Any],
    params: Mapping[str, Any],
    *,
    obsm: Any = None,
    obs: Mapping[str, Any] | None = None,
) -> None:
    """Write a result into `adata`; what an earlier one of this name left goes. A view becomes a copy of its own."""
    if adata.is_view:
        adata.obs = adata.obs.copy()  # the way of anndata to do so without a warning
    columns = {f"{key_added}_{suffix}": values for suffix, values in (obs or {}).items()}
    earlier = records(adata).get(key_added, {})
    for name in earlier.get("columns", ()):
        if name in adata.obs and name not in columns:
            del adata.obs[name]
    for name, values in columns.items():
        adata.obs[name] = values
    if obsm is not None:
        adata.obsm[key_added] = obsm
    about: dict[str, Any] = {"kind": kind, "params": writable(params), **record}
    if columns:
        about["columns"] = np.array(list(columns), dtype=object)
    adata.uns[HOME] = {**records(adata), key_added: about}


def writable(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as files hold them: what is None is left out, and what is no number or text is its `repr`."""
    plain = (bool, int, float, str, np.bool_, np.integer, np.floating)
    return {
        name: value if isinstance(value, plain) else repr(value) for name, value in params.items() if value is not None
    }


def records(adata: AnnData) -> Mapping[str, Any]:
    """All records, by `key_added`."""
    found: Mapping[str, Any] = adata.uns.get(HOME, {})
    return found


def record_of(adata: AnnData, argument: str, key: Any, *kinds: str) -> Mapping[str, Any]:
    """The record that ``tl.<kind>`` left, one of `kinds`."""
    makers = " or ".join(f"hyperkit.tl.{kind}" for kind in kinds)
    found: Mapping[str, Any] = entry(records(adata), f"uns['{HOME}']", argument, key, f"; {makers} makes one")
    if found.get("kind") not in kinds:
        raise KeyError(f"{argument}={key!r} is a record of hyperkit.tl.{found.get('kind')}, not of {makers}")
    return found


def model_of(adata: AnnData, basis: str) -> tuple[Model, float] | None:
    """Model and curvature of the coordinates in ``adata.obsm[basis]``, if they are recorded."""
    about = records(adata).get(basis)
    if about is None or "model" not in about:
        return None
    return str(about["model"]), float(about.get("curvature", -1.0))  # type: ignore[return-value] # checked where used


def coordinates(adata: AnnData, basis: Any) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """Points of ``adata.obsm[basis]``, and their model and curvature by name.

    Raises
    ------
    KeyError
        There are none, or nobody has said which coordinates they are.
    """
    points = entry(adata.obsm, "obsm", "basis", basis, "; hyperkit.tl.embed makes one")
    found = model_of(adata, basis)
    if found is None:
        raise KeyError(
            f"basis={basis!r}: nothing says which coordinates adata.obsm[{basis!r}] holds; if they are hyperbolic, "
            f"write adata.uns.setdefault('{HOME}', {{}})[{basis!r}] = {{'model': 'poincare', 'curvature': -1.0}}"
        )
    model, curvature = found
    return np.asarray(points), {"model": model, "curvature": curvature}
