"""Where two sets differ: the rows of a comparison in the disk, those that stand out in colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from ._disk import Disk, Projection, center_point, new_axes, place_in_plane
from ._labels import Palette, row_colors
from ._plot import check_attributes, draw_points, marker_diameter

if TYPE_CHECKING:
    from ..similarity import DGAResult

_COLORS = {"more A than by chance": "#d1495b", "more B than by chance": "#00798c", "as by chance": "0.82"}


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
    legend: bool = True,
) -> Axes:
    """Draw the rows of two sets, and in colour the regions where one of them is crowded.

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
    projection, ax, size, legend
        As for :func:`plot_points`.
    cmap : str, Colormap or mapping, optional
        Colours, as for :func:`plot_points`, of the labels ``"more A than by chance"``, ``"more B than by chance"`` and
        ``"as by chance"``.

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
    ['more A than by chance', 'more B than by chance', 'as by chance']
    >>> ax.figure.clear()
    """
    check_attributes(result, ("regions", "ball_rows"), "result", "a DGAResult, such as compare(..., scan=True) gives")
    regions = result.regions(level=level, sequential=sequential)
    ball = result.ball_rows
    middle = center_point(ball, center, "poincare", -1.0)
    (placed,) = place_in_plane(ball, [(ball, ball.d)], disk, middle, projection)
    names = list(_COLORS)
    codes = np.full(len(ball), 2)
    for crowded, rows in zip(regions["crowded"], regions["rows"], strict=True):
        codes[rows] = 0 if crowded == "A" else 1
    colors = row_colors(pd.Categorical.from_codes(codes, names), len(ball), _COLORS if cmap is None else cmap)
    diameter = marker_diameter(size, len(ball))
    ax = new_axes(ax, colors.legend_width if legend else 0.0, placed.note)
    draw_points(ax, placed.positions, colors, diameter, legend)
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
            annotation_clip=False,
            zorder=3,
        )
    return ax
