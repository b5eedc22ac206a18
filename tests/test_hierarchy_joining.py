"""Hierarchies by neighbour joining and linkage, against scikit-bio, scipy and the definitions."""

import numpy as np
import pytest
from hierarchies import random_tree, row_distances
from scipy.cluster import hierarchy as scipy_hierarchy
from scipy.spatial.distance import squareform

import hyperkit as hk
from hyperkit import hierarchy
from hyperkit.hierarchy import _distances_of_rows, linkage, neighbor_joining

skbio = pytest.importorskip("skbio")


def binary_tree(n_leaves, seed):
    """A random tree whose leaves are the rows, inner nodes with two children, edges of 0.2 to 1."""
    rng = np.random.default_rng(seed)
    parent, leaves = [-1], [0]
    while len(leaves) < n_leaves:
        node = leaves.pop(int(rng.integers(len(leaves))))
        leaves += [len(parent), len(parent) + 1]
        parent += [node, node]
    lengths = rng.uniform(0.2, 1, len(parent))
    row = np.full(len(parent), -1)
    row[leaves] = rng.permutation(n_leaves)
    names = np.array([str(k) if k >= 0 else "" for k in row], dtype=object)
    return hierarchy._parents.in_preorder(np.array(parent), lengths, row, names)


def noisy(distances, scale, seed):
    noise = np.triu(np.exp(scale * np.random.default_rng(seed).normal(size=distances.shape)), 1)
    made = distances * (noise + noise.T)
    return (made + made.T) / 2


def skbio_tree(distances):
    return skbio.tree.nj(skbio.DistanceMatrix(distances, [str(i) for i in range(len(distances))]))


def as_skbio(tree):
    return skbio.TreeNode.read([tree.to_newick()])


