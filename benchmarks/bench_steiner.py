"""Steiner trees: seconds of every method and use, and the reduction over the spanning tree in percent."""

from copy import copy

import numpy as np

import hyperkit as hk

_RUNS = [
    *(("greedy", n) for n in (100, 1000, 10_000, 100_000)),
    *(("local", n) for n in (100, 300, 1000, 10_000)),
    ("thorough", 100),
    *(("exact", n) for n in (7, 10)),
]


def _steiner(method):
    # A number of restarts and no limit of time: the same work on every machine.
    return hk.HyperSteiner(method=method, n_restarts=2)


def _rim(n):
    """Ten tight clusters at polar radius 12, where Steiner points save most."""
    turns = 2 * np.pi * np.arange(10) / 10
    centres = hk.convert(12 * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent", "poincare")
    return np.vstack([hk.random_wrapped_normal(n // 10, c, scale=0.1, random_state=k) for k, c in enumerate(centres)])


class Methods:
    """Each method at its sizes, on a wrapped normal of the plane."""

    params = [[f"{method} {n}" for method, n in _RUNS]]
    param_names = ["method and n"]
    timeout = 300

    def setup(self, run):
        method, n = run.split()
        self.steiner = _steiner(method)
        self.steiner.fit(hk.random_wrapped_normal(7, random_state=1))  # compiles
        self.points = hk.random_wrapped_normal(int(n), random_state=0)

    def time_fit(self, run):
        self.steiner.fit(self.points)

    def track_reduction_percent(self, run):
        return 100 * self.steiner.fit(self.points).reduction_


class Rim:
    """A hundred points near the rim, where methods differ most."""

    params = [["greedy", "local", "thorough"]]
    param_names = ["method"]

    def setup(self, method):
        self.points = _rim(100)
        self.steiner = _steiner(method).fit(self.points)

    def time_fit(self, method):
        self.steiner.fit(self.points)

    def track_reduction_percent(self, method):
        return 100 * self.steiner.reduction_


class Dimensions:
    """200 points of a wrapped normal in more and more dimensions."""

    params = [["greedy", "local"], [2, 3, 5, 10]]
    param_names = ["method", "d"]
    timeout = 300

    def setup(self, method, d):
        self.points = hk.random_wrapped_normal(200, np.zeros(d), random_state=0)
        self.steiner = _steiner(method).fit(self.points)

    def time_fit(self, method, d):
        self.steiner.fit(self.points)

    def track_reduction_percent(self, method, d):
        return 100 * self.steiner.reduction_


class FittedTree:
    """What one does with a fitted tree."""

    params = [[100, 1000]]
    param_names = ["n"]

    def setup(self, n):
        self.points = hk.random_wrapped_normal(n, random_state=0)
        self.new = hk.random_wrapped_normal(10, random_state=1)
        self.queries = hk.random_wrapped_normal(1000, random_state=2)
        self.fitted = hk.HyperSteiner(method="local").fit(self.points)
        self.greedy = hk.HyperSteiner(method="greedy").fit(self.points).tree_

    def time_local_from_greedy(self, n):
        hk.HyperSteiner(method="local", init=self.greedy).fit(self.points)

    def time_fixed_topology(self, n):
        hk.HyperSteiner(init=self.greedy, fixed_topology=True).fit(self.points)

    def time_insert_10_points(self, n):
        copy(self.fitted).insert(self.new)  # of a copy: the next run needs the tree as it was

    def time_lower_bound(self, n):
        return copy(self.fitted).lower_bound_  # which the copied one keeps

    def track_gap_percent(self, n):
        return 100 * self.fitted.gap_

    def time_score_1000_points(self, n):
        self.fitted.score(self.queries)
