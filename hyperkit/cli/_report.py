"""What the commands give back: a table on stdout, a spinner on stderr, a tree or a figure in a file.

Results go to stdout and everything else to stderr, so that a result can be piped. The spinner shows on a terminal only.
Figures are made without pyplot, so that no window system is asked for.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ._cells import is_no_label
from ._files import naming

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

    from ..hierarchy import Hierarchy
    from ..steiner import SteinerTree


def show_table(title: str, rows: dict[str, str], *, to_stderr: bool = False) -> None:
    """Print what was found, one line a quantity: in a box on a terminal, in columns of plain text elsewhere."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    # No markup: a label such as "[x]" is text.
    console = Console(stderr=to_stderr, markup=False, highlight=False)
    if not console.is_terminal:
        click.echo("\n".join([title, *_plain_lines(rows)]), err=to_stderr)
        return
    table = Table(box=box.ROUNDED, show_header=False)
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(justify="right", overflow="fold")
    for quantity, value in rows.items():
        table.add_row(quantity, value)
    # Rich would end the program, with a status of its own, where stdout is a closed pipe.
    with console.capture() as printed:
        console.print(title, style="bold", soft_wrap=True)
        console.print(table)
    click.echo(printed.get(), err=to_stderr, nl=False, color=True)  # rich knows whether there are colours


def _plain_lines(rows: dict[str, str]) -> Iterator[str]:
    """Nothing is folded or cut, whatever the width."""
    width = max(map(len, rows))
    for quantity, value in rows.items():
        first, *more = value.split("\n")
        yield f"{quantity:<{width}}  {first}"
        yield from (f"{'':<{width}}  {line}" for line in more)


def as_json(found: dict[str, Any]) -> str:
    """One JSON object, without NaN: what has no value is null."""
    return json.dumps(_plain(found), allow_nan=False)


def _plain(value: Any) -> Any:
    """Of what JSON knows."""
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if hasattr(value, "tolist"):  # an array, or a number of NumPy
        value = value.tolist()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


@contextmanager
def working(what: str) -> Iterator[None]:
    """Show a spinner with `what` while the block runs, if there is a terminal to show it on."""
    from rich.console import Console

    if not on_terminal():
        yield
        return
    with Console(stderr=True).status(what):
        yield


def on_terminal() -> bool:
    """Whether there is a terminal to show progress on."""
    from rich.console import Console

    return Console(stderr=True).is_terminal


def write_newick(newick: str, output: str) -> None:
    """Write one tree and the end of the line."""
    with naming(output), click.open_file(output, "w", encoding="utf-8") as stream:
        stream.write(newick + "\n")


def check_figure(file: str) -> None:
    """Refuse, before the work is done, a figure that could not be made after it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    known = FigureCanvasAgg.get_supported_filetypes()
    if Path(file).suffix.lower().removeprefix(".") not in known:
        raise ValueError(f"--plot {file}: the name must end in one of .{', .'.join(sorted(known))}")


def check_page(file: str) -> None:
    """Refuse a page that no browser would take for one."""
    if Path(file).suffix.lower() not in (".html", ".htm"):
        raise ValueError(f"--html {file}: the name must end in .html")


def save_tree_figure(tree: SteinerTree, labels: NDArray[Any] | None, file: str) -> None:
    """Draw a tree into `file`, coloured by the labels of a table: numbers that were read as text are numbers again."""
    from ..plot import figure_for, plot_tree

    labels = None if labels is None else numbers_or_text(labels)
    figure = figure_for(labels, tree.n_terminals)
    plot_tree(tree, labels, ax=figure.add_subplot())
    _save(figure, file)


def save_hierarchy_figure(tree: Hierarchy, labels: NDArray[Any] | None, file: str) -> None:
    """Draw the dendrogram of a hierarchy into `file`, its rows coloured as by `save_tree_figure`."""
    from ..plot import figure_for, plot_hierarchy

    labels = None if labels is None else numbers_or_text(labels)
    figure = figure_for(labels, tree.n_rows, hierarchy=tree)
    plot_hierarchy(tree, labels, ax=figure.add_subplot())
    _save(figure, file)


def _save(figure: Figure, file: str) -> None:
    with naming(file):
        figure.savefig(file, dpi=200, bbox_inches="tight")  # not even the widest label is cut off


def numbers_or_text(labels: NDArray[Any]) -> NDArray[Any]:
    """Labels as numbers, if all that are there were read from numbers; a missing one is None or NaN."""
    import pandas as pd

    if labels.dtype.kind != "U":
        return labels
    known = pd.Series([None if is_no_label(label) else label for label in labels.tolist()], dtype=object)
    try:
        return pd.to_numeric(known).to_numpy()
    except ValueError:
        return known.to_numpy()
