"""`explore`: from a tree or hierarchy to the page that shows it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_hex
from numpy.typing import ArrayLike, NDArray

from ..._validation import check_choice
from ...embedding.projection import METHODS
from .._disk import Placed, Projection, to_disk
from .._palette import CLASS_COLORS, OTHERS
from ._columns import Column, read_columns
from ._packing import packed
from ._page import Page, page_of

if TYPE_CHECKING:
    from ...hierarchy import Hierarchy
    from ...steiner import SteinerTree

_STOPS = 32  # colours that a scale of numbers is sent as


def explore(
    tree: SteinerTree | Hierarchy,
    labels: ArrayLike | Mapping[str, Any] | None = None,
    *,
    values: ArrayLike | Mapping[str, Any] | None = None,
    names: Sequence[Any] | None = None,
    projection: Projection = "tangent",
    cmap: Mapping[Any, Any] | None = None,
    title: str | None = None,
    path: str | os.PathLike[str] | None = None,
) -> Page:
    """Make a page to explore a tree in the Poincaré disk: one HTML file that needs no network and no server.

    Dragging moves the disk: what is pulled to the middle grows. The page searches, colours by labels and numbers, hides
    classes, folds the tree, hangs it from another root, selects branches and writes them as CSV, and the picture as
    PNG; by mouse, touch or keyboard.

    Parameters
    ----------
    tree : SteinerTree or Hierarchy
        Such as ``HyperSteiner().fit(X).tree_``, which is rooted where the distances to the rows vary least; or a
        hierarchy with `points`, such as :func:`hyperkit.hierarchy.from_steiner` gives it, with the root it has.
    labels : array-like of shape (n_rows,), or data frame or mapping of such columns, optional
        Labels of the rows, for a hierarchy those of ``hierarchy.rows``. Text, categories, dates, booleans and up to 20
        different integers are classes, other columns are numbers. None, NaN, NaT, NA and masked entries are missing.
    values : array-like of shape (n_rows,), or data frame or mapping of such columns, optional
        Numbers of the rows; NaN where one is missing.
    names : sequence of length tree.n_terminals, optional
        Names of the terminals of a Steiner tree; a hierarchy has its own.
    projection : {"tangent", "horopca"}
        How points of more than two dimensions are brought to the plane, as in
        :func:`hyperkit.embedding.project_to_disk`. How far that puts distances off is written on the page.
    cmap : mapping, optional
        Colours of some or all classes, by their label.
    title : str, optional
        Heading of the page.
    path : str or path-like, optional
        File to write the page to, such as ``"page.html"``.

    Returns
    -------
    Page
        With the page as text in ``html``, and ``save(path)``; a notebook shows it. 20,000 rows take about a megabyte.

    Raises
    ------
    TypeError, ValueError
        `tree` is neither, or has no points; there is not one label or value for each row; a value is no finite number.

    Notes
    -----
    Any browser of 2023 or later opens the page. It asks for nothing from anywhere: a content policy forbids it to.

    Examples
    --------
    >>> from hyperkit import HyperSteiner
    >>> tree = HyperSteiner().fit([[0.8, 0.0], [-0.4, 0.7], [-0.4, -0.7]]).tree_
    >>> explore(tree, labels=["a", "b", "b"], title="Three points")
    <Page title='Three points' n_nodes=5 n_rows=3 bytes=...>
    """
    check_choice("projection", projection, METHODS)
    hierarchy = _hierarchy(tree, names)
    placed = _placed(hierarchy, projection)
    columns = read_columns(labels, values, cmap, hierarchy.names[hierarchy.node_of_rows])
    heading = f"Hierarchy of {hierarchy.n_rows:,} rows" if title is None else str(title)
    summary, reach = _summary(hierarchy, columns, placed.note), _reach(hierarchy)
    data = packed(*_content(hierarchy, placed, columns, heading))
    page = page_of(data, heading, summary, reach, len(hierarchy), hierarchy.n_rows)
    if path is not None:
        page.save(path)
    return page


def _hierarchy(tree: SteinerTree | Hierarchy, names: Sequence[Any] | None) -> Hierarchy:
    from ...hierarchy import Hierarchy, from_steiner
    from ...steiner import SteinerTree

    if isinstance(tree, SteinerTree):
        return from_steiner(tree, names=names)
    if not isinstance(tree, Hierarchy):
        raise TypeError(
            f"tree is a {type(tree).__name__}; give a SteinerTree, such as HyperSteiner().fit(X).tree_, or a Hierarchy"
        )
    if names is not None:
        raise ValueError("names is for a Steiner tree; a hierarchy has names: dataclasses.replace(hierarchy, names=)")
    return tree


def _placed(tree: Hierarchy, projection: Projection) -> Placed:
    if tree.points is None or tree.model is None:
        raise ValueError(
            "tree: the nodes of this hierarchy have no points to show them at; hierarchy.from_steiner and "
            'hierarchy.infer give them, and hyperkit.plot.plot_hierarchy(layout="rectangular") draws it without'
        )
    return to_disk(tree.points, tree.model, tree.curvature, "poincare", None, projection, "tree.points")


def _content(
    tree: Hierarchy, placed: Placed, columns: list[Column], title: str
) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of the data, as `web/tree.js` reads them."""
    arrays: dict[str, NDArray[Any]] = {
        "x": placed.positions[:, 0],
        "y": placed.positions[:, 1],
        "up": np.concatenate([[0], np.arange(1, len(tree)) - tree.parent[1:]]),
        "row": tree.row + 1,
        "length": tree.length.astype(np.float32),
    }
    if tree.support is not None:
        arrays["support"] = tree.support.astype(np.float32)
    told = []
    for place, column in enumerate(columns):
        is_classes = column.classes is not None
        arrays[f"column{place}"] = column.values + 1 if is_classes else _in_few_bytes(column.values)
        # The one grey of classes beyond the list of colours, which legends tell last.
        others = OTHERS.lower() if len(column.classes or []) > len(CLASS_COLORS) else None
        told.append({"name": column.name, "classes": column.classes, "colors": column.colors, "others": others})
    numbered = np.where(tree.row >= 0, tree.row.astype(str), "")
    scale = colormaps["viridis"](np.linspace(0, 1, _STOPS))
    header = {
        "title": title,
        "note": placed.note,
        "names": None if (tree.names == numbered).all() else tree.names.tolist(),
        "columns": told,
        "scale": [to_hex(color) for color in scale],
    }
    return header, arrays


