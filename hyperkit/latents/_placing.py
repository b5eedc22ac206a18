"""Rows of a latent tensor to points of the ball, and what is to be said of rows that are no points, or no longer.

In comes a tensor with the `Space` it lives in; out comes `Placed`. The one idea is distrust: float32 rows miss the
sheet of the hyperboloid, and geoopt pulls every row that would come near the rim of the ball back to one norm (0.996 in
float32, polar radius 6.2), so that points the encoder put at different radii end on one circle. The first is repaired
(a row is defined by its spatial part); the second cannot be, so it is counted and said.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .._validation import check_choice
from ..models import BallPoints, ball_gap, check_points, checked_to_ball, coordinate_model, sheet_time
from ._extras import import_extra, type_name
from ._manifold import Space

if TYPE_CHECKING:
    import torch

Float: TypeAlias = NDArray[np.float64]
OnBad: TypeAlias = Literal["raise", "drop"]

NOT_FINITE, OUTSIDE, CLIPPED, PAIR = "not finite", "outside", "clipped", "pair"
_REASON = "<U10"
# geoopt.manifolds.stereographic.math.project cuts norms to 1 - 4e-3 in float32, to 1 - 1e-5 in other dtypes. Here are
# the radius and the relative distance from it that still counts: rows that were cut are off by the roundings of their
# own dtype and of the curvature (float32 even under float64 rows), measured at most 2.5e-7 and 1.2e-7 (c = 1e-2 to 1e2,
# d <= 500).
_CLIPPED_FLOAT32 = (1 - 4e-3, 1e-6)
_CLIPPED_OTHER = (1 - 1e-5, 2e-7)
# Time, at curvature -1, up to which Poincare coordinates hold any point: polar radius 35.
_SURELY_HELD = np.cosh(35.0)


class Placed(NamedTuple):
    """Points of the ball at curvature -1, and the rows of the tensor that are not among them."""

    ball: BallPoints
    clipped: NDArray[np.bool_]
    """Which of the points sit on geoopt's clipping radius."""
    dropped: NDArray[np.int64]
    """Rows left out, ascending."""
    reasons: NDArray[np.str_]
    """Why, for each of these."""

    @property
    def rows(self) -> NDArray[np.int64]:
        """Row of the tensor of each point."""
        return np.delete(np.arange(len(self.ball) + len(self.dropped)), self.dropped)

    def without(self, rows: NDArray[np.int64], reason: str) -> Placed:
        """Leave out more of the rows, by their numbers in the tensor, for one reason."""
        rows = np.setdiff1d(rows, self.dropped)
        dropped = np.concatenate([self.dropped, rows])
        order = np.argsort(dropped)
        reasons = np.concatenate([self.reasons, np.full(len(rows), reason, dtype=_REASON)])
        kept = ~np.isin(self.rows, rows)
        return Placed(self.ball.take(kept), self.clipped[kept], dropped[order], reasons[order])


def check_on_bad(on_bad: Any) -> None:
    """Raise ValueError unless `on_bad` says what becomes of rows that cannot be used."""
    check_choice("on_bad", on_bad, ("raise", "drop"))


def place(z: torch.Tensor, space: Space, name: str, on_bad: OnBad = "raise", *, keep_clipped: bool = False) -> Placed:
    """Points of the ball; `name` is what errors call the tensor. What is dropped includes clipped rows, unless kept."""
    rows = _table(z, space, name)
    if on_bad == "raise":
        return _placed(rows, space, z.dtype, name)
    reasons = unusable(rows, space, z.dtype)
    dropped = np.flatnonzero(reasons != "")
    placed = _placed(rows[reasons == ""], space, z.dtype, name)._replace(dropped=dropped, reasons=reasons[dropped])
    return placed if keep_clipped else placed.without(placed.rows[placed.clipped], CLIPPED)


def unusable(rows: Float, space: Space, dtype: torch.dtype) -> NDArray[np.str_]:
    """For each row why it is no point of the space, or an empty text; clipped rows are points."""
    finite = np.isfinite(rows).all(axis=1)
    reasons = np.where(finite, np.array("", dtype=_REASON), NOT_FINITE)
    if space.model == "hyperboloid":
        outside = _off_the_sheet(rows[finite], space.curvature, dtype) | _too_far(rows[finite], space.curvature)
    else:
        with np.errstate(over="ignore", invalid="ignore"):
            outside = ~(ball_gap(rows[finite], curvature=space.curvature) > 0)
    reasons[finite] = np.where(outside, OUTSIDE, "")
    return reasons


def fits(z: Any, space: Space) -> bool:
    """Whether `z` is a table whose width and type latent rows of the space may have."""
    torch = import_extra("torch")
    least = coordinate_model(space.model).n_columns(1)
    return (
        isinstance(z, torch.Tensor)
        and z.is_floating_point()
        and z.ndim == 2
        and (z.shape[1] >= least if space.n_columns is None else z.shape[1] == space.n_columns)
    )


def float_rows(z: torch.Tensor, space: Space) -> Float:
    """Those columns of `z` that the space has, in float64."""
    torch = import_extra("torch")
    rows: Float = z.detach()[:, space.columns].cpu().to(torch.float64).numpy()
    return rows


