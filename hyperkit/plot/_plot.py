"""The four pictures: points, Delaunay graph, Voronoi diagram, tree. Each draws into one disk and returns its Axes.

In come points, graphs and trees as the rest of the package makes them; out goes a matplotlib Axes that the caller may
go on drawing in (positions are those of the disk: x and y in [-1, 1]). Nothing is shown or saved, and no matplotlib
setting is changed. Where points fall is decided in `_disk`, how edges bend in `_arcs`, colours in `_labels`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from .._validation import check_count, check_names, check_number, check_paired_rows
from ..models import Model
from ._arcs import edge_lines, edge_paths, line_width, lines_of
from ._branches import branches
from ._dendrogram import dendrogram_size
from ._disk import Disk, Projection, center_point, figure_size, new_axes, place_in_disk, plane_points, to_disk
from ._labels import Colors, Palette, row_colors
from ._names import write_beside

if TYPE_CHECKING:
    from ..delaunay import HyperbolicDelaunay, HyperbolicVoronoi
    from ..hierarchy import Hierarchy
    from ..steiner import SteinerTree

_OF_A_HIERARCHY = ("parent", "length", "row", "names", "distance_from_root", "size")


def plot_points(
    X: ArrayLike,
    labels: ArrayLike | None = None,
    *,
    model: Model = "poincare",
    curvature: float = -1.0,
    disk: Disk = "poincare",
    center: int | ArrayLike | None = None,
    projection: Projection = "tangent",
    ax: Axes | None = None,
    size: float | None = None,
    cmap: Palette | None = None,
    legend: bool = True,
) -> Axes:
    """Draw points of hyperbolic space in a disk; of more than two dimensions, a projection.

    Parameters
    ----------
    X : array-like of shape (n, d), or (n, d + 1) for ``model="hyperboloid"``
        Points in `model` coordinates.
    labels : array-like of shape (n,), optional
        One label a point. Text, categories, dates, booleans and up to 20 different integers are classes, explained by
        a legend beside the disk; other numbers go by a colour bar. None, NaN, NaT, NA and masked entries are drawn in
        grey.
    model : {"poincare", "klein", "hyperboloid", "halfspace", "tangent"}
        Coordinates of `X`.
    curvature : float < 0
        Curvature of the space `X` lives in; the picture, whose disk has radius 1, does not depend on it.
    disk : {"poincare", "klein"}
        Disk to draw in. Angles are true in the Poincaré disk; geodesics are straight in the Klein disk.
    center : int or array-like of shape (d,) or (d + 1,), optional
        Row of `X`, or point in `model` coordinates, that an isometry brings to the middle of the disk.
    projection : {"tangent", "horopca"}
        How points of more than two dimensions are brought to the plane, as in
        :func:`hyperkit.embedding.project_to_disk`. How far that puts distances off is written below the disk.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure with room for the legend. In a figure of your own, use
        ``layout="constrained"`` so that the legend has its place.
    size : float >= 0, optional
        Diameter of the points in typographic points; by default it goes by their number.
    cmap : str, Colormap or mapping, optional
        Colours: a matplotlib colour map, or for classes also a mapping from label to colour.
    legend : bool
        Whether to put the legend or colour bar beside the disk.

    Returns
    -------
    matplotlib Axes
        The axes drawn in, with x and y in [-1, 1].

    Raises
    ------
    TypeError, ValueError
        A row is not in the model, `labels`, `center` or `cmap` do not fit `X`, `size` is negative, or `ax` is no Axes.

    Examples
    --------
    >>> ax = plot_points([[0.0, 0.0], [0.5, 0.0], [0.0, 0.9]], labels=["a", "a", "b"])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a', 'b']
    >>> ax.figure.clear()
    """
    check_paired_rows({"X": X, "labels": labels})
    placed = to_disk(X, model, curvature, disk, center, projection, "X")
    colors = row_colors(labels, len(placed.positions), cmap)
    diameter = marker_diameter(size, len(placed.positions))
    ax = new_axes(ax, colors.legend_width if legend else 0.0, placed.note)
    draw_points(ax, placed.positions, colors, diameter, legend)
    return ax


def plot_delaunay(
    delaunay: HyperbolicDelaunay,
    labels: ArrayLike | None = None,
    *,
    disk: Disk = "poincare",
    center: int | ArrayLike | None = None,
    projection: Projection = "tangent",
    ax: Axes | None = None,
    size: float | None = None,
    linewidth: float | None = None,
    cmap: Palette | None = None,
    legend: bool = True,
) -> Axes:
    """Draw a hyperbolic Delaunay graph, its edges as geodesics.

    Parameters
    ----------
    delaunay : HyperbolicDelaunay
        Graph of points. Above two dimensions its edges join the projected points: they may cross.
    labels : array-like of shape (n,), optional
        One label a point, as for :func:`plot_points`.
    linewidth : float, optional
        Width of the edges in typographic points; by default it goes by their number.
    disk, center, projection, ax, size, cmap, legend
        As for :func:`plot_points`; coordinates of `center` are those of ``delaunay.model``, at its curvature.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`plot_points`.

    Examples
    --------
    >>> from hyperkit import HyperbolicDelaunay
    >>> ax = plot_delaunay(HyperbolicDelaunay([[0.0, 0.0], [0.5, 0.0], [0.0, 0.9]]))
    >>> len(ax.collections[0].get_paths())  # the edges
    2
    >>> ax.figure.clear()
    """
    check_attributes(delaunay, ("points", "edges", "model", "curvature"), "delaunay", "a HyperbolicDelaunay")
    placed = to_disk(delaunay.points, delaunay.model, delaunay.curvature, disk, center, projection, "delaunay.points")
    colors = row_colors(labels, len(placed.positions), cmap)
    diameter = marker_diameter(size, len(placed.positions))
    lines = edge_lines(placed.positions, delaunay.edges, disk, "0.6", linewidth)
    ax = new_axes(ax, colors.legend_width if legend else 0.0, placed.note)
    ax.add_collection(lines, autolim=False)
    draw_points(ax, placed.positions, colors, diameter, legend)
    return ax


def plot_voronoi(
    voronoi: HyperbolicVoronoi,
    labels: ArrayLike | None = None,
    *,
    disk: Disk = "poincare",
    center: int | ArrayLike | None = None,
    ax: Axes | None = None,
    size: float | None = None,
    linewidth: float | None = None,
    cmap: Palette | None = None,
    legend: bool = True,
) -> Axes:
    """Draw a hyperbolic Voronoi diagram: the walls between its cells as geodesics, out to the rim where they reach it.

    Parameters
    ----------
    voronoi : HyperbolicVoronoi
        Diagram of points in the plane; cells of other spaces cannot be drawn.
    labels : array-like of shape (n,), optional
        One label a point, as for :func:`plot_points`.
    linewidth : float, optional
        Width of the walls in typographic points; by default it goes by their number.
    disk, center, ax, size, cmap, legend
        As for :func:`plot_points`; coordinates of `center` are those of ``voronoi.model``, at its curvature.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`plot_points`.

    Examples
    --------
    >>> from hyperkit import HyperbolicVoronoi
    >>> ax = plot_voronoi(HyperbolicVoronoi([[0.0, 0.0], [0.5, 0.0], [0.0, 0.9]]))
    >>> len(ax.collections[0].get_paths())  # the walls
    2
    >>> ax.figure.clear()
    """
    from ..delaunay import ridge_ends

    check_attributes(voronoi, ("points", "ridge_points", "model", "curvature"), "voronoi", "a HyperbolicVoronoi")
    sites = plane_points(voronoi.points, voronoi.model, voronoi.curvature, disk, "voronoi.points")
    middle = center_point(sites, center, voronoi.model, voronoi.curvature)
    colors = row_colors(labels, len(sites), cmap)
    diameter = marker_diameter(size, len(sites))
    ends = place_in_disk(ridge_ends(voronoi), disk, middle).reshape(-1, 2)
    lines = edge_lines(ends, np.arange(len(ends)).reshape(-1, 2), disk, "0.6", linewidth)
    ax = new_axes(ax, colors.legend_width if legend else 0.0)
    ax.add_collection(lines, autolim=False)
    draw_points(ax, place_in_disk(sites, disk, middle), colors, diameter, legend)
    return ax


def plot_tree(
    tree: SteinerTree,
    labels: ArrayLike | None = None,
    *,
    names: Sequence[Any] | None = None,
    disk: Disk = "poincare",
    center: int | ArrayLike | None = None,
    projection: Projection = "tangent",
    ax: Axes | None = None,
    size: float | None = None,
    linewidth: float | None = None,
    cmap: Palette | None = None,
    legend: bool = True,
) -> Axes:
    """Draw a Steiner tree: edges as geodesics, terminals as dots, Steiner points as small black diamonds.

    Parameters
    ----------
    tree : SteinerTree
        Tree, such as ``HyperSteiner().fit(X).tree_``.
    labels : array-like of shape (tree.n_terminals,), optional
        One label a terminal, as for :func:`plot_points`.
    names : sequence of length tree.n_terminals, or data frame with as many rows, optional
        Names to write beside the terminals, of a data frame its index; None, NaN and "" for none. One that has no room
        is left out until it has, in a larger figure or after a zoom; how many have is written in the corner.
    center : int or array-like of shape (d,) or (d + 1,), optional
        Vertex of the tree, or point in ``tree.model`` coordinates, at its curvature, that an isometry brings to the
        middle.
    linewidth : float, optional
        Width of the edges in typographic points; by default it goes by their number.
    disk, projection, ax, size, cmap, legend
        As for :func:`plot_points`.

    Returns
    -------
    matplotlib Axes

    Raises
    ------
    TypeError, ValueError
        As :func:`plot_points`, or `names` does not fit.

    Examples
    --------
    >>> from hyperkit import HyperSteiner
    >>> tree = HyperSteiner().fit([[0.8, 0.0], [-0.4, 0.7], [-0.4, -0.7]]).tree_
    >>> ax = plot_tree(tree, labels=["a", "b", "c"])
    >>> ax.get_aspect()
    1.0
    >>> ax.figure.clear()
    """
    needed = ("points", "edges", "n_terminals", "model", "curvature")
    check_attributes(tree, needed, "tree", "a SteinerTree, such as HyperSteiner().fit(X).tree_")
    placed = to_disk(tree.points, tree.model, tree.curvature, disk, center, projection, "tree.points")
    terminals, steiner_points = np.split(placed.positions, [tree.n_terminals])
    written = [] if names is None else check_names("names", names, tree.n_terminals, "terminals")
    colors = row_colors(labels, tree.n_terminals, cmap)
    diameter = marker_diameter(size, len(terminals))
    paths = edge_paths(placed.positions, tree.edges, disk)
    lines = lines_of(paths, "0.35", line_width(linewidth, len(paths)))
    ax = new_axes(ax, colors.legend_width if legend else 0.0, placed.note)
    ax.add_collection(lines, autolim=False)
    draw_points(ax, terminals, colors, diameter, legend)
    if len(steiner_points):
        x, y = steiner_points.T
        ax.scatter(x, y, s=(0.5 * diameter) ** 2, c="black", marker="D", linewidths=0, clip_on=False, zorder=1.5)
    write_beside(ax, written, terminals, paths, diameter)
    return ax


def figure_for(
    labels: ArrayLike | None, n_rows: int, *, n_disks: int = 1, hierarchy: Hierarchy | None = None
) -> Figure:
    """An empty figure with room for a disk and for the legend of `labels`, one for each of `n_rows` rows.

    It is not of pyplot, so that nothing stays open: add axes to it, and pass them on as ``ax=``.

    Parameters
    ----------
    labels : array-like of shape (n_rows,) or None
        As in :func:`plot_points`; None needs no room for a legend.
    n_rows : int
        Rows of the table that will be drawn.
    n_disks : int
        Disks in a row: 2 for :func:`plot_comparison`.
    hierarchy : Hierarchy, optional
        Room for its dendrogram instead, of as many rows, and for what explains its support: see :func:`plot_hierarchy`.

    Returns
    -------
    matplotlib.figure.Figure
        Without axes.

    Raises
    ------
    TypeError
        `labels` is a mapping or a set, or `hierarchy` is none.
    ValueError
        `labels` has not one label for each row, or `n_disks` is no count.

    Examples
    --------
    >>> figure = figure_for(["a", "b", "a"], 3)
    >>> ax = plot_points([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]], ["a", "b", "a"], ax=figure.add_subplot())
    """
    check_count("n_disks", n_disks)
    colors = row_colors(labels, n_rows, None)
    if hierarchy is None:
        return Figure(figsize=figure_size(colors.legend_width, n_disks), layout="constrained")
    check_hierarchy(hierarchy)
    width = branches(hierarchy, colors, "auto", None).legend_width(colors)
    return Figure(figsize=dendrogram_size(int(hierarchy.is_leaf.sum()), width), layout="constrained")


def check_hierarchy(value: object) -> None:
    """Raise TypeError unless `value` is a hierarchy."""
    check_attributes(
        value, _OF_A_HIERARCHY, "hierarchy", "a Hierarchy, such as hyperkit.hierarchy.from_steiner gives it"
    )


def check_attributes(value: object, names: tuple[str, ...], argument: str, wanted: str) -> None:
    """Raise TypeError unless `value` has all the attributes that a `wanted` has."""
    if not all(hasattr(value, name) for name in names):
        raise TypeError(f"{argument} must be {wanted}; got {type(value).__name__}")


def marker_diameter(size: float | None, n: int) -> float:
    """Diameter of a marker in typographic points: 6 for a handful, 1 for tens of thousands."""
    if size is None:
        return float(np.clip(6 * (100 / max(n, 1)) ** 0.3, 1.0, 6.0))
    return check_number("size", size, "a finite number of at least 0", lambda number: 0 <= number < np.inf)


def draw_points(
    ax: Axes, positions: NDArray[np.float64], colors: Colors, diameter: float, legend: bool = False
) -> None:
    """Dots at `positions`, and perhaps what explains their colours."""
    order = colors.order
    x, y = positions[order].T
    ax.scatter(x, y, s=diameter**2, c=colors.rgba[order], linewidths=0, clip_on=False, zorder=2)
    if legend:
        colors.explain(ax)
