"""Do two sets mix locally, or globally?
=====================================

One score for each scale.

Two data sets of the same 24 crowds. In the first every crowd has points of A and of B, but A is mostly on the left and
B on the right: neighbours mix, the whole does not. In the second every crowd is of one set alone, and crowds of A and B
take turns: neighbours do not mix, the whole does. The share of neighbours that are of the other set, relative to
chance, tells them apart at one hop, and what lies within more hops tells which is which. Run this file from the
repository's root; it writes ``examples/figures/mixing_profile.png``.
"""

# %%
# Crowds along a circle.
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

import hyperkit as hk

rng = np.random.default_rng(0)
angles = 2 * np.pi * np.arange(24) / 24
crowd = rng.integers(24, size=700)
centres = 2.5 * np.c_[np.cos(angles), np.sin(angles)][crowd]
points = hk.convert(centres + 0.12 * rng.normal(size=centres.shape), "tangent", "poincare")
shares_of_b = {
    "crowds mixed, sides apart": np.where(np.cos(angles) < 0, 0.15, 0.85),
    "crowds apart, sides mixed": np.arange(24) % 2,
}

# %%
# Similarity relative to chance, up to seven hops.
figure, axes = plt.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
for (name, share), ax, color in zip(shares_of_b.items(), axes[:2], ("tab:blue", "tab:orange"), strict=True):
    in_b = rng.random(len(points)) < share[crowd]
    hk.plot.plot_points(points, np.where(in_b, "B", "A"), ax=ax)
    ax.set_title(name)
    profile = hk.mixing_profile(points[~in_b], points[in_b], interval=0.95)
    hk.plot.plot_profile(profile, ax=axes[2], color=color, label=name)
    print(f"{name}: {np.round(profile.relative_similarity, 2)}, p = {profile.p_value:.3f}")

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "mixing_profile.png", dpi=100)
