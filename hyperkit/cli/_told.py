"""What is told of a `Rooted`: lines of the table, a table with one line a row, and one JSON object for machines."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import numpy as np

from ._files import naming
from ._report import as_json, numbers_or_text, save_hierarchy_figure
from ._rooted import Rooted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .._newick import Terminals
    from ..hierarchy import Hierarchy
    from ..steiner import HyperSteiner
    from ._embedded import Embedded
    from ._tables import Table

_MOST_SPLITS = 12  # that have a line each
_MOST_SIZES = 12  # of clusters, that are told one by one


def tree_rows(steiner: HyperSteiner, table: Table) -> dict[str, str]:
    """What is worth telling about a fitted tree."""
    tree = steiner.tree_
    coordinates = f"{table.points.shape[1]} coordinates"
    if table.columns is not None and len(table.columns) <= 5:
        coordinates = f"coordinates {', '.join(table.columns)}"
    rows = {"Points": f"{tree.n_terminals:,} ({coordinates})"}
    if table.labels is not None:
        rows["Labels"] = table.labels_in_words()
    if table.groups is not None:
        rows["Groups"] = f"{len(set(table.groups.tolist())):,}"
    if tree.curvature != -1:
        rows["Curvature"] = f"{tree.curvature:g}"
    rows["Method"] = steiner.method_used_ + (", all rows leaves" if steiner.leaves else "")
    if steiner.method == "exact":
        rows["Proven"] = _proven(steiner)
    return rows | {
        "Steiner points": f"{len(tree.points) - tree.n_terminals:,}",
        "Length of the tree": f"{tree.length:.6g}",
        "Minimum spanning tree": f"{tree.mst_length:.6g}",
        "Reduction": _reduction(steiner),
    }


def _reduction(steiner: HyperSteiner) -> str:
    """Share of the minimum spanning tree that is saved; of leaves it may be less than nothing."""
    text = f"{100 * steiner.tree_.reduction:.2f} %"
    return f"{text}: longer, as no row may be inside" if steiner.leaves and steiner.tree_.reduction < 0 else text


def _proven(steiner: HyperSteiner) -> str:
    """What an exact search has proven, which is less if it was stopped or the points were many."""
    if steiner.gap_ < 1e-8:
        return "no tree is shorter"
    bound = f"no tree is shorter by more than {100 * steiner.gap_:.2g} %"
    if steiner.largest_component_ is None:
        return bound
    return f"{bound}, none with full components of up to {steiner.largest_component_} points at all"


def rooted_rows(rooted: Rooted) -> dict[str, str]:
    """What is worth telling about the root, and what hangs from it; of groups and rows each has a tree of its own."""
    trees = {"": rooted.whole}
    if rooted.is_of_groups:
        trees = {" of the groups": rooted.shown, " of the rows": rooted.whole}
    rows = {}
    for whose, tree in trees.items():
        rows[f"Root{whose}"] = _root_in_words(rooted, tree)
        rows[f"Height{whose}"] = f"{tree.distance_from_root.max():.6g}"
    if rooted.clusters is not None:
        rows["Clusters"] = _sizes_in_words(np.bincount(rooted.clusters))
    return rows | _support_rows(rooted) | _comparison_rows(rooted)


def _root_in_words(rooted: Rooted, tree: Hierarchy) -> str:
    """What was wanted, and where that is in a tree: of groups it is where that of the rows has it."""
    root, is_of_rows = rooted.root, tree is rooted.whole
    wanted = root.group or str(root.criterion).replace("_", "-")
    if root.row is not None:
        wanted = rooted.whole.names[0] or f"row {root.row}"
    unnamed = f"row {tree.row[0]}" if tree.row[0] >= 0 else "between rows" if is_of_rows else "between groups"
    place = tree.names[0] or unnamed
    return wanted if place == wanted else f"{wanted}: {place}"


def _sizes_in_words(sizes: NDArray[np.int64]) -> str:
    if len(sizes) <= _MOST_SIZES:
        return f"{len(sizes)} ({', '.join(f'{size:,}' for size in sizes)} rows)"
    return f"{len(sizes):,} ({sizes.min():,} to {sizes.max():,} rows, half of them up to {int(np.median(sizes)):,})"


def _support_rows(rooted: Rooted) -> dict[str, str]:
    if rooted.replicates is None:
        return {}
    word, n = measure_of_splits(rooted), len(rooted.replicates.replicates)
    way = "jittered points" if rooted.is_stability else "resampled features"
    rows, values = {"Replicates": f"{n:,} of {way}"}, split_values(rooted.shown)
    if not values:
        rows[word] = "none: no edge has two names on either side"
    elif len(values) <= _MOST_SPLITS:
        rows[word] = "\n".join(f"{', '.join(_fewer_names(rooted.shown, node))}: {values[node]:.2f}" for node in values)
    else:
        shares = np.array(list(values.values()))
        rows[word] = f"{shares.mean():.2f}, mean of {len(shares):,} splits; {np.mean(shares > 0.9):.0%} are above .9"
    return rows


def measure_of_splits(rooted: Rooted) -> str:
    """Jitter gives no support."""
    return "Stability" if rooted.is_stability else "Support"


def split_values(tree: Hierarchy) -> dict[int, float]:
    """Support of each split by the node below its edge; next to a node that is no row, two edges may be one split."""
    if tree.support is None:
        return {}
    n_below = np.bincount(tree.parent[1:], minlength=len(tree))
    above = np.maximum(tree.parent, 0)
    twice = (tree.row[above] < 0) & (n_below[above] == 1)
    if tree.row[0] < 0 and n_below[0] == 2:
        twice[1 + tree.size[1]] = True
    nodes = np.flatnonzero(~np.isnan(tree.support) & ~twice)
    return dict(zip(nodes.tolist(), tree.support[nodes].tolist(), strict=True))


def _fewer_names(tree: Hierarchy, node: int) -> list[str]:
    """Names on that side of a split which has fewer; if both have as many, those below."""
    below = np.zeros(len(tree), dtype=bool)
    below[node : node + int(tree.size[node])] = True
    sides = [tree.names[side & (tree.names != "")].tolist() for side in (below, ~below)]
    return min(sides, key=len)


def _comparison_rows(rooted: Rooted) -> dict[str, str]:
    if rooted.comparison is None:
        return {}
    rows = {"Truth": str(rooted.truth)}
    for measure, found in rooted.comparison.iterrows():
        value, base, error = found["value"], found["baseline"], found["standard_error"]
        if str(measure).startswith("shared_"):
            text = f"{int(value):,}"
        elif math.isnan(value):
            rows[_title(str(measure).rpartition("_")[0])] = f"none: {found['note']}"
            continue
        else:
            text = f"{value:.4g}" + ("" if math.isnan(error) else f" ± {error:.1g}")
            text += "" if math.isnan(base) else f" ({found['baseline_of']}: {base:.4g})"
        rows[_title(str(measure))] = text
    return rows


def _title(measure: str) -> str:
    """Of a measure, or of several: that they have no value has one reason."""
    if measure.startswith("robinson"):
        return "Robinson-Foulds distance"
    if measure.startswith("shared_"):
        return f"{measure.removeprefix('shared_').capitalize()} compared"
    text = measure.replace("_", " ").replace(" f1", " F1").replace("spearman", "Spearman")
    return text[0].upper() + text[1:]


def to_newick(rooted: Rooted, terminals: Terminals) -> str:
    """The tree that is shown; with support, and not with stability, which programs would read as such."""
    shown, labels = rooted.shown, rooted.labels
    if labels is not None:
        names = [
            f"{name}|{labels[row]}" if row >= 0 and str(labels[row]) else name
            for name, row in zip(shown.names.tolist(), shown.row.tolist(), strict=True)
        ]
        shown = replace(shown, names=np.array(names))
    return shown.to_newick(terminals=terminals, support=rooted.replicates is not None and not rooted.is_stability)


def write_rows(rooted: Rooted, table: Table, file: str) -> None:
    """Write a line a row: name, group or label, cluster, where it is in the tree; ``"-"`` is CSV on stdout."""
    import pandas as pd

    whole = rooted.whole
    nodes = whole.node_of_rows
    columns: dict[str, Any] = {
        "name": whole.names[nodes],
        "label": table.labels,
        "group": table.groups,
        "cluster": rooted.clusters,
        "distance_from_root": whole.distance_from_root[nodes],
        "depth": whole.depth[nodes],
    }
    separator = "," if file == "-" or Path(file).suffix.lower() == ".csv" else "\t"
    frame = pd.DataFrame({heading: values for heading, values in columns.items() if values is not None})
    with naming(file), click.open_file(file, "w", encoding="utf-8") as stream:
        frame.to_csv(stream, sep=separator, index=False, lineterminator="\n")


def save_picture(rooted: Rooted, table: Table, file: str) -> None:
    """Draw the tree that is shown, its rows in the colours of their labels, else of their clusters.

    Widths of edges say support; stability is none, so that it is left to the table.
    """
    shown, labels = rooted.shown, table.labels
    if rooted.is_stability:
        shown = replace(shown, support=None)
    if rooted.is_of_groups:
        labels = None
    elif labels is None:
        labels = rooted.clusters
    save_hierarchy_figure(shown, labels, file)


def save_page(rooted: Rooted, table: Table, file: str) -> None:
    """Write the page to explore the tree of the rows, coloured by labels, groups or clusters; with support, if any."""
    from ..plot import explore

    tree = rooted.whole if rooted.is_of_groups else rooted.shown
    if rooted.is_stability:
        tree = replace(tree, support=None)
    # Rows have the names that the file gives them: labels with numbers behind, which a Newick tree needs, are none.
    of_rows = range(tree.n_rows) if table.names is None else table.names
    names = [str(of_rows[row]) if row >= 0 else "" for row in tree.row]
    tree = replace(tree, names=np.array(names, dtype=object))
    found = {"group": None if table.groups is None else table.groups.astype(str), "cluster": rooted.clusters}
    name = f"{table.label_column} (label)" if table.label_column in found else table.label_column
    columns = {name: None if table.labels is None else numbers_or_text(table.labels)} | found
    labels = {name: column for name, column in columns.items() if column is not None}
    with naming(file):
        explore(tree, labels, title=f"Tree of {table.source}", path=file)


def to_json(rooted: Rooted, steiner: HyperSteiner, table: Table, embedded: Embedded | None) -> str:
    """One JSON object.

    ``nodes`` are columns over the nodes of the tree that is shown, in depth-first order: the subtree of node i is nodes
    i to i + size[i] - 1, and the split of node i parts it from the rest. ``rows`` are columns over the rows of FILE,
    and their distances and depths are in the tree of the rows, of which ``tree_of_rows`` tells root and height.
    """
    tree, whole, shown = steiner.tree_, rooted.whole, rooted.shown
    nodes = whole.node_of_rows
    found: dict[str, Any] = {
        "file": table.source,
        "n_rows": tree.n_terminals,
        "model": tree.model,
        "curvature": tree.curvature,
        "method": steiner.method_used_,
        "leaves": steiner.leaves,
        "gap": steiner.gap_ if steiner.method == "exact" else None,
        "n_steiner_points": len(tree.points) - tree.n_terminals,
        "length": tree.length,
        "mst_length": tree.mst_length,
        "reduction": tree.reduction,
        "embedding": None,
        "root": {
            "criterion": None
            if rooted.root.row is not None or rooted.root.group is not None
            else rooted.root.criterion,
            "name": shown.names[0] or None,
            "row": rooted.root.row,
            "group": rooted.root.group,
        },
        "height": shown.distance_from_root.max(),
        "tree_of_rows": {"root": whole.names[0] or None, "height": whole.distance_from_root.max()},
        "nodes": {
            "name": shown.names,
            "row": None if rooted.is_of_groups else shown.row,
            "parent": shown.parent,
            "length": shown.length,
            "size": shown.size,
            "distance_from_root": shown.distance_from_root,
        },
        "rows": {
            "name": whole.names[nodes],
            "label": None if table.labels is None else table.labels.astype(str),
            "group": None if table.groups is None else table.groups.astype(str),
            "cluster": rooted.clusters,
            "distance_from_root": whole.distance_from_root[nodes],
            "depth": whole.depth[nodes],
        },
        "comparison": None,
        "newick": to_newick(rooted, "leaves"),
    }
    if embedded is not None:
        mds = embedded.mds
        found["embedding"] = {"metric": mds.metric, "stress": mds.stress_, "scale": embedded.scale}
    if rooted.comparison is not None:
        found["comparison"] = {
            "truth": rooted.truth,
            "measures": rooted.comparison.reset_index().to_dict("records"),
        }
    if rooted.replicates is not None:
        word, splits = measure_of_splits(rooted).lower(), split_values(shown)
        found[word] = {
            "n_replicates": len(rooted.replicates.replicates),
            "splits": [{"node": node, word: value} for node, value in splits.items()],
        }
    return as_json(found)
