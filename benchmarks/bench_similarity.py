"""Time and memory of HyperDGA and of the distances between sets: two overlapping populations of the plane."""

from __future__ import annotations

import numpy as np

import hyperkit as hk


def populations(n: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    A, B = rng.normal(size=(n, 2)), rng.normal(size=(n + n // 2, 2)) + 0.5
    return hk.convert(A, "tangent", "poincare"), hk.convert(B, "tangent", "poincare")


class HyperDGA:
    """The count on the Delaunay graph of the union, n log n."""

    params = (1_000, 10_000, 100_000)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        self.A, self.B = populations(n)
        hk.HyperDGA().fit(self.A[:50]).score(self.B[:50])
        hk.HyperDGA().fit(self.A[:50]).compare(self.B[:50])

    def time_score(self, n: int) -> None:
        hk.HyperDGA().fit(self.A).score(self.B)

    def time_score_with_its_significance(self, n: int) -> None:
        hk.HyperDGA().fit(self.A).compare(self.B)

    def track_similarity(self, n: int) -> float:
        return hk.hyperdga(self.A, self.B)


class Scales:
    """Pairs within three hops, and the profile of all scales with its permutations."""

    params = (1_000, 10_000)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        self.A, self.B = populations(n)
        hk.mixing_profile(self.A[:50], self.B[:50], n_permutations=19)
        hk.hyperdga(self.A[:50], self.B[:50], hops=3)

    def time_three_hops(self, n: int) -> None:
        hk.hyperdga(self.A, self.B, hops=3)

    def peakmem_three_hops(self, n: int) -> None:
        hk.hyperdga(self.A, self.B, hops=3)

    def time_profile(self, n: int) -> None:
        hk.mixing_profile(self.A, self.B, n_permutations=199)


class Significance:
    """Permutations and a scan over one graph, halves of the sets, and all pairs of ten sets."""

    def setup(self) -> None:
        self.A, self.B = populations(2_000)
        self.dga = hk.HyperDGA().fit(self.A)
        self.dga.compare(self.B, n_permutations=19)

    def time_a_thousand_permutations(self) -> None:
        self.dga.compare(self.B, n_permutations=1_000)

    def time_scan(self) -> None:
        self.dga.compare(self.B, scan=True)

    def time_interval(self) -> None:
        self.dga.compare(self.B, interval=0.95)

    def time_all_pairs(self) -> None:
        hk.pairwise_hyperdga(self.A, np.arange(2_000) % 10)

    def time_all_pairs_of_the_joint_graph(self) -> None:
        hk.pairwise_hyperdga(self.A, np.arange(2_000) % 10, joint=True)


class Alignments:
    """Known pairs, and pairs to be found."""

    params = (100, 1_000)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        self.A, _ = populations(n)
        self.B = hk.translate(self.A, [0.5, 0.2])

    def time_rows(self, n: int) -> None:
        hk.align(self.A, self.B, pairs="rows")

    def time_without_pairs(self, n: int) -> None:
        hk.align(self.A, self.B)


class NearestDistances:
    """Chamfer, Hausdorff, energy distance and MMD: time n m, memory n + m and one block."""

    params = (1_000, 5_000)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        self.A, self.B = populations(n)

    def time_chamfer(self, n: int) -> None:
        hk.chamfer(self.A, self.B)

    def time_energy_distance(self, n: int) -> None:
        hk.energy_distance(self.A, self.B)

    def time_mmd(self, n: int) -> None:
        hk.mmd(self.A, self.B)

    def peakmem_hausdorff(self, n: int) -> None:
        hk.hausdorff(self.A, self.B)


class Matchings:
    """Assignment and transport, on the whole matrix."""

    params = (100, 300)
    param_names = ("n",)

    def setup(self, n: int) -> None:
        self.A, self.B = populations(n)

    def time_assignment_cost(self, n: int) -> None:
        hk.assignment_cost(self.A, self.B)

    def time_wasserstein_of_unequal_sizes(self, n: int) -> None:
        hk.wasserstein(self.A, self.B)
