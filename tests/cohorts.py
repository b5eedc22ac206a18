"""Cohorts of donors, whose rows lie together."""

import numpy as np

from hyperkit import convert, random_wrapped_normal


def donors(sizes, seed, shift=0.0, effect=0.7):
    """Rows of donors, each around a place of its own, and the number of the donor of each."""
    rng = np.random.RandomState(seed)
    places = effect * rng.normal(size=(len(sizes), 2)) + [shift, 0]
    rows = [
        random_wrapped_normal(size, convert(place, "tangent", "poincare"), scale=0.5, random_state=rng)
        for size, place in zip(sizes, places, strict=True)
    ]
    return np.concatenate(rows), np.repeat(np.arange(len(sizes)), sizes)
