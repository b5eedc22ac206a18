"""What does a latent space do while it is trained?
================================================

Figures for the log of a plain loop, and a verdict at the end.

An autoencoder with latents in the Poincaré disk learns noisy vectors of a binary tree. `latents.monitor` gives a
dictionary of floats, for any logger; here it is a list. It leaves the run as it would be without: evaluation mode for
a moment, no gradients, and the same random numbers. Needs ``pip install "hyperkit-geometry[torch]"``. Run this file
from the repository's root; it writes ``examples/figures/monitor.png``.
"""

# %%
# The nodes of a tree, 127 vectors.
import warnings
from pathlib import Path

import networkx as nx
import pandas as pd
import torch
from matplotlib import pyplot as plt

import hyperkit as hk

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # geoopt 0.5 uses what torch 2.13 deprecates
    import geoopt

tree = hk.datasets.make_binary_tree(6, random_state=0)
data = torch.tensor(tree.data, dtype=torch.float32)
first_branch = (tree.data[:, 1] > 0.5).astype(int)  # below the left child of the root, or not


# %%
# An autoencoder, as small as can be.
class Autoencoder(torch.nn.Module):
    def __init__(self, ball, n_features):
        super().__init__()
        self.ball = ball
        self.inward = torch.nn.Sequential(torch.nn.Linear(n_features, 64), torch.nn.ReLU(), torch.nn.Linear(64, 2))
        self.outward = torch.nn.Sequential(torch.nn.Linear(2, 64), torch.nn.ReLU(), torch.nn.Linear(64, n_features))

    def encode(self, x):
        return self.ball.expmap0(0.5 * self.inward(x))

    def decode(self, z):
        return self.outward(self.ball.logmap0(z))


torch.manual_seed(0)
ball = geoopt.PoincareBall(c=1.0)
model = Autoencoder(ball, data.shape[1])
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)

# %%
# A plain loop. Whatever happens in it, `monitor` gives floats; what cannot be measured is NaN, and it says why.
log = []
for epoch in range(401):
    if epoch % 10 == 0:
        readings = hk.latents.monitor(model.encode, data, ball, first_branch, decoder=model.decode)
        log.append({"epoch": epoch, **readings})
    for batch in data[torch.randperm(len(data))].split(32):
        loss = torch.nn.functional.mse_loss(model.decode(model.encode(batch)), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
log = pd.DataFrame(log).set_index("epoch")
print(log.loc[[0, 50, 100, 400]].T.round(3))

# %%
# What it tells here: points run for the rim, where float32 latents end, and geoopt pulls them back to one norm.
print(f"clipped: {log['clipped_share'].iloc[-1]:.0%} of the rows, at radius {log['radius_max'].iloc[-1]:.2f}")

# %%
# The verdict: latents against paths along the tree that made the data.
latent = hk.latents.encode(model.encode, data, ball)
graph = nx.Graph([(int(parent), child) for child, parent in enumerate(tree.parent) if parent >= 0])
print(hk.latents.quality(latent, reference=graph, tree=tree.parent))

# %%
# Likeness and error, distances, and where the tree has come to lie.
figure, (left, middle, right) = plt.subplots(1, 3, figsize=(15, 4.5), layout="constrained")
for axes, columns in (
    (left, ["reconstruction", "noise_robustness", "mixing", "reconstruction_error", "clipped_share"]),
    (middle, ["radius_max", "radius_median", "spread", "effective_dimensions"]),
):
    for column in columns:
        axes.plot(log[column], label=column.replace("_", " "))
    axes.set_xlabel("epoch")
    axes.legend()
left.set(ylim=(0, 1.2), title="Likeness relative to chance, and shares")
middle.set_title("Lengths, and directions in use")
hk.plot.plot_points(latent.points, tree.depth, ax=right)
right.set_title("Latents by their depth in the tree")

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "monitor.png", dpi=100)
