"""``hyperkit demo``: the main job on bundled cells, from points to a tree, a score and a figure.

The tree is that of simulated progenitors that settle in four blood cell fates (krumsiek11), the scores are those of
human blood cells (pbmc68k_reduced); the embeddings of both in the Poincaré disk come with the package. The demo leaves
behind what a newcomer needs to go on: figure and tree, and tables of genes and points to try the other commands on.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shlex import quote

import click

from ._compile import get_ready, hierarchy_uses, score_uses, tree_use
from ._files import write_table
from ._report import save_tree_figure, show_table, working, write_newick
from ._tables import Table
from ._told import tree_rows

_MONOCYTES = "CD14+ Monocyte"
_COMPARED = {"Dendritic": "dendritic.csv", "CD19+ B": "b-cells.csv"}  # next of kin, and not


@click.command()
@click.option("--output", metavar="DIR", default="hyperkit-demo", show_default=True, help="Folder for the files.")
def demo(output: str) -> None:
    """Tree, scores and figure of bundled blood cells."""
    folder = Path(output)
    folder.mkdir(parents=True, exist_ok=True)
    get_ready(tree_use("auto", 2), *hierarchy_uses(2), *score_uses(2))
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

    show_table("Tree of 640 simulated blood cells (krumsiek11)", tree_rows(steiner, progenitors))
    show_table("HyperDGA similarity of human blood cells (pbmc68k_reduced): 0 apart, about 0.5 mixed", scores)
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


def _scores(populations: dict[str, Table]) -> dict[str, str]:
    from ..similarity import HyperDGA

    monocytes = HyperDGA().fit(populations["monocytes.csv"].points)
    rows = {}
    for name, file in _COMPARED.items():
        result = monocytes.compare(populations[file].points)
        rows[f"{_MONOCYTES} and {name}"] = (
            f"{result.similarity:.3f} ({result.n_ab} of {result.n_edges} edges join them)"
        )
    return rows


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
