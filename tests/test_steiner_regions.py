"""Large trees searched in regions: the cut, and that the result depends on no number of jobs."""

from _thread import interrupt_main

import numpy as np
import pytest
from rich.progress import Progress
from test_steiner import assert_spans
from test_steiner_search import assert_wide_angles

import hyperkit as hk
from hyperkit import HyperSteiner
from hyperkit.models import BallPoints, to_ball
from hyperkit.steiner._full_tree import FullTree
from hyperkit.steiner._network import Network, to_full
from hyperkit.steiner.kernels.full_tree import measure
from hyperkit.steiner.local import LocalSearch, _local, _regions, neighbor_joining
from hyperkit.steiner.local._regions import beside_others, regions
from hyperkit.steiner.local.kernels.regions import cut

REGION = 60


def trees(n):
    """A bushy full tree over n points, and a caterpillar."""
    points = to_ball(hk.random_wrapped_normal(n, random_state=n), "poincare")
    path = np.column_stack([np.arange(n - 1), np.arange(1, n)])
    none = BallPoints(np.empty((0, 2)), np.empty(0))
    return [neighbor_joining(points), to_full(points, Network(none, path))]


@pytest.fixture
def small_regions(monkeypatch):
    monkeypatch.setattr(_local, "_REGION", REGION)
    monkeypatch.setattr(_local, "_MOST_JOINED", 10)


@pytest.mark.parametrize("n", [50, 333])
@pytest.mark.parametrize("most", [9, 40])
def test_regions_are_connected_parts_that_share_only_what_is_cut_out(n, most):
    for tree in trees(n):
        region = cut(tree.near, most)
        assert (region[: tree.n] >= 0).all()
        sizes = np.bincount(region[region >= 0])
        assert sizes.max() <= most
        assert (region < 0).sum() * most <= len(tree)
        # As many parts as a tree without these nodes falls into.
        out = np.flatnonzero(region < 0)
        among = np.isin(tree.near[out], out).sum() // 2
        assert len(sizes) == 1 + 2 * len(out) - among
        v, k = np.nonzero(tree.near >= 0)
        w = tree.near[v, k]
        inside = (region[v] >= 0) & (region[w] >= 0)
        np.testing.assert_array_equal(region[v][inside], region[w][inside])


@pytest.mark.parametrize("n", [50, 333])
def test_a_region_cut_out_is_a_full_tree_and_put_back_leaves_the_whole_as_it_was(n):
    for tree in trees(n):
        copy = FullTree(*(array.copy() for array in tree.arrays))
        total, seen = 0.0, np.zeros(tree.near.shape, dtype=bool)
        for part in regions(tree, 40):
            own = part.cut_out(tree)
            assert len(own.near) == len(part.nodes) == 2 * own.n - 2
            assert ((own.near >= 0).sum(axis=1) == np.where(np.arange(len(own)) < own.n, 1, 3)).all()
            length = measure(own.arrays)
            total += length
            seen[part.terminals, 0] = seen[part.inside] = True
            part.put_back(own, tree)
        for array, before in zip(tree.arrays, copy.arrays, strict=True):
            np.testing.assert_allclose(array, before, rtol=1e-12, atol=1e-12)
        # Each edge is in one region, but those between what was cut out and regions that are too small.
        v, k = np.nonzero(seen)
        twice = seen[tree.near[v, k], np.argmax(tree.near[tree.near[v, k]] == v[:, None], axis=1)]
        assert total == pytest.approx((tree.lengths[v, k] / (1 + twice)).sum(), rel=1e-12)


def test_the_points_close_to_one_of_a_region_are_those_in_it():
    tree = trees(333)[0]
    close = LocalSearch(BallPoints(tree.z[: tree.n], tree.gap[: tree.n])).close
    for part in regions(tree, 40):
        own = part.close(close)
        assert own.shape == (len(part.terminals) + len(part.ends), close.shape[1])
        for i, row in enumerate(own):
            if i < len(part.terminals):
                there = np.isin(close[part.terminals[i]], part.terminals)
                np.testing.assert_array_equal(part.terminals[row[there]], close[part.terminals[i]][there])
                row = row[~there]
            assert (row == i).all()


def test_what_is_close_to_another_region_is_looked_at_again(monkeypatch):
    monkeypatch.setattr(_regions, "_STEPS", 0)
    tree = trees(333)[0]
    close = LocalSearch(BallPoints(tree.z[: tree.n], tree.gap[: tree.n])).close
    region = cut(tree.near, 40)
    parts = regions(tree, 40)
    beside = beside_others(tree, parts, close)
    assert beside[region < 0].all()
    kept = np.isin(region, np.unique(np.concatenate([region[part.nodes] for part in parts])))
    for i in np.flatnonzero(kept[: tree.n]):
        assert beside[i] == (region[close[i]] != region[i]).any()
    assert 0 < beside[: tree.n].mean() < 1


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.usefixtures("small_regions")
def test_regions_give_the_same_bits_for_any_number_of_jobs(d, monkeypatch):
    X = hk.random_wrapped_normal(500, np.zeros(d), random_state=3)
    first, second = (HyperSteiner(method="local", n_jobs=n_jobs).fit(X) for n_jobs in (1, 2))
    np.testing.assert_array_equal(first.tree_.points, second.tree_.points)
    np.testing.assert_array_equal(first.tree_.edges, second.tree_.edges)
    assert_spans(first.tree_, len(X))
    assert_wide_angles(first)
    monkeypatch.setattr(_local, "_REGION", 10_000)
    whole = HyperSteiner(method="local").fit(X)
    assert first.length_ == pytest.approx(whole.length_, rel=3e-3)


@pytest.mark.parametrize("n_jobs", [1, 2])
@pytest.mark.usefixtures("small_regions")
def test_a_search_in_regions_can_be_interrupted(monkeypatch, n_jobs):
    def interrupt(*_):
        # Raises it in the main thread, which is searching or waits for the others.
        interrupt_main()
        return False

    monkeypatch.setattr(LocalSearch, "_improve_region", interrupt)
    with pytest.raises(KeyboardInterrupt):
        HyperSteiner(method="local", n_jobs=n_jobs).fit(hk.random_wrapped_normal(500, random_state=3))


@pytest.mark.usefixtures("small_regions")
def test_each_pass_over_regions_makes_the_tree_shorter():
    tree = trees(500)[1]
    points = BallPoints(tree.z[: tree.n].copy(), tree.gap[: tree.n].copy())
    search = LocalSearch(points)
    before = measure(search.settled(tree).arrays)
    left = search._improve_regions(tree, Progress(disable=True))
    assert measure(tree.arrays) < before
    assert left.any()
    np.testing.assert_array_equal(tree.z[: tree.n], points.z)


@pytest.mark.usefixtures("small_regions")
def test_rounds_of_escape_make_no_tree_longer(monkeypatch):
    X = hk.random_uniform_ball(120, radius=6.0, random_state=4)
    escaped = HyperSteiner(method="local").fit(X)
    monkeypatch.setattr(_local, "_ESCAPES", 0)
    plain = HyperSteiner(method="local").fit(X)
    assert escaped.length_ < plain.length_
    assert_wide_angles(escaped)
