"""One tree, three views
=====================

Poincaré disk, Klein disk, and moved to another centre.

The Poincaré disk shows angles as they are and bends geodesics; the Klein disk keeps them straight and pushes
everything to the rim. An isometry brings any cell to the middle: the tree is the same, and what was crowded beside that
cell lies open. Run this file from the repository's root; it writes ``examples/figures/disks.png``.
"""

# %%
# A tree through real cells.
from pathlib import Path

from matplotlib import pyplot as plt

import hyperkit as hk

cells = hk.datasets.load_krumsiek11()
cell_types = cells.target_names[cells.target]
tree = hk.HyperSteiner().fit(cells.embedding).tree_

# %%
# Erythrocytes (Ery) and megakaryocytes (Mk) crowd at the rim: the third view has the first Mk in the middle.
row = list(cell_types).index("Mk")

# %%
colors = {"progenitor": "0.7", "Mo": "#d1495b", "Ery": "#00798c", "Mk": "#d08c1d", "Neu": "#6a4c93"}
views = {
    "Poincaré disk": {"disk": "poincare"},
    "Klein disk": {"disk": "klein"},
    "Poincaré disk, the first Mk in the middle": {"disk": "poincare", "center": row},
}
figure, axes = plt.subplots(1, 3, figsize=(13, 4.7), layout="constrained")
for ax, (title, view) in zip(axes, views.items(), strict=True):
    hk.plot.plot_tree(tree, cell_types, ax=ax, cmap=colors, legend="right" if ax is axes[-1] else "none", **view)
    ax.set_title(title, fontsize=10)
    ax.set_anchor("N")  # in one row, whatever is written below

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "disks.png", dpi=100)
