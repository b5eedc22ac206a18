"""Where to root: the share of triplets that each root of `Hierarchy.root_at` has right.

``python -m benchmarks.hierarchy_roots`` prints means, 95 % intervals over 20 trees of ``hierarchy_study`` a case, noise
.05: ``HyperSteiner(leaves=True)`` in 5 dimensions. Nothing is kept.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import numpy as np
import pandas as pd

from hyperkit.hierarchy import compare

from .hierarchy_study import CASES, FIRST_SEED, METHODS, embedded, half_width, noisy, path_lengths, truth

ROOTS = ["min_variance", "midpoint", "frechet"]


def figures(n_seeds: int = 20) -> Iterator[dict]:
    for case in ("clock", "relaxed"):
        for seed in range(n_seeds):
            rng = np.random.default_rng([FIRST_SEED + seed, CASES.index(case)])
            true = truth(case, rng)
            tree = METHODS["leaves"](embedded(noisy(path_lengths(true), 0.05, rng), 5))
            found = compare(true, {root: tree.root_at(root) for root in ROOTS}, measures="triplets")
            yield {"case": case} | found.loc["triplets_right", "value"].to_dict()


def main() -> None:
    warnings.simplefilter("ignore")
    kept = pd.DataFrame(figures())
    print(kept.groupby("case", sort=False).agg(lambda x: f"{x.mean():.3f} ± {half_width(x):.3f}").to_string())


if __name__ == "__main__":
    main()
