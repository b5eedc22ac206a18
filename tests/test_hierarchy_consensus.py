"""Splits, support and consensus, against sets of Python and DendroPy."""

from dataclasses import replace

import numpy as np
import pytest
from hierarchies import chain, random_tree, star
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperkit.hierarchy import bootstrap, consensus, from_newick, from_parents, stability
from hyperkit.hierarchy._consensus import majority, with_support
from hyperkit.hierarchy._split_keys import rows_aside, splits


def sets_of_rows(tree):
    """By edge: rows on the side without row 0, with the lengths of all edges that make the split."""
    rows, n = [set() for _ in range(len(tree))], tree.n_rows
    for node in range(len(tree) - 1, -1, -1):
        if tree.row[node] >= 0:
            rows[node].add(int(tree.row[node]))
        if node:
            rows[tree.parent[node]] |= rows[node]
    lengths = {}
    for node in range(1, len(tree)):
        aside = frozenset(rows[node] if 0 not in rows[node] else set(range(n)) - rows[node])
        if aside:
            lengths[aside] = lengths.get(aside, 0.0) + float(tree.length[node])
    return lengths


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(0, 2**31), st.sampled_from([0.0, 0.5]))
def test_splits_are_the_sets_of_rows_beyond_edges(n, seed, inner_rows):
    tree = random_tree(n, seed, inner_rows=inner_rows)
    found = splits(tree, tree.row, tree.n_rows)
    sides = [frozenset(rows_aside(tree, tree.row, int(node)).tolist()) for node in found.node]
    expected = sets_of_rows(tree)
    assert set(sides) == set(expected)
    assert len(sides) == len(expected)
    for side, length, size in zip(sides, found.length, found.n_aside, strict=True):
        assert length == pytest.approx(expected[side])
        assert size == len(side)


def some_trees(n_trees, n_rows, seed):
    """Trees of leaves that have much in common: regrafted here and there."""
    rng = np.random.default_rng(seed)
    from hierarchies import row_distances
    from test_hierarchy_joining import binary_tree, noisy

    from hyperkit.hierarchy import neighbor_joining

    distances = row_distances(binary_tree(n_rows, seed))
    return [neighbor_joining(noisy(distances, 0.15, rng.integers(2**31)), metric="precomputed") for _ in range(n_trees)]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("threshold", [0.5, 0.8])
def test_the_consensus_has_the_splits_that_most_trees_have_with_their_mean_lengths(seed, threshold):
    trees = some_trees(9, 15, seed)
    found = consensus(trees, threshold=threshold)
    sets = [sets_of_rows(tree) for tree in trees]
    every = set().union(*sets)
    expected = {side: [one[side] for one in sets if side in one] for side in every}
    expected = {side: lengths for side, lengths in expected.items() if len(lengths) / 9 > threshold}
    assert set(sets_of_rows(found)) == set(expected)
    for side, length in sets_of_rows(found).items():
        assert length == pytest.approx(np.mean(expected[side]))
    of_node = splits(found, found.row, 15)
    for node, split in enumerate(of_node.of_node):
        side = frozenset(rows_aside(found, found.row, node).tolist())
        if split >= 0 and 1 < len(side) < 14:
            assert found.support[node] == len(expected[side]) / 9
        else:
            assert np.isnan(found.support[node])


@pytest.mark.parametrize("seed", range(3))
def test_the_consensus_is_that_of_dendropy(seed):
    dendropy = pytest.importorskip("dendropy")
    trees = some_trees(8, 12, seed)
    given_trees = dendropy.TreeList(taxon_namespace=dendropy.TaxonNamespace())
    for tree in trees:
        given_trees.read(data="[&U]" + tree.to_newick(), schema="newick")
    ours = dendropy.Tree.get(
        data="[&U]" + consensus(trees).to_newick(), schema="newick", taxon_namespace=given_trees.taxon_namespace
    )
    # DendroPy takes a share of one half too, which is no majority.
    theirs = given_trees.consensus(min_freq=0.5 + 1e-9)
    assert dendropy.calculate.treecompare.symmetric_difference(ours, theirs) == 0


