"""The commands ``dga`` and ``convert``: from a file of points to a result; and the options that all commands share.

Each reads one or two tables, calls one thing of the package and reports. Imports of numerical modules are inside the
functions, so that ``hyperkit --help`` does not wait for them.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from ..models import MODELS, Model, coordinate_model
from ._compile import get_ready, score_uses
from ._files import check_outputs, read_table, write_table
from ._options import Count, json_option, labels_option, table_options
from ._report import as_json as to_json
from ._report import show_table, working
from ._scores import dga_rows, numbers_of, profile_rows, region_rows
from ._tables import Table, Wanted

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

model_choice = click.Choice(list(MODELS))

model_option = click.option(
    "--model", type=model_choice, default="poincare", show_default=True, help="What the coordinates are."
)

curvature_option = click.option(
    "--curvature",
    type=click.FloatRange(max=0, max_open=True),
    default=-1.0,
    show_default=True,
    metavar="K",
    help="Curvature of the space that the coordinates and all lengths are of.",
)


def check_folder(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse an output file in a folder that is not there: now, and not after the work is done."""
    if value is not None and value != "-" and not Path(value).parent.is_dir():
        raise click.BadParameter(f"the folder {str(Path(value).parent)!r} does not exist", context, parameter)
    if value is not None and Path(value).is_dir():
        raise click.BadParameter(f"{value!r} is a folder; name a file in it", context, parameter)
    return value


@click.command()
@click.argument("a")
@click.argument("b", required=False)
@model_option
@curvature_option
@click.option(
    "--split",
    metavar="COLUMN",
    help="Column of A whose values tell the sets apart, by pairs if there are more than two; then leave out B.",
)
@click.option("--paired", is_flag=True, help="Row i of A and row i of B belong together: a cell and its noisy copy.")
@click.option(
    "--groups",
    metavar="COLUMN",
    help="Column of groups, such as donors, whose rows are not independent: p-values are those of whole groups.",
)
@click.option(
    "--permutations",
    "n_permutations",
    type=Count(least=0, most=10_000_000),
    default=0,
    metavar="N",
    help="Also the one-sided p-value (fewer edges between than by chance) from N random labellings.",
)
@click.option(
    "--hops",
    type=Count(),
    default=1,
    show_default=True,
    metavar="H",
    help="Count the pairs that at most H steps in the Delaunay graph join.",
)
@click.option(
    "--profile",
    is_flag=True,
    help="Also score every scale up to H hops, or up to 7 where H is 1, and test all of them at once.",
)
@click.option(
    "--scan", is_flag=True, help="Also look where the sets differ: regions where one of them is crowded, with p-values."
)
@table_options
@json_option
def dga(
    a: str,
    b: str | None,
    model: Model,
    curvature: float,
    split: str | None,
    paired: bool,
    groups: str | None,
    n_permutations: int,
    hops: int,
    profile: bool,
    scan: bool,
    as_json: bool,
    wanted: Wanted,
) -> None:
    """Score how alike two sets of points are.

    HyperDGA, the share of hyperbolic Delaunay edges that join A to B, how it compares with chance, and how likely
    so few edges are if the two sets come from one population. A and B are two files, or A is one file with a column
    that splits it in two.
    """
    wanted = replace(
        wanted,
        labels=split,
        label_option="--split" if b is None else None,
        all_labelled=True,
        groups=groups,
        group_option="--groups",
    )
    if (b is None) == (split is None):
        raise click.UsageError("give two files, or one file and --split COLUMN")
    if a == b == "-":
        raise click.UsageError("only one of the two sets can come from stdin")
    tables = [read_table(file, wanted) for file in (a, b) if file is not None]
    for table in tables:
        check_rows(table, model, curvature)
    if b is None:
        sets = _split(tables[0], str(split))
        if len(sets) > 2:
            unfit: dict[str, object] = {
                "--paired": paired,
                "--profile": profile,
                "--scan": scan,
                "--permutations": n_permutations,
            }
            _pairwise(sets, a, {"model": model, "curvature": curvature, "hops": hops}, as_json, unfit)
            return
    else:
        sets = {"A": tables[0], "B": _with_columns_of(tables[0], tables[1])}
    (name_a, table_a), (name_b, table_b) = sets.items()
    points_a, points_b = table_a.points, table_b.points
    get_ready(*score_uses(dimension_of(tables[0], model), scales=profile or scan or hops > 1))
    with working(f"Counting edges between {len(points_a):,} and {len(points_b):,} points"):
        from ..similarity import compare_sets, mixing_profile

        options: dict[str, Any] = {"model": model, "curvature": curvature, "paired": paired}
        options["groups"] = None if groups is None else (table_a.groups, table_b.groups)
        further: dict[str, Any] = {"hops": hops, "scan": scan, "n_permutations": n_permutations}
        result = compare_sets(points_a, points_b, **further, **options)
        scales = None
        if profile:
            asked = {"max_hops": hops if hops > 1 else 0, "n_permutations": n_permutations}
            options |= {name: number for name, number in asked.items() if number}
            scales = mixing_profile(points_a, points_b, **options)
    if as_json:
        click.echo(to_json({"a": a if b else name_a, "b": b or name_b} | numbers_of(result, scales, table_a, table_b)))
        return
    rows = {f"Points of {name_a}": f"{len(points_a):,}", f"Points of {name_b}": f"{len(points_b):,}"}
    title = f"HyperDGA of A = {a} and B = {b}" if b is not None else f"HyperDGA of {name_a} and {name_b} in {a}"
    rows |= dga_rows(result, name_a, name_b)
    if scan:
        rows |= region_rows(result, {"A": name_a, "B": name_b}, {"A": table_a, "B": table_b})
    show_table(title, rows)
    if scales is not None:
        show_table("Similarity relative to chance (1: as by chance), by hops", profile_rows(scales))