@pytest.mark.parametrize("n", [3, 4, 5, 12, 40])
@pytest.mark.parametrize("seed", range(3))
def test_a_tree_is_found_from_its_distances_with_its_lengths(n, seed):
    distances = row_distances(binary_tree(n, seed))
    np.testing.assert_allclose(row_distances(neighbor_joining(distances, metric="precomputed")), distances, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_noisy_distances_give_the_topology_of_scikit_bio(seed):
    distances = noisy(row_distances(binary_tree(30, seed)), 0.2, seed)
    found, expected = as_skbio(neighbor_joining(distances, metric="precomputed")), skbio_tree(distances)
    assert found.compare_rfd(expected) == 0


@pytest.mark.parametrize("seed", range(5))
def test_lengths_are_those_of_scikit_bio_where_it_has_none_below_zero(seed):
    distances = noisy(row_distances(binary_tree(12, seed)), 0.02, seed)
    expected = skbio_tree(distances)
    lengths = [node.length for node in expected.traverse() if node.length is not None]
    assert min(lengths) > 0
    found = row_distances(neighbor_joining(distances, metric="precomputed"))
    matrix = expected.tip_tip_distances()
    ids = [str(i) for i in range(12)]
    np.testing.assert_allclose(found, matrix.filter(ids).data, rtol=1e-9)


def test_a_length_below_zero_becomes_zero_and_the_pair_keeps_its_distance():
    # Row 0 is nearer to all others than row 1 by more than the two are apart.
    distances = np.array([[0, 1, 4, 4], [1, 0, 6, 6], [4, 6, 0, 2], [4, 6, 2, 0]], dtype=float)
    tree = neighbor_joining(distances, metric="precomputed")
    length = tree.length[tree.node_of_rows]
    assert length[:2].tolist() == [0.0, 1.0]
    assert (tree.length >= 0).all()


def test_points_and_their_distances_give_the_same_tree():
    points = hk.random_wrapped_normal(25, [0.0, 0.0, 0.0], scale=2.0, random_state=0)
    distances = hk.pairwise_distances(points, curvature=-0.25)
    found = neighbor_joining(points, curvature=-0.25)
    assert found.curvature == -0.25
    np.testing.assert_allclose(row_distances(found), row_distances(neighbor_joining(distances, metric="precomputed")))


@pytest.mark.parametrize("make", [neighbor_joining, linkage])
def test_one_two_and_three_rows_are_trees(make):
    for n in (1, 2, 3):
        points = hk.random_uniform_ball(n, 2, random_state=0)
        tree = make(points)
        assert tree.n_rows == n
        assert tree.is_leaf.sum() == n
    one, other = make(hk.random_uniform_ball(2, 2, random_state=0)).length[1:]
    assert one == other > 0


@pytest.mark.parametrize("make", [neighbor_joining, linkage])
def test_names_are_those_of_the_frame_and_the_input_stays_as_it_is(make):
    pandas = pytest.importorskip("pandas")
    names = ["ape", "man", "rat", "mouse"]
    distances = row_distances(binary_tree(4, 0))
    frame = pandas.DataFrame(distances, index=names, columns=names)
    tree = make(frame, metric="precomputed")
    assert tree.names[tree.node_of_rows].tolist() == names
    np.testing.assert_array_equal(frame.to_numpy(), row_distances(binary_tree(4, 0)))
    assert make(distances, metric="precomputed", names=list("abcd")).names.tolist().count("a") == 1


@pytest.mark.parametrize("make", [neighbor_joining, linkage])
def test_what_does_not_fit_into_memory_is_refused_with_the_figure(make, monkeypatch):
    monkeypatch.setattr(_distances_of_rows, "physical_memory", lambda: 1e4)
    with pytest.raises(ValueError, match=r"X has 50 rows: \d float64 matrices .* at most \d\d rows fit"):
        make(hk.random_uniform_ball(50, 2, random_state=0))


@pytest.mark.parametrize("make", [neighbor_joining, linkage])
def test_what_is_no_matrix_of_distances_is_refused(make):
    with pytest.raises(ValueError, match="X: entry -1 in row 0, column 1 is negative"):
        make([[0, -1], [-1, 0]], metric="precomputed")
    with pytest.raises(ValueError, match="not square"):
        make([[0, 1, 2], [1, 0, 2]], metric="precomputed")
    with pytest.raises(ValueError, match="X has shape"):
        make(np.zeros((0, 2)))
    with pytest.raises(TypeError, match="give a table of distances"):
        make([["a", "b"], ["b", "a"]], metric="precomputed")


@pytest.mark.parametrize("method", ["single", "complete", "average", "weighted"])
def test_rows_meet_at_the_heights_of_scipy(method):
    points = hk.random_wrapped_normal(30, [0.0, 0.0], scale=2.0, random_state=1)
    distances = hk.pairwise_distances(points)
    tree = linkage(points, method)
    expected = squareform(
        scipy_hierarchy.cophenet(scipy_hierarchy.linkage(squareform(distances, checks=False), method))
    )
    np.testing.assert_allclose(row_distances(tree), expected, rtol=1e-9)
    np.testing.assert_allclose(np.ptp(tree.distance_from_root[tree.is_leaf]), 0, atol=1e-12)


def e_distance(distances, a, b):
    """Székely and Rizzo's e-distance of two sets of rows."""
    between = 2 * distances[np.ix_(a, b)].mean() - distances[np.ix_(a, a)].mean() - distances[np.ix_(b, b)].mean()
    return len(a) * len(b) / (len(a) + len(b)) * between


def test_ward_joins_the_clusters_with_the_least_e_distance():
    points = hk.random_wrapped_normal(12, [0.0, 0.0], scale=1.5, random_state=2)
    distances = hk.pairwise_distances(points)
    clusters, expected = [[row] for row in range(12)], np.zeros((12, 12))
    while len(clusters) > 1:
        pairs = [(a, b) for i, a in enumerate(clusters) for b in clusters[:i]]
        a, b = min(pairs, key=lambda pair: e_distance(distances, *pair))
        expected[np.ix_(a, b)] = expected[np.ix_(b, a)] = np.array(e_distance(distances, a, b))
        clusters = [c for c in clusters if c not in (a, b)] + [a + b]
    np.testing.assert_allclose(row_distances(linkage(points, "ward")), expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("method", ["centroid", "median"])
def test_linkages_by_means_that_are_no_points_are_not_offered(method):
    with pytest.raises(ValueError, match=f"method='{method}' must be one of 'single'"):
        linkage([[0.0, 0.1], [0.2, 0.0]], method)


def test_trees_with_inner_rows_have_what_neighbour_joining_makes_of_them():
    # All rows become leaves; those that were inside hang there at length 0.
    tree = random_tree(40, 3, inner_rows=0.5, zeros=0.0)
    distances = row_distances(tree)
    found = neighbor_joining(distances, metric="precomputed")
    np.testing.assert_allclose(row_distances(found), distances, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("join", [neighbor_joining, linkage])
def test_a_matrix_without_rows_is_named(join):
    with pytest.raises(ValueError, match=r"X has shape \(0, 0\); give a table of at least one row"):
        join(np.zeros((0, 0)), metric="precomputed")
