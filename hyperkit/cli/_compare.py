"""The command ``compare``: two embeddings of the same rows, from files to figures.

Which row of one file belongs to which of another is decided here: by their names where both files have them, else by
their place.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import click

from ..models import Model
from ._commands import check_folder, check_rows, curvature_option, model_choice, model_option
from ._compile import comparison_use, get_ready
from ._files import check_outputs, naming, read_table, write_table
from ._options import json_option, labels_option, table_options
from ._report import as_json as to_json
from ._report import check_figure, numbers_or_text, show_table, working
from ._tables import Table, Wanted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..embedding import EmbeddingComparison


@click.command()
@click.argument("a")
@click.argument("b")
@model_option
@curvature_option
@click.option("--model-b", type=model_choice, help="What the coordinates of B are, if not those of A.")
@click.option(
    "--curvature-b",
    type=click.FloatRange(max=0, max_open=True),
    metavar="K",
    help="Curvature of the space of B, if not that of A: its lengths are then told in units of A.",
)
@labels_option("Column of labels, such as cell types, in A or B or both.")
@click.option("--data", metavar="FILE", help="What both embed: also tell how well each of them does.")
@click.option(
    "--metric",
    default="geodesic",
    show_default=True,
    metavar="NAME",
    help="How --data is read: geodesic, euclidean, cosine, ..., or precomputed for a matrix of distances.",
)
@click.option(
    "--neighbors",
    "n_neighbors",
    metavar="K,...",
    help="Numbers of nearest neighbours to look at [default: 5,15,50 of many rows].",
)
@table_options
@click.option(
    "--output",
    metavar="FILE",
    callback=check_folder,
    help='Write where they differ, row by row (CSV, TSV, NPZ); "-" is CSV on stdout.',
)
@click.option("--plot", metavar="FILE", callback=check_folder, help="Draw both side by side (PNG, PDF, SVG).")
@json_option
def compare(
    a: str,
    b: str,
    model: Model,
    curvature: float,
    model_b: Model | None,
    curvature_b: float | None,
    labels: str | None,
    data: str | None,
    metric: str,
    n_neighbors: str | None,
    wanted: Wanted,
    output: str | None,
    plot: str | None,
    as_json: bool,
) -> None:
    """Compare two embeddings A and B of the same rows.

    Their distances, neighbours, labels and places, whatever the position and dimension of each, and the scale of their
    distances; places differ by it, since no map resizes hyperbolic space. Rows go by their names where both files have
    names (see --index), and then must be the same in both; else by their place.
    """
    inputs = {"A": a, "B": b} | ({} if data is None else {"--data": data})
    if list(inputs.values()).count("-") > 1:
        raise click.UsageError("only one of the files can come from stdin")
    check_outputs(inputs, {"--output": output, "--plot": plot})
    if as_json and output == "-":
        raise click.UsageError("--output - and --json would be mixed on stdout; name a file for --output")
    if plot is not None:
        check_figure(plot)
    sizes = None if n_neighbors is None else _sizes(n_neighbors)
    wanted = replace(wanted, labels=labels, all_labelled=True, labels_needed=False)
    table_a, table_b = read_table(a, wanted), read_table(b, wanted)
    model_b, curvature_b = model_b or model, curvature_b or curvature
    check_rows(table_a, model, curvature)
    check_rows(table_b, model_b, curvature_b, ("--model-b", "--curvature-b"))
    if (model_b, curvature_b) != (model, curvature):
        from ..models import from_ball, to_ball

        ball = to_ball(table_b.points, model_b, curvature=curvature_b)
        points = from_ball(ball, model, curvature=curvature, name=b)
        table_b = replace(table_b, points=points, columns=None)
    table_b = replace(table_b, **_brought(table_b, _places(table_a, table_b)))
    values = _labels(labels, table_a, table_b)
    features = None if data is None else _features(data, replace(wanted, columns=None, features=True), table_a, metric)

    get_ready(comparison_use())
    with working(f"Comparing {len(table_a.points):,} rows"):
        from ..embedding import compare as compare_embeddings
        from ..embedding.comparison import key_lines

        options: dict[str, Any] = {"metric": metric, "n_neighbors": sizes, "model": model, "curvature": curvature}
        result = compare_embeddings(table_a.points, table_b.points, features, values, **options)
    if output is not None and output != "-":
        write_table(_rows(result, table_a, labels), output)
    if plot is not None:
        with working("Drawing both"):
            _save_figure(result, plot)
    if as_json:
        click.echo(to_json({"p": a, "q": b} | _numbers(result)))
    else:
        show_table(f"P = {a} and Q = {b}", key_lines(result), to_stderr=output == "-")
    if output == "-":
        write_table(_rows(result, table_a, labels), output)
    elif output is not None:
        click.echo(f"Rows: {output}", err=True)
    if plot is not None:
        click.echo(f"Figure: {plot}", err=True)


def _sizes(neighbors: str) -> list[int]:
    words = [word.strip() for word in neighbors.split(",")]
    if not all(word.isdecimal() and int(word) > 0 for word in words):
        raise click.UsageError(f"--neighbors {neighbors}: give whole numbers of at least 1, separated by commas")
    return [int(word) for word in words]


def _places(a: Table, other: Table) -> NDArray[np.int64] | None:
    """The row of `other` that belongs to each row of `a`; None if it is the one in the same place."""
    import numpy as np

    if a.names is not None and other.names is not None and a.names != other.names:
        for one, two in ((a, other), (other, a)):
            _check_names(one, two)
        place = {name: row for row, name in enumerate(other.names)}
        click.echo(f"Rows of {other.source} were brought into the order of {a.source}, by their names", err=True)
        return np.array([place[name] for name in a.names])
    if len(a.points) != len(other.points):
        raise ValueError(
            f"{a.source} has {len(a.points)} rows and {other.source} has {len(other.points)}; rows that not both files "
            "name go by their place, and there must be as many"
        )
    if (a.names is None) != (other.names is None):
        click.echo(f"Rows of {other.source} go by their place: not both files name their rows", err=True)
    return None


def _check_names(one: Table, two: Table) -> None:
    """Raise unless each name of `one` stands there once, and in `two`."""
    names, others = one.names or [], set(two.names or [])
    seen = set()
    for row, name in enumerate(names):
        what = f"{one.source}: {one.in_lines(f'row {row}')} is {name!r}"
        if name not in others:
            raise ValueError(f"{what}, and {two.source} has no row of that name")
        if name in seen:
            raise ValueError(f"{what}, as is one before it; rows cannot go by their names")
        seen.add(name)


def _brought(table: Table, places: NDArray[np.int64] | None) -> dict[str, Any]:
    """The parts of a table with its rows in these places."""
    if places is None:
        return {}
    return {
        "points": table.points[places],
        "lines": None,
        "labels": None if table.labels is None else table.labels[places],
        "names": None if table.names is None else [table.names[row] for row in places],
    }


def _labels(column: str | None, a: Table, b: Table) -> NDArray[Any] | None:
    """The labels of the rows, which either file or both may have."""
    if column is None:
        return None
    both = [table for table in (a, b) if table.labels is not None]
    if not both:
        raise ValueError(f"neither {a.source} nor {b.source} has a column {column!r}")
    if len(both) == 2:
        pairs = zip(both[0].labels.tolist(), both[1].labels.tolist(), strict=True)  # type: ignore[union-attr]
        for row, (one, other) in enumerate(pairs):
            if one != other:
                raise ValueError(
                    f"row {row} has the {column} {one!r} in {a.source} and {other!r} in {b.source}; "
                    "are these the same rows? Take the column out of one file if both are right"
                )
    return None if both[0].labels is None else numbers_or_text(both[0].labels)


def _features(file: str, wanted: Wanted, a: Table, metric: str) -> NDArray[np.float64]:
    """What was embedded, in the order of the rows of A."""
    table = read_table(file, wanted)
    places = _places(a, table)
    if places is None:
        return table.points
    features = table.points[places]
    return features[:, places] if metric == "precomputed" else features


def _numbers(result: EmbeddingComparison) -> dict[str, Any]:
    """All numbers of a comparison by the names that they have in Python."""
    names = [field.name for field in fields(result) if field.name[0] != "_" and not field.name.startswith("ball_")]
    found = {name: getattr(result, name) for name in names}
    found["shared_neighbors"] = result.shared_neighbors.reset_index().to_dict("records")
    found["quality"] = None if result.quality is None else result.quality.to_frame().to_dict("index")
    return found


def _rows(result: EmbeddingComparison, a: Table, labels: str | None) -> Table:
    """What was found for each row, as a table to write."""
    frame = result.to_frame()
    values = frame.pop("label").to_numpy() if "label" in frame else None
    return Table("", frame.to_numpy(), list(frame.columns), values, labels or "labels", a.names)


def _save_figure(result: EmbeddingComparison, file: str) -> None:
    from ..plot import figure_for, plot_comparison

    rows = result.to_frame()
    shown = rows["label"].to_numpy() if "label" in rows else rows[f"lost_{result.n_neighbors}"].to_numpy()
    figure = figure_for(shown, result.n, n_disks=2)
    plot_comparison(result, axes=figure.subplots(1, 2))
    with naming(file):
        figure.savefig(file, dpi=200, bbox_inches="tight")