@click.command()
@click.argument("file")
@click.option("--from", "source", type=model_choice, required=True, help="What the coordinates are.")
@click.option("--to", "target", type=model_choice, required=True, help="What they shall be.")
@curvature_option
@labels_option("Column of labels, which is kept as it is.")
@table_options
@click.option(
    "--output",
    metavar="FILE",
    default="-",
    callback=check_folder,
    help="CSV, TSV, NPY or NPZ file [default: CSV on stdout].",
)
@json_option
def convert(
    file: str,
    source: Model,
    target: Model,
    curvature: float,
    labels: str | None,
    wanted: Wanted,
    output: str,
    as_json: bool,
) -> None:
    """Convert points to another model of hyperbolic space."""
    from .. import models

    check_outputs({"FILE": file}, {"--output": output})
    table = read_table(file, replace(wanted, labels=labels))
    check_rows(table, source, curvature, ("--from", "--curvature"))
    points = models.convert(table.points, source, target, curvature=curvature)
    headings = table.columns
    if headings is not None and points.shape[1] != len(headings):
        # The hyperboloid has one coordinate more than the others: x0, the time.
        headings = [f"x{column + coordinate_model(source).extra_columns}" for column in range(points.shape[1])]
    if as_json:
        if is_given("output"):
            raise click.UsageError("--json prints the points: leave out --output")
        space = {"file": table.source, "model": target, "curvature": curvature, "columns": headings}
        click.echo(to_json(space | {"points": points, "name": table.names, "label": table.labels}))
        return
    write_table(replace(table, points=points, columns=headings), output)
    if output != "-":
        click.echo(f"Wrote {len(points):,} points: {output}", err=True)


