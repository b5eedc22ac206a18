"""How much shorter than the spanning tree: the kinds of points of the two papers on hyperbolic Steiner trees.

``python -m benchmarks.steiner_study`` prints mean reductions in percent, with 95 % intervals over 10 sets of points,
and CPU seconds. Points are drawn anew, by what the papers say of theirs; ``docs/evidence.md`` has their figures.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

import hyperkit as hk

from .hierarchy_study import half_width


def rim(seed: int) -> np.ndarray:
    """100 points: ten tight clusters at polar radius 12."""
    turns = 2 * np.pi * np.arange(10) / 10
    centres = hk.convert(12 * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")
    clusters = [hk.random_wrapped_normal(10, c, scale=0.1, random_state=10 * seed + k) for k, c in enumerate(centres)]
    return np.vstack(clusters)


def sets() -> Iterator[tuple[str, list[np.ndarray]]]:
    for n in (50, 100, 200):
        yield (
            f"normal, sigma 0.5, N = {n}",
            [hk.random_wrapped_normal(n, scale=0.5, random_state=seed) for seed in range(10)],
        )
    yield "ten clusters at the rim, N = 100", [rim(seed) for seed in range(10)]


def main() -> None:
    for method in ("greedy", "local"):
        steiner = hk.HyperSteiner(method=method)
        steiner.fit(rim(0))  # compiles
        for name, several in sets():
            start = time.process_time()
            found = 100 * np.array([steiner.fit(points).reduction_ for points in several])
            seconds = (time.process_time() - start) / len(several)
            print(f"{name}, {method}: {found.mean():.2f} ± {half_width(found):.2f} %, {seconds:.3f} s")


if __name__ == "__main__":
    main()
