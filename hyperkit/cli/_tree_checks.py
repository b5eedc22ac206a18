"""Options of ``tree`` that make no sense together, or with the table: told before anything is computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..steiner import METHODS
from ._commands import is_given
from ._embedded import check_neighbors
from ._tables import Table

_ROWS_FILES = (".csv", ".tsv", ".txt")
# Options of no meaning without --embed.
_EMBEDDING = {
    "metric": "--metric {} is how rows are embedded",
    "n_neighbors": "--neighbors {} is of the graph of rows that are embedded",
    "n_components": "--components {} is a dimension to embed rows in",
    "weight_power": "--weight-power {} is for the distances that are embedded",
    "max_iter": "--max-iter {} is of the search for places of embedded rows",
    "tol": "--tol {} is of the search for places of embedded rows",
}


def check_options(**given: Any) -> None:
    """Raise for the first option that makes no sense; `given` are the parameters of ``tree``."""
    for fault in _faults(given):
        raise click.UsageError(fault)
    rows = given["rows"]
    if rows not in (None, "-") and Path(rows).suffix.lower() not in _ROWS_FILES:
        raise ValueError(f"--rows {rows}: the name must end in one of {', '.join(_ROWS_FILES)}")


def _faults(given: dict[str, Any]) -> Any:
    """What is wrong, the first first."""
    embed, method, n_replicates = given["embed"], given["method"], given["n_replicates"]
    if embed and given["model"] != "poincare":
        yield f"with --embed FILE holds features; leave out --model {given['model']}"
    for name, what in _EMBEDDING.items():
        if is_given(name) and not embed:
            yield f"{what.format(given[name])}: pass --embed too"
    check_neighbors(given)
    if given["time_limit"] is not None and not METHODS[method].keeps_to_a_time:
        able = " or ".join(name for name, one in METHODS.items() if one.keeps_to_a_time)
        yield f"--time-limit needs --method {able}: the others end by themselves"
    if given["n_jobs"] is not None and not METHODS[method].runs_in_jobs and n_replicates is None:
        able = " or ".join(name for name, one in METHODS.items() if one.runs_in_jobs)
        yield f"--jobs needs --method {able}, or --support: the others are one search"
    if given["leaves"] and method == "exact":
        yield "--leaves looks for a tree that is not the shortest: leave out --method exact"
    if given["output"] is None and is_given("terminals"):
        yield "--terminals is about the Newick tree: pass --output too"
    if given["label_tips"] and (given["labels"] is None or (given["output"] is None and not given["as_json"])):
        yield "--label-tips puts labels into the Newick tree: pass --labels COLUMN and --output too"
    if given["label_tips"] and given["groups"] is not None:
        yield "--label-tips is about rows, and with --groups the Newick tree has none: leave out one of the two"
    yield from _support_faults(given)
    printed = {"--output -": given["output"] == "-", "--rows -": given["rows"] == "-", "--json": given["as_json"]}
    both = [option for option, is_there in printed.items() if is_there]
    if len(both) > 1:
        yield f"{' and '.join(both)} would be mixed on stdout; name a file for {both[0].removesuffix(' -')}"


def _support_faults(given: dict[str, Any]) -> Any:
    embed, jitter, n = given["embed"], given["scale"], given["n_replicates"]
    if n is None:
        if jitter is not None:
            yield f"--jitter {jitter:g} is for --support N without --embed: pass that too"
        return
    if embed and jitter is not None:
        yield f"with --embed --support resamples the features of FILE; leave out --jitter {jitter:g}"
    if embed and given["metric"] == "precomputed":
        yield "--support resamples features, and a matrix of distances has none: give the features, or leave it out"
    if not embed and jitter is None:
        yield (
            "--support resamples features: pass --embed if FILE holds some. How stable the tree of points is when they "
            "move a little, --jitter LENGTH tells"
        )
    if embed and given["output"] is not None and given["terminals"] == "nodes":
        yield "--terminals nodes puts names where Newick has support; leave out one of the two"


def check_counts(table: Table, groups: str | None, n_clusters: int | None) -> None:
    """Raise if the table has fewer rows, or groups, than were asked for."""
    n = len(table.points)
    if n_clusters is not None and n_clusters > n:
        raise click.UsageError(f"--clusters {n_clusters}: {table.source} has {n} rows only")
    if table.groups is not None and len(set(table.groups.tolist())) < 2:
        raise click.UsageError(f"--groups {groups}: all rows are {table.groups[0]!s}; a tree needs two groups at least")
