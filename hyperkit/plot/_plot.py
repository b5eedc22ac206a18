"""The four pictures: points, Delaunay graph, Voronoi diagram, tree. Each draws into one disk and returns its Axes.

In come points, graphs and trees as the rest of the package makes them; out goes a matplotlib Axes that the caller may
go on drawing in (positions are those of the disk: x and y in [-1, 1]). Nothing is shown or saved, and no matplotlib
setting is changed. Where points fall is decided in `_disk`, how edges bend in `_arcs`, colours in `_labels`,
legends in `_legend`, sizes in `_room`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from .._validation import check_choice, check_count, check_names, check_paired_rows
from ..models import Model
from ._arcs import edge_paths
from ._branches import branches
from ._dendrogram import dendrogram_size
from ._disk import Disk, Projection, center_point, crowding, figure_size, new_axes, place_in_disk, plane_points, to_disk
from ._draw import checked_look, draw_lines, draw_points
from ._figure import PrintFigure
from ._labels import Palette, row_colors
from ._legend import LEGENDS, Legend, legend_room
from ._names import write_beside
from ._room import Rasterized, check_marks

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
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
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
        :func:`hyperkit.embedding.project_to_disk`. How far that puts distances off is written below the disk; and,
        without a `center`, how many points are within 1 % of the rim, if over a third are.
    ax : matplotlib Axes, optional
        Where to draw; by default a new figure with room for the legend. In a figure of your own, use
        ``layout="constrained"`` so that the legend has its place.
    size : float >= 0, optional
        Diameter of the points in typographic points; by default it goes by their number and the size of the axes.
    cmap : str, Colormap or mapping, optional
        Colours: a matplotlib colour map, or for classes also a mapping from label to colour. By default those of
        :func:`class_colors`: of more than 60 classes the largest have a colour and the others are grey.
    alpha : float in [0, 1], optional
        Opacity of the points; by default they are opaque.
    rasterized : {"auto", True, False}
        Whether points and lines are pixels in SVG and PDF, as fine as ``savefig(..., dpi=)`` says; ``"auto"`` is for
        more than 5,000 of them. Text is never.
    legend : {"right", "on data", "none"}
        Where classes are named: beside the disk; each on its row that is in the middle of it, as far as there is room;
        or nowhere. A colour bar is beside the disk in both of the first. A legend that does not fit has more columns,
        smaller letters, shorter names, and at last fewer classes, the largest.

    Returns
    -------
    matplotlib Axes
        The axes drawn in, with x and y in [-1, 1].

    Raises
    ------
    TypeError, ValueError
        A row is not in the model, `labels`, `center` or `cmap` do not fit `X`, `size` is negative, `ax` is no
        Axes, or an option is none of its choices.

    Examples
    --------
    >>> ax = plot_points([[0.0, 0.0], [0.5, 0.0], [0.0, 0.9]], labels=["a", "a", "b"])
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['a', 'b']
    >>> ax.figure.clear()
    """
    check_paired_rows({"X": X, "labels": labels})
    marks = checked_look(legend, size, None, alpha, rasterized)
    placed = to_disk(X, model, curvature, disk, center, projection, "X")
    colors = row_colors(labels, len(placed.positions), cmap)
    ax = new_axes(ax, legend_room(colors, legend), placed.below, size)
    draw_points(ax, placed.positions, colors, marks, legend)
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
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
) -> Axes:
    """Draw a hyperbolic Delaunay graph, its edges as geodesics.

    Parameters
    ----------
    delaunay : HyperbolicDelaunay
        Graph of points. Above two dimensions its edges join the projected points: they may cross.
    labels : array-like of shape (n,), optional
        One label a point, as for :func:`plot_points`.
    linewidth : float, optional
        Width of the edges in typographic points; by default it goes by their number and the size of the axes.
    disk, center, projection, ax, size, cmap, alpha, rasterized, legend
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
    marks = checked_look(legend, size, linewidth, alpha, rasterized)
    placed = to_disk(delaunay.points, delaunay.model, delaunay.curvature, disk, center, projection, "delaunay.points")
    colors = row_colors(labels, len(placed.positions), cmap)
    ax = new_axes(ax, legend_room(colors, legend), placed.below, size)
    paths = edge_paths(placed.positions, delaunay.edges, disk)
    draw_lines(ax, paths, "0.6", marks, colors, legend)
    draw_points(ax, placed.positions, colors, marks, legend)
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
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
) -> Axes:
    """Draw a hyperbolic Voronoi diagram: the walls between its cells as geodesics, out to the rim where they reach it.

    Parameters
    ----------
    voronoi : HyperbolicVoronoi
        Diagram of points in the plane; cells of other spaces cannot be drawn.
    labels : array-like of shape (n,), optional
        One label a point, as for :func:`plot_points`.
    linewidth : float, optional
        Width of the walls in typographic points; by default it goes by their number and the size of the axes.
    disk, center, ax, size, cmap, alpha, rasterized, legend
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
    marks = checked_look(legend, size, linewidth, alpha, rasterized)
    sites = plane_points(voronoi.points, voronoi.model, voronoi.curvature, disk, "voronoi.points")
    middle = center_point(sites, center, voronoi.model, voronoi.curvature)
    colors = row_colors(labels, len(sites), cmap)
    ends = place_in_disk(ridge_ends(voronoi), disk, middle).reshape(-1, 2)
    paths = edge_paths(ends, np.arange(len(ends)).reshape(-1, 2), disk)
    positions = place_in_disk(sites, disk, middle)
    ax = new_axes(ax, legend_room(colors, legend), "" if middle is not None else crowding(positions, disk), size)
    draw_lines(ax, paths, "0.6", marks, colors, legend)
    draw_points(ax, positions, colors, marks, legend)
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
    alpha: float | None = None,
    rasterized: Rasterized = "auto",
    legend: Legend = "right",
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
        Width of the edges in typographic points; by default it goes by their number and the size of the axes.
    disk, projection, ax, size, cmap, alpha, rasterized, legend
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
    way_out = ""
    if all(hasattr(tree, name) for name in _OF_A_HIERARCHY):
        way_out = "; a Hierarchy is drawn by plot_hierarchy"
    elif hasattr(tree, "tree_"):
        way_out = "; give its .tree_"
    check_attributes(tree, needed, "tree", "a SteinerTree, such as HyperSteiner().fit(X).tree_", way_out)
    marks = checked_look(legend, size, linewidth, alpha, rasterized)
    placed = to_disk(tree.points, tree.model, tree.curvature, disk, center, projection, "tree.points")
    terminals, steiner_points = np.split(placed.positions, [tree.n_terminals])
    written = [] if names is None else check_names("names", names, tree.n_terminals, "terminals")
    colors = row_colors(labels, tree.n_terminals, cmap)
    paths = edge_paths(placed.positions, tree.edges, disk)
    ax = new_axes(ax, legend_room(colors, legend), placed.below, size)
    draw_lines(ax, paths, "0.35", marks, colors, legend)
    diameter = draw_points(ax, terminals, colors, marks, legend)
    if len(steiner_points):
        x, y = steiner_points.T
        dots = ax.scatter(x, y, s=(0.5 * diameter) ** 2, c="black", marker="D", linewidths=0, zorder=1.1)
        marks.rasterize(dots, len(steiner_points))
    write_beside(ax, written, terminals, paths, diameter)
    return ax


