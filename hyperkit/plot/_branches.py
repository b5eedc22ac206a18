"""Colours and widths of the edges of a hierarchy: by the groups below them, and by their support."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgba
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from ._labels import Colors
from ._legend import BAR, Legend, draw_bar, explain, legend_room
from ._room import SIDE, Marks

if TYPE_CHECKING:
    from ..hierarchy import Hierarchy

Support = Literal["auto", "width", "color", "none"]
SUPPORT = ("auto", "width", "color", "none")

_BRANCH = to_rgba("0.5")
_UNKNOWN = to_rgba("0.8")
_LEAST_WIDTH = 0.2  # of an edge without any support, in widths of one with all
_WIDER = 1.8  # by default, where widths say something
_SCALE = "viridis_r"  # what is certain is dark
_NONE, _SEVERAL = -1, -2  # groups below an edge


@dataclass(frozen=True, eq=False)
class Branches:
    """How the edges above the nodes 1, 2, ... look, and what explains it."""

    rgba: NDArray[np.float64]
    """One colour an edge, shape (n_nodes - 1, 4)."""
    widths: NDArray[np.float64]
    """In typographic points, shape (n_nodes - 1,)."""
    lines: list[Line2D]
    """Lines of the legend for widths; empty where they say nothing."""
    scale: ScalarMappable | None
    """The scale of colours by support."""

    def legend_width(self, colors: Colors, legend: Legend) -> float:
        """Inches that the legend needs, with that of the dots."""
        if legend == "none":
            return 0.0
        return legend_room(colors, legend, self.lines) + (BAR if self.scale is not None else 0.0)

    def explain(self, ax: Axes, colors: Colors, legend: Legend, places: NDArray[np.float64]) -> None:
        """Put beside `ax` what explains colours and widths of edges and dots, which are at `places`."""
        explain(ax, colors, legend, places, more=self.lines)
        if self.scale is not None and legend != "none":
            draw_bar(ax, self.scale, "support")


def branches(tree: Hierarchy, colors: Colors, support: Support, marks: Marks, inches: float = SIDE) -> Branches:
    """Look of the edges of a hierarchy, whose rows have `colors`, in axes of these `inches`."""
    if support in ("width", "color") and tree.support is None:
        raise ValueError(f"support={support!r}: the hierarchy has no support; hierarchy.bootstrap finds it")
    n = len(tree) - 1
    width = marks.line_width(n, inches)
    if tree.support is None or support == "none":
        return Branches(_group_colors(tree, colors), np.full(n, width), [], None)
    known = tree.support[1:]
    if support == "color":
        scale = ScalarMappable(Normalize(0.0, 1.0), _SCALE)
        rgba = scale.to_rgba(np.nan_to_num(known))
        rgba[np.isnan(known)] = _UNKNOWN
        return Branches(rgba, np.full(n, width), [], scale)
    if marks.linewidth is None:
        width *= _WIDER
    lines = [
        Line2D([], [], color=_BRANCH, linewidth=_width(value, width), label=f"support {value:g}")
        for value in (1.0, 0.5, 0.0)
    ]
    return Branches(_group_colors(tree, colors), _width(np.nan_to_num(known, nan=1.0), width), lines, None)


def _width(support: Any, full: float) -> Any:
    return full * (_LEAST_WIDTH + (1 - _LEAST_WIDTH) * support)


def _group_colors(tree: Hierarchy, colors: Colors) -> NDArray[np.float64]:
    """Colour of each edge: that of the rows below it, if they have one and it is of a class."""
    rgba = np.tile(_BRANCH, (len(tree), 1))
    if len(colors.codes):
        own, codes = np.unique(colors.rgba, axis=0, return_inverse=True)
        group = np.full(len(tree), _NONE)
        group[tree.node_of_rows] = codes.reshape(-1)
        groups, parent = group.tolist(), tree.parent.tolist()
        for node in range(len(tree) - 1, 0, -1):
            above = parent[node]
            if groups[above] == _NONE:
                groups[above] = groups[node]
            elif groups[node] not in (groups[above], _NONE):
                groups[above] = _SEVERAL
        group = np.array(groups)
        rgba[group >= 0] = own[group[group >= 0]]
    return rgba[1:]
