"""The command ``embed``: from a file of features, or of distances, to a file of points that all commands read."""

from __future__ import annotations

import warnings
from dataclasses import replace
from shlex import quote
from typing import Any

import click

from ..models import Model, coordinate_model
from ._commands import check_folder, is_given, model_choice
from ._compile import embedding_uses, get_ready
from ._embedded import Embedded, check_neighbors, embed_rows, embedding_options, embedding_rows
from ._files import check_format, check_outputs, read_table, write_table
from ._options import Count, job_count, json_option, labels_option, table_options
from ._report import as_json as to_json
from ._report import show_table, working
from ._tables import Table, Wanted

# Not the stress, which is that of the search: `quality` has one of all pairs, and at the scale that is best for it.
_MEASURES = {
    "distortion": "Mean relative distortion",
    "mean_average_precision": "Mean average precision",
    "q_local": "Q local",
    "q_global": "Q global",
    "trustworthiness": "Trustworthiness",
    "continuity": "Continuity",
    "triplets": "Triplets in order",
    "rank_correlation": "Rank correlation",
}
_MOST_NAMED = 8  # columns


@click.command()
@click.argument("file")
@embedding_options()
@click.option(
    "--curvature",
    type=click.FloatRange(max=0, max_open=True),
    metavar="K",
    help="Lay the points out at this curvature, lengths as in FILE [default: at -1, with the scale of least stress].",
)
@click.option(
    "--landmarks",
    "n_landmarks",
    type=Count(),
    metavar="N",
    help="Rows to which the distances of all are taken [default: all of up to 5,000 rows, 1,000 or 400 of more].",
)
@click.option(
    "--starts",
    "n_init",
    type=Count(),
    default=8,
    show_default=True,
    metavar="N",
    help="Trees to start from, beside starts that are always made; 1 is quick.",
)
@click.option(
    "--seed",
    "random_state",
    type=Count(least=0, most=2**32 - 1),
    default=0,
    show_default=True,
    metavar="N",
    help="Of these starts.",
)
@click.option("--model", type=model_choice, default="poincare", show_default=True, help="What coordinates to write.")
@click.option("--jobs", "n_jobs", type=job_count, metavar="N", help="Threads; any number gives the same points.")
@labels_option("Column of labels, which is kept as it is.")
@table_options
@click.option("--quality", is_flag=True, help="Also tell how well distances and neighbours are kept.")
@click.option(
    "--output",
    metavar="FILE",
    default="-",
    callback=check_folder,
    help="CSV, TSV, NPY or NPZ file of the points [default: CSV on stdout].",
)
@json_option
def embed(
    file: str,
    curvature: float | None,
    n_landmarks: int | None,
    model: Model,
    n_jobs: int | None,
    labels: str | None,
    wanted: Wanted,
    quality: bool,
    output: str,
    as_json: bool,
    **search: Any,
) -> None:
    """Embed the rows of FILE in hyperbolic space.

    Columns of numbers are features, and distances of the points found follow those of the rows (HyperbolicMDS). Rows
    keep their order, names and labels. Ctrl-C after the starts ends the search with the best points so far.
    """
    check_neighbors(search)
    if as_json and is_given("output") and output == "-":
        raise click.UsageError("--output - and --json would be mixed on stdout; name a file for --output")
    check_outputs({"FILE": file}, {"--output": output})
    table = read_table(file, replace(wanted, labels=labels, features=True))
    check_format(table, output)
    if quality and len(table.points) < 3:
        raise click.UsageError(f"--quality needs at least 3 rows, and {table.source} has {len(table.points)}")

    get_ready(*embedding_uses(quality=quality))
    embedded = embed_rows(
        table,
        curvature,
        n_landmarks=n_landmarks,
        model=model,
        n_jobs=n_jobs,
        **search,
    )
    # Files first: whoever reads stdout may close it, and that ends the program.
    if output != "-":
        write_table(embedded.table, output)
    measures = _measured(embedded, table, n_jobs) if quality else {}
    if as_json:
        click.echo(to_json(_found(embedded, table, measures)))
        return
    rows = _table_rows(embedded, table) | embedding_rows(embedded) | {"Seconds": f"{embedded.seconds:.1f}"}
    show_table(f"Embedding of {table.source}", rows | _quality_rows(measures), to_stderr=output == "-")
    if output == "-":
        write_table(embedded.table, output)
    else:
        click.echo(f"Points: {output}", err=True)
        click.echo(f"Go on with: {_next_command(embedded, output)}", err=True)


def _table_rows(embedded: Embedded, table: Table) -> dict[str, str]:
    """What was read, and what coordinates were found."""
    n, n_columns = table.points.shape
    rows = {"Rows": f"{n:,} ({n_columns:,} columns)"}
    if table.columns is not None and embedded.mds.metric != "precomputed":
        shown = table.columns if n_columns <= _MOST_NAMED else [*table.columns[:2], "...", table.columns[-1]]
        rows["Features"] = ", ".join(shown)
    if table.labels is not None:
        rows["Labels"] = table.labels_in_words()
    model, found = embedded.mds.model, embedded.table.points.shape[1]
    dimension = found - coordinate_model(model).extra_columns
    return rows | {"Coordinates": f"{model}, {dimension} dimension{'s' * (dimension > 1)}"}


def _measured(embedded: Embedded, table: Table, n_jobs: int | None) -> dict[str, float]:
    """Measures of the points against what they were made from."""
    with working(f"Judging {len(table.points):,} points"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "the graph of the .* nearest neighbours has")  # as was said before
        from ..embedding import quality

        mds = embedded.mds
        options: dict[str, Any] = {"metric": mds.metric, "n_neighbors": mds.n_neighbors, "n_jobs": n_jobs}
        space: dict[str, Any] = {"model": mds.model, "curvature": embedded.curvature}
        found = quality(embedded.table.points, table.points, **options, **space).to_frame().iloc[0]
    return dict(found)


def _quality_rows(found: dict[str, float]) -> dict[str, str]:
    rows = {}
    for measure, title in _MEASURES.items() if found else ():
        error = f" ± {found[f'{measure}_error']:.1g}" if f"{measure}_error" in found else ""
        rows[title] = f"{found[measure]:.4f}{error}"
    return rows


def _found(embedded: Embedded, table: Table, measures: dict[str, float]) -> dict[str, Any]:
    """All that was found; points, names and labels are columns over the rows."""
    mds, points = embedded.mds, embedded.table
    return {
        "file": table.source,
        "n_rows": len(table.points),
        "n_columns": table.points.shape[1],
        "model": mds.model,
        "curvature": embedded.curvature,
        "metric": mds.metric,
        "n_neighbors": mds.n_neighbors_ if mds.metric == "geodesic" else None,
        "stress": mds.stress_,
        "scale": embedded.scale,
        "seconds": embedded.seconds,
        "quality": measures or None,
        "columns": points.columns,
        "points": points.points,
        "name": points.names,
        "label": points.labels,
    }


def _next_command(embedded: Embedded, output: str) -> str:
    """A command that reads the points as what they are."""
    words = ["hyperkit", "tree", quote(output)]
    if embedded.mds.model != "poincare":
        words += ["--model", embedded.mds.model]
    if embedded.curvature != -1:
        words += ["--curvature", repr(embedded.curvature)]
    if embedded.table.labels is not None:
        words += ["--labels", "labels" if output.lower().endswith(".npz") else quote(embedded.table.label_column)]
    return " ".join(words)
