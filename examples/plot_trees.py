"""How short is a tree, and how long does it take?
===============================================

Four trees of one data set at the rim.

Near the rim Steiner points pay most: all ways between clusters lead through the middle, and the minimum spanning tree
goes there and back for each of them. The published programs were measured on data of this kind. Evenly spaced clusters
have many trees of almost the least length: local and thorough search may show two different ones. Run this file from
the repository's root; it writes ``examples/figures/trees.png``.
"""

# %%
# A hundred points: ten tight clusters at polar radius 12.
from pathlib import Path
from time import perf_counter

import numpy as np
from matplotlib import pyplot as plt

import hyperkit as hk

turns = 2 * np.pi * np.arange(10) / 10
centres = hk.convert(12 * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")
clusters = [hk.random_wrapped_normal(10, centre, scale=0.1, random_state=k) for k, centre in enumerate(centres)]
points, cluster = np.vstack(clusters), np.repeat(np.arange(10), 10)


# %%
# Four trees. The spanning tree is a given one that has no Steiner points to place.
def spanning_tree(points):
    edges, _ = hk.minimum_spanning_tree(points)
    return hk.HyperSteiner(init=edges, fixed_topology=True).fit(points).tree_


methods = {
    "minimum spanning tree": spanning_tree,
    "greedy": lambda points: hk.HyperSteiner(method="greedy").fit(points).tree_,
    "local": lambda points: hk.HyperSteiner(method="local").fit(points).tree_,
    "thorough": lambda points: hk.HyperSteiner(method="thorough", n_restarts=1).fit(points).tree_,
}
trees, seconds = {}, {}
for name, method in methods.items():
    method(points[::5])  # compiles, if it must
    start = perf_counter()
    trees[name] = method(points)
    seconds[name] = perf_counter() - start
    print(f"{name}: length {trees[name].length:.6f} in {seconds[name]:.3f} s")

# %%
# What the papers say of ten clusters at the rim, N = 100: reduction in percent, CPU seconds on the authors' machine.
published = {
    "neighbour joining": (37.5, 7.3),
    "HyperSteiner": (13.9, 0.13),
    "Randomized HyperSteiner": (38.9, 184),
}

# %%
# The trees, and length against time.
colors = dict(zip(methods, ("0.45", "#d08c1d", "#00798c", "#d1495b"), strict=True))
figure, axes = plt.subplot_mosaic(
    [list(methods), ["time"] * 4], figsize=(12, 7.6), height_ratios=[1, 1.25], layout="constrained"
)
for name, tree in trees.items():
    hk.plot.plot_tree(tree, cluster, ax=axes[name], cmap="tab10", legend="none", size=7, linewidth=1.5)
    axes[name].set_title(f"{name}\nlength {tree.length:.2f}", color=colors[name])

ax = axes["time"]
for name, tree in trees.items():
    ax.plot(seconds[name], 100 * tree.reduction, "o", color=colors[name], markersize=10)
    ax.annotate(name, (seconds[name], 100 * tree.reduction), (0, 9), textcoords="offset points", ha="center")
for name, (reduction, time) in published.items():
    ax.plot(time, reduction, "X", color="black", markersize=9)
    ax.annotate(name, (time, reduction), (0, -17), textcoords="offset points", ha="center")
ax.set(xscale="log", xlim=(1e-3, 1e3), ylim=(-4, 46))
ax.set(xlabel="seconds", ylabel="reduction over the minimum spanning tree (%)")
ax.grid(alpha=0.3)
least = max(tree.reduction for tree in trees.values())
excess = ax.secondary_yaxis(
    "right",
    functions=(
        lambda reduction: 100 * ((1 - reduction / 100) / (1 - least) - 1),
        lambda excess: 100 * (1 - (1 + excess / 100) * (1 - least)),
    ),
)
excess.set(ylabel="excess over the shortest of the four (%)", yticks=range(0, 70, 10))
ax.plot([], [], "o", color="0.6", markersize=10, label="hyperkit, on these points")
ax.plot([], [], "X", color="black", markersize=9, label="published, other points of the same kind and another machine")
ax.legend(loc="lower right")

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "trees.png", dpi=100)
