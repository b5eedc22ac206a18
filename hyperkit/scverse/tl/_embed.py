"""`embed` and `quality`: cells in hyperbolic space, and how good that is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...embedding import HyperbolicMDS
from ...embedding import quality as measures
from .._records import check_free, keep, model_of
from .._tables import check_adata, entry, representation, several

if TYPE_CHECKING:
    from anndata import AnnData


def embed(
    adata: AnnData,
    *,
    use_rep: str = "X_pca",
    n_components: int = 2,
    key_added: str = "X_hyperbolic",
    neighbors_key: str | None = None,
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> None:
    """Place cells in hyperbolic space so that its distances follow those of their features.

    Parameters
    ----------
    adata : AnnData
    use_rep : str, default="X_pca"
        Features: a key of ``adata.obsm``, or ``"X"``.
    n_components : int >= 1, default=2
        Dimension of the hyperbolic space. Draw in 2; for `hierarchy` 5 find more.
    key_added : str, default="X_hyperbolic"
        Where the result goes.
    neighbors_key : str, optional
        Take shortest paths in the graph that ``scanpy.pp.neighbors`` left in ``adata.obsp`` instead of features: its
        `key_added`, ``"neighbors"`` by default there.
    random_state : int, RandomState or None, default=0
    **options
        Other parameters of :class:`hyperkit.HyperbolicMDS`, such as `n_landmarks`, `n_neighbors` or `n_jobs`.

    Returns
    -------
    None
        ``adata.obsm[key_added]`` holds the coordinates, at curvature -1, shape (n_obs, n_components), or one more for
        ``model="hyperboloid"``; ``adata.uns["hyperkit"][key_added]`` their `model` and `curvature`, the `stress`, and
        `data_curvature`: distances divided by ``sqrt(-data_curvature)`` follow those of the features.

    Raises
    ------
    ImportError
        anndata is not installed.
    KeyError
        There is no such table or graph; the message lists those that are there.
    TypeError, ValueError
        As :meth:`hyperkit.HyperbolicMDS.fit`; or something else is at `key_added`.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(cells.data[::8], obsm={"X_pca": cells.data[::8]})
    >>> hk.tl.embed(adata)
    >>> adata.obsm["X_hyperbolic"].shape, adata.uns["hyperkit"]["X_hyperbolic"]["model"]
    ((80, 2), 'poincare')
    """
    check_adata(adata)
    check_free(adata, key_added, "embed", obsm=True)
    table, read_as = representation(adata, use_rep, neighbors_key)
    mds = HyperbolicMDS(n_components, random_state=random_state, **read_as, **options).fit(table)
    source = {"use_rep": use_rep} if neighbors_key is None else {"neighbors_key": neighbors_key}
    record = {"model": mds.model, "curvature": -1.0, "data_curvature": mds.curvature_, "stress": mds.stress_}
    keep(adata, key_added, "embed", record, source | mds.get_params(), obsm=np.asarray(mds.embedding_))


def quality(
    adata: AnnData,
    *,
    basis: str | Sequence[str] = "X_hyperbolic",
    use_rep: str = "X_pca",
    neighbors_key: str | None = None,
    key_added: str = "quality",
    random_state: int | np.random.RandomState | None = 0,
    **options: Any,
) -> None:
    """Measure how well embeddings keep the distances, the neighbours and the order of features.

    Parameters
    ----------
    adata : AnnData
    basis : str or sequence of str, default="X_hyperbolic"
        One or several keys of ``adata.obsm``. Those without a record of their model are Euclidean, as ``"X_umap"`` is;
        the result says which were taken so.
    use_rep, neighbors_key
        What they should reproduce, as in `embed`.
    key_added : str, default="quality"
        Where the result goes.
    random_state : int, RandomState or None, default=0
        For the cells that are looked at.
    **options
        Other parameters of :func:`hyperkit.embedding.quality`, such as `sample_size`.

    Returns
    -------
    None
        ``adata.uns["hyperkit"][key_added]["measures"]`` is a data frame with a row for each basis: `model`, and the
        columns that :func:`hyperkit.embedding.quality` lists.

    Raises
    ------
    ImportError, KeyError, TypeError, ValueError
        As `embed` and :func:`hyperkit.embedding.quality`; or two bases are recorded at different curvatures.

    Examples
    --------
    >>> import anndata, hyperkit as hk
    >>> cells = hk.datasets.load_krumsiek11()
    >>> adata = anndata.AnnData(cells.data[::8], obsm={"X_pca": cells.data[::8]})
    >>> hk.tl.embed(adata)
    >>> hk.tl.quality(adata, basis=["X_hyperbolic", "X_pca"])
    >>> adata.uns["hyperkit"]["quality"]["measures"]["model"].tolist()
    ['poincare', 'euclidean']
    """
    check_adata(adata)
    check_free(adata, key_added, "quality")
    points, curvatures = {}, set()
    models: dict[str, Any] = {}
    for name in several("basis", basis):
        points[name] = np.asarray(entry(adata.obsm, "obsm", "basis", name, "; hyperkit.tl.embed makes one"))
        known = model_of(adata, name)
        models[name] = "euclidean" if known is None else known[0]
        curvatures |= set() if known is None else {known[1]}
    if len(curvatures) > 1:
        raise ValueError(f"basis={basis!r} are recorded at curvatures {sorted(curvatures)}; judge them one by one")
    reference, read_as = representation(adata, use_rep, neighbors_key)
    if neighbors_key is not None:
        read_as = {}  # a sparse matrix is known to be a graph
    curvature = curvatures.pop() if curvatures else -1.0
    judged = measures(
        points, reference, model=models, curvature=curvature, random_state=random_state, **read_as, **options
    ).to_frame()
    judged.insert(0, "model", [models[name] for name in judged.index])
    params = {"use_rep": use_rep, "neighbors_key": neighbors_key, "random_state": random_state, **options}
    keep(adata, key_added, "quality", {"measures": judged}, params)
