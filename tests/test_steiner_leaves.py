"""`HyperSteiner(leaves=True)`: every row a tip, the topology from points with long pendant edges."""

import networkx as nx
import numpy as np
import pytest
from test_hierarchy_joining import binary_tree, noisy, row_distances

import hyperkit as hk
from hyperkit.geometry import ball_distance_matrix
from hyperkit.hierarchy import consensus, from_steiner, neighbor_joining
from hyperkit.hierarchy._split_keys import splits
from hyperkit.models import to_ball
from hyperkit.steiner._leaves import raised


def points_of(tree, d=5):
    """Points of hyperbolic space that embed the rows of a tree."""
    return hk.HyperbolicMDS(d, metric="precomputed", weight_power=2, n_init=2).fit(tree).embedding_


def split_keys(tree):
    found = splits(tree, tree.row, tree.n_rows)
    return set(found.key[(found.n_aside > 1) & (found.n_aside < tree.n_rows - 1)].tolist())


@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_raised_points_have_the_distances_that_the_docstring_says(d):
    points = to_ball(hk.random_wrapped_normal(20, np.zeros(d), scale=2.0, random_state=d))
    found, height = raised(points), 10.0
    assert found.d == d + 1
    before = ball_distance_matrix(points, points)
    expected = 2 * np.arcsinh(np.cosh(height) * np.sinh(before / 2))
    np.testing.assert_allclose(ball_distance_matrix(found, found), expected, rtol=1e-6, atol=1e-6)


def test_points_near_the_rim_are_raised_less_and_stay_inside():
    turns = np.arange(7) * 2 * np.pi / 7
    points = to_ball(33.0 * np.column_stack([np.cos(turns), np.sin(turns)]), "tangent")
    found = raised(points)
    assert (np.linalg.norm(found.z, axis=1) < 1).all()
    assert (found.gap > 0).all()


@pytest.mark.parametrize("method", ["greedy", "local"])
@pytest.mark.parametrize("d", [1, 2, 3, 5])
def test_every_row_is_a_tip_of_a_tree_through_all(method, d):
    points = hk.random_uniform_ball(40, d, radius=4.0, random_state=d)
    steiner = hk.HyperSteiner(method=method, leaves=True).fit(points)
    tree = steiner.tree_
    assert nx.is_tree(tree.to_networkx())
    assert (np.bincount(tree.edges.ravel())[:40] == 1).all()
    assert steiner.method_used_ == method
    np.testing.assert_array_equal(steiner.points_, points)
    # Lengths are those between the true places.
    ends = tree.points[tree.edges]
    np.testing.assert_allclose(tree.lengths, hk.distance(ends[:, 0], ends[:, 1]), rtol=1e-9, atol=1e-12)


def test_the_tree_is_laid_out_where_it_is_shortest():
    points = hk.random_uniform_ball(30, 2, radius=4.0, random_state=3)
    tree = hk.HyperSteiner(leaves=True).fit(points).tree_
    again = hk.HyperSteiner(init=tree.edges, fixed_topology=True).fit(points)
    assert tree.length == pytest.approx(again.length_, rel=1e-9)
    assert tree.length >= hk.HyperSteiner().fit(points).length_ * (1 - 1e-9)


@pytest.mark.parametrize("n", [1, 2, 3])
def test_a_few_rows(n):
    points = hk.random_uniform_ball(n, 2, random_state=0)
    tree = hk.HyperSteiner(leaves=True).fit(points).tree_
    assert tree.n_terminals == n
    assert len(tree.edges) == len(tree.points) - 1
    assert np.bincount(tree.edges.ravel(), minlength=1)[:n].max() <= 1


def test_repeated_rows_are_tips_side_by_side():
    points = hk.random_uniform_ball(12, 2, radius=3.0, random_state=0)
    tree = hk.HyperSteiner(leaves=True).fit(np.concatenate([points, points[:3], points[:1]])).tree_
    assert nx.is_tree(tree.to_networkx())
    assert (np.bincount(tree.edges.ravel())[:16] == 1).all()
    distance = dict(nx.all_pairs_dijkstra_path_length(tree.to_networkx(), weight="length"))
    # Where it meets a terminal, a Steiner point is as near as smoothing leaves it.
    assert [distance[0][12], distance[0][15]] == pytest.approx([0, 0], abs=1e-5)
    all_in_one = hk.HyperSteiner(leaves=True).fit(np.tile(points[0], (4, 1))).tree_
    assert all_in_one.length == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("model", ["klein", "hyperboloid", "halfspace", "tangent"])
def test_models_curvatures_and_isometries_change_nothing(model):
    points = hk.random_wrapped_normal(25, [0.0, 0.0], scale=1.5, random_state=4)
    expected = hk.HyperSteiner(leaves=True).fit(points)
    other = hk.HyperSteiner(model, leaves=True).fit(hk.convert(points, "poincare", model))
    assert other.length_ == pytest.approx(expected.length_, rel=1e-9)
    moved = hk.HyperSteiner(leaves=True).fit(hk.translate(points, [0.6, 0.5]))
    assert moved.length_ == pytest.approx(expected.length_, rel=1e-8)
    curved = hk.HyperSteiner(curvature=-4.0, leaves=True).fit(points / 2)
    assert curved.length_ == pytest.approx(expected.length_ / 2, rel=1e-9)


def test_of_phylogenies_it_finds_more_than_the_shortest_tree_and_about_what_neighbour_joining_finds():
    shares = []
    for seed in range(3):
        truth = binary_tree(40, seed)
        points = points_of(noisy(row_distances(truth), 0.2, seed))
        trees = [from_steiner(hk.HyperSteiner(leaves=leaves).fit(points).tree_) for leaves in (True, False)]
        trees.append(neighbor_joining(points))
        true = split_keys(truth)
        shares.append([2 * len(true & split_keys(tree)) / (len(true) + len(split_keys(tree))) for tree in trees])
    leaves, plain, joined = np.mean(shares, axis=0)
    assert leaves > 0.7
    assert leaves > plain - 0.02
    assert leaves > joined - 0.05


def test_what_leaves_does_not_go_with_is_said():
    points = [[0.5, 0.0], [-0.3, 0.4], [-0.3, -0.4]]
    with pytest.raises(ValueError, match=r"leaves=True takes the topology .* leave out init"):
        hk.HyperSteiner(init=[[0, 3], [1, 3], [2, 3]], leaves=True).fit(points)
    with pytest.raises(ValueError, match=r"leaves=True takes the topology .* leave out method='exact'"):
        hk.HyperSteiner(method="exact", leaves=True).fit(points)
    with pytest.raises(ValueError, match=r"leaves=True: .* fit to all rows again"):
        hk.HyperSteiner(leaves=True).fit(points).insert(points)


def test_the_consensus_of_a_steiner_tree_is_the_tree():
    points = hk.random_wrapped_normal(30, [0.0, 0.0], scale=2.0, random_state=4)
    tree = from_steiner(hk.HyperSteiner(leaves=True).fit(points).tree_)
    assert split_keys(consensus([tree])) == split_keys(tree)
