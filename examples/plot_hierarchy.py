"""Which cells come from which?
============================

A rooted hierarchy of cells, its types, and how it compares with what is known.

The Steiner tree of 640 cells has no root. Here it gets one, the first progenitor, and becomes a hierarchy: each cell
has a distance from the root, each type a place, and both can be held against what is known of blood, that erythrocytes
and megakaryocytes are sisters, and monocytes and neutrophils. Run this file from the repository's root; it writes
``examples/figures/hierarchy.png``.
"""

# %%
# The cells, embedded in the hyperbolic plane, and their Steiner tree, as in plot_cells.py.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from scipy.stats import spearmanr

import hyperkit as hk

cells = hk.datasets.load_krumsiek11()
cell_types = cells.target_names[cells.target]
points = hk.HyperbolicMDS(curvature=-4.0, random_state=0).fit_transform(cells.data)
steiner = hk.HyperSteiner().fit(points).tree_

# %%
# A hierarchy, rooted at a cell of which we know that it is early. Without one, root_at() finds a middle.
tree = hk.hierarchy.from_steiner(steiner).root_at(0)
print(tree)
# That is no better a pseudotime than the distance from the first cell without any tree.
distance = tree.distance_from_root[tree.node_of(np.arange(640))]
print(f"rank correlation of distance from the root and time: {spearmanr(distance, cells.time).statistic:.2f}")
without = hk.distance(points[0], points)
print(f"the same without a tree: {spearmanr(without, cells.time).statistic:.2f}")

# %%
# One node a type, and clusters that nobody named.
types = tree.condense(cell_types)
print(types.to_newick(terminals="nodes"))
clusters = tree.cut(5)
print("cells a cluster:", np.bincount(clusters).tolist())

# %%
# Against the truth, with what trivial trees get beside it. The pair of Ery and Mk is found; in this simulation
# neutrophils leave early, far from the monocytes.
truth = hk.hierarchy.from_newick("((Ery,Mk),(Mo,Neu))progenitor;")
table = hk.hierarchy.compare(truth, types, measures=["splits", "ancestors"])
print(table[["value", "baseline", "baseline_of"]].round(2))

# %%
# Three pictures: the cells as a dendrogram and in the disk, and the types.
colors = {"progenitor": "0.7", "Mo": "#d1495b", "Ery": "#00798c", "Mk": "#d08c1d", "Neu": "#6a4c93"}
figure, axes = plt.subplot_mosaic(
    [["cells", "disk"], ["cells", "types"]], figsize=(10, 7), height_ratios=[2, 1], layout="constrained"
)
options = {"cmap": colors, "legend": "none"}
hk.plot.plot_hierarchy(tree, cell_types, ax=axes["cells"], **options)
axes["cells"].set_title("Cells, as far from the root as along the tree", fontsize=11)
hk.plot.plot_hierarchy(tree, cell_types, layout="disk", ax=axes["disk"], **options)
axes["disk"].set_title("The same in the Poincaré disk, the root in a ring", fontsize=11)
hk.plot.plot_hierarchy(types, types.names[types.node_of_rows], ax=axes["types"], linewidth=2.0, size=8, **options)
axes["types"].set_title("Their types", fontsize=11)

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "hierarchy.png", dpi=100)