def check_rows(
    table: Table,
    model: Model,
    curvature: float,
    options: tuple[str, str] = ("--model", "--curvature"),
    way_out: str = "embed it first: hyperkit embed",
) -> None:
    """Raise, in the words of the command line, if a row is no point of `model`; `way_out` is that of raw data."""
    from ..models import check_points

    try:
        check_points(table.points, model, curvature=curvature, name=table.source)
    except ValueError as error:
        text = table.in_lines(str(error))
        for name, option in zip(("model", "curvature"), options, strict=True):
            text = text.replace(f"{name}=", f"{option} ")
        raise ValueError(text.replace("embed it first, with hyperkit.HyperbolicMDS", way_out)) from None


def is_given(option: str) -> bool:
    """Whether the command line has this option, by the name of its parameter."""
    return click.get_current_context().get_parameter_source(option) is not ParameterSource.DEFAULT


def dimension_of(table: Table, model: Model) -> int:
    """Dimension of the space that the points of `table` are in."""
    return table.points.shape[1] - coordinate_model(model).extra_columns


def _with_columns_of(a: Table, b: Table) -> Table:
    """`b` with its columns in the order of `a`; raises if the two have other coordinates."""
    n_a, n_b = a.points.shape[1], b.points.shape[1]
    if n_a != n_b:
        raise ValueError(f"{a.source} has {n_a} coordinates and {b.source} has {n_b}; choose them with --columns")
    if a.columns is None or b.columns is None or a.columns == b.columns:
        return b
    if set(a.columns) != set(b.columns) or len(set(a.columns)) < n_a:
        raise ValueError(
            f"{a.source} has the coordinates {', '.join(a.columns)} and {b.source} has {', '.join(b.columns)}; "
            "give both files the same headings"
        )
    places = [b.columns.index(column) for column in a.columns]
    return replace(b, points=b.points[:, places], columns=a.columns)


def _pairwise(
    sets: dict[str, Table], file: str, options: dict[str, Any], as_json: bool, unfit: dict[str, object]
) -> None:
    """Tell the score of every pair of more than two sets."""
    for option, given in unfit.items():
        if given:
            raise click.UsageError(f"{option} is for two sets, and --split gives {len(sets)}: {_some(list(sets))}")
    table = next(iter(sets.values()))
    get_ready(*score_uses(dimension_of(table, options["model"]), scales=options["hops"] > 1))
    with working(f"Counting edges between {len(sets)} sets"):
        from ..similarity import pairwise_hyperdga

        groups: Any = None if table.groups is None else {name: one.groups for name, one in sets.items()}
        points = {name: one.points for name, one in sets.items()}
        pairs = pairwise_hyperdga(points, groups=groups, **options).to_frame()
    if as_json:
        sizes = {name: len(one) for name, one in points.items()}
        click.echo(to_json({"file": file, "n_rows": sizes, "pairs": pairs.to_dict("records")}))
        return
    rows = {
        f"{pair.a} and {pair.b}": f"{pair.similarity:.4f}, relative {pair.relative_similarity:.4f}, "
        f"p = {pair.p_value:.3g}, corrected {pair.p_value_corrected:.3g}"
        for pair in pairs.itertuples()
    }
    show_table(f"HyperDGA similarity of {len(sets)} sets in {file}, by pairs", rows)


def _some(names: list[Any]) -> str:
    return ", ".join(map(repr, names[:5])) + (", ..." if len(names) > 5 else "")


def _split(table: Table, split: str) -> dict[str, Table]:
    if table.labels is None:
        raise ValueError(f"{table.source} has no column {split!r}")
    values = sorted(set(table.labels.tolist()))
    if len(values) < 2:
        raise ValueError(
            f"--split {split} must have at least two values; in {table.source} it has one: {_some(values)}"
        )
    return {str(value): _part(table, (table.labels == value).nonzero()[0]) for value in values}


def _part(table: Table, rows: NDArray[np.int64]) -> Table:
    """These rows of a table."""
    return replace(
        table,
        points=table.points[rows],
        labels=None,
        names=None if table.names is None else [table.names[row] for row in rows],
        groups=None if table.groups is None else table.groups[rows],
        lines=None if table.lines is None else [table.lines[row] for row in rows],
        rows=rows,
    )
