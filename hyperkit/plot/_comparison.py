"""Two embeddings of the same rows side by side, turned alike, so that the eye can go from one to the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from .._validation import check_choice
from ._disk import Disk, Projection, figure_size, new_axes, place_in_plane, two_axes
from ._draw import checked_look, draw_points
from ._labels import Colors, Palette, row_colors
from ._legend import Legend, explain, legend_room
from ._plot import check_attributes
from ._room import Rasterized, letters

if TYPE_CHECKING:
    from ..embedding import EmbeddingComparison

By = Literal["auto", "label", "lost"]


def plot_comparison(
    comparison: EmbeddingComparison,
    *,
    by: By = "auto",
    disk: Disk = "poincare",
    projection: Projection = "tangent",
    axes: Sequence[Axes] | None = None,
    size: float | None = None,
    cmap: Palette | None = None,
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
) -> NDArray[Any]:
    """Draw the two embeddings of a comparison side by side, Q aligned to P.

    Parameters
    ----------
    comparison : EmbeddingComparison
        As :func:`hyperkit.embedding.compare` gives it.
    by : {"auto", "label", "lost"}
        Colours: the labels of the comparison; or ``"lost"``, the share of the nearest neighbours of a row in P that are
        not among its nearest in Q. ``"auto"`` is the labels if there are any.
    disk : {"poincare", "klein"}
        Disk to draw in, as for :func:`plot_points`.
    projection : {"tangent", "horopca"}
        How points of more than two dimensions are brought to the plane: both embeddings by the projection of the one of
        fewer dimensions, of P if they have as many. What it does to distances is written below each disk.
    axes : sequence of two matplotlib Axes, optional
        Where to draw; by default a new figure.
    size, cmap, alpha, rasterized, legend
        As for :func:`plot_points`; the legend is beside the disk on the right, or names are in both disks.

    Returns
    -------
    ndarray of two matplotlib Axes
        Of P, and of Q.

    Raises
    ------
    TypeError, ValueError
        `comparison` is none, or has no labels; or as :func:`plot_points`.

    Examples
    --------
    >>> from hyperkit import random_wrapped_normal, translate
    >>> from hyperkit.embedding import compare
    >>> P = random_wrapped_normal(50, random_state=0)
    >>> left, right = plot_comparison(compare(P, translate(P, [0.3, 0.5])))
    >>> left.get_title(), right.get_title()
    ('P', 'Q, aligned to P')
    >>> left.figure.clear()
    """
    check_attributes(comparison, ("ball_p", "ball_aligned"), "comparison", "what hyperkit.embedding.compare gives")
    marks = checked_look(legend, size, None, alpha, rasterized)
    colors, what = _colors(comparison, by, cmap)
    p, q = comparison.ball_p, comparison.ball_aligned
    d, e = comparison.n_dimensions_p, comparison.n_dimensions_q
    placed = place_in_plane(p if d <= e else q, [(p, d), (q, e)], disk, None, projection, takes_center=False)
    room = legend_room(colors, legend)
    axes = two_axes(axes, "for P and for Q", figure_size(room, 2))
    for ax, one, title, width in zip(axes, placed, ("P", "Q, aligned to P"), (0.0, room), strict=True):
        new_axes(ax, width, one.below, size)
        ax.set_title(title, fontsize=letters(ax, 11.0))
        draw_points(ax, one.positions, colors, marks, legend, explained=False)
    if legend == "on data":
        explain(axes[0], colors, legend if colors.scale is None else "none", placed[0].positions)
    explain(axes[1], colors, legend, placed[1].positions, what=what)
    return np.array(axes, dtype=object)


def _colors(comparison: EmbeddingComparison, by: By, cmap: Palette | None) -> tuple[Colors, str | None]:
    """Colours of the rows, and what a scale of them is of."""
    check_choice("by", by, ("auto", "label", "lost"))
    rows = comparison.to_frame()
    if by == "label" and "label" not in rows:
        raise ValueError("by='label': the comparison was made without labels; give compare(..., labels=...)")
    if by != "lost" and "label" in rows:
        return row_colors(rows["label"].array, len(rows), cmap), None
    k = comparison.n_neighbors
    lost = rows[f"lost_{k}"].to_numpy()
    return row_colors(lost, len(rows), cmap), f"share of the {k} nearest neighbours in P lost in Q"
