"""From gene activities to a hierarchy of cells
============================================

640 cells on their way from a progenitor to four blood cell fates, 11 genes each, become points of the hyperbolic
plane; a Steiner tree through them has the four fates at the ends of four branches. Nobody tells it the cell types: they
only colour the picture. Run this file from the repository's root; it writes ``examples/figures/cells.png``.
"""

# %%
# The cells: one row a cell, one column a gene.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import hyperkit as hk

cells = hk.datasets.load_krumsiek11()
cell_types = cells.target_names[cells.target]
print(f"{cells.data.shape[0]} cells, {cells.data.shape[1]} genes, types: {', '.join(cells.target_names)}")

# %%
# Hyperbolic space has room for branches: embed the cells in its plane.
# By default the curvature is searched for, too; nearer 0, less of the picture lies at the rim and stress is still low.
mds = hk.HyperbolicMDS(curvature=-4.0, random_state=0)
points = mds.fit_transform(cells.data)
print(f"normalised stress {mds.stress_:.4f}, diameter {hk.pairwise_distances(points).max():.1f}")

# %%
# An embedding knows no up and no left: turn the first progenitor to the left, and monocytes to the upper half.
last = {name: int(np.flatnonzero(cell_types == name)[-1]) for name in ("Mo", "Ery", "Mk", "Neu")}
x, y = -points[0] / np.linalg.norm(points[0])
points = points @ np.array([[x, -y], [y, x]])
points[:, 1] *= np.sign(points[last["Mo"], 1])

# %%
# The tree: every cell is a vertex, and extra branch points make it shorter than any tree without them.
steiner = hk.HyperSteiner().fit(points)
print(f"length {steiner.length_:.2f}, {100 * steiner.reduction_:.2f} % below the minimum spanning tree")

# %%
# The picture: the table on the left, its tree on the right.
figure, (left, right) = plt.subplots(1, 2, figsize=(9.2, 5), width_ratios=[1, 1.5], layout="constrained")
left.imshow(cells.data, aspect="auto", cmap="Greys", interpolation="nearest")
left.set_xticks(range(11), cells.feature_names, rotation=90, fontsize=8)
left.set_yticks([])
left.set_ylabel("640 cells")
left.set_title("A table: the activity of 11 genes", fontsize=11)

colors = {"progenitor": "0.7", "Mo": "#d1495b", "Ery": "#00798c", "Mk": "#d08c1d", "Neu": "#6a4c93"}
hk.plot.plot_tree(steiner.tree_, cell_types, cmap=colors, size=3.5, legend="none", ax=right)
right.set_title("Its hierarchy: a Steiner tree in the Poincaré disk", fontsize=11)

# %%
# Names beside the last cell of each fate, and beside the first progenitor.
names = [
    (last["Mo"], "Mo", "monocytes", (9, 0), "left"),
    (last["Ery"], "Ery", "erythrocytes", (-2, 30), "right"),
    (last["Mk"], "Mk", "megakaryocytes", (-8, -14), "right"),
    (last["Neu"], "Neu", "neutrophils", (10, -8), "left"),
    (0, "progenitor", "progenitors", (4, 10), "left"),
]
for row, cell_type, text, offset, side in names:
    color = "0.35" if cell_type == "progenitor" else colors[cell_type]
    right.annotate(
        text, points[row], offset, textcoords="offset points", ha=side, va="center", fontsize=10, color=color
    )

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "cells.png", dpi=130)
