"""How much shorter than the spanning tree: the kinds of points of the two papers on hyperbolic Steiner trees.

``python -m benchmarks.steiner_study`` prints mean reductions in percent, with 95 % intervals over 10 sets of points,
and CPU seconds; ``python -m benchmarks.steiner_study exact`` by how much trees of few points are longer than the
shortest; ``python -m benchmarks.steiner_study proofs`` how long proofs take. Points are drawn anew, by
what the papers say of theirs; ``docs/evidence/trees.md`` has their figures.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import hyperkit as hk
from hyperkit.steiner.prices import _certificate
from hyperkit.steiner.prices._suspects import RULES, suspects

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


def middle(n: int, seed: int) -> np.ndarray:
    """Ten clusters at random directions, at Klein radius .9."""
    rng = np.random.default_rng(seed)
    turns = 2 * np.pi * rng.random(10)
    centres = hk.convert(0.9 * np.column_stack([np.cos(turns), np.sin(turns)]), "klein", "poincare")
    clusters = [hk.random_wrapped_normal(n // 10, c, scale=0.1, random_state=rng.integers(1000)) for c in centres]
    return np.vstack(clusters)


def disk(n: int, seed: int) -> np.ndarray:
    """Uniform in the disk of radius 6."""
    rng = np.random.default_rng(seed)
    radii, turns = np.arccosh(1 + rng.random(n) * (np.cosh(6) - 1)), 2 * np.pi * rng.random(n)
    return hk.convert(radii[:, None] * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")


def proof_sets(folder: str | None) -> Iterator[tuple[str, list[np.ndarray]]]:
    """Sets to prove, and those of a folder: means of types of embedded cells (`X`, in the Poincaré disk, and `labels`),
    and of other files each array, in Klein coordinates.
    """
    for n, count in ((15, 20), (20, 20), (25, 20), (30, 10), (50, 5), (100, 2)):
        sets = [np.random.default_rng(seed).normal(size=(n, 2)) for seed in range(count)]
        yield f"normal, sigma 1, N = {n}", [hk.convert(points, "tangent", "poincare") for points in sets]
    for path in sorted(Path(folder).glob("*.npz")) if folder else []:
        with np.load(path) as arrays:
            if "labels" in arrays:
                yield from means_of_types(path.stem, arrays["X"], arrays["labels"])
                continue
            for name in arrays:
                if 14 < len(arrays[name]) <= 100:
                    yield f"{name}, N = {len(arrays[name])}", [hk.convert(arrays[name], "klein", "poincare")]
    yield "ten clusters at Klein radius .9, N = 50", [middle(50, seed) for seed in range(3)]
    yield "uniform in a disk of radius 6, N = 20", [disk(20, seed) for seed in range(2)]
    corners = hk.convert(polygon(15, 0), "poincare", "tangent") / 6
    yield "polygon of polar radius 2, N = 15", [hk.convert(corners, "tangent", "poincare")]


def means_of_types(name: str, X: np.ndarray, labels: np.ndarray) -> Iterator[tuple[str, list[np.ndarray]]]:
    """All means of types of cells; and if there are many, ten times 20 of them."""
    types = np.unique(labels)
    means = np.array([hk.frechet_mean(X[labels == one]) for one in types])
    yield f"means of {len(types)} cell types, {name}", [means]
    if len(types) > 20:
        draws = [np.random.default_rng(seed).choice(len(types), 20, replace=False) for seed in range(10)]
        yield f"means of 20 of {len(types)} cell types, {name}", [means[draw] for draw in draws]


class Counted:
    """The search for components that are too short, and what it found and ruled out, all times together."""

    def __init__(self) -> None:
        self.searches, self.branches = 0, 0
        self.sets: set[tuple[int, ...]] = set()
        self.pruned = np.zeros(len(RULES), dtype=int)

    def __call__(self, *arguments, **options):
        found = suspects(*arguments, **options)
        if found is not None:
            self.searches += 1
            self.branches += sum(found.n_branches)
            self.sets |= set(found.sets)
            self.pruned += found.pruned
        return found


def proofs(folder: str | None = None, word: str = "", seconds: float = 900) -> None:
    """Print what is proven of the sets whose name has a word, and how, in CPU seconds (the first with compilation)."""
    steiner = hk.HyperSteiner(method="exact", time_limit=float(seconds))
    print("cells ruled out by:", ", ".join(RULES))
    for name, several in proof_sets(folder):
        if word not in name:
            continue
        proven = 0
        for seed, points in enumerate(several):
            _certificate.suspects = counted = Counted()
            start = time.process_time()
            steiner.fit(points)
            spent = time.process_time() - start
            proven += steiner.method_used_ == "exact"
            print(
                f"{name}, {seed}: {steiner.method_used_}, gap {steiner.gap_:.2g}, {spent:.1f} s, {counted.searches} "
                f"searches, {counted.branches} branches, {len(counted.sets)} components too short or nearly, cells "
                f"{counted.pruned.tolist()}",
                flush=True,
            )
        print(f"{name}: proven {proven} of {len(several)}", flush=True)


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
    study = {"exact": excess, "proofs": proofs}.get(" ".join(sys.argv[1:2]), reductions)
    study(*sys.argv[2:])
