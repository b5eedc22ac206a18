"""Which score of likeness can be trusted?
=======================================

Noisy cells embedded anew, and three kinds of blood cells.

Two things are asked of a score, as in the HyperDGA paper: that two embeddings are the less alike the more noise one of
them was made from, and that populations are ranked as biology does. Embeddings trained apart share no coordinates, so
each is first aligned to the clean one. Run this file from the repository's root; it writes
``examples/figures/noise.png``.
"""

# %%
# Simulated blood cells, 128 x 11 genes, and noise on the genes in units of their standard deviation.
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import pyplot as plt
from scipy.stats import spearmanr

import hyperkit as hk

genes = hk.datasets.load_krumsiek11().data[::5]
levels = [0.01, 0.03, 0.1, 0.3, 1.0, 3.0]
rivals = {
    "Chamfer": hk.chamfer,
    "Hausdorff": hk.hausdorff,
    "Wasserstein": hk.wasserstein,
    "energy": hk.energy_distance,
    "MMD": hk.mmd,
}
scores = ["HyperDGA", *rivals]


def curve(series):
    """All scores as distances: larger is less alike."""
    table = hk.mixing_curve(clean, series, levels, scores=rivals, paired=True)
    return table.rename(columns={"distance": "HyperDGA"})


# %%
# Each noisy copy is embedded anew, and aligned to the clean embedding: cell i belongs to cell i.
mds = hk.HyperbolicMDS(random_state=0).fit(genes)
clean = mds.embedding_
as_they_are, aligned = [], []
for repeat in range(3):
    rng = np.random.default_rng(repeat)
    noisy = [genes + level * genes.std() * rng.normal(size=genes.shape) for level in levels]
    again = hk.HyperbolicMDS(curvature=mds.curvature_, random_state=repeat + 1)
    embeddings = [again.fit_transform(table) for table in noisy]
    as_they_are.append(curve(embeddings))
    aligned.append(curve([hk.align(points, clean, pairs="rows", reflections=True).aligned for points in embeddings]))


# %%
# Spearman's correlation of each score with the noise: mean, least and largest of the repeats.
def correlation(tables, name):
    values = [spearmanr(table.index, table[name]).statistic for table in tables]
    return np.mean(values), min(values), max(values)


for name in scores:
    for what, tables in (("aligned", aligned), ("as they are", as_they_are)):
        print("{} {}: {:.2f}, from {:.2f} to {:.2f}".format(name, what, *correlation(tables, name)))

# %%
# Biology's ranking: monocytes and dendritic cells are next of kin, B cells are not.
cells = hk.datasets.load_pbmc68k_reduced()
kinds = ["CD14+ Monocyte", "Dendritic", "CD19+ B"]
populations = [cells.embedding[cells.target_names[cells.target] == kind] for kind in kinds]
ranking = pd.DataFrame(index=scores)
for i, j in combinations(range(3), 2):
    result = hk.HyperDGA().fit(populations[i]).compare(populations[j], interval=0.95)
    print(f"{kinds[i]} and {kinds[j]}: {result.relative_similarity:.3f} of chance, p = {result.p_value:.2g}")
    ranking[f"{kinds[i]} and {kinds[j]}"] = [
        result.distance,
        *(rival(populations[i], populations[j]) for rival in rivals.values()),
    ]

# %%
# Both pictures, each score as a share of its largest value.
figure, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
for number, name in enumerate(scores):
    median = pd.concat(aligned).groupby(level=0)[name].median()
    label = f"{name} ({correlation(aligned, name)[0]:.2f})"
    left.plot(median / median.max(), "o-", label=label, linewidth=3 if number == 0 else 1.5, color=f"C{number}")
left.set(xscale="log", xlabel="noise on the genes (standard deviations)")
left.set(ylabel="distance / its largest value", ylim=(0, 1.35))
left.set_title("Embeddings of noisy cells (in brackets: Spearman's correlation)")
left.legend(loc="upper center", ncols=3)
shares = ranking.div(ranking.max(axis=1), axis=0)
for number, pair in enumerate(shares.columns):
    right.bar(
        np.arange(len(scores)) + 0.27 * (number - 1), shares[pair], width=0.25, label=pair, color=f"C{7 + number}"
    )
right.set_xticks(range(len(scores)), scores)
right.set(ylabel="distance / its largest value", ylim=(0, 1.35), title="Three populations of blood cells")
right.legend(loc="upper center")

figures = Path("examples/figures")
figures.mkdir(parents=True, exist_ok=True)
figure.savefig(figures / "noise.png", dpi=100)
