"""How good is an embedding, and how many dimensions does it take?
===============================================================

Hyperbolic and flat ones of the same data.

Vectors that diffuse along a known tree are embedded in 2 to 10 dimensions, by hyperbolic multidimensional scaling and
by principal components, and all are judged in one call: against the distances of the data, and triplets against the
true tree. Run this file from the repository's root; it writes ``examples/figures/quality.png``.
"""

# %%
# A tree of 127 nodes, each seen three times in 50 dimensions, and how far the distances are from those of a tree.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt
from sklearn.decomposition import PCA

import hyperkit as hk

tree = hk.datasets.make_branching_diffusion(n_features=50, depth=6, n_observations=3, random_state=0)
delta = hk.embedding.delta_hyperbolicity(tree.data, metric="geodesic")
print(delta)

# %%
# Embeddings of each kind and dimension.
dimensions = [2, 3, 4, 6, 8, 10]
embeddings, models = {}, {}
for d in dimensions:
    mds = hk.HyperbolicMDS(d, random_state=0).fit(tree.data)
    embeddings["hyperbolic", d], models["hyperbolic", d] = mds.embedding_, "poincare"
    embeddings["flat", d], models["flat", d] = PCA(d, random_state=0).fit_transform(tree.data), "euclidean"

# %%
# One verdict on all of them.
judged = hk.embedding.quality(embeddings, tree.data, model=models, tree=tree.parent, nodes=tree.target)
table = judged.to_frame()
print(table[["stress", "mean_average_precision", "q_local", "q_global", "triplets"]].round(3))

# %%
# Lengths of an embedding are those of the data when its points are laid out at its curvature.
points = mds.embedding_ / np.sqrt(-mds.curvature_)
in_units_of_the_data = hk.distance(points[0], points[1:4], curvature=mds.curvature_)
print("distances of the first rows in the units of the data:", in_units_of_the_data.round(2))

# %%
# Measures over dimensions, and the curves of the planes.
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.5), layout="constrained")
for column, color in (("mean_average_precision", "C0"), ("triplets", "C1"), ("stress", "C2")):
    for kind, style in (("hyperbolic", "o-"), ("flat", "o:")):
        left.plot(table.loc[kind, column], style, color=color, label=f"{column.replace('_', ' ')}, {kind}")
left.set(xlabel="dimensions", ylim=(0, 1.02))
left.legend(fontsize=8)
planes = {f"{kind}, 2 dimensions": embeddings[kind, 2] for kind in ("hyperbolic", "flat")}
spaces = dict(zip(planes, ("poincare", "euclidean"), strict=True))
hk.plot.plot_quality(
    hk.embedding.quality(planes, tree.data, model=spaces, tree=tree.parent, nodes=tree.target),
    axes=(middle, right),
)

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "quality.png", dpi=100)
