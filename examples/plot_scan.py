"""Which cells are missing?
========================

A scan of every neighbourhood, and the regions it finds.

640 cells on their way from a progenitor to four blood cell fates are dealt out to two sets at random: the scan finds
nothing. Then the cells that are becoming monocytes are taken out of one of the two, which is told to nobody: the scan
finds their branch. Run this file from the repository's root; it writes ``examples/figures/scan.png``.
"""

# %%
# The cells in the hyperbolic plane, the fate of each, and two random halves of them.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import hyperkit as hk

cells = hk.datasets.load_krumsiek11()
points = cells.embedding
types = cells.target_names[cells.target]
fates = np.repeat(types[cells.time == 159], 160)  # of four runs of 160 steps
in_a = np.random.default_rng(1).permutation(len(points)) < len(points) // 2

# %%
# Nothing differs between the halves: with a chance of 95 % there is no region at all.
# A branch here is hardly more than a chain, of which three steps, the default, hold six cells: look up to ten.
halves = hk.HyperDGA(hops=10).fit(points[in_a]).compare(points[~in_a], scan=True)
print(f"two halves: p = {halves.p_value_scan:.3f}, {len(halves.regions())} regions")

# %%
# The second half without those that have set out to become monocytes.
in_b = ~in_a & ~((fates == "Mo") & (cells.time >= 30))
lost = hk.HyperDGA(hops=10).fit(points[in_a]).compare(points[in_b], scan=True)
print(f"one fate lost: p = {lost.p_value_scan:.3f}")

# %%
# What is there? The rows of a region are those of A, then of B.
of_rows = np.concatenate([fates[in_a], fates[in_b]])
for region in lost.regions(sequential=True).itertuples():
    found, numbers = np.unique(of_rows[region.rows], return_counts=True)
    named = ", ".join(f"{number} to {name}" for name, number in zip(found, numbers, strict=True))
    print(f"crowded by {region.crowded}: {region.n_a} + {region.n_b} cells, p = {region.p_value}: {named}")

# %%
# The picture: both scans, and the fates that they did not see.
figure, axes = plt.subplots(1, 3, figsize=(13.5, 3.9), layout="constrained", width_ratios=[1.18, 1.55, 1.3])
hk.plot.plot_scan(halves, ax=axes[0], legend="none")
axes[0].set_title("Two random halves", fontsize=11)
hk.plot.plot_scan(lost, sequential=True, ax=axes[1])
axes[1].set_title("B without a fate", fontsize=11)
hk.plot.plot_points(points, fates, ax=axes[2])
axes[2].set_title("The fates, which the scan did not see", fontsize=11)

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "scan.png", dpi=100)
