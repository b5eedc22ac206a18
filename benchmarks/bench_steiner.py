"""Steiner trees: seconds, and the reduction over the spanning tree in percent."""

import hyperkit as hk


class Steiner:
    params = [["greedy"], [100, 1000, 10_000]]
    param_names = ["method", "n"]

    def setup(self, method, n):
        self.points = hk.random_wrapped_normal(n, random_state=0)
        self.fitted = hk.HyperSteiner(method=method).fit(self.points)
        self.queries = hk.random_wrapped_normal(1000, random_state=1)

    def time_fit(self, method, n):
        hk.HyperSteiner(method=method).fit(self.points)

    def time_score_1000_points(self, method, n):
        self.fitted.score(self.queries)

    def track_reduction_percent(self, method, n):
        return 100 * self.fitted.reduction_
