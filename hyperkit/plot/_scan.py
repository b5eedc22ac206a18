"""Where two sets differ: the rows of a comparison in the disk, those that stand out in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from .._validation import check_choice
from ._disk import Disk, Projection, center_point, new_axes, place_in_plane
from ._labels import Colors, Palette, row_colors
from ._legend import Legend, explain, legend_room
from ._plot import check_attributes
from ._room import Marks, Rasterized, check_marks, side

if TYPE_CHECKING:
    from ..similarity import DGAResult

_COLORS = {"more A than by chance": "#d1495b", "more B than by chance": "#00798c", "as by chance": "0.72"}
_RIM = 0.25  # width of the ring that is a row of B, in diameters


def plot_scan(
    result: DGAResult,
    *,
    level: float = 0.05,
    sequential: bool = False,
    disk: Disk = "poincare",
    center: int | None = None,
    projection: Projection = "tangent",
    ax: Axes | None = None,
    size: float | None = None,
    cmap: Palette | None = None,
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
) -> Axes:
    """Draw the rows of two sets, A as dots and B as rings, and in colour the regions where one of them is crowded.

    Below stands the p-value of the scan, and whether there is any region at this `level`.

    Parameters
    ----------
    result : DGAResult
        Of a comparison with ``scan=True``.
    level, sequential
        As for :meth:`hyperkit.DGAResult.regions`, whose number of each region stands at its medoid.
    disk : {"poincare", "klein"}
        Disk to draw in, as for :func:`plot_points`.
    center : int, optional
        Row of ``result.to_frame()``, such as a medoid, that an isometry brings to the middle of the disk.
    projection, ax, size, alpha, rasterized
        As for :func:`plot_points`.
    cmap : str, Colormap or mapping, optional
        Colours, as for :func:`plot_points`, of the labels ``"more A than by chance"``, ``"more B than by chance"`` and
        ``"as by chance"``.
    legend : {"right", "none"}
        Whether the legend is beside the disk; regions are numbered in it either way.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        `result` is none, or was made without a scan; or as :func:`plot_points`.

    Examples
    --------
    >>> from hyperkit import HyperDGA, random_wrapped_normal
    >>> A, B = (random_wrapped_normal(60, [shift, 0.0], random_state=0) for shift in (0.0, 0.6))
    >>> ax = plot_scan(HyperDGA().fit(A).compare(B, scan=True))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['more A than by chance', 'more B than by chance', 'as by chance', 'row of A', 'row of B']
    >>> ax.figure.clear()
    """
    check_attributes(result, ("regions", "ball_rows"), "result", "a DGAResult, such as compare(..., scan=True) gives")
    check_choice("legend", legend, ("right", "none"))
    marks = check_marks(size, None, alpha, rasterized)
    regions = result.regions(level=level, sequential=sequential)
    ball = result.ball_rows
    middle = center_point(ball, center, "poincare", -1.0)
    (placed,) = place_in_plane(ball, [(ball, ball.d)], disk, middle, projection)
    names = list(_COLORS)
    codes = np.full(len(ball), 2)
    for crowded, rows in zip(regions["crowded"], regions["rows"], strict=True):
        codes[rows] = 0 if crowded == "A" else 1
    colors = row_colors(pd.Categorical.from_codes(codes, names), len(ball), _COLORS if cmap is None else cmap)
    found = "1 region" if len(regions) == 1 else f"{len(regions)} regions" if len(regions) else "no region"
    note = f"{found} at level {level:g} (p = {result.p_value_scan:.2g})"
    more = _dot_and_ring()
    room = legend_room(colors, legend, more)
    ax = new_axes(ax, room, f"{note}\n{placed.below}".rstrip(), size)
    in_b = np.asarray(result.to_frame()["set"] == "B")
    _draw_rows(ax, placed.positions, in_b, colors, marks, marks.diameter(len(ball), side(ax, room)))
    explain(ax, colors, legend, placed.positions, more=more)
    for number, medoid in regions["medoid"].items():
        ax.annotate(
            str(number),
            placed.positions[medoid],
            (0, 13),
            textcoords="offset points",
            ha="center",
            va="center",
            fontsize=9,
            arrowprops={"arrowstyle": "-", "linewidth": 0.6, "shrinkA": 0, "shrinkB": 1},
            bbox={"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": "0.3", "linewidth": 0.6},
            zorder=3,
        )
    return ax


def _draw_rows(
    ax: Axes,
    positions: NDArray[np.float64],
    in_b: NDArray[np.bool_],
    colors: Colors,
    marks: Marks,
    diameter: float,
) -> None:
    """Dots for rows of A, rings as large for those of B."""
    order = colors.order
    x, y = positions[order].T
    rgba: Any = colors.rgba[order]  # which matplotlib takes, and its annotations do not
    inside = np.where(in_b[order, np.newaxis], to_rgba("white"), rgba)
    rim = _RIM * diameter
    size = (diameter - rim) ** 2
    dots = ax.scatter(x, y, s=size, facecolors=inside, edgecolors=rgba, linewidths=rim, alpha=marks.alpha, zorder=2)
    marks.rasterize(dots, len(positions))


def _dot_and_ring() -> list[Line2D]:
    """Lines of the legend for rows of A and of B."""
    return [
        Line2D(
            [], [], linestyle="", marker="o", markersize=4, color="0.4", markerfacecolor=inside, label=f"row of {name}"
        )
        for name, inside in (("A", "0.4"), ("B", "white"))
    ]
