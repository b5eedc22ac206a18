"""The command ``tree``: from a file of points or features to a rooted tree, what is told of it, and files of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from .._newick import TERMINALS, Terminals
from ..models import Model
from ..steiner import METHODS, Method
from ._commands import check_folder, check_rows, curvature_option, dimension_of, is_given, model_option
from ._compile import embedding_uses, get_ready, hierarchy_uses, tree_uses
from ._embedded import embed_rows, embedding_options, embedding_rows
from ._files import check_outputs, read_table
from ._options import Count, job_count, json_option, labels_option, table_options
from ._report import check_figure, check_page, on_terminal, save_tree_figure, show_table, working, write_newick
from ._rooted import Rooted, at_root, check_truth, compared, of_groups, read_truth, root_named
from ._tables import Table, Wanted
from ._told import rooted_rows, save_page, save_picture, to_json, to_newick, tree_rows, write_rows
from ._tree_checks import check_counts, check_options


@click.command()
@click.argument("file")
@model_option
@curvature_option
@click.option(
    "--method",
    type=click.Choice(list(METHODS)),
    default="auto",
    show_default=True,
    help="How hard to look for short trees: exact is for up to fifty points of the plane or a dozen in space, thorough "
    "for some hundreds, local for more.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="With --method thorough or exact: when to stop with the best tree so far.",
)
@click.option(
    "--jobs",
    "n_jobs",
    type=job_count,
    metavar="N",
    help="Searches that run at once: starts of --method thorough, regions of a large tree of local, replicates of "
    "--support [default there: all cores].",
)
@click.option(
    "--leaves",
    is_flag=True,
    help="Every row is a leaf, as among species. Not for cells or other rows that are ancestors of others.",
)
@labels_option("Column of labels: colours in the figure, names in the Newick file.")
@click.option(
    "--groups",
    metavar="COLUMN",
    help="Column of groups, such as cell types: the Newick tree has one node for each, and so have support and truth.",
)
@table_options
@click.option("--embed", is_flag=True, help="FILE holds features: embed them first, as hyperkit embed does.")
@embedding_options("With --embed")
@click.option(
    "--root",
    metavar="ROOT",
    help="The name of a row or its number from 0, a group, min-variance (where distances to the rows vary least) or "
    "midpoint (of the longest path) [default: min-variance].",
)
@click.option(
    "--clusters",
    "n_clusters",
    type=Count(),
    metavar="K",
    help="Cut the tree into K clusters of rows; --rows and --json have that of each row.",
)
@click.option(
    "--truth",
    type=click.Path(exists=True, dir_okay=False),
    metavar="FILE",
    help="Newick file of the true tree, of rows by their names or of groups: tell how much of it was found.",
)
@click.option(
    "--support",
    "n_replicates",
    type=Count(),
    metavar="N",
    help="Tell which splits hold. With --embed: their support from N resamplings of the features. Else with --jitter: "
    "how stable they are when points are moved N times, which is no support.",
)
@click.option(
    "--jitter",
    "scale",
    type=click.FloatRange(min=0, min_open=True),
    metavar="LENGTH",
    help="With --support, of points: standard deviation of their moves along each axis.",
)
@click.option("--output", metavar="FILE", callback=check_folder, help='Write the tree in Newick format; "-" is stdout.')
@click.option(
    "--terminals",
    type=click.Choice(TERMINALS),
    default="leaves",
    show_default=True,
    help="What a row inside the Newick tree is: a tip of length 0 too (leaves), or a named inner node (nodes).",
)
@click.option("--label-tips", is_flag=True, help="Call rows name|label in the Newick tree, where they have both.")
@click.option(
    "--rows",
    metavar="FILE",
    callback=check_folder,
    help='Write a line for each row: cluster, place in the tree of the rows (CSV, TSV); "-" is CSV on stdout.',
)
@click.option(
    "--plot",
    metavar="FILE",
    callback=check_folder,
    help="Draw the tree (PNG, PDF, SVG): in the disk, of more than two dimensions a projection; or as a dendrogram, "
    "where a root, groups, clusters, truth or support are asked for.",
)
@click.option(
    "--html",
    metavar="FILE",
    callback=check_folder,
    help="Write a page to explore the tree of the rows in any browser: one file that needs no network.",
)
@json_option
def tree(
    file: str,
    model: Model,
    curvature: float,
    method: Method,
    time_limit: float | None,
    n_jobs: int | None,
    leaves: bool,
    labels: str | None,
    groups: str | None,
    wanted: Wanted,
    embed: bool,
    root: str | None,
    n_clusters: int | None,
    truth: str | None,
    n_replicates: int | None,
    scale: float | None,
    output: str | None,
    terminals: Terminals,
    label_tips: bool,
    rows: str | None,
    plot: str | None,
    html: str | None,
    as_json: bool,
    **placing: Any,
) -> None:
    """Find a short tree through all points of FILE, and what it says.

    A Steiner tree in hyperbolic space: extra branch points make it shorter than the minimum spanning tree. Columns of
    numbers are coordinates, or features with --embed. Rows of FILE keep their order: row 0 is the first point. Ctrl-C
    ends a thorough or an exact search with the best tree so far.
    """
    check_options(**click.get_current_context().params)
    inputs = {"FILE": file} | ({} if truth is None else {"--truth": truth})
    check_outputs(inputs, {"--output": output, "--rows": rows, "--plot": plot, "--html": html})
    table = read_table(file, replace(wanted, labels=labels, groups=groups, features=embed, way_out="pass --embed"))
    if not embed:
        check_rows(table, model, curvature, way_out="pass --embed")
    if plot is not None:
        check_figure(plot)
    if html is not None:
        check_page(html)
    check_counts(table, groups, n_clusters)
    if label_tips and table.names is None:
        raise click.UsageError(
            f"--label-tips: the rows of {file} have no names, and are called by their labels already"
        )
    where = root_named(root, table)

    dimension = placing["n_components"] if embed else dimension_of(table, model)
    of_hierarchy = (root, groups, n_clusters, truth, n_replicates)
    questions = root == "midpoint" or groups is not None or n_clusters is not None
    asked = {"leaves": leaves, "questions": questions, "truth": truth is not None, "support": n_replicates is not None}
    uses = [*tree_uses(method, dimension, len(table.points)), *hierarchy_uses(dimension, **asked)]
    get_ready(*uses, *(embedding_uses() if embed else []))
    with working("Getting ready"):
        from ..hierarchy import from_steiner
        from ..steiner import HyperSteiner
    true_tree = None
    if truth is not None:
        true_tree = read_truth(truth)
        check_truth(true_tree, truth, table)
    space = curvature if is_given("curvature") else None
    features, embedded = table, None
    if embed:
        embedded = embed_rows(table, space, **placing)
        table = embedded.table
    search: dict[str, Any] = {"method": method, "time_limit": time_limit, "leaves": leaves}
    n_searches = n_jobs if METHODS[method].runs_in_jobs else None
    steiner = HyperSteiner(model=model, curvature=curvature, n_jobs=n_searches, verbose=on_terminal(), **search)
    found = steiner.fit(table.points).tree_

    with working("Rooting the tree"):
        unrooted = from_steiner(found, names=table.vertex_names())
        whole = at_root(unrooted, where, table)
        rooted = Rooted(whole, whole, where, labels=table.labels if label_tips else None)
        if groups is not None:
            start = whole if where.group is None else unrooted
            rooted = replace(rooted, shown=of_groups(start, where, table), is_of_groups=True)
        if n_clusters is not None:
            rooted = replace(rooted, clusters=whole.cut(n_clusters))
    if true_tree is not None:
        with working(f"Comparing with {truth}"):
            rooted = replace(rooted, truth=truth, comparison=compared(true_tree, whole, table))
    if n_replicates is not None:
        from ._support import with_replicates

        places = {"scale": scale, "model": model, "curvature": curvature}
        if embed:
            places = placing | {"given_curvature": space}
        counts = {"n_replicates": n_replicates, "n_jobs": n_jobs or -1}
        rooted = with_replicates(rooted, features if embed else table, places, search, counts)

    newick = "" if output is None else to_newick(rooted, terminals)
    # Files first: whoever reads stdout may close it, and that ends the program.
    if output is not None and output != "-":
        write_newick(newick, output)
    if rows is not None and rows != "-":
        write_rows(rooted, table, rows)
    if plot is not None:
        with working("Drawing the tree"):
            if any(asked is not None for asked in of_hierarchy):
                save_picture(rooted, table, plot)
            else:
                save_tree_figure(found, table.labels, plot)
    if html is not None:
        with working("Writing the page"):
            save_page(rooted, table, html)
    if as_json:
        click.echo(to_json(rooted, steiner, table, embedded))
    else:
        told = {} if embedded is None else embedding_rows(embedded)
        told |= tree_rows(steiner, table) | rooted_rows(rooted)
        show_table(f"Tree of {table.source}", told, to_stderr="-" in (output, rows))
    if output == "-":
        write_newick(newick, output)
    if rows == "-":
        write_rows(rooted, table, rows)
    if as_json or not {output, rows, plot} <= {None}:  # the page has the names as they are
        _say_names(table)
    _say_where({"Newick tree": output, "Rows": rows, "Figure": plot, "Page": html})
    if n_clusters is not None and rows is None and not as_json:
        click.echo("Cluster of each row: pass --rows FILE or --json", err=True)


def _say_names(table: Table) -> None:
    """Tell of rows whose names in the tree are not those in the file."""
    repeated, names = table.repeated_names(), table.vertex_names()
    if names is None or not repeated:
        return
    first, (row, *_) = next(iter(repeated.items()))
    n_rows = sum(map(len, repeated.values()))
    click.echo(f"{n_rows} rows have names that repeat: {first!r} in row {row} is {names[row]!r} in the tree", err=True)


def _say_where(files: dict[str, str | None]) -> None:
    for what, file in files.items():
        if file is not None and file != "-":
            click.echo(f"{what}: {file}", err=True)
