"""The disk that everything is drawn in: where points fall in it, and the empty axes with the rim.

In come points of hyperbolic space in any model, out go positions in the unit disk of the picture. Points of more than
two dimensions are projected, and what that does to distances is written below the disk. Recentring is
the isometry that carries one point to the middle; what was crowded at the rim beside that point then lies open. A
picture needs 1e-4 and not 1e-15, so here (and only here) points may come to lie on the rim without an error: a
Klein disk drawn in doubles shows nothing beyond polar radius 18 apart from it. Colours are the work of `_labels`,
edges of `_arcs`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle
from numpy.typing import ArrayLike, NDArray

from .._validation import check_choice, refuse_hidden
from ..embedding.projection import METHODS, ball_distortion, ball_plane_map
from ..geometry import move_to_origin
from ..models import BallPoints, Model, to_ball
from ._figure import PrintFigure
from ._room import SIDE, letters, side

Disk = Literal["poincare", "klein"]
DISKS = ("poincare", "klein")
Projection = Literal["tangent", "horopca"]

_NEAR_RIM = 0.01  # parts of the radius: in 6 inches some dots
_CROWDED = 1 / 3  # of the points
_FEW = 10  # points, which are told apart by their directions
_EXACT = 1e-6  # relative error of distances that is rounding
_MARGIN = 1.03  # room around the rim for markers that sit on it
_TITLE = 0.3  # inches
_LETTER = 0.55  # width of a letter in its height
_SHARE = 0.72  # of the room that axes have at least, without a layout, and a pixel less


@dataclass(frozen=True, eq=False)
class Placed:
    """Points where they are drawn."""

    positions: NDArray[np.float64]
    """In the unit disk of the picture, shape (n, 2)."""
    note: str
    """What a projection has done to them; empty if there was none."""
    crowding: str = ""
    """How many are too near the rim to be told apart, if many are, and what to do."""

    @property
    def below(self) -> str:
        """What is written below the disk."""
        return "\n".join(filter(None, (self.note, self.crowding)))


def to_disk(
    X: ArrayLike,
    model: Model,
    curvature: float,
    disk: Disk,
    center: int | ArrayLike | None,
    projection: Projection,
    name: str,
) -> Placed:
    """Where points are drawn, after a projection to the plane if they need one, and with `center` in the middle."""
    points = checked_points(X, model, curvature, name)
    middle = center_point(points, center, model, curvature)
    (placed,) = place_in_plane(points, [(points, points.d)], disk, middle, projection)
    return placed


def place_in_plane(
    shape: BallPoints,
    sets: list[tuple[BallPoints, int]],
    disk: Disk,
    middle: BallPoints | None,
    projection: Projection,
    *,
    takes_center: bool = True,
) -> list[Placed]:
    """Where sets of points are drawn, by the projection that suits the set `shape`, if they need one.

    With each set comes the number of dimensions that it had before it was put into this space. What is told of a
    crowded rim depends on whether the caller `takes_center`.
    """
    check_choice("disk", disk, DISKS)
    check_choice("projection", projection, METHODS)
    if shape.d == 2:
        return [_placed(points, disk, middle, "", takes_center) for points, _ in sets]
    to_plane = ball_plane_map(shape, projection, np.random.RandomState(0))
    if middle is not None:  # one point, as a set
        middle = to_plane(middle.take(np.newaxis)).take(0)
    placed = []
    for points, n_dimensions in sets:
        plane = to_plane(points)
        note = _note(points, plane, n_dimensions, projection)
        placed.append(_placed(plane, disk, middle, note, takes_center))
    return placed


def _placed(plane: BallPoints, disk: Disk, middle: BallPoints | None, note: str, takes_center: bool) -> Placed:
    positions = place_in_disk(plane, disk, middle)
    return Placed(positions, note, crowding(positions, disk, takes_center) if middle is None else "")


def crowding(positions: NDArray[np.float64], disk: Disk, takes_center: bool = True) -> str:
    """Says that many points, of a disk that was not recentred, are too near its rim to be told apart; or nothing."""
    near = float(np.mean(np.linalg.norm(positions, axis=1) > 1 - _NEAR_RIM)) if len(positions) >= _FEW else 0.0
    if near <= _CROWDED:
        return ""
    ways = ['disk="poincare"'] * (disk == "klein") + ["center="] * takes_center
    draw = f"draw with {' or '.join(ways)}, or " if ways else ""
    return f"{100 * near:.0f} % of the points are within 1 % of the rim: {draw}embed with a weaker curvature"


def _note(points: BallPoints, plane: BallPoints, n_dimensions: int, projection: Projection) -> str:
    """What the projection has done to distances; nothing to say of a line."""
    off = ball_distortion(points, plane, np.random.RandomState(0))[0] if points.d > 2 else 0.0
    if n_dimensions <= 2 and off < _EXACT:
        return ""
    return f"{n_dimensions} dimensions shown in 2 ({projection}): distances are off by {100 * off:.2g} % on average"


def plane_points(X: ArrayLike, model: Model, curvature: float, disk: Disk, name: str) -> BallPoints:
    """Points of the plane, if they and the `disk` can be drawn: what cannot be projected."""
    check_choice("disk", disk, DISKS)
    points = checked_points(X, model, curvature, name)
    if points.d != 2:
        raise ValueError(
            f"{name} lies in {points.d}-dimensional hyperbolic space; cells have no shape but in the plane (2). Take "
            "the diagram of points in the plane: embed with hyperkit.HyperbolicMDS(n_components=2), or project with "
            "hyperkit.embedding.project_to_disk"
        )
    return points


def checked_points(X: ArrayLike, model: Model, curvature: float, name: str) -> BallPoints:
    """The points to draw, as :class:`BallPoints`."""
    points = to_ball(X, model, curvature=curvature, name=name)
    if points.z.ndim != 2:
        raise ValueError(f"{name} has shape {points.z.shape}; a picture needs a table with one point a row")
    return points


def place_in_disk(ball: BallPoints, disk: Disk, middle: BallPoints | None) -> NDArray[np.float64]:
    """Positions of points, on the rim too (gap 0), after the point `middle` was moved to the middle."""
    if middle is not None:
        ball = move_to_origin(ball, middle)
    # Klein position of a Poincaré point; 2 - gap = 1 + |z|^2.
    return 2 * ball.z / (2 - ball.gap)[..., None] if disk == "klein" else ball.z


def center_point(ball: BallPoints, center: int | ArrayLike | None, model: Model, curvature: float) -> BallPoints | None:
    """The point to bring to the middle: a row, or coordinates in the user's model; None leaves all where it is."""
    if center is None:
        return None
    refuse_hidden("center", center)
    if np.ndim(center) > 0:
        point = to_ball(center, model, curvature=curvature, name="center")
        if point.z.shape != (ball.d,):
            raise ValueError(
                f"center has shape {np.shape(center)}; give the index of a row, or the coordinates of one point"
            )
        return point
    if isinstance(center, np.ndarray):
        center = center.item()
    if isinstance(center, bool) or not isinstance(center, int | np.integer):
        raise TypeError(f"center={center!r} must be the index of a row, or the coordinates of one point")
    if not -len(ball) <= center < len(ball):
        raise ValueError(f"center={center} is no row: there are {len(ball)} rows")
    return ball.take(int(center))


