"""The picture of a hierarchy: a rectangular dendrogram, or its nodes where they are in the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from .._validation import check_choice
from ..embedding.projection import METHODS
from ._arcs import edge_paths, lines_of
from ._branches import SUPPORT, Support, branches
from ._dendrogram import dendrogram_axes, dendrogram_positions, draw_ruler, elbows, letter_size, make_room
from ._disk import DISKS, Disk, Placed, Projection, check_axes, new_axes, to_disk
from ._draw import checked_look, draw_points
from ._labels import Palette, row_colors
from ._legend import Legend
from ._names import ABOVE_LEFT, MOST_NAMES, RIGHT, drawing, write_beside, write_names
from ._plot import check_hierarchy
from ._room import Rasterized, side

if TYPE_CHECKING:
    from ..hierarchy import Hierarchy

Layout = Literal["rectangular", "disk"]
Names = Literal["auto", "all", "none"]


def plot_hierarchy(
    hierarchy: Hierarchy,
    labels: ArrayLike | None = None,
    *,
    layout: Layout = "rectangular",
    support: Support = "auto",
    names: Names = "auto",
    disk: Disk = "poincare",
    center: int | ArrayLike | None = None,
    projection: Projection = "tangent",
    ax: Axes | None = None,
    size: float | None = None,
    linewidth: float | None = None,
    cmap: Palette | None = None,
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
) -> Axes:
    """Draw a hierarchy: as a dendrogram, or in the disk with its nodes at their points and its edges as geodesics.

    Parameters
    ----------
    hierarchy : Hierarchy
        Such as :func:`hyperkit.hierarchy.from_steiner` gives it. Rows are dots, at leaves and inside.
    labels : array-like of shape (hierarchy.n_rows,), optional
        One label for each of ``hierarchy.rows``, as for :func:`plot_points`. Edges with rows of one class only below
        them have its colour; others are grey.
    layout : {"rectangular", "disk"}
        The root on the left and every node as far to its right as it is from the root; or the disk, for a hierarchy
        with `points`, with the root as a black ring. Below the first are the distance from the root and a scale bar;
        below the disk how far from its middle a place is. All are in the lengths of the space of
        ``hierarchy.curvature``.
    support : {"auto", "width", "color", "none"}
        How edges show their support: the less, the thinner; by colour, where groups colour the dots only; or not.
        ``"auto"`` is ``"width"`` if there is support. Edges without any (NaN), as above leaves, are as wide as those
        with support 1, or light grey.
    names : {"auto", "all", "none"}
        Which names of nodes to write. ``"auto"`` is all if they are at most 100. A name that has no room is left out
        until it has, in a larger figure or after a zoom; how many have is written in the corner.
    disk, projection
        For ``layout="disk"``, as for :func:`plot_points`.
    center : int or array-like of shape (d,) or (d + 1,), optional
        For ``layout="disk"``: node, 0 for the root, or point in ``hierarchy.model`` coordinates, at its curvature, that
        an isometry brings to the middle.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure, as high as the leaves need. In a figure of your own, use
        ``layout="constrained"`` so that the legend has its place.
    linewidth : float, optional
        Width of the edges in typographic points, of those with full support; by default it goes by their number
        and the size of the axes.
    size, cmap, alpha, rasterized, legend
        As for :func:`plot_points`.

    Returns
    -------
    matplotlib Axes
        In a dendrogram x is the distance from the root; leaves are at y = 0, 1, 2, ... in the order of the nodes. In
        the disk x and y are in [-1, 1].

    Raises
    ------
    TypeError, ValueError
        There is no support to show, there are no points, or `center` is given for a dendrogram; or as
        :func:`plot_points`.

    Examples
    --------
    >>> from hyperkit import hierarchy
    >>> tree = hierarchy.from_newick("((man:1,ape:1):3,(rat:2,mouse:2):2);")
    >>> ax = plot_hierarchy(tree, labels=["primate", "primate", "rodent", "rodent"])
    >>> len(ax.collections[0].get_paths())  # the edges
    6
    >>> [text.get_text() for text in ax.texts if text.get_text()]  # of the scale bar, and the names
    ['1', 'man', 'ape', 'rat', 'mouse']
    >>> ax.figure.clear()
    """
    check_hierarchy(hierarchy)
    for name, value, choices in (
        ("layout", layout, ("rectangular", "disk")),
        ("support", support, SUPPORT),
        ("names", names, ("auto", "all", "none")),
        ("disk", disk, DISKS),
        ("projection", projection, METHODS),
    ):
        check_choice(name, value, choices)
    if center is not None and layout != "disk":
        raise ValueError(f'center={center!r} is for layout="disk": a dendrogram has its root on the left, see root_at')
    check_axes(ax)
    marks = checked_look(legend, size, linewidth, alpha, rasterized)
    colors = row_colors(labels, hierarchy.n_rows, cmap)
    legend_width = branches(hierarchy, colors, support, marks).legend_width(colors, legend)
    edges = np.column_stack([hierarchy.parent, np.arange(len(hierarchy))])[1:]
    if layout == "disk":
        placed = _in_disk(hierarchy, disk, center, projection)
        positions = placed.positions
        paths, order = edge_paths(positions, edges, disk), np.arange(len(edges))
        ax = new_axes(ax, legend_width, placed.below, size)
        draw_ruler(ax, disk, hierarchy.curvature)
    else:
        positions = dendrogram_positions(hierarchy)
        paths = elbows(positions, edges)
        # Of the elbows of one parent the outer ones would cover the inner ones: these come on top.
        order = np.argsort(-np.abs(np.diff(positions[edges, 1]))[:, 0], kind="stable")
        ax = dendrogram_axes(ax, positions, legend_width)
    look = branches(hierarchy, colors, support, marks, side(ax, legend_width))
    lines = lines_of([paths[edge] for edge in order], look.rgba[order], look.widths[order])
    marks.rasterize(lines, len(edges))
    ax.add_collection(lines, autolim=False)
    places = positions[hierarchy.node_of_rows]
    diameter = draw_points(ax, places, colors, marks, legend, explained=False)
    if layout == "disk":
        x, y = positions[0]
        ax.scatter(x, y, s=(diameter + 4) ** 2, facecolors="none", edgecolors="black", zorder=2.5)
    look.explain(ax, colors, legend, places)
    n_named = np.count_nonzero(hierarchy.names != "")
    if names == "all" or (names == "auto" and n_named <= MOST_NAMES):
        _write_names(ax, hierarchy, positions, paths, diameter, layout)
    return ax


def _in_disk(tree: Hierarchy, disk: Disk, center: int | ArrayLike | None, projection: Projection) -> Placed:
    if tree.points is None or tree.model is None:
        raise ValueError(
            'layout="disk": the nodes of this hierarchy have no points; hierarchy.from_steiner and hierarchy.infer '
            'give them, and layout="rectangular" needs none'
        )
    return to_disk(tree.points, tree.model, tree.curvature, disk, center, projection, "hierarchy.points")


def _write_names(
    ax: Axes,
    tree: Hierarchy,
    positions: NDArray[np.float64],
    paths: list[NDArray[np.float64]],
    diameter: float,
    layout: Layout,
) -> None:
    """Names of the nodes, those with the most below them first: what has no room is a leaf among many."""
    order = np.argsort(-tree.size, kind="stable")
    names, places, leaf = tree.names[order].tolist(), positions[order], tree.is_leaf[order]
    if layout == "disk":
        write_beside(ax, names, places, paths, diameter)
        return
    gap = diameter / 2 + 2
    texts = write_names(
        ax,
        names,
        places,
        [RIGHT if is_leaf else ABOVE_LEFT for is_leaf in leaf],
        gap=gap,
        size=letter_size(ax, int(np.count_nonzero(leaf))),
        covers=drawing(paths, places),
        left=True,
    )
    make_room(ax, texts, gap)
