"""Steiner trees of rows that are nearly the same."""

import time

import numpy as np
import pytest
from test_steiner import assert_spans

from hyperkit import HyperSteiner
from hyperkit.steiner.local import _local


def near_rows(seed, d, radius):
    """20 to 60 rows about a few centres at polar `radius`, each coordinate 0 to 8 ulps off."""
    rng = np.random.default_rng(seed)
    n, most = int(rng.integers(20, 60)), [1, 2, 2, 8][seed % 4]
    centre = rng.normal(size=(n // 5, d))
    centre /= np.linalg.norm(centre, axis=1, keepdims=True)
    centre *= np.tanh(radius * rng.uniform(0.5, 1, size=(len(centre), 1)) / 2)
    rows = centre[rng.integers(len(centre), size=n)]
    return rows + rng.integers(-most, most + 1, size=rows.shape) * np.spacing(np.abs(rows))


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("radius", [0.5, 3.0, 12.0, 30.0])
def test_rows_a_few_roundings_apart_are_fitted_in_little_more_time_than_by_greedy(d, radius):
    for seed in range(9, 18):
        X = near_rows(seed, d, radius)
        HyperSteiner().fit(X[:9])  # compiles and loads what both need
        begin = time.process_time()
        greedy = HyperSteiner(method="greedy").fit(X)
        middle = time.process_time()
        local = HyperSteiner().fit(X)
        assert time.process_time() - middle <= 20 * (middle - begin) + 5
        assert_spans(local.tree_, len(X))
        assert local.length_ <= greedy.length_ * (1 + 1e-14)


@pytest.mark.filterwarnings("ignore:method=.exact. has proven only")
@pytest.mark.parametrize("d", [2, 3])
def test_rows_a_few_roundings_apart_are_fitted_by_every_method(d):
    for seed in (15, 16, 17):
        X = near_rows(seed, d, 3.0)
        for options in ({"method": "thorough", "time_limit": 0.5}, {"method": "exact", "time_limit": 0.5}):
            steiner = HyperSteiner(**options).fit(X)
            assert_spans(steiner.tree_, len(X))
            assert steiner.length_ <= steiner.mst_length_ * (1 + 1e-14)


@pytest.mark.parametrize("options", [{"method": "local"}, {"method": "thorough", "n_restarts": 1}, {"method": "exact"}])
def test_search_that_comes_to_its_bound_says_so_once_at_the_users_line(monkeypatch, options):
    X = np.random.default_rng(0).uniform(-0.6, 0.6, size=(8, 2))
    monkeypatch.setattr(_local, "_MOST_LOOKS", 1)
    with pytest.warns(UserWarning, match="stopped at its bound") as caught:
        steiner = HyperSteiner(**options).fit(X)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    assert_spans(steiner.tree_, 8)
