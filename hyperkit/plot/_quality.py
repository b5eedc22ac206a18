"""How good embeddings are, as a picture: the curves Q_nx, and the measures beside them."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from .._validation import check_choice
from ._disk import two_axes
from ._labels import Palette, row_colors
from ._legend import LEGENDS, Legend, draw_legend
from ._plot import check_attributes
from ._room import letters, slot

if TYPE_CHECKING:
    from ..embedding import EmbeddingQuality

# In the order of the rows, from above; the shorter the bar of the last two, the better.
_MORE_IS_BETTER = {
    "mean_average_precision": "mean average precision",
    "q_local": "Q local",
    "q_global": "Q global",
    "trustworthiness": "trustworthiness",
    "continuity": "continuity",
    "triplets": "triplets",
    "rank_correlation": "rank correlation",
}
_LESS_IS_BETTER = {"stress": "stress", "distortion": "distortion"}
# Measures up to 1 have a dot; distortions beyond, a number at the edge.
_WIDEST = 1.03
_LETTERS = 12.0  # typographic points in axes of six inches
# In axes of fewer inches, names of measures are broken after so many letters: in two panels of a column of 3.3 inches
# they took half of it.
_NARROW, _LABEL = 2.5, 16


def plot_quality(
    quality: EmbeddingQuality,
    *,
    axes: Sequence[Axes] | None = None,
    cmap: Palette | None = None,
    legend: Legend = "on data",
) -> NDArray[Any]:
    """Draw how well embeddings keep neighbourhoods of every size, and their measures.

    Parameters
    ----------
    quality : EmbeddingQuality
        As :func:`hyperkit.embedding.quality` gives it, of one or several embeddings.
    axes : sequence of two matplotlib Axes, optional
        Where to draw; by default a new figure.
    cmap : str, Colormap or mapping, optional
        Colours of the embeddings: a matplotlib colour map, or a mapping from name to colour.
    legend : {"on data", "right", "none"}
        Where to say which colour is which embedding: where it covers least of the curves, beside the measures, or
        nowhere.

    Returns
    -------
    ndarray of two matplotlib Axes
        Of the curves, share of the K nearest that are kept over K, on a logarithmic scale, with a dot where local ends
        and global begins and the curve of chance dashed; and of the measures, with bars of two standard errors where
        they are of a sample. A measure that is undefined has no dot.

    Raises
    ------
    TypeError, ValueError
        `quality` is none, or `cmap` has no colour for an embedding.

    Examples
    --------
    >>> from hyperkit import random_uniform_ball
    >>> from hyperkit.embedding import quality
    >>> points = random_uniform_ball(30, random_state=0)
    >>> curves, measures = plot_quality(quality(points, points, metric="euclidean"))
    >>> curves.get_xlabel()
    'K nearest rows'
    >>> curves.figure.clear()
    """
    check_attributes(quality, ("q_nx", "to_frame"), "quality", "what hyperkit.embedding.quality gives")
    check_choice("legend", legend, LEGENDS)
    table = quality.to_frame()
    names = [str(name) for name in table.index]
    colors = row_colors(pd.Categorical(names, categories=names), len(names), cmap).rgba
    left, right = two_axes(axes, "for the curves and for the measures", (10, 4))
    _draw_curves(left, quality.q_nx, table["k_max"], colors)
    _draw_measures(right, table, colors)
    if legend != "none" and len(names) > 1:
        _explain(left if legend == "on data" else right, legend, names, colors)
    return np.array([left, right])


def _draw_curves(ax: Axes, curves: pd.DataFrame, k_max: pd.Series, colors: NDArray[Any]) -> None:
    sizes = curves.index.to_numpy()
    shown = np.unique(np.geomspace(1, len(sizes), 500).round().astype(int)) - 1
    ax.plot(sizes[shown], sizes[shown] / len(sizes), color="0.6", linestyle="--", linewidth=1, zorder=1)
    for name, end, color in zip(curves.columns, k_max, colors, strict=True):
        curve = curves[name].to_numpy()
        ax.plot(sizes[shown], curve[shown], color=color, linewidth=1.6)
        ax.plot(end, curve[end - 1], marker="o", color=color, markersize=5)
    ax.set_xscale("log")
    ax.set_xlim(1, len(sizes))
    ax.set_ylim(0, 1.02)
    ax.set_xlabel("K nearest rows", fontsize=_letters(ax))
    ax.set_ylabel("share of them kept, $Q_{nx}(K)$", fontsize=_letters(ax))
    _lighten(ax)


def _draw_measures(ax: Axes, table: pd.DataFrame, colors: NDArray[Any]) -> None:
    names = _MORE_IS_BETTER | _LESS_IS_BETTER
    step = 0.7 / len(table)
    for row, column in enumerate(names):
        for place, (value, color) in enumerate(zip(table[column], colors, strict=True)):
            y = row + (place - (len(table) - 1) / 2) * step
            if np.isnan(value):
                continue
            if value > _WIDEST:
                ax.plot([0, _WIDEST], [y, y], color=color, linewidth=1, alpha=0.4)
                ax.text(_WIDEST, y, f"{value:.3g}", color=color, ha="right", va="center", fontsize=8)
                continue
            ax.plot([0, value], [y, y], color=color, linewidth=1, alpha=0.4)
            error = 2 * table[f"{column}_error"].iloc[place] if f"{column}_error" in table else None
            ax.errorbar(value, y, xerr=error, color=color, marker="o", markersize=4.5, linewidth=1.2)
    ax.axhline(len(_MORE_IS_BETTER) - 0.5, color="0.8", linewidth=0.8)
    labels = [*_MORE_IS_BETTER.values(), *(f"{text} (less is better)" for text in _LESS_IS_BETTER.values())]
    narrow = slot(ax)[0] < _NARROW
    ax.set_yticks(range(len(names)), [textwrap.fill(label, _LABEL) if narrow else label for label in labels])
    ax.set_ylim(len(names) - 0.5, -0.5)
    values = table[list(names)].to_numpy()
    ax.set_xlim(min(0.0, float(np.nanmin(values)) - 0.03), _WIDEST)
    _lighten(ax)
    if narrow:
        for label in ax.get_yticklabels():
            label.set(fontsize=0.8 * _letters(ax), linespacing=0.9)


def _letters(ax: Axes) -> float:
    """Typographic points: 10, and less in axes of less than four inches."""
    return min(10.0, letters(ax, _LETTERS))


def _lighten(ax: Axes) -> None:
    ax.tick_params(labelsize=_letters(ax))
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(axis="x", color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)


def _explain(ax: Axes, legend: Legend, names: Sequence[str], colors: NDArray[Any]) -> None:
    lines = [Line2D([], [], color=color, marker="o", markersize=5) for color in colors]
    handles = [*lines, Line2D([], [], color="0.6", linestyle="--")]
    if legend == "right":
        for handle, name in zip(handles, [*names, "chance"], strict=True):
            handle.set_label(name)
        draw_legend(ax, None, handles)
    else:
        ax.legend(handles, [*names, "chance"], fontsize=0.9 * _letters(ax), frameon=False)