def _table(z: Any, space: Space, name: str) -> Float:
    """Latent rows as numbers, of a width that the space can have."""
    torch = import_extra("torch")
    if not isinstance(z, torch.Tensor):
        raise TypeError(
            f"{name} must be a torch.Tensor, got {type_name(z)}: wrap it with torch.as_tensor, "
            "or use hyperkit.convert for arrays"
        )
    if not z.is_floating_point():
        raise TypeError(f"{name} must hold real floating point numbers, got {z.dtype}")
    if z.ndim != 2:
        raise ValueError(f"{name} must have 2 axes (rows, coordinates), got shape {tuple(z.shape)}: use reshape(-1, d)")
    if space.n_columns is not None and z.shape[1] != space.n_columns:
        raise ValueError(
            f"{name} has shape {tuple(z.shape)}; a row of the product has the {space.n_columns} columns of all factors"
        )
    rows = float_rows(z, space)
    least = coordinate_model(space.model).n_columns(1)
    if rows.shape[1] < least:
        raise ValueError(
            f"{name} has shape {rows.shape}; {space.model} points need at least {least} coordinate(s) a row"
        )
    return rows


def _placed(rows: Float, space: Space, dtype: torch.dtype, name: str) -> Placed:
    """Points of rows that all can be used; ValueError for the first that cannot."""
    try:
        if space.model == "hyperboloid":
            rows = check_points(rows, "tangent", name=name)  # any finite rows pass
            rows = _on_the_sheet(rows, space.curvature, dtype, name)
        else:
            _check_off_the_rim(rows, space.curvature, dtype, name)
            rows = check_points(rows, space.model, curvature=space.curvature, name=name)
        ball = checked_to_ball(rows, space.model, curvature=space.curvature, name=name)
    except ValueError as error:
        raise ValueError(f'{error}. To leave out such rows: on_bad="drop"') from None
    nothing = np.empty(0, dtype=np.int64)
    return Placed(ball, _clipped(ball, space, dtype), nothing, nothing.astype(_REASON))


def _clipped(ball: BallPoints, space: Space, dtype: torch.dtype) -> NDArray[np.bool_]:
    """Which points sit on geoopt's clipping radius; float64 rows may have been float32 before."""
    torch = import_extra("torch")
    clipped = np.zeros(len(ball), dtype=bool)
    if space.model == "poincare":
        norms = np.linalg.norm(ball.z, axis=1)
        if dtype in (torch.float32, torch.float64):
            clipped |= _is_close(norms, *_CLIPPED_FLOAT32)
        if dtype != torch.float32:
            clipped |= _is_close(norms, *_CLIPPED_OTHER)
    return clipped


def _off_the_sheet(rows: Float, curvature: float, dtype: torch.dtype) -> NDArray[np.bool_]:
    """Rows whose time coordinate is not that of their spatial part, to 1e-3 or a few roundings of half precision."""
    tolerance = max(1e-3, 8 * import_extra("torch").finfo(dtype).eps)
    time = sheet_time(rows[:, 1:], curvature)
    return np.asarray(np.abs(rows[:, 0] - time) > tolerance * time)


def _too_far(rows: Float, curvature: float) -> NDArray[np.bool_]:
    """Rows of the hyperboloid that Poincare coordinates cannot hold: where that begins depends on the direction."""
    time = sheet_time(rows[:, 1:], curvature)
    too_far = np.asarray(time * np.sqrt(-curvature) > _SURELY_HELD)
    for row in np.flatnonzero(too_far):
        with suppress(ValueError):
            checked_to_ball(np.append(time[row], rows[row, 1:])[None], "hyperboloid", curvature=curvature)
            too_far[row] = False
    return too_far


def _on_the_sheet(rows: Float, curvature: float, dtype: torch.dtype, name: str) -> Float:
    """Rows with the time coordinate that their spatial part asks for."""
    time = sheet_time(rows[:, 1:], curvature)
    off = np.flatnonzero(_off_the_sheet(rows, curvature, dtype))
    if off.size:
        raise ValueError(
            f"{name}: row {off[0]} has time coordinate {rows[off[0], 0]:.6g}, but {time[off[0]]:.6g} belongs to its "
            f"spatial part at curvature {curvature:.6g}: time comes first; is this the manifold of the encoder?"
        )
    return np.column_stack([time, rows[:, 1:]])


def _check_off_the_rim(rows: Float, curvature: float, dtype: torch.dtype, name: str) -> None:
    """Half precision rounds rows near the rim onto it, or a few roundings beyond; say so, and of which row."""
    torch = import_extra("torch")
    if dtype not in (torch.float16, torch.bfloat16):
        return
    with np.errstate(invalid="ignore"):
        norms = np.sqrt(-curvature) * np.linalg.norm(rows, axis=1)
    on_the_rim = np.flatnonzero((norms >= 1) & (norms <= 1 + 4 * torch.finfo(dtype).eps))
    if on_the_rim.size:
        raise ValueError(
            f"{name}: row {on_the_rim[0]} has norm {np.linalg.norm(rows[on_the_rim[0]]):.6g}: half precision rounded "
            "it onto the rim of the ball, and its radius is lost; encode in float32 or float64"
        )


def _is_close(norms: Float, radius: float, tolerance: float) -> NDArray[np.bool_]:
    return np.abs(norms - radius) <= tolerance * radius
