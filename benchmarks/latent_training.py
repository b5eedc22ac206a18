"""Does any score follow a network while it trains? A hyperbolic autoencoder on a known tree, watched by all of them.

``python -m benchmarks.latent_training --table`` prints what ``latent_training.csv`` keeps; ``--seeds 10`` makes the
figures that are not kept yet (half a minute of CPU a seed), ``--figure`` draws ``docs/figures/latent_training.png``.

The model is that of ``examples/wrapped_normal_vae.py``, as it is there, in two dimensions, on ``make_binary_tree(8)``.
It sees the rows, never the tree. What a score should follow is the *tree correlation*: Spearman's correlation of the
distances of all pairs of posterior means with the edges between their nodes.

Pairs of sets that are compared in latent space, 511 and 511 points each:

- ``reconstruction``: means of the rows, and means of what the decoder makes of those;
- ``replicate``: means of the rows, and means of rows of the same nodes with fresh noise;
- ``prior``: one sample of the posterior of each row, and as many of the prior.

For each, ``hops 1`` to ``hops 5`` are HyperDGA's `relative_similarity` at so many steps, and ``energy`` is the energy
distance. ``q_local``, ``q_global``, ... are `hyperkit.embedding.quality` of the means against the rows themselves.
In what is printed, signs are turned so that more is better.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from scipy import stats
from scipy.spatial.distance import pdist

import hyperkit as hk
from benchmarks.hierarchy_study import half_width, interval

if TYPE_CHECKING:
    from examples.wrapped_normal_vae import VAE

KEPT = Path(__file__).with_suffix(".csv")
FIGURE = Path(__file__).parents[1] / "docs" / "figures" / "latent_training.png"
DEPTH = 8
CHECKPOINTS = [*range(5, 50, 5), *range(50, 200, 10), *range(200, 401, 20)]
HOPS = range(1, 6)
PAIRS = ["reconstruction", "replicate", "prior"]
QUALITY = ["stress", "mean_average_precision", "q_local", "q_global", "trustworthiness", "rank_correlation"]
LESS_IS_BETTER = ["squared error", "stress", *(f"{pair}, energy" for pair in PAIRS)]
TREE = ["tree correlation", "tree correlation, Pearson"]
COLLAPSED = 0.1  # nats of KL divergence
FIRST_GOAL_SEEDS = 5  # those that the goal for the model was set for


def means(vae: VAE, rows: torch.Tensor) -> np.ndarray:
    return vae(rows).mean.numpy()


def compared(name: str, a: np.ndarray, b: np.ndarray) -> dict[str, float]:
    found = {f"{name}, energy": hk.energy_distance(a, b, model="hyperboloid")}
    for hops in HOPS:
        result = hk.HyperDGA("hyperboloid", hops=hops).fit(a).compare(b)
        found[f"{name}, hops {hops}"] = result.relative_similarity
    return found


@torch.no_grad()
def scores(vae: VAE, rows: torch.Tensor, fresh: torch.Tensor, edges: np.ndarray) -> dict[str, float]:
    """All scores of a network as it is; `edges` are those between the nodes of all pairs of rows."""
    posterior = vae(rows)
    z = posterior.mean.numpy()
    decoded = vae.decode(posterior.mean)
    distances = hk.pairwise_distances(z, model="hyperboloid")[np.triu_indices(len(z), 1)]
    log_likelihood, divergence = vae.evidence(fresh)
    quality = hk.embedding.quality(z, rows.numpy(), metric="euclidean", model="hyperboloid").to_frame().iloc[0]
    prior = type(posterior)(*(part.expand(len(z), -1) for part in vae.prior))
    return {
        TREE[0]: stats.spearmanr(distances, edges).statistic,
        TREE[1]: stats.pearsonr(distances, edges).statistic,
        "held-out ELBO": float((log_likelihood - divergence).mean()),
        "squared error": float((decoded - rows).square().mean()),
        **quality[QUALITY],
        **compared("reconstruction", z, means(vae, decoded)),
        **compared("replicate", z, means(vae, fresh)),
        **compared("prior", posterior.sample().numpy(), prior.sample().numpy()),
    }


def trained(seed: int) -> Iterator[dict[str, float]]:
    """Scores of one training at its checkpoints."""
    # Not above: asv, which imports all files here, may find another `examples`, of a library that it has installed.
    from examples.wrapped_normal_vae import VAE, train

    rows, fresh = (
        torch.tensor(hk.datasets.make_binary_tree(DEPTH, random_state=number).data) for number in (seed, 10_000 + seed)
    )
    edges = pdist(hk.datasets.make_binary_tree(DEPTH, noise=0).data, "sqeuclidean")
    torch.manual_seed(seed)
    vae = VAE(rows.shape[1])
    for epoch, (log_likelihood, divergence) in enumerate(train(vae, rows, CHECKPOINTS[-1]), 1):
        if epoch in CHECKPOINTS:
            state = torch.get_rng_state()  # what is watched does not change the training
            row = {"ELBO": log_likelihood - divergence, "KL": divergence} | scores(vae, rows, fresh, edges)
            torch.set_rng_state(state)
            yield {"seed": seed, "epoch": epoch} | {name: float(f"{value:.5g}") for name, value in row.items()}


def make(seeds: int) -> None:
    """Make the figures that are not kept yet, and keep them."""
    kept = pd.read_csv(KEPT) if KEPT.exists() else pd.DataFrame({"seed": []})
    for seed in sorted(set(range(seeds)) - set(kept["seed"])):
        kept = pd.concat([kept, pd.DataFrame(trained(seed))])
        kept.sort_values(["seed", "epoch"]).astype({"seed": int, "epoch": int}).to_csv(KEPT, index=False)


def turned(kept: pd.DataFrame) -> pd.DataFrame:
    """Scores with their signs so that more is better."""
    signs = {name: -1 if name in LESS_IS_BETTER else 1 for name in kept}
    return kept * pd.Series(signs)


def saturated(run: pd.DataFrame) -> int:
    """First checkpoint at which HyperDGA of reconstructions has nine tenths of its mean over the last five."""
    score = run["reconstruction, hops 1"]
    return int(run["epoch"][score >= 0.9 * score.iloc[-5:].mean()].iloc[0])


def windows(run: pd.DataFrame) -> dict[str, pd.DataFrame]:
    reached = saturated(run)
    return {
        "whole training": run,
        "until saturation": run[run["epoch"] <= reached],
        "from saturation on": run[run["epoch"] >= reached],
        "from epoch 200 on": run[run["epoch"] >= 200],
    }


def followed(kept: pd.DataFrame, what: str) -> pd.DataFrame:
    """Spearman's correlation of each score with `what` over checkpoints: a row a score, columns (window, seed)."""
    names = [name for name in kept if name not in ("seed", "epoch", *TREE)]
    found = {
        (window, seed): {name: stats.spearmanr(part[name], part[what]).statistic for name in names}
        for seed, run in turned(kept).groupby("seed")
        for window, part in windows(run).items()
    }
    return pd.DataFrame(found)


