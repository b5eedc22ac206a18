"""From a table of features, or a matrix of distances, to a table of points: what ``embed`` and ``tree --embed`` share.

Rows keep their order, names and labels. The points are those of `hyperkit.embedding.HyperbolicMDS`, laid out in the
space that the next command takes them to be in: at curvature -1, its default, or at the curvature that the user named.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..models import coordinate_model
from ._options import Count
from ._report import on_terminal
from ._tables import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..embedding import HyperbolicMDS

_Command = TypeVar("_Command", bound=Callable[..., Any])

# Of what scikit-learn has, those that make sense of any table; it also knows some for probabilities or places on Earth.
_METRICS = (
    "geodesic",
    "precomputed",
    *("euclidean", "manhattan", "chebyshev", "cosine", "correlation", "canberra", "braycurtis", "hamming", "jaccard"),
)

_CROWDED = 1 / 3  # of the points near the rim, as below a picture
_WEAKER = 9  # polar radii are a third; by 4 nearly all rows of two far groups still are there


def embedding_options(when: str = "") -> Callable[[_Command], _Command]:
    """Add the options of how rows are embedded; `when` the command does so, where it need not."""

    def of(text: str) -> str:
        return f"{when}: {text[0].lower()}{text[1:]}" if when else text

    options = (
        click.option(
            "--components",
            "n_components",
            type=Count(most=1000),
            default=2,
            show_default=True,
            metavar="D",
            help=of("Dimension of the space: 2 for pictures, 5 or more for trees."),
        ),
        click.option(
            "--metric",
            type=click.Choice(_METRICS),
            default="geodesic",
            show_default=True,
            metavar="NAME",
            help=of(
                "Distances of the rows that are embedded: geodesic (shortest paths among neighbours), precomputed "
                f"(FILE is the matrix of distances), {', '.join(_METRICS[2:-1])} or {_METRICS[-1]}."
            ),
        ),
        click.option(
            "--neighbors",
            "n_neighbors",
            type=Count(),
            metavar="K",
            help=of("Neighbours of each row, for --metric geodesic [default: 15]."),
        ),
        click.option(
            "--weight-power",
            type=click.IntRange(0, 2),
            default=0,
            show_default=True,
            metavar="P",
            help=of(
                "Which distances count: 0 the large ones, 2 all by their relative errors, which is best for trees."
            ),
        ),
        click.option(
            "--max-iter",
            type=Count(),
            default=5000,
            show_default=True,
            metavar="N",
            help=of("Bound on the iterations of the last search for places."),
        ),
        click.option(
            "--tol",
            type=click.FloatRange(min=0, min_open=True),
            default=2e-3,
            show_default=True,
            metavar="X",
            help=of("That search ends when 50 iterations lower the stress by a smaller part."),
        ),
    )

    def add(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


def check_neighbors(options: dict[str, Any]) -> None:
    """Raise if the options have a number of neighbours and a metric without a graph of them."""
    metric = options["metric"]
    if options["n_neighbors"] is not None and metric != "geodesic":
        raise click.UsageError(f"--neighbors needs --metric geodesic: {metric} distances have no graph of neighbours")


@dataclass(frozen=True, eq=False)
class Embedded:
    """Points found for the rows of a table."""

    table: Table
    """The points, with the names and labels of the rows."""
    mds: HyperbolicMDS
    """The estimator that found them."""
    curvature: float
    """Curvature of the space that the points are laid out in."""
    scale: float
    """Length there of a distance of 1 of the data."""
    seconds: float


def embed_rows(table: Table, curvature: float | None = None, **options: Any) -> Embedded:
    """Place the rows of `table` by `HyperbolicMDS` with these options; without a curvature it is searched for.

    Options that are None are left to the estimator.
    """
    from ..embedding import HyperbolicMDS

    options = {name: value for name, value in options.items() if value is not None}
    searched = "auto" if curvature is None else curvature
    mds = HyperbolicMDS(**{"curvature": searched, "verbose": on_terminal()} | options)
    if mds.metric == "precomputed":
        _check_same_order(table)
    begun = perf_counter()
    try:
        mds.fit(table.points)
    except ValueError as error:
        raise ValueError(table.in_lines(re.sub(r"^X\b", table.source, str(error)))) from None
    seconds = perf_counter() - begun
    points, space, scale = mds.embedding_, -1.0, (-mds.curvature_) ** 0.5
    if curvature is not None:
        points, space, scale = _at_curvature(points, mds, curvature), curvature, 1.0
    first = 1 - coordinate_model(mds.model).extra_columns
    columns = [f"x{column + first}" for column in range(points.shape[1])]
    # A heading without which the file would not be read as it was written.
    label_column = table.label_column
    if table.columns is None or label_column in columns:
        label_column = "labels"
    found = Table(table.source, points, columns, table.labels, label_column, table.names, table.groups)
    return Embedded(found, mds, space, scale, seconds)


def _check_same_order(table: Table) -> None:
    """Raise if the columns of a matrix of distances are named as its rows are, and stand in another order."""
    if table.names is None or table.columns is None or set(table.names) != set(table.columns):
        return
    for row, (name, column) in enumerate(zip(table.names, table.columns, strict=False)):
        if name != column:
            where = table.in_lines(f"row {row}")
            raise ValueError(
                f"{table.source}: {where} is {name!r} and column {row} is {column!r}; a matrix of distances has its "
                "columns in the order of its rows"
            )


def _at_curvature(points: NDArray[np.float64], mds: HyperbolicMDS, curvature: float) -> NDArray[np.float64]:
    """Points at curvature -1, laid out in the space where their distances are those of the data."""
    from ..models import from_ball, to_ball

    return from_ball(to_ball(points, mds.model), mds.model, curvature=curvature)


def embedding_rows(embedded: Embedded) -> dict[str, str]:
    """What is worth telling about an embedding."""
    mds = embedded.mds
    graph = f", {mds.n_neighbors_} neighbours" if mds.metric == "geodesic" else ""
    rows = {"Distances": f"{mds.metric}{graph}", "Stress of the embedding": f"{mds.stress_:.4g}"}
    if embedded.curvature != -1:
        rows["Curvature"] = f"{embedded.curvature:g}"
    if embedded.scale != 1:
        rows["Length of a distance of 1"] = (
            f"{embedded.scale:.6g} (curvature {mds.curvature_:.3g} in units of the data)"
        )
    near = _near_rim(embedded)
    if near > _CROWDED:
        weaker = f"{mds.curvature_ / _WEAKER:.2g}"
        rows["Within 1 % of the rim"] = f"{100 * near:.0f} % of the points; for pictures pass --curvature {weaker}"
    return rows


def _near_rim(embedded: Embedded) -> float:
    """Share of the points that a picture in the disk draws within 1 % of its rim; 0 of other dimensions."""
    from ..models import to_ball

    ball = to_ball(embedded.mds.embedding_, embedded.mds.model)
    return float((ball.gap < 1 - 0.99**2).mean()) if ball.d == 2 else 0.0
