"""How much shorter than the spanning tree: the kinds of points of the two papers on hyperbolic Steiner trees.

``python -m benchmarks.steiner_study`` prints mean reductions in percent, with 95 % intervals over 10 sets of points,
and CPU seconds; ``python -m benchmarks.steiner_study exact`` by how much trees of few points are longer than the
shortest; ``python -m benchmarks.steiner_study proofs`` how long proofs of 25 points take. Points are drawn anew, by
what the papers say of theirs; ``docs/evidence/trees.md`` has their figures.
"""

from __future__ import annotations

import sys
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


def polygon(n: int, seed: int) -> np.ndarray:
    """Corners of a regular polygon of polar radius 12, each moved by up to .1 inwards, so that no two trees tie."""
    turns = 2 * np.pi * np.arange(n) / n
    radii = 12 - 0.1 * np.random.default_rng(seed).random(n)
    return hk.convert(radii[:, None] * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")


def sets() -> Iterator[tuple[str, list[np.ndarray]]]:
    for n in (50, 100, 200):
        yield (
            f"normal, sigma 0.5, N = {n}",
            [hk.random_wrapped_normal(n, scale=0.5, random_state=seed) for seed in range(10)],
        )
    yield "ten clusters at the rim, N = 100", [rim(seed) for seed in range(10)]
    yield "polygon near the rim, N = 100", [polygon(100, seed) for seed in range(10)]
    yield "normal, sigma 1, N = 10,000", [hk.random_wrapped_normal(10_000, random_state=seed) for seed in range(2)]


def few(n: int, seed: int) -> np.ndarray:
    """A normal of standard deviation .5, 1 or 2, or points around a circle of polar radius 3, in turns."""
    if seed % 4 < 3:
        return hk.random_wrapped_normal(n, scale=0.5 * 2 ** (seed % 4), random_state=seed)
    turns = 2 * np.pi * np.random.default_rng(seed).random(n)
    return hk.convert(3 * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")


def excess() -> None:
    """Print by what share trees of 40 sets are longer than the shortest, and how many are the shortest."""
    for n in (5, 7):
        found = {"greedy": [], "local": [], "exact": []}
        for seed in range(40):
            for method, lengths in found.items():
                lengths.append(hk.HyperSteiner(method=method).fit(few(n, seed)).length_)
        best = np.array(found.pop("exact"))
        for method, lengths in found.items():
            over = 100 * (np.array(lengths) / best - 1)
            print(
                f"N = {n}, {method}: {over.mean():.3f} %, most {over.max():.2f} %, {np.sum(over < 1e-7)} of 40 shortest"
            )


def proofs() -> None:
    """Print what is proven of sets of 25 points, and the CPU seconds of the proof; in a first run, compilation too."""
    steiner = hk.HyperSteiner(model="tangent", method="exact", time_limit=900)
    for seed in range(20):
        points = np.random.default_rng(seed).normal(size=(25, 2))
        start = time.process_time()
        steiner.fit(points)
        seconds = time.process_time() - start
        print(f"seed {seed}: {steiner.method_used_}, gap {steiner.gap_:.2g}, {seconds:.1f} s", flush=True)


def reductions() -> None:
    for method in ("greedy", "local"):
        steiner = hk.HyperSteiner(method=method)
        steiner.fit(rim(0))  # compiles
        for name, several in sets():
            start = time.process_time()
            found = 100 * np.array([steiner.fit(points).reduction_ for points in several])
            seconds = (time.process_time() - start) / len(several)
            print(f"{name}, {method}: {found.mean():.2f} ± {half_width(found):.2f} %, {seconds:.3f} s")


if __name__ == "__main__":
    {"exact": excess, "proofs": proofs}.get(" ".join(sys.argv[1:]), reductions)()
