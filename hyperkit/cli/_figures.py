"""Figures of the commands: made without pyplot, so that no window system is asked for, and saved to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from ..models import Model
from ..plot import plot_tree
from ..plot._disk import figure_size
from ..plot._labels import row_colors
from ..steiner import SteinerTree


def check_figure(file: str, points: NDArray[Any], model: Model) -> None:
    """Refuse, before the work is done, a figure that could not be made after it."""
    dimension = points.shape[1] - (model == "hyperboloid")
    if dimension != 2:
        raise ValueError(
            f"--plot draws points of the hyperbolic plane, and these have {dimension} dimensions "
            f"({points.shape[1]} columns in the {model} model); leave out --plot, or choose two columns with --columns"
        )
    known = FigureCanvasAgg.get_supported_filetypes()
    if Path(file).suffix.lower().removeprefix(".") not in known:
        raise ValueError(f"--plot {file}: the name must end in one of .{', .'.join(sorted(known))}")


def save_tree_figure(tree: SteinerTree, labels: NDArray[Any] | None, file: str) -> None:
    """Draw a tree into `file`, coloured by the labels of a table: numbers that were read as text are numbers again."""
    labels = None if labels is None else _numbers_or_text(labels)
    legend_width = row_colors(labels, tree.n_terminals, None).legend_width
    figure = Figure(figsize=figure_size(legend_width), layout="constrained")
    plot_tree(tree, labels, ax=figure.add_subplot())
    figure.savefig(file, dpi=200, bbox_inches="tight")  # not even the widest label is cut off


def _numbers_or_text(labels: NDArray[Any]) -> NDArray[Any]:
    if labels.dtype.kind != "U":
        return labels
    try:
        numbers = np.array([float(label or "nan") for label in labels])
    except ValueError:
        return np.array([label or None for label in labels], dtype=object)
    return numbers.astype(np.int64) if (numbers == numbers.round()).all() else numbers
