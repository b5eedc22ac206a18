"""Which blood cells are alike?
============================

HyperDGA of every pair of populations.

The score of two populations is the share of hyperbolic Delaunay edges that join one to the other: about what chance
gives for two samples of one population, near 0 for two that live apart. No distance scale has to be chosen. Run this
file from the repository's root; it writes ``examples/figures/similarity.png``.
"""

# %%
# 700 blood cells of ten types, embedded in the hyperbolic plane.
from itertools import combinations
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from scipy.cluster.hierarchy import average, leaves_list
from scipy.spatial.distance import squareform

import hyperkit as hk

cells = hk.datasets.load_pbmc68k_reduced()
names = cells.target_names
populations = [cells.embedding[cells.target == code] for code in range(len(names))]

# %%
# One score for each pair; the matrix is symmetric.
pairs = list(combinations(range(len(names)), 2))
scores = np.array([hk.HyperDGA().fit(populations[i]).score(populations[j]) for i, j in pairs])
i, j = pairs[scores.argmax()]
print(f"most alike: {names[i]} and {names[j]} ({scores.max():.2f})")

# %%
# The matrix, with like beside like.
order = leaves_list(average(1 - scores))
similarity = squareform(scores)[np.ix_(order, order)]
np.fill_diagonal(similarity, np.nan)

figure, ax = plt.subplots(figsize=(8.5, 6.5), layout="constrained")
image = ax.imshow(similarity, cmap="Blues", vmin=0)
for (row, column), score in np.ndenumerate(similarity):
    if row != column:
        color = "white" if score > 0.6 * scores.max() else "black"
        ax.text(column, row, f"{score:.2f}", ha="center", va="center", fontsize=8, color=color)
ax.set_xticks(range(len(names)), names[order], rotation=45, ha="right", rotation_mode="anchor", fontsize=9)
ax.set_yticks(range(len(names)), [f"{names[k]} ({len(populations[k])})" for k in order], fontsize=9)
ax.set_title("HyperDGA similarity of blood cell populations (numbers of cells)")
figure.colorbar(image, label="share of Delaunay edges between the two", shrink=0.7)

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "similarity.png", dpi=100)