def check_axes(ax: Any, name: str = "ax") -> None:
    """Raise TypeError unless `ax` is None or flat matplotlib Axes.

    Pyplot's figure, or an array of Axes, is an easy slip; and a polar or 3-D projection would draw all elsewhere.
    """
    if ax is None:
        return
    if not isinstance(ax, Axes):
        way_out = f"give one of them, {name}[0]" if np.ndim(ax) else "such as figure.add_subplot() gives"
        raise TypeError(f"{name} is a {type(ax).__name__} and no matplotlib Axes: {way_out}")
    if hasattr(ax, "get_zlim") or not ax.transData.is_separable:
        raise TypeError(f"{name} is a {type(ax).__name__} ({ax.name}); give Axes without a projection of their own")


def two_axes(axes: Any, what: str, figsize: tuple[float, float]) -> Sequence[Axes]:
    """Those given, of which there must be two, for `what`; or those of a new figure.

    Raises
    ------
    TypeError, ValueError
        `axes` are no matplotlib Axes, or not two.
    """
    if axes is None:
        from matplotlib import pyplot as plt

        return list(plt.subplots(1, 2, figsize=figsize, layout="constrained", FigureClass=PrintFigure)[1])
    if np.ndim(axes) != 1:
        raise TypeError(f"axes is a {type(axes).__name__}; give a list of two matplotlib Axes, {what}")
    if len(axes) != 2:
        raise ValueError(f"axes has {len(axes)} entries; give two matplotlib Axes, {what}")
    for place, ax in enumerate(axes):
        check_axes(ax, f"axes[{place}]")
    return list(axes)


def new_axes(ax: Axes | None, legend_width: float, note: str = "", dot: float | None = None) -> Axes:
    """Axes with the disk and a `note` below it: those given, or new ones with `legend_width` inches to their right.

    Around the rim there is room for a `dot` of so many typographic points: what is beyond the axes is cut off.
    """
    check_axes(ax)
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=figure_size(legend_width), layout="constrained", FigureClass=PrintFigure)
    # The disk lies on its note: had the note a blank to lie in where the layout begins, two rounds of it find no room
    # for the note where there is none. What is left over at the side goes to the legend.
    ax.set_aspect("equal", anchor=("S" if note else "") + ("W" if legend_width else "") or "C")
    inches = side(ax, legend_width)
    radius = (dot or 0.0) / (72 * _SHARE * inches)  # of the dot, in halves of the axes
    margin = max(_MARGIN, 1 / (1 - min(radius, 0.5)))
    ax.set_xlim(-margin, margin)
    ax.set_ylim(-margin, margin)
    ax.set_axis_off()
    ax.add_patch(Circle((0, 0), 1.0, facecolor="none", edgecolor="0.55", linewidth=0.8, zorder=0.5))
    if note:
        size = letters(ax, 7.0)
        wrapped = "\n".join(textwrap.fill(line, int(72 * inches / (_LETTER * size))) for line in note.split("\n"))
        ax.text(0.5, -0.01, wrapped, transform=ax.transAxes, ha="center", va="top", fontsize=size, color="0.4")
    return ax


def figure_size(legend_width: float, n_disks: int = 1) -> tuple[float, float]:
    """Width and height in inches of a figure for disks in a row and their legend; above two disks there are titles."""
    return n_disks * SIDE + legend_width, SIDE if n_disks == 1 else SIDE + _TITLE