def test_rows_that_most_trees_have_inside_are_inside():
    inside, outside = (from_newick(text, terminals="nodes") for text in ("((a,b)c,d);", "(((a,b),c),d);"))
    trees = [inside, inside, outside]
    assert [tree.n_rows for tree in trees] == [4, 4, 4]
    found = consensus(trees)
    node = found.node_of("c")
    assert not found.is_leaf[node]
    assert found.names[found.is_leaf].tolist().count("c") == 0
    found = consensus([inside, outside, outside])
    assert found.is_leaf[found.node_of("c")]


def test_several_rows_that_no_majority_places_hang_on_one_node_at_length_zero():
    trees = [from_parents([-1, 0, 1, 2, 3], names=list(order)) for order in ("abcde", "acbde", "aebcd")]
    found = consensus(trees)
    assert sorted(found.names[found.row >= 0]) == list("abcde")
    assert found.n_rows == 5


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 25), st.integers(0, 2**31), st.sampled_from([0.0, 0.5]))
def test_the_consensus_of_one_tree_has_its_splits(n, seed, inner_rows):
    tree = random_tree(n, seed, inner_rows=inner_rows)
    if tree.n_rows < 2:
        return
    expected, found = sets_of_rows(tree), sets_of_rows(consensus([tree, tree, tree]))
    assert set(found) <= set(expected) | {frozenset([row]) for row in range(tree.n_rows)} | {
        frozenset(range(1, tree.n_rows))
    }
    for side, length in expected.items():
        assert found[side] == pytest.approx(length)


def test_support_is_the_share_of_trees_that_have_a_split_wherever_they_are_rooted():
    trees = some_trees(10, 14, 5)
    whole = trees[0].root_at("midpoint")
    turned = [tree.root_at(str(k % 14)) for k, tree in enumerate(trees)]
    names = whole.names[whole.node_of_rows]
    found = with_support(whole, whole.row, [splits(tree, tree.row, 14) for tree in turned], 14)
    sets = [set(sets_of_rows(tree)) for tree in trees]
    for node in range(1, len(found)):
        side = frozenset(rows_aside(found, found.row, node).tolist())
        if 1 < len(side) < 13:
            assert found.support[node] == np.mean([side in one for one in sets])
        else:
            assert np.isnan(found.support[node])
    one, other = majority(trees, [tree.row for tree in trees], names), majority(turned, [t.row for t in turned], names)
    assert set(sets_of_rows(one)) == set(sets_of_rows(other))


@pytest.mark.parametrize("make", [chain, star])
def test_chains_and_stars_of_20_000_nodes_have_a_consensus(make):
    tree = make(20_000)
    found = consensus([tree, tree])
    assert found.n_rows == tree.n_rows
    assert found.distance_from_root.max() > 0


def test_trees_over_other_rows_are_refused():
    tree = from_parents([-1, 0, 0], names=["a", "b", "c"])
    with pytest.raises(ValueError, match=r"hierarchies\[1\] has a row 'd', which hierarchies\[0\] has not"):
        consensus([tree, from_parents([-1, 0, 0], names=["a", "b", "d"])])
    with pytest.raises(ValueError, match=r"hierarchies\[1\] has 0 rows named 'c'"):
        consensus([tree, from_parents([-1, 0], names=["a", "b"])])
    with pytest.raises(ValueError, match=r"several rows are named 'a'"):
        consensus([from_parents([-1, 0, 0], names=["a", "a", "d"])])
    bare = replace(tree, row=np.full(3, -1))
    for k in (0, 1):
        with pytest.raises(ValueError, match=rf"hierarchies\[{k}\] has no rows"):
            consensus([*[tree] * k, bare, bare])
    with pytest.raises(ValueError, match="hierarchies is empty"):
        consensus([])


def test_one_row_and_one_group_have_no_splits_and_no_error():
    data = np.random.default_rng(0).normal(size=(8, 20))
    with pytest.warns(UserWarning, match="groups has 1 different labels: no split parts two from two, which takes 4"):
        of_one_group = bootstrap(data, groups=["a"] * 8, n_replicates=2)
    for result in (
        bootstrap(data[:1], n_replicates=2),
        of_one_group,
        stability([[0.1, 0.2]], scale=0.1, n_replicates=2),
    ):
        assert result.hierarchy.n_rows == result.consensus.n_rows == 1
        assert np.isnan(result.hierarchy.support).all()