def by_window(found: pd.DataFrame) -> pd.DataFrame:
    """Mean over seeds with a 95 % interval, and in how many seeds the sign is right."""

    def said(row: pd.Series) -> str:
        return f"{interval(row.to_numpy())} ({(row > 0).sum()})"

    order = list(dict.fromkeys(found.columns.get_level_values(0)))
    return pd.DataFrame({window: found[window].apply(said, axis=1) for window in order})


def picked(kept: pd.DataFrame) -> pd.Series:
    """Tree correlation at the checkpoint that each score likes best, less the best of the training."""
    names = [name for name in kept if name not in ("seed", *TREE)]
    regret = {
        seed: {name: run[TREE[0]].loc[run[name].idxmax()] - run[TREE[0]].max() for name in names}
        for seed, run in turned(kept).reset_index(drop=True).groupby("seed")
    }
    return pd.DataFrame(regret).apply(lambda row: interval(row.to_numpy()), axis=1)


def ranked(kept: pd.DataFrame) -> pd.Series:
    """Spearman's correlation of each score with the tree correlation over the trainings, each at its end."""
    last = turned(kept).groupby("seed").last().drop(columns=["epoch", TREE[1]])
    return last.corr("spearman")[TREE[0]].drop(TREE[0])


def references(seeds: int = FIRST_GOAL_SEEDS) -> pd.DataFrame:
    """What the same correlation is without a network: of the rows, and of two embeddings of them."""
    from sklearn.decomposition import PCA

    edges = pdist(hk.datasets.make_binary_tree(DEPTH, noise=0).data, "sqeuclidean")
    found = []
    for seed in range(seeds):
        rows = hk.datasets.make_binary_tree(DEPTH, random_state=seed).data
        hyperbolic = hk.HyperbolicMDS(random_state=0).fit_transform(rows)
        distances = {
            "the rows themselves": pdist(rows),
            "HyperbolicMDS": hk.pairwise_distances(hyperbolic)[np.triu_indices(len(rows), 1)],
            "principal components": pdist(PCA(2, random_state=0).fit_transform(rows)),
        }
        found += [
            {"of": name, "Spearman": stats.spearmanr(d, edges).statistic, "Pearson": stats.pearsonr(d, edges).statistic}
            for name, d in distances.items()
        ]
    return pd.DataFrame(found).groupby("of").median()


