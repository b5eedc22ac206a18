"""`compare`: HyperDGA of two data sets, by their latents."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike, NDArray

from .._validation import check_paired_rows, table_index
from .._warn import warn_caller
from ..similarity import DGAResult
from ..similarity.scores import (
    Settings,
    check_search,
    check_settings,
    compare_points,
    pair_of_groups,
    stacked_index,
    with_dropped,
)
from ._encoding import check_options, encoded
from ._manifold import space_of
from ._networks import evaluation_mode
from ._output import Output
from ._placing import PAIR, OnBad, Placed, place

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from ._batches import Data
    from ._manifold import Manifold


def compare(
    encoder: Callable[[torch.Tensor], Any],
    A: Data,
    B: Data,
    manifold: Manifold,
    *,
    output: Output = None,
    factor: int | None = None,
    on_bad: OnBad = "raise",
    batch_size: int = 256,
    device: torch.device | str | None = None,
    hops: int = 1,
    paired: bool = False,
    groups: tuple[ArrayLike, ArrayLike] | None = None,
    n_permutations: int = 0,
    interval: float | None = None,
    max_points: int | None = None,
    scan: bool = False,
    method: Literal["auto", "exact", "rays"] = "auto",
    n_rays: int = 16384,
    random_state: int | RandomState | None = 0,
    n_jobs: int | None = None,
    verbose: bool = False,
) -> DGAResult:
    """HyperDGA of two data sets in the latent space of an encoder.

    Parameters
    ----------
    encoder : callable, usually torch.nn.Module or a method of one
        Maps a batch (b, ...) of inputs to latent points (b, d), or to something that holds them (`output`).
    A, B : torch.Tensor, array or data frame of shape (n, ...) and (m, ...), torch Dataset, or DataLoader
        Inputs of the reference and of the evaluated set. This, `manifold` and the options up to `device` as in
        `encode`.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic, geoopt.Scaled, a product of these, or float
        Where the latent points live; it says the model and the curvature.
    output : int, str or callable, optional
        Where the latents are in what the encoder returns.
    factor : int >= 0, optional
        Of a product, which of its factors to look at, by its place.
    on_bad : {"raise", "drop"}, default="raise"
        What becomes of latent rows that are not finite, outside or clipped. With ``"drop"`` they are left out, of
        paired sets both rows of a pair, and ``.dropped`` of the result says which and why.
    batch_size : int >= 1, default=256
        Rows encoded at a time.
    device : torch.device or str, optional
        Where batches are brought; by default where the encoder's first parameter is.
    hops : int >= 1, default=1
        Count the pairs that at most so many steps in the Delaunay graph join. This and all that follow are the options
        of `hyperkit.similarity.compare_sets`; more on them in `hyperkit.HyperDGA` and its `compare`.
    paired : bool, default=False
        Row i of A and row i of B belong together.
    groups : pair of array-likes of shape (n,) and (m,), optional
        The group of each row of A and of B, such as its donor, for p-values of whole groups. Rows that are dropped are
        left out of them too.
    n_permutations : int, default=0
        Labellings to draw for the permutation p-values.
    interval : float in (0, 1), optional
        Confidence level of an interval for the similarity.
    max_points : int >= 2, optional
        Above three dimensions: look for the neighbours of at most so many random points.
    scan : bool, default=False
        Also look where the sets differ.
    method : {"auto", "exact", "rays"}, default="auto"
        How Delaunay edges are found.
    n_rays : int, default=16384
        Budget of a point in rays, for ``method="rays"``.
    random_state : int, RandomState or None, default=0
        For rays, permutations, half-samples and samples of points.
    n_jobs : int or None, default=None
        Jobs of rays, permutations and half-samples, as in joblib; every number gives the same bits.
    verbose : bool, default=False
        Show progress bars on stderr.

    Returns
    -------
    DGAResult
        The counts and the score of the two encoded sets, which have no unit: those of their coordinates on the
        manifold, whatever its curvature. If rows were left out, `row` in ``.to_frame()`` is still the row of the data,
        as in ``.dropped``, and its index too; `rows` and `medoid` in ``.regions()`` are places in ``.to_frame()``.
        ``.label_scores`` takes the labels of the rows that are left.

    Raises
    ------
    ImportError, TypeError, ValueError
        As in `encode`; also if no row of a set is left, the sets have latents of different widths; or an option is out
        of its range, as in `hyperkit.HyperDGA.compare`.

    Warns
    -----
    UserWarning
        Latent rows sit on geoopt's clipping radius, and are kept: their radii, and so the score, are not those of the
        encoder. Or as in `hyperkit.HyperDGA.compare`.

    Notes
    -----
    What dropping costs: if an encoder fails on inputs of one kind only, the rest is no sample of the data any more.

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> A, B = torch.tensor([[0.0, 0.0], [0.1, 0.0]]), torch.tensor([[0.5, 0.0]])
    >>> compare(ball.expmap0, A, B, ball).similarity
    0.5
    """
    check_options(output, on_bad, batch_size)
    if paired is True:
        check_paired_rows({"A": A, "B": B})
    space = space_of(manifold, factor)
    settings = Settings(
        method=method,
        n_rays=n_rays,
        random_state=random_state,
        n_jobs=n_jobs,
        verbose=verbose,
        paired=paired,
        n_permutations=n_permutations,
        interval=interval,
        max_points=max_points,
        hops=hops,
        scan=scan,
    )
    check_search(settings)  # before the encoder has worked
    with evaluation_mode(encoder):
        latents = [encoded(encoder, A, space, output, int(batch_size), device, "A")]
        latents += [encoded(encoder, B, space, output, int(batch_size), device, "B")]
    n_a, n_b = map(len, latents)
    settings = settings._replace(groups=pair_of_groups(groups, (("A", A, n_a), ("B", B, n_b))))
    check_settings(settings, n_a, n_b)
    widths = [latent.shape[1] for latent in latents]
    if widths[0] != widths[1]:
        raise ValueError(
            f"encoder must return rows of one width; for A it returned {widths[0]} columns, for B {widths[1]}"
        )
    a, b = (place(z, space, f"latents of {name}", on_bad) for name, z in zip("AB", latents, strict=True))
    if paired:  # of a pair neither row or both
        a, b = a.without(b.dropped, PAIR), b.without(a.dropped, PAIR)
    _check_kept(a, "A")
    _check_kept(b, "B")
    index = stacked_index(table_index(A), n_a, table_index(B), n_b)
    if len(a.dropped) or len(b.dropped):
        index = _index_of_kept(index, np.concatenate([a.rows, n_a + b.rows]), n_a)
        settings = settings._replace(groups=_groups_of_kept(groups, a, b))
    result = compare_points(("latents of A", a.ball), ("latents of B", b.ball), settings, index)
    return with_dropped(result, (a.dropped, b.dropped), (a.reasons, b.reasons))


def _index_of_kept(index: pd.Index | None, rows: NDArray[np.int64], n_a: int) -> pd.Index:
    """Labels of stacked rows, or their numbers in their own set."""
    import pandas as pd

    return pd.Index(np.where(rows < n_a, rows, rows - n_a)) if index is None else index[rows]


def _groups_of_kept(groups: Any, a: Placed, b: Placed) -> Any:
    """Groups of the rows that are left, which may be fewer groups."""
    if groups is None:
        return None
    kept = tuple(np.asarray(labels, dtype=object)[placed.rows] for labels, placed in zip(groups, (a, b), strict=True))
    return pair_of_groups(kept, (("A", None, len(a.ball)), ("B", None, len(b.ball))))


def _check_kept(placed: Placed, name: str) -> None:
    """Raise ValueError if no row is left, and warn of rows that geoopt has moved."""
    n = len(placed.ball)
    if n == 0:
        reasons, counts = np.unique(placed.reasons, return_counts=True)
        found = ", ".join(f"{count} {reason}" for reason, count in zip(reasons, counts, strict=True))
        raise ValueError(f"no latent row of {name} can be used: {found}")
    if placed.clipped.any():
        warn_caller(
            f"{np.count_nonzero(placed.clipped)} of {n} latent rows of {name} sit on geoopt's clipping radius, "
            "not where the encoder put them; the score sees only their direction. Encode in float64, lower the radii, "
            'or leave them out, by on_bad="drop"',
        )
