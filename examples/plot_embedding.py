"""From raw data to hyperbolic space
=================================

An embedding, how good it is in more dimensions, its units, and new rows.

Blood cells of ten types, each 50 numbers, become points of the hyperbolic plane. What follows takes them at curvature
-1; `curvature_` turns their lengths into those of the data. Half of the cells were held out, and find their places
among the others afterwards. Run this file from the repository's root; it writes ``examples/figures/embedding.png``.
"""

# %%
# The cells, half of them held out.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from sklearn.neighbors import KNeighborsClassifier, kneighbors_graph

import hyperkit as hk

cells = hk.datasets.load_pbmc68k_reduced()
cell_types = cells.target_names[cells.target]
known, new = cells.data[::2], cells.data[1::2]

# %%
# More dimensions hold more: one embedding each, and one verdict on all.
dimensions = [2, 3, 4, 5, 6, 8, 10]
found = {d: hk.HyperbolicMDS(d, n_init=2, random_state=0).fit(known) for d in dimensions}
judged = hk.embedding.quality({d: mds.embedding_ for d, mds in found.items()}, known)
table = judged.to_frame()[["stress", "mean_average_precision", "trustworthiness", "triplets"]]
print(table.round(3))

# %%
# Lengths of the plane in the units of the data.
# The curvature of least stress crowds most cells at the rim. For a picture, make the largest distance of the data 10
# units of the disk; distances are shortest paths among neighbours.
geodesics = hk.embedding.graph_distances(kneighbors_graph(known, 15, mode="distance"))
mds = hk.HyperbolicMDS(curvature=-((10 / geodesics.max()) ** 2), random_state=0).fit(known)
print(f"curvature {mds.curvature_:.4f} instead of {found[2].curvature_:.4f}, stress {mds.stress_:.4f}")
# `embedding_` is at curvature -1. Divided by sqrt(-curvature_), the points are in the space of that curvature, and
# their distances follow those of the data.
points = mds.embedding_
lengths = hk.pairwise_distances(points / np.sqrt(-mds.curvature_), curvature=mds.curvature_)
pairs = np.triu_indices(len(known), 1)
print(f"they are {np.abs(lengths[pairs] / geodesics[pairs] - 1).mean():.1%} off in the mean")

# %%
# New cells are placed by their neighbours among the others, which stay where they are.
placed = mds.transform(new)
# Do they come to their own type? Of each cell, the vote of its five nearest others in the plane.
vote = KNeighborsClassifier(5, metric="precomputed")
apart = hk.pairwise_distances(points)
np.fill_diagonal(apart, 2 * apart.max())  # nobody votes for itself
own = vote.fit(apart, cell_types[::2]).predict(apart)
theirs = vote.predict(hk.pairwise_distances(placed, points))
print(f"own type: {(own == cell_types[::2]).mean():.2f} of the cells, {(theirs == cell_types[1::2]).mean():.2f} of new")

# %%
# Both halves in the disk, lengths against lengths, and quality over dimensions.
figure, ((left, right), (below, last)) = plt.subplots(2, 2, figsize=(12, 9.5), layout="constrained")
colors = dict(zip(cells.target_names, plt.get_cmap("tab10").colors, strict=True))
hk.plot.plot_points(points, cell_types[::2], cmap=colors, size=5, legend="none", ax=left)
left.set_title("350 cells, embedded")
hk.plot.plot_points(placed, cell_types[1::2], cmap=colors, size=5, ax=right)
right.set_title("350 new ones, placed among them")

below.hist2d(geodesics[pairs], lengths[pairs], bins=80, cmap="Greys", norm="log")
below.axline((0, 0), slope=1, color="#d1495b", linewidth=1)
below.set(xlabel="shortest path among neighbours", ylabel="hyperbolic distance, in the same units")

for measure in table:
    last.plot(table.index, table[measure], "o-", label=measure.replace("_", " "))
last.set(xlabel="dimensions", ylim=(0, 1.02))
last.legend()

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "embedding.png", dpi=90, bbox_inches="tight")