def _in_few_bytes(numbers: NDArray[np.float64]) -> NDArray[Any]:
    """In float32, which has seven digits: but not whole numbers, often of patients or cells, that it would change."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        short = numbers.astype(np.float32)
        error = np.where(numbers == np.rint(numbers), 0.0, 1e-7 * np.abs(numbers))
        is_kept = (np.abs(short - numbers) <= error) | np.isnan(numbers)
    return short if is_kept.all() else numbers


def _summary(tree: Hierarchy, columns: list[Column], note: str) -> str:
    """What a screen reader tells first, and a browser without scripts shows."""
    told = [f"A hierarchy of {tree.n_rows:,} rows with {len(tree):,} nodes, drawn in the Poincaré disk."]
    for column in columns:
        if column.classes is not None:
            counts = np.bincount(column.values[column.values >= 0], minlength=len(column.classes))
            largest = np.argsort(-counts, kind="stable")[:5]
            most = ", ".join(f"{column.classes[k][:60]} ({counts[k]:,})" for k in largest)
            told.append(f"{column.name}: {len(column.classes):,} classes, the largest {most}.")
    return " ".join([*told, *([f"{note}."] if note else [])])


def _reach(tree: Hierarchy) -> str:
    """The part of the summary that goes by the root; the page puts its own there once the tree hangs from another."""
    return (
        f"From its root it has {np.count_nonzero(tree.is_leaf):,} leaves, up to {tree.depth.max():,} edges and a "
        f"distance of {tree.distance_from_root.max():.4g} away."
    )
