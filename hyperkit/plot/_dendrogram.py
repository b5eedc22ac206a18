"""Where a rectangular dendrogram has its nodes, and the scales that say how long its edges and those of the disk are.

The root is on the left, each node as far to its right as it is from the root, leaves one below the other in the order
of the nodes; an inner node is half-way between its first and its last child. An edge is an elbow: down or up from the
parent, then across. Nodes are in depth-first order, so one loop backwards does it, whatever the depth.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.markers import TICKDOWN
from matplotlib.text import Annotation
from matplotlib.transforms import offset_copy
from numpy.typing import NDArray

from ._disk import Disk
from ._figure import PrintFigure
from ._names import APART
from ._room import letters, slot

if TYPE_CHECKING:
    from ..hierarchy import Hierarchy

_RULER = -1.09  # height of the scale below the disk, in its radii
_NUMBER = -5.0  # typographic points from the scale down to its numbers
_APART = (0.1, 0.015)  # of two numbers of the scale, and of two of its ticks
_LINE = 0.155  # inches a leaf takes where each has a line of its own
_WIDTH, _HEIGHTS = 6.0, (3.0, 12.0)  # inches of a dendrogram
_BAR, _BARS = -24.0, 4  # typographic points from the axis down to the scale bar, and how many fit into the tree
_MARGIN = 0.02  # left and right of the tree, in lengths of it
_LETTERS = (5.0, 8.0)  # typographic points
_LEAST_SHARE = 0.4  # of the width is for the tree, however long the names


def dendrogram_positions(tree: Hierarchy) -> NDArray[np.float64]:
    """Distance from the root, and height, of each node, (n, 2); the first leaf has height 0, those below 1, 2, ..."""
    parent = tree.parent.tolist()
    first = (np.cumsum(tree.is_leaf) - 1.0).tolist()
    last = [-1.0] * len(parent)
    height = list(first)
    for node in range(len(parent) - 1, -1, -1):
        if last[node] >= 0:
            height[node] = (first[node] + last[node]) / 2
        above = parent[node]
        if above >= 0:
            first[above] = height[node]  # children come last to first
            if last[above] < 0:
                last[above] = height[node]
    return np.column_stack([tree.distance_from_root, height])


def elbows(positions: NDArray[np.float64], edges: NDArray[np.int64]) -> list[NDArray[np.float64]]:
    """Each edge, parent and child, as a polyline (3, 2): along the parent, then across to the child."""
    start, stop = positions[edges[:, 0]], positions[edges[:, 1]]
    corner = np.column_stack([start[:, 0], stop[:, 1]])
    return list(np.stack([start, corner, stop], axis=1))


def dendrogram_axes(ax: Axes | None, positions: NDArray[np.float64], legend_width: float) -> Axes:
    """Axes around a dendrogram, the first leaf on top, and the scale of distances below it.

    Those given, or new ones with `legend_width` inches to their right, in which each leaf has a line as long as that is
    a page.
    """
    reach, lowest = positions.max(axis=0)
    if ax is None:
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(
            figsize=dendrogram_size(int(lowest) + 1, legend_width), layout="constrained", FigureClass=PrintFigure
        )
    reach = reach or 1.0
    ax.set_xlim(-_MARGIN * reach, (1 + _MARGIN) * reach)
    ax.set_ylim(lowest + 0.7 + 0.01 * lowest, -0.7 - 0.01 * lowest)
    ax.set_yticks([])
    for side in ("top", "left", "right"):
        ax.spines[side].set_visible(False)
    ax.spines["bottom"].set_color("0.55")
    size = letters(ax)
    ax.tick_params(axis="x", labelsize=size, color="0.55", labelcolor="0.3")
    # A narrow axis has no room in its middle: the scale bar is on the left.
    ax.set_xlabel("distance from the root", fontsize=size, color="0.3", loc="right" if slot(ax)[0] < 4 else "center")
    if positions[:, 0].any():
        _draw_scale_bar(ax, round_length(reach / _BARS))
    return ax


def _draw_scale_bar(ax: Axes, length: float) -> None:
    """Draw a bar of this length, and the number, on the left below the axis; a zoom zooms it, too."""
    figure = ax.figure.figure
    line = offset_copy(ax.get_xaxis_transform(), figure, y=_BAR, units="points")
    ax.plot([0, length], [0, 0], transform=line, color="0.3", linewidth=1.2, marker="|", markersize=5, clip_on=False)
    beside = offset_copy(line, figure, x=4, units="points")
    ax.text(length, 0, f"{length:g}", transform=beside, ha="left", va="center", fontsize=letters(ax), color="0.3")


def dendrogram_size(n_leaves: int, legend_width: float) -> tuple[float, float]:
    """Width and height in inches of a figure in which each leaf has a line, as long as that is a page."""
    return _WIDTH + legend_width, float(np.clip(_LINE * n_leaves + 0.8, *_HEIGHTS))


def letter_size(ax: Axes, n_leaves: int) -> float:
    """Typographic points of letters that fit between the leaves, within what can be read."""
    line = 72 * ax.get_window_extent().height / ax.figure.dpi / n_leaves
    return float(np.clip(0.8 * line, *_LETTERS))


def make_room(ax: Axes, texts: Sequence[Annotation], gap: float) -> None:
    """Move the right limit of the axes until names that stand `gap` points to the right of their places are inside."""
    figure = ax.figure.figure  # that of subfigures, too
    engine = figure.get_layout_engine()
    if engine is not None:  # how wide the axes will be, without names that stick out
        for text in texts:
            text.set_in_layout(False)
        engine.execute(figure)
        for text in texts:
            text.set_in_layout(True)
    left, right = ax.get_xlim()
    width = ax.get_window_extent().width
    pixels = width / (right - left)
    for text in texts:
        room = width - text.get_window_extent().width - (gap + 2 * APART) * figure.dpi / 72
        pixels = min(pixels, room / (text.xy[0] - left))
    ax.set_xlim(left, left + width / max(pixels, _LEAST_SHARE * width / (right - left)))


def draw_ruler(ax: Axes, disk: Disk, curvature: float) -> None:
    """Draw the scale of the disk below it: how far from its middle, in the lengths of the space, a place is."""
    ticks, numbers = _ruler_ticks(disk, curvature)
    size = letters(ax, 7.0)
    ax.set_ylim(_RULER - 0.12, ax.get_ylim()[1])
    x = list(ticks.values())
    ax.plot([0, 1], [_RULER] * 2, color="0.55", linewidth=0.8, clip_on=False)
    ax.plot(x, [_RULER] * len(x), color="0.55", linestyle="", marker=TICKDOWN, markersize=4, clip_on=False)
    below = offset_copy(ax.transData, ax.figure.figure, y=_NUMBER, units="points")
    for value in numbers:
        ax.text(ticks[value], _RULER, f"{value:g}", transform=below, ha="center", va="top", fontsize=size, color="0.4")
    ax.text(-0.03, _RULER, "distance from\nthe middle", ha="right", va="center", fontsize=size, color="0.4")


def _ruler_ticks(disk: Disk, curvature: float) -> tuple[dict[float, float], list[float]]:
    """Round distances with their places on a ray from the middle, and those of them that have room for a number."""
    step = round_length(1 / np.sqrt(-curvature))
    half = np.sqrt(-curvature) / (2 if disk == "poincare" else 1)
    ticks, numbers = {0.0: 0.0}, [0.0]
    for count in range(1, 60):
        value = float(f"{count * step:.6g}")
        place = float(np.tanh(half * value))
        if place - max(ticks.values()) > _APART[1] and 1 - place > _APART[1] / 3:
            ticks[value] = place
            if place - ticks[numbers[-1]] > _APART[0]:
                numbers.append(value)
    return ticks, numbers


def round_length(length: float) -> float:
    """The largest of ..., 0.1, 0.2, 0.5, 1, 2, 5, ... that is no longer."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(power * max(digit for digit in (1, 2, 5) if digit * power <= length * (1 + 1e-9)))