def endings(kept: pd.DataFrame) -> pd.DataFrame:
    """One row a seed: what the training came to."""
    rows = {}
    for seed, run in kept.groupby("seed"):
        best = run.loc[run[TREE[0]].idxmax()]
        rows[seed] = run.iloc[-1][[*TREE, "KL", "ELBO", "held-out ELBO"]].to_dict()
        rows[seed] |= {"best": best[TREE[0]], "its epoch": int(best["epoch"]), "saturated at": saturated(run)}
    return pd.DataFrame.from_dict(rows, orient="index")


def show() -> None:
    kept = pd.read_csv(KEPT)
    last = endings(kept)
    print(last.round(3).to_string())
    print(f"collapsed (KL below {COLLAPSED}): {(last['KL'] < COLLAPSED).sum()} of {len(last)}")
    print(f"median of all: {last[TREE].median().round(3).to_dict()}")
    print(
        f"median of the first {FIRST_GOAL_SEEDS}: {last.loc[: FIRST_GOAL_SEEDS - 1, TREE].median().round(3).to_dict()}"
    )
    for what in (TREE[0], "epoch"):
        found = followed(kept, what)
        print(f"\nSpearman's correlation with the {what}: mean over seeds (seeds where it is positive)")
        print(by_window(found).to_string())
        print(f"\nthe same, seed by seed, from saturation on\n{found['from saturation on'].round(2).to_string()}")
    print("\ntree correlation at the checkpoint that a score likes best, less the best of the training")
    print(picked(kept).to_string())
    print("\nSpearman's correlation with the tree correlation over the trainings, each at its end")
    print(ranked(kept).round(2).to_string())


def draw() -> None:
    from matplotlib import pyplot as plt

    kept = pd.read_csv(KEPT)
    figure, (left, right) = plt.subplots(1, 2, figsize=(13, 5.5), layout="constrained")
    curves = {
        TREE[0]: "tree correlation",
        "q_local": "Q_local against the rows",
        "q_global": "Q_global against the rows",
        "reconstruction, hops 1": "HyperDGA of reconstructions, 1 hop",
        "reconstruction, hops 5": "the same, 5 hops",
        "replicate, hops 1": "HyperDGA of replicates, 1 hop",
    }
    median = kept.groupby("epoch").median()
    for name, label in curves.items():
        left.plot(median[name], label=label, linewidth=3 if name == TREE[0] else 1.5)
    bound = kept.assign(bound=kept.groupby("seed")["ELBO"].rank(pct=True)).groupby("epoch")["bound"].median()
    left.plot(bound, ":", color="black", label="ELBO, rank of the checkpoint")
    left.set(xlabel="epoch", ylim=(0, 1.1), title=f"Median of {kept['seed'].nunique()} trainings")
    left.legend(fontsize=8)
    after = followed(kept, TREE[0])["from saturation on"]
    mean, width = after.mean(axis=1), after.apply(lambda row: half_width(row.to_numpy()), axis=1)
    right.errorbar(mean, range(len(mean)), xerr=width, fmt="o", color="C0")
    right.axvline(0, color="black", linewidth=0.5)
    right.set_yticks(range(len(mean)), mean.index, fontsize=8)
    right.invert_yaxis()
    right.set(xlim=(-1.05, 1.05), xlabel="Spearman's correlation with the tree correlation, mean and 95 % interval")
    right.set_title("From saturation on")
    figure.savefig(FIGURE, dpi=90)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--table", action="store_true", help="print what is kept")
    parser.add_argument("--figure", action="store_true", help="draw what is kept")
    parser.add_argument("--references", action="store_true", help="print the tree correlation without a network")
    parser.add_argument("--seeds", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)  # sums in one order
    make(given.seeds)
    if given.table:
        show()
    if given.references:
        print(references().round(3).to_string())
    if given.figure:
        draw()


if __name__ == "__main__":
    main()
