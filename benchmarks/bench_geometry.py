"""Coordinates, distances, means."""

import numpy as np

import hyperkit as hk


class Geometry:
    def setup(self):
        self.points = hk.random_uniform_ball(100_000, radius=10.0, random_state=0)
        self.few = self.points[:2000]

    def time_convert_100k_poincare_to_klein(self):
        hk.convert(self.points, "poincare", "klein")

    def time_distance_100k_pairs(self):
        hk.distance(self.points, self.points[::-1])

    def time_pairwise_distances_2000(self):
        hk.pairwise_distances(self.few)

    def time_frechet_mean_100k(self):
        hk.frechet_mean(self.points, np.ones(len(self.points)))