def figure_for(
    labels: ArrayLike | None,
    n_rows: int,
    *,
    n_disks: int = 1,
    hierarchy: Hierarchy | None = None,
    legend: Legend = "right",
) -> Figure:
    """An empty figure with room for a disk and for the legend of `labels`, one for each of `n_rows` rows.

    It is not of pyplot, so that nothing stays open: add axes to it, and pass them on as ``ax=``. Its text stays text
    where it is saved as SVG or PDF. (For figures of your own matplotlib has this as a setting: save them under
    ``matplotlib.rc_context({"svg.fonttype": "none", "pdf.fonttype": 42})``.)

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
    legend : {"right", "on data", "none"}
        That of the picture.

    Returns
    -------
    matplotlib.figure.Figure
        Without axes.

    Raises
    ------
    TypeError
        `labels` is a mapping or a set, or `hierarchy` is none.
    ValueError
        `labels` has not one label for each row, `n_disks` is no count, or `legend` none of its choices.

    Examples
    --------
    >>> figure = figure_for(["a", "b", "a"], 3)
    >>> ax = plot_points([[0.0, 0.0], [0.5, 0.0], [0.0, 0.5]], ["a", "b", "a"], ax=figure.add_subplot())
    """
    check_count("n_disks", n_disks)
    check_choice("legend", legend, LEGENDS)
    colors = row_colors(labels, n_rows, None)
    if hierarchy is None:
        return PrintFigure(figsize=figure_size(legend_room(colors, legend), n_disks), layout="constrained")
    check_hierarchy(hierarchy)
    width = branches(hierarchy, colors, "auto", check_marks()).legend_width(colors, legend)
    return PrintFigure(figsize=dendrogram_size(int(hierarchy.is_leaf.sum()), width), layout="constrained")


def check_hierarchy(value: object) -> None:
    """Raise TypeError unless `value` is a hierarchy."""
    check_attributes(
        value, _OF_A_HIERARCHY, "hierarchy", "a Hierarchy, such as hyperkit.hierarchy.from_steiner gives it"
    )


def check_attributes(value: object, names: tuple[str, ...], argument: str, wanted: str, way_out: str = "") -> None:
    """Raise TypeError unless `value` has all the attributes that a `wanted` has."""
    if not all(hasattr(value, name) for name in names):
        raise TypeError(f"{argument} must be {wanted}; got {type(value).__name__}{way_out}")
