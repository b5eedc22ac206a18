"""``hyperkit demo``: the main job on bundled cells, from points to a tree, a score and a figure.

The tree is that of simulated progenitors that settle in four blood cell fates (krumsiek11), the scores are those of
human blood cells (pbmc68k_reduced); the embeddings of both in the Poincaré disk come with the package. The demo leaves
behind what a newcomer needs to go on: figure and tree, and tables of genes and points to try the other commands on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import click

from ._compile import get_ready, hierarchy_uses, score_uses, tree_uses
from ._files import write_table
from ._options import json_option
from ._report import as_json as to_json
from ._report import save_tree_figure, show_table, working, write_newick
from ._tables import Table
from ._told import tree_rows

if TYPE_CHECKING:
    from ..similarity import DGAResult
    from ..steiner import HyperSteiner

_MONOCYTES = "CD14+ Monocyte"
_COMPARED = {"Dendritic": "dendritic.csv", "CD19+ B": "b-cells.csv"}  # next of kin, and not


@click.command()
@click.option("--output", metavar="DIR", default="hyperkit-demo", show_default=True, help="Folder for the files.")
@json_option
def demo(output: str, as_json: bool) -> None:
    """Tree, scores and figure of bundled blood cells."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    get_ready(*tree_uses("auto", 2, 640), *hierarchy_uses(2), *score_uses(2))
    with working("Looking for a short tree through 640 cells"):
        from ..hierarchy import from_steiner
        from ..steiner import HyperSteiner

        progenitors = _progenitors()
        steiner = HyperSteiner().fit(progenitors.points)
        tree = steiner.tree_
    with working("Drawing the tree"):
        save_tree_figure(tree, progenitors.labels, str(folder / "tree.png"))
    with working("Comparing populations"):
        populations = _populations()
        scores = _scores(populations)
    newick = from_steiner(tree, names=progenitors.vertex_names()).root_at(0).to_newick()
    tables = {"genes.csv": _genes(), "cells.csv": progenitors, **populations}
    # Files first: whoever reads stdout may close it, and that ends the program.
    write_newick(newick, str(folder / "tree.nwk"))
    for file, table in tables.items():
        write_table(table, str(folder / file))

    if as_json:
        click.echo(to_json(_found(folder, list(tables), steiner, scores)))
        return
    show_table("Tree of 640 simulated blood cells (krumsiek11)", tree_rows(steiner, progenitors))
    show_table(
        "HyperDGA similarity of human blood cells (pbmc68k_reduced): 0 apart, about 0.5 mixed", _score_rows(scores)
    )
    _show_files(folder, list(tables))


def _genes() -> Table:
    """What the cells of the tree were embedded from: the activity of eleven genes in each."""
    from ..datasets import load_krumsiek11

    cells = load_krumsiek11()
    return replace(_progenitors(), points=cells.data, columns=cells.feature_names.tolist())


def _progenitors() -> Table:
    """The cells of the tree, as if they had been read from a file; row 0 is a progenitor at time 0."""
    from ..datasets import load_krumsiek11

    cells = load_krumsiek11()
    return Table(
        source="krumsiek11",
        points=cells.embedding,
        columns=["x", "y"],
        labels=cells.target_names[cells.target],
        label_column="cell_type",
    )


def _populations() -> dict[str, Table]:
    """The populations of the scores, by the names of their files."""
    from ..datasets import load_pbmc68k_reduced

    cells = load_pbmc68k_reduced()
    cell_types = cells.target_names[cells.target]
    files = {_MONOCYTES: "monocytes.csv", **_COMPARED}
    return {
        file: Table(source=name, points=cells.embedding[cell_types == name], columns=["x", "y"])
        for name, file in files.items()
    }


def _scores(populations: dict[str, Table]) -> dict[str, DGAResult]:
    """How alike the monocytes are to each of the others, by their names."""
    from ..similarity import HyperDGA

    monocytes = HyperDGA().fit(populations["monocytes.csv"].points)
    return {name: monocytes.compare(populations[file].points) for name, file in _COMPARED.items()}


def _score_rows(scores: dict[str, DGAResult]) -> dict[str, str]:
    return {
        f"{_MONOCYTES} and {name}": f"{one.similarity:.3f} ({one.n_ab} of {one.n_edges} edges join them)"
        for name, one in scores.items()
    }


def _found(folder: Path, tables: list[str], steiner: HyperSteiner, scores: dict[str, DGAResult]) -> dict[str, Any]:
    tree = steiner.tree_
    return {
        "figure": str(folder / "tree.png"),
        "newick": str(folder / "tree.nwk"),
        "tables": [str(folder / file) for file in tables],
        "tree": {
            "n_rows": tree.n_terminals,
            "n_steiner_points": len(tree.points) - tree.n_terminals,
            "method": steiner.method_used_,
            "length": tree.length,
            "mst_length": tree.mst_length,
            "reduction": tree.reduction,
        },
        "scores": [
            {"a": _MONOCYTES, "b": name, "similarity": one.similarity, "n_ab": one.n_ab, "n_edges": one.n_edges}
            for name, one in scores.items()
        ],
    }


def _show_files(folder: Path, tables: list[str]) -> None:
    """Say where everything is and what to do next."""
    click.echo(f"Figure:      {folder / 'tree.png'}")
    click.echo(f"Newick tree: {folder / 'tree.nwk'}")
    click.echo(f"Tables:      {', '.join(str(folder / file) for file in tables)}")
    genes, cells, monocytes, dendritic = (
        quote(str(folder / file)) for file in ("genes.csv", "cells.csv", "monocytes.csv", "dendritic.csv")
    )
    click.echo(f"\nGo on with:\n  hyperkit tree {cells} --labels cell_type --plot my-tree.png")
    click.echo(f"  hyperkit tree {cells} --groups cell_type --root progenitor --output types.nwk")
    click.echo(f"  hyperkit dga {monocytes} {dendritic}")
    click.echo(f"  hyperkit embed {genes} --labels cell_type --output points.csv")
