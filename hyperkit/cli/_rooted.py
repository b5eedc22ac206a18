"""The tree of ``tree`` with a root, and what the user has asked of it: groups, clusters, the truth.

Names on the command line become a `Root`, the text of a truth a hierarchy; all of it is held in a `Rooted`, which
`_told` puts into words. Two trees are told apart: `whole` has all rows, and `shown` is what is written, which is the
same or has one node a group.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import numpy as np

from .._newick import is_number

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from ..hierarchy import Hierarchy, Replicates
    from ._tables import Table

_CRITERIA = {"min-variance": "min_variance", "midpoint": "midpoint"}


class Root(NamedTuple):
    """Where the user wants the root: one of the three."""

    criterion: str | None = None
    row: int | None = None
    group: str | None = None

    @property
    def for_rows(self) -> int | str:
        """As `Hierarchy.root_at` takes it for a tree of all rows; groups have no place there."""
        return self.criterion or ("min_variance" if self.row is None else self.row)


@dataclass(frozen=True, eq=False)
class Rooted:
    """A tree with its root, and what was asked of it."""

    whole: Hierarchy
    """All rows."""
    shown: Hierarchy
    """All rows, or one node a group."""
    root: Root
    is_of_groups: bool = False
    """Whether `shown` has one node a group."""
    clusters: NDArray[np.int64] | None = None
    """Cluster of each row."""
    truth: str | None = None
    """File of the true tree."""
    comparison: pd.DataFrame | None = None
    """Measures against it."""
    replicates: Replicates | None = None
    """What `shown` has the support of its splits from."""
    labels: NDArray[Any] | None = None
    """Labels that the Newick tree has beside the names of rows."""
    is_stability: bool = False
    """Whether points were jittered, and no features resampled."""


def root_named(root: str | None, table: Table) -> Root:
    """The root that the user calls so: a group, the name of a row, its number, or a criterion; in that order."""
    names, n = table.vertex_names(), len(table.points)
    if root is None:
        return Root("min_variance")
    if table.groups is not None and root in group_of_rows(table):
        return Root(group=root)
    if names is not None and root in names:
        return Root(row=names.index(root))
    if root.isdecimal() and int(root) < n:
        return Root(row=int(root))
    if root in _CRITERIA:
        return Root(_CRITERIA[root])
    known = [f"a number from 0 to {n - 1}"]
    if names is not None:
        known.append(f"a name such as {names[0]!r}")
    if table.groups is not None:
        known.append(f"a group such as {str(table.groups[0])!r}")
    what = "the name of several rows" if root in table.repeated_names() else "no row"
    raise ValueError(f"--root {root} is {what}: give {', or '.join([*known, *_CRITERIA])}")


def at_root(tree: Hierarchy, root: Root, table: Table) -> Hierarchy:
    """The tree of all rows, rooted as wanted."""
    if root.group is None:
        return tree.root_at(root.for_rows)
    return tree.root_at(node=tree.median(np.flatnonzero(group_of_rows(table) == root.group)))


def of_groups(tree: Hierarchy, root: Root, table: Table) -> Hierarchy:
    """The tree with one node a group; its root is that of `tree`, but if a group is wanted there."""
    condensed = tree.condense(group_of_rows(table))
    return condensed if root.group is None else condensed.root_at(node=root.group)


def read_truth(file: str) -> Hierarchy:
    """The tree in a Newick file; numbers inside it are support if some repeat, as names of nodes do not."""
    from ..hierarchy import from_newick

    try:
        text = Path(file).read_text(encoding="utf-8-sig")
    except UnicodeError:
        raise ValueError(f"--truth {file} is no text; give a file with one tree in Newick format") from None
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", ".*name")  # comparison has an error for these
            tree = from_newick(text)
            inner = [name for name in tree.names[~tree.is_leaf].tolist() if name]
            if len(set(inner)) == len(inner) or not all(map(is_number, inner)):
                return tree
            most = max(float(name) for name in inner)
            tree = from_newick(text, inner_labels="support" if most <= 1 else "percent")
    except ValueError as error:
        raise ValueError(f"--truth {file}: {error}") from None
    click.echo(f"Numbers inside the tree of {file} are taken for support, as some repeat", err=True)
    return tree


def check_truth(truth: Hierarchy, file: str, table: Table) -> None:
    """Raise, before a tree is looked for, if it could not be compared with `truth`."""
    from ..hierarchy import from_parents
    from ..hierarchy.comparison import match_trees

    star = from_parents([-1] + [0] * (len(table.points) - 1), names=table.vertex_names())
    try:
        match_trees({file: truth, table.source: star}, None if table.groups is None else group_of_rows(table))
    except ValueError as error:
        told, of_names, _ = str(error).rpartition(" Names match as they are written; ")
        if not of_names:
            raise
        raise ValueError(
            f"{told} Names match as they are written: those of rows are --index, or --labels; "
            "where the truth is of groups, pass --groups"
        ) from None


def compared(truth: Hierarchy, tree: Hierarchy, table: Table, **options: Any) -> pd.DataFrame:
    """The table of `hyperkit.hierarchy.compare`."""
    from ..hierarchy import compare

    return compare(truth, tree, None if table.groups is None else group_of_rows(table), **options)


def group_of_rows(table: Table) -> NDArray[np.str_]:
    """Group of each row, as text."""
    return np.asarray(table.groups).astype(str)
