"""`LatentPoints`: latent points as the rest of the package takes them, and which rows are not among them.

`to_poincare` makes them of a tensor; `encode`, in a file of its own, of the data that an encoder is given.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .._repr import KeyFigures
from ._manifold import Space, space_of
from ._placing import CLIPPED, NOT_FINITE, OUTSIDE, OnBad, Placed, check_on_bad, place

if TYPE_CHECKING:
    import torch

    from ._manifold import Manifold


@dataclass(frozen=True, eq=False, repr=False)
class LatentPoints(KeyFigures):
    """Latent points in the Poincare unit ball, which of them geoopt has moved, and which rows were left out.

    Attributes
    ----------
    points : ndarray of shape (n, d), float64
        Points of the unit ball (curvature -1), in the order of the rows.
    n_clipped : int
        Rows that sit on geoopt's clipping radius: they are not where the encoder wanted them, only their direction is.
    clipped : ndarray of shape (n,), bool
        Which of the points those are. Never set for a `Lorentz` manifold, which geoopt does not clip, nor with
        ``on_bad="drop"``, which leaves such rows out.
    n_not_finite, n_outside : int
        Rows left out because they hold NaN or inf, and because they lie on or beyond the rim of the ball, off the sheet
        of the hyperboloid, or farther out than float64 can tell (polar radius 36).
    dropped : ndarray of shape (n_dropped,), int64
        Rows that were left out, ascending.
    reasons : ndarray of shape (n_dropped,), str
        Why: ``"not finite"``, ``"outside"`` or ``"clipped"``.
    unit : float
        Length on the manifold of what has length 1 among `points`: ``1 / sqrt(-K)``, times the scale of a `Scaled`.
    """

    points: NDArray[np.float64]
    n_clipped: int
    clipped: NDArray[np.bool_]
    n_not_finite: int = 0
    n_outside: int = 0
    dropped: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    reasons: NDArray[np.str_] = field(default_factory=lambda: np.empty(0, dtype="<U10"))
    unit: float = 1.0

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of the data of each point, shape (n,): for labels and whatever else is known of the rows."""
        return np.delete(np.arange(len(self.points) + len(self.dropped)), self.dropped)

    def _key_figures(self) -> dict[str, object]:
        n, d = self.points.shape
        return {"n": n, "d": d, "n_clipped": self.n_clipped, "n_dropped": len(self.dropped) or None}


def to_poincare(
    z: torch.Tensor, manifold: Manifold, *, factor: int | None = None, on_bad: OnBad = "raise"
) -> LatentPoints:
    """Bring latent points from torch to the Poincare unit ball, in float64.

    Parameters
    ----------
    z : torch.Tensor of shape (n, d); ``Lorentz``: (n, d + 1), time first; a product: (n, columns of all factors)
        Latent points of any floating dtype, on any device; a tensor that requires a gradient is detached.
    manifold : geoopt.PoincareBall, geoopt.Lorentz, geoopt.Stereographic, geoopt.Scaled, a product of these, or float
        Where `z` lives, and with which curvature K < 0. A number is the curvature of a Poincare ball, as geoopt lays
        it: radius ``1 / sqrt(-K)``.
    factor : int >= 0, optional
        Of a product, which of its factors to look at, by its place; a product of one factor needs no number.
    on_bad : {"raise", "drop"}, default="raise"
        What becomes of rows that are not finite, lie outside, or sit on geoopt's clipping radius. ``"raise"``: the
        first that is no point is an error, and clipped ones are kept and marked. ``"drop"``: they are left out, all
        three kinds, and the result says which and why.

    Returns
    -------
    LatentPoints
        The points of the unit ball, where the curvature is -1 and lengths are ``sqrt(-K)`` times those of the manifold,
        and which rows sit on geoopt's clipping radius.

    Raises
    ------
    ImportError
        The extra is not installed.
    TypeError
        `z` is no torch tensor, or none of real floating point numbers; `manifold` is of another kind.
    ValueError
        `z` has not two axes, or a row is not finite, outside the ball or off the sheet of the hyperboloid; the manifold
        has no negative curvature, or is a product and `factor` names none of its hyperbolic factors.

    Notes
    -----
    A row of a `Lorentz` manifold is defined by its spatial part x, in float64: the time coordinate is recomputed as
    ``sqrt(k + |x|^2)``, because in float32 the stored one misses the sheet by 1e-7 of its square. It is only checked to
    agree to 1e-3 (a few roundings in half precision).

    A row counts as clipped if its norm agrees with the clipping radius to a few roundings: 0.996 in float32, 1 - 1e-5
    in all other dtypes. Float64 rows are held against both, since they may have been float32 before. In half precision
    1 - 1e-5 rounds to 1, so geoopt leaves such rows on the rim, and they are an error here.

    Clipped rows are the outermost: to leave them out makes the set smaller at its rim. Where they are more than a few,
    encode in float64 or lower the radii.

    Arrays need no such bridge: every function of the package takes them by ``model="poincare", curvature=-c``, or by
    ``model="hyperboloid", curvature=-1 / k`` and time first; :func:`hyperkit.convert` brings one to the other.

    References
    ----------
    .. [1] Kochurov, Karimov, Kozlukov, "Geoopt: Riemannian optimization in PyTorch", 2020 (arXiv 2005.02819).

    Examples
    --------
    >>> import geoopt, torch
    >>> ball = geoopt.PoincareBall(c=1.0)
    >>> z = ball.expmap0(torch.tensor([[0.5, 0.0], [0.0, 9.0]]))
    >>> latent = to_poincare(z, ball)
    >>> latent.points.shape, latent.n_clipped, latent.clipped.tolist()
    ((2, 2), 1, [False, True])
    >>> to_poincare(z, ball, on_bad="drop").dropped.tolist()
    [1]
    """
    check_on_bad(on_bad)
    space = space_of(manifold, factor)
    return latent_points(place(z, space, "z", on_bad), space)


def latent_points(placed: Placed, space: Space) -> LatentPoints:
    """What is told of placed rows."""

    def count(reason: str) -> int:
        return int(np.count_nonzero(placed.reasons == reason))

    return LatentPoints(
        points=placed.ball.z,
        n_clipped=int(np.count_nonzero(placed.clipped)) + count(CLIPPED),
        clipped=placed.clipped,
        n_not_finite=count(NOT_FINITE),
        n_outside=count(OUTSIDE),
        dropped=placed.dropped,
        reasons=placed.reasons,
        unit=space.unit,
    )
