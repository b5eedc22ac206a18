"""What every picture in a disk does: look at what it was told of marks and legend, draw lines, draw dots."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from .._validation import check_choice
from ._arcs import lines_of
from ._labels import Colors
from ._legend import LEGENDS, Legend, explain, legend_room
from ._room import Marks, check_marks, side


def checked_look(legend: Any, size: Any, linewidth: Any, alpha: Any, rasterized: Any) -> Marks:
    """See that the legend is one there is, and the marks are."""
    check_choice("legend", legend, LEGENDS)
    return check_marks(size, linewidth, alpha, rasterized)


def draw_lines(
    ax: Axes,
    paths: list[NDArray[np.float64]],
    color: str,
    marks: Marks,
    colors: Colors,
    legend: Legend,
) -> None:
    """Draw polylines, below the dots, in one colour."""
    width = marks.line_width(len(paths), side(ax, legend_room(colors, legend)))
    lines = lines_of(paths, color, width)
    marks.rasterize(lines, len(paths))
    ax.add_collection(lines, autolim=False)


def draw_points(
    ax: Axes, positions: NDArray[np.float64], colors: Colors, marks: Marks, legend: Legend, explained: bool = True
) -> float:
    """Draw dots at `positions`, and perhaps what explains their colours; return their diameter."""
    diameter = marks.diameter(len(positions), side(ax, legend_room(colors, legend)))
    order = colors.order
    x, y = positions[order].T
    # Right above the lines: with an axis or a scale in between their pixels would be two images, of a third more bytes.
    dots = ax.scatter(x, y, s=diameter**2, c=colors.rgba[order], alpha=marks.alpha, linewidths=0, zorder=1.2)
    marks.rasterize(dots, len(positions))
    if explained:
        explain(ax, colors, legend, positions)
    return diameter
