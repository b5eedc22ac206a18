"""A variational autoencoder with a hyperbolic latent space
========================================================

Does it find the tree behind its data?

The network of `wrapped_normal_vae.py` is trained on noisy vectors at the nodes of a binary tree; it sees the vectors
only. While the evidence rises all along, the latents follow the tree less and less once the first branches are apart.
Run this file from the repository's root; it needs ``pip install "hyperkit-geometry[torch]"`` and writes
``examples/figures/vae.png``.
"""

# %%
# 511 nodes, each the indicator of itself and its ancestors, plus noise; paths along the tree, for the verdict only.
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot as plt
from scipy.spatial.distance import pdist, squareform
from wrapped_normal_vae import MANIFOLD, VAE, train

import hyperkit as hk

tree = hk.datasets.make_binary_tree(8, random_state=0)
rows = torch.tensor(tree.data)
paths = squareform(pdist(hk.datasets.make_binary_tree(8, noise=0).data, "sqeuclidean"))


def latents():
    """Means of the posteriors, in the unit ball."""
    with torch.no_grad():
        return hk.latents.to_poincare(vae(rows).mean, MANIFOLD).points


# %%
# Train, and look every five epochs.
torch.manual_seed(0)
vae = VAE(n_features=rows.shape[1], d=2)
seen = {}
for epoch, (log_likelihood, divergence) in enumerate(train(vae, rows, 120), 1):
    if epoch % 5 == 0:
        quality = hk.embedding.quality(latents(), paths, metric="precomputed").to_frame()
        seen[epoch] = {
            "evidence": log_likelihood - divergence,
            "divergence": divergence,
            "correlation": quality["rank_correlation"].item(),
        }
table = pd.DataFrame.from_dict(seen, orient="index")
print(table.loc[[5, 40, 80, 120]].round(2))
print("collapsed onto the prior" if divergence < 0.1 else f"{divergence:.1f} nats from the prior")

# %%
# The latents, coloured by the branch below the third level, and what was seen.
ancestor = (np.arange(len(rows)) + 1) >> np.maximum(tree.depth - 3, 0)  # counted from 1, nodes of the level are 8 to 15
branches = [f"branch {number - 7}" if number > 7 else "above them" for number in ancestor]
colors = {f"branch {number}": f"C{number % 7}" for number in range(1, 8)} | {"branch 8": "C9", "above them": "0.7"}
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 4.6), layout="constrained")
hk.plot.plot_points(latents(), branches, ax=left, cmap=colors)
left.set_title("Means of the posteriors after 120 epochs")
right.plot(table["correlation"], "o-", color="C3", label="Spearman's correlation with paths along the tree")
right.set(xlabel="epoch", ylabel="correlation with the tree", ylim=(0, 1))
bound = right.twinx()
bound.plot(table["evidence"], "o-", color="C0", label="evidence lower bound")
bound.set(ylabel="nats a row")
right.legend(handles=[*right.lines, *bound.lines], loc="lower right", fontsize=9)
right.set_title("The bound rises, the tree fades")

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "vae.png", dpi=100)
