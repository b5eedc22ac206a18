"""`monitor`: how a latent space is doing while it is trained, as a dictionary of numbers.

The one idea: a training run must not end, nor take another course, for the sake of a figure. So what cannot be measured
is NaN with its reason beside it, and networks, gradients and random numbers are left as they were.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.random import RandomState
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from .._validation import check_count, check_number
from ._batches import as_tensor, check_rows
from ._manifold import space_of
from ._networks import check_callable, dtype_of
from ._output import Output, check_output
from ._probe import Probe

if TYPE_CHECKING:
    import torch

    from ._manifold import Manifold

_SHARES = ("n_points", "bad_share", "clipped_share")
_RADII = ("radius_mean", "radius_median", "radius_max")
_SPREAD = ("spread", "effective_dimensions", "collapse")


class Readings(dict[str, float]):
    """Figures of a latent space by their names: plain floats, for any logger.

    Attributes
    ----------
    reasons : dict of str to str
        Why a figure is NaN, by its name.
    """

    def __init__(self) -> None:
        super().__init__()
        self.reasons: dict[str, str] = {}

    def _take(self, names: Sequence[str], measure: Callable[[], Mapping[str, float] | float]) -> None:
        """Take what is measured, or a reason why there is nothing to take."""
        try:
            found = measure()
        except Exception as error:  # of the user's networks and data, whatever it may be
            self._miss(names, str(error) if isinstance(error, ValueError) else f"{type(error).__name__}: {error}")
            return
        figures = found if isinstance(found, Mapping) else {names[0]: found}
        for name in names:
            self[name] = float(figures[name])
            if not math.isfinite(self[name]):
                self._miss([name], "it is not finite: numbers are too large")

    def _miss(self, names: Sequence[str], reason: str) -> None:
        for name in names:
            self[name] = math.nan
            self.reasons[name] = reason


def monitor(
    encoder: Callable[[torch.Tensor], Any],
    batch: torch.Tensor | ArrayLike | tuple[Any, ...],
    manifold: Manifold,
    labels: Any = None,
    *,
    decoder: Callable[[torch.Tensor], Any] | None = None,
    output: Output = None,
    factor: int | None = None,
    noise: float = 0.1,
    max_points: int = 1000,
    random_state: int | RandomState | None = 0,
) -> Readings:
    """Figures of a latent space for the log of a training run: a dictionary of floats, whatever the data are.

    Parameters
    ----------
    encoder : callable, usually torch.nn.Module or a method of one
        Maps a batch (b, ...) of inputs to latent points (b, d), or to something that holds them (`output`).
    batch : torch.Tensor or array of shape (n, ...), or a tuple or list that begins with one
        Inputs as the encoder takes them, such as a validation batch that is the same at every call.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic, geoopt.Scaled, a product of these, or float
        Where the latent points live, as in `to_poincare`.
    labels : array-like or torch.Tensor of shape (n,), optional
        Classes of the inputs, for ``"mixing"``.
    decoder : callable, optional
        Maps latent rows, as the encoder gives them, back to inputs: a tensor of the shape of the inputs, a distribution
        with such a mean, or a tuple that holds one of them. For ``"reconstruction"``.
    output : int, str or callable, optional
        Where the latents are in what the encoder returns, as in `encode`.
    factor : int >= 0, optional
        Of a product, which of its factors to look at, by its place.
    noise : float > 0, default=0.1
        Standard deviation of the noise for ``"noise_robustness"``, in those of each feature of the batch.
    max_points : int >= 2, default=1000
        Rows looked at; of a larger batch so many at random.
    random_state : int, RandomState or None, default=0
        For that draw, and the noise: the same at every call.

    Returns
    -------
    Readings
        A dictionary with these keys, always all of them:

        - ``"n_points"`` : rows looked at, less those that are no points.
        - ``"bad_share"``, ``"clipped_share"`` : share of rows that are not finite or outside, and that sit on geoopt's
          clipping radius, which are looked at nevertheless.
        - ``"radius_mean"``, ``"radius_median"``, ``"radius_max"`` : distance from the origin, in lengths of the
          manifold.
        - ``"spread"`` : root of the mean squared distance to the Frechet mean, in such lengths.
        - ``"effective_dimensions"`` : ``(sum v)^2 / sum v^2`` over the variances v along principal directions at the
          mean, from 1 to d; 0 if all points are in one place.
        - ``"collapse"`` : share of these directions along which the variance is less than .01, as of inactive units in
          [1]_; 1 if the latents have collapsed to a point.
        - ``"mixing"`` : share of Delaunay edges that join different labels, relative to chance: 1 if labels are as
          mixed as if dealt out at random, near 0 if they are apart.
        - ``"noise_robustness"``, ``"reconstruction"`` : HyperDGA of latents, with those of the noisy inputs and of the
          decoded latents, as `DGAResult.relative_similarity` of paired sets: 1 if they might as well be swapped, near 0
          if they are apart. These are scores of sets: rows in the places of each other are as good.
        - ``"noise_shift"`` : median distance that the noise moves a row, in units of the spread.
        - ``"reconstruction_error"`` : sum of squared errors of the decoder relative to the total variance of the batch;
          0 is perfect, 1 no better than the mean.

        What cannot be measured is NaN, and ``.reasons`` says why, by the same key: no score or shift of latents that
        have collapsed to a point, for one.

    Raises
    ------
    ImportError, TypeError, ValueError
        For wrong arguments: the manifold is not hyperbolic, the batch is neither tensor nor array, an option is out of
        its range. Never because of what is in the batch or what the networks do with it, errors of theirs included.

    Notes
    -----
    The first call in a new installation compiles for ten seconds to a minute, and says so on stderr. After that, for
    1,000 points with labels and decoder, and beside the time of the networks, CPU seconds are 0.02 in 2 dimensions, 0.2
    in 3, 0.9 in 5, 1.4 in 10 and 8 in 32, where ``max_points=200`` takes 1.8. Above 3 dimensions the three scores over
    graphs are estimates, by the neighbours of 100 random points.

    Networks are in evaluation mode while they are looked at and in their own afterwards, no gradient is computed, and
    the random numbers of torch go on as if nothing had been called: a run that is monitored is the run that is not.
    Nothing warns meanwhile. An encoder that draws its latents is looked at with its draws.

    References
    ----------
    .. [1] Burda, Grosse, Salakhutdinov, "Importance weighted autoencoders", ICLR 2016 (arXiv 1509.00519).

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> x = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    >>> found = monitor(ball.expmap0, x, ball)
    >>> round(found["radius_median"], 3), found["collapse"], found["mixing"]
    (2.109, 0.0, nan)
    >>> found.reasons["mixing"]
    'no labels were given'
    """
    check_output(output)
    max_points = check_count("max_points", max_points, 2)
    noise = check_number("noise", noise, "a number > 0", lambda value: 0 < value < math.inf)
    rng = check_random_state(random_state)
    space = space_of(manifold, factor)
    check_callable("encoder", encoder)
    if decoder is not None:
        check_callable("decoder", decoder)
    table = batch[0] if isinstance(batch, tuple | list) and batch else batch
    rows = check_rows(table, "batch", "a data frame, or a tuple or list that begins with one of these")
    n = len(rows)
    chosen = np.arange(n) if n <= max_points else np.sort(rng.choice(n, max_points, replace=False))
    inputs = as_tensor(rows[chosen], dtype_of(encoder))
    probe = Probe(encoder, decoder, inputs, space, output, noise, int(rng.randint(2**31)))
    readings = Readings()
    with probe.undisturbed(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        readings._take(_SHARES, probe.shares)
        readings._take(_RADII, probe.radii)
        readings._take(_SPREAD, probe.spread)
        readings._take(["mixing"], lambda: probe.mixing(labels, chosen, n))
        readings._take(["noise_robustness"], probe.noise_robustness)
        readings._take(["noise_shift"], probe.noise_shift)
        readings._take(["reconstruction"], probe.reconstruction)
        readings._take(["reconstruction_error"], probe.reconstruction_error)
    return readings
