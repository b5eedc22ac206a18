"""Questions to hierarchies and hierarchies made from them, against networkx and slow ways."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from hierarchies import chain, check_order, graph, path_lengths, random_tree, row_distances, splits, star, trees
from hypothesis import given, settings
from hypothesis import strategies as st

from hyperkit.hierarchy import from_newick, from_parents
from hyperkit.hierarchy._parents import in_preorder

few = settings(max_examples=40, deadline=None)


def directed(tree):
    return nx.DiGraph((int(tree.parent[node]), node) for node in range(1, len(tree)))


@given(trees())
@few
def test_lca_depth_distance_and_path_are_those_of_networkx(tree):
    every = np.arange(len(tree))
    expected = dict(nx.all_pairs_lowest_common_ancestor(directed(tree)))
    lca = tree.lca(every[:, None], every)
    for (a, b), top in expected.items():
        assert lca[a, b] == lca[b, a] == top
    np.testing.assert_allclose(tree.distance(every[:, None], every), path_lengths(tree), atol=1e-12)
    steps = nx.single_source_shortest_path_length(graph(tree), 0)
    assert tree.depth.tolist() == [steps[node] for node in every]
    for a, b in ((0, len(tree) - 1), (len(tree) - 1, 1), (1, 1)):
        assert tree.path(a, b).tolist() == nx.shortest_path(graph(tree), a, b)
    for node in every:
        assert tree.ancestors(node).tolist() == nx.shortest_path(graph(tree), node, 0)[1:]


def test_nodes_are_numbers_or_labels_and_rows_have_numbers_of_their_own():
    tree = random_tree(12, 0)
    for row, node in zip(tree.rows, tree.node_of_rows, strict=True):
        assert tree.row[node] == row
        assert tree.node_of(row) == tree.node_of(f"row {row}") == node
    labels = [f"row {row}" for row in tree.rows]
    assert tree.lca(labels, "row 0").tolist() == tree.lca(tree.node_of(tree.rows), tree.node_of(0)).tolist()
    assert tree.node_of([]).shape == (0,)
    assert tree.lca(0, 3).shape == ()


@pytest.mark.parametrize(
    ("given_nodes", "error", "message"),
    [
        ("z", ValueError, "a: 'z' is the label of no node"),
        (["one", "twin"], ValueError, r"a: 'twin' is the label of 2 nodes \(the first are \[2, 3\]\); give a number"),
        ("", ValueError, "a: '' is the label of no node"),
        ([0, 9], ValueError, "a: 9 is no node; the hierarchy has nodes 0 to 4"),
        (-1, ValueError, "a: -1 is no node"),
        ([0.0], TypeError, "a: 0.0 is neither the number of a node nor a label; give whole numbers such as 0, not 0.0"),
        ([True, False], TypeError, "a: True is neither .*; numpy.flatnonzero"),
        (None, TypeError, "a: None is neither the number of a node nor a label"),
        ([0, None], TypeError, "a: None is neither"),
        ([0, "one"], TypeError, "a has numbers and labels; give numbers of nodes or labels, not both at once"),
        (["one", 1.5], TypeError, "a: 1.5 is neither"),
        ([True, "one"], TypeError, "a: True is neither"),
        ([[0, 1], [2]], TypeError, "a has rows of several lengths"),
        (np.ma.array([1]), TypeError, "a is a masked array"),
    ],
)
def test_what_is_no_node_is_named(given_nodes, error, message):
    tree = from_parents([-1, 0, 0, 0, 0], names=["root", "one", "twin", "twin", "two"])
    with pytest.raises(error, match=message):
        tree.lca(given_nodes, 0)


def test_one_node_is_one_node():
    tree = from_parents([-1, 0, 0])
    for call in (tree.ancestors, tree.subtree, tree.root_at):
        with pytest.raises(TypeError, match=r"has shape \(2,\); give one number or label"):
            call([0, 1])


@given(trees(support=True), st.integers(0, 2**32 - 1))
@few
def test_pruned_trees_keep_the_distances_of_their_rows(tree, seed):
    keep = np.random.default_rng(seed).permutation(tree.rows)[: 1 + seed % tree.n_rows]
    pruned = tree.prune(keep=keep)
    check_order(pruned)
    assert pruned.rows.tolist() == sorted(keep.tolist())
    among = np.isin(tree.rows, keep)
    np.testing.assert_allclose(row_distances(pruned), row_distances(tree)[np.ix_(among, among)], atol=1e-9)
    bare = (pruned.row < 0) & (np.bincount(pruned.parent[1:], minlength=len(pruned)) < 2)
    assert not bare.any()
    dropped = tree.prune(drop=np.setdiff1d(tree.rows, keep))
    assert dropped.parent.tolist() == pruned.parent.tolist()
    if len(keep) == tree.n_rows:  # only nodes that part nothing have gone
        before, after = splits(tree), splits(pruned)
        assert all(before[side] == after[side] for side in before if side and 0 < len(side) < len(keep))


def test_prune_takes_rows_to_keep_or_rows_to_drop():
    tree = from_parents([-1, 0, 0], names=["a", "b", "c"])
    assert tree.prune(keep="b").names.tolist() == ["b"]
    for rows in ({}, {"keep": [0], "drop": [1]}):
        with pytest.raises(ValueError, match="give one of the two"):
            tree.prune(**rows)
    with pytest.raises(ValueError, match="keep: no row is left"):
        tree.prune(keep=[])
    with pytest.raises(ValueError, match="drop: no row is left"):
        tree.prune(drop=["a", "b", "c"])
    with pytest.raises(ValueError, match="drop: 'd' is the label of no node"):
        tree.prune(drop=["a", "d"])


@given(trees(support=True))
@few
def test_collapsed_trees_have_the_supported_splits_and_all_depths(tree):
    collapsed = tree.collapse(support=0.5)
    check_order(collapsed)
    assert collapsed.rows.tolist() == tree.rows.tolist()
    np.testing.assert_allclose(
        collapsed.distance_from_root[collapsed.node_of_rows], tree.distance_from_root[tree.node_of_rows], atol=1e-12
    )
    inner = ~collapsed.is_leaf[1:]
    assert (collapsed.support[1:][inner] >= 0.5).all()
    strong = {
        frozenset(tree.row[node : node + tree.size[node]].tolist()) - {-1}
        for node in range(1, len(tree))
        if tree.support[node] >= 0.5 and not tree.is_leaf[node]
    }
    left = {
        frozenset(collapsed.row[node : node + collapsed.size[node]].tolist()) - {-1}
        for node in range(1, len(collapsed))
        if not collapsed.is_leaf[node]
    }
    # An inner row below a strong edge whose own subtree is weak stands beside what was below it.
    assert left <= strong
    short = tree.collapse(length=0.3)
    long = short.length > 0.3
    on_top = np.flatnonzero(short.parent == 0)
    if len(on_top) == 2 and short.row[0] < 0:  # one edge, but for the root
        long[on_top] = short.length[on_top].sum() > 0.3
    assert long[1:][~short.is_leaf[1:]].all()


@pytest.mark.parametrize("supports", ["0.4 0.9", "0.9 0.4", "nan 0.4", "0.4 nan", "0.4 0.4"])
def test_both_edges_at_a_root_of_two_branches_go_or_stay(supports):
    tree = from_newick("((a:1,b:1)L:0.4,(c:1,d:1)R:0.4);")
    support = np.full(len(tree), np.nan)
    support[tree.node_of(["L", "R"])] = [float(value) for value in supports.split()]
    tree = replace(tree, support=support)
    assert tree.collapse(support=0.5).to_newick() == "(a:1.4,b:1.4,c:1.4,d:1.4);"
    assert len(tree.collapse(support=0.4)) == len(tree)
    assert tree.collapse(length=0.8).to_newick() == "(a:1.4,b:1.4,c:1.4,d:1.4);"
    assert len(tree.collapse(length=0.7)) == len(tree)


def test_a_split_that_is_weak_on_one_side_of_the_root_goes():
    tree = from_newick("((a:1,b:1)0.4:1,(c:1,d:1)0.9:1);", inner_labels="support")
    assert tree.collapse(support=0.5).to_newick() == "(a:2.0,b:2.0,c:2.0,d:2.0);"
    # At a root of three branches, or at one that is a row, edges are splits of their own.
    three = from_newick("((a:1,b:1)0.4:1,(c:1,d:1)0.9:1,e:1);", inner_labels="support")
    assert three.collapse(support=0.5).to_newick() == "(a:2.0,b:2.0,(c:1.0,d:1.0):1.0,e:1.0);"
    row = in_preorder(three.parent[:7], three.length[:7], np.array([4, -1, 0, 1, -1, 2, 3]), three.names[:7])
    assert len(replace(row, support=three.support[:7]).collapse(support=0.5)) == 6


@given(trees(), st.floats(0, 2))
@few
def test_snapping_moves_distances_by_no_more_than_the_edges_that_go(tree, tau):
    snapped = tree.snap(tau)
    check_order(snapped)
    assert snapped.rows.tolist() == tree.rows.tolist()
    assert np.abs(row_distances(snapped) - row_distances(tree)).max() <= 2 * tau + 1e-9
    top = tree.parent
    short = tree.is_leaf & (top >= 0) & (tree.length <= tau) & (tree.row[top] < 0)
    assert len(snapped) == len(tree) - len(np.unique(top[short]))


@given(trees())
@few
def test_a_subtree_is_the_node_with_all_below(tree):
    for node in range(len(tree)):
        part = tree.subtree(node)
        check_order(part)
        assert part.row.tolist() == tree.row[node : node + tree.size[node]].tolist()
        np.testing.assert_allclose(path_lengths(part)[0], path_lengths(tree)[node, node : node + tree.size[node]])


@given(trees(least=3, most=15), st.integers(1, 3))
@few
def test_two_clusters_part_at_the_widest_gap_for_their_numbers_of_rows(tree, min_size):
    ways = {}
    for node in range(1, len(tree)):
        below = np.isin(tree.rows, tree.row[node : node + tree.size[node]])
        inside, outside = below.sum(), (~below).sum()
        if min(inside, outside) >= min_size:
            # Edges that part the rows in the same way are one, with the rows on either side drawn together.
            side = frozenset(tree.rows[below ^ below[0]].tolist())
            weight = tree.length[node] * np.sqrt(inside * outside / tree.n_rows)
            ways[side] = ways.get(side, 0.0) + weight
    if not ways:
        why = "n_clusters=2: .*, the tree falls into 1 pieces|min_size=. while the hierarchy has . rows"
        with pytest.raises(ValueError, match=why):
            tree.cut(2, min_size=min_size)
        return
    clusters = tree.cut(2, min_size=min_size)
    assert np.bincount(clusters).min() >= min_size
    found = frozenset(tree.rows[clusters != clusters[0]].tolist())
    assert ways[found] == pytest.approx(max(ways.values()), abs=1e-9)


@given(trees(least=6), st.integers(2, 4), st.integers(0, 100))
@few
def test_where_the_root_is_plays_no_part_in_a_number_of_clusters(tree, k, number):
    if k > tree.n_rows:
        return
    clusters = tree.cut(k)
    for root in (int(tree.rows[number % tree.n_rows]), "min_variance", "midpoint"):
        again = tree.root_at(root).cut(k)
        same = clusters[:, None] == clusters
        assert (same == (again[:, None] == again)).all() or (tree.length[1:] == 0).any()


@given(trees(), st.floats(0, 4), st.integers(1, 3))
@few
def test_clusters_at_a_height_are_the_pieces_beyond_it(tree, height, min_size):
    if min_size > tree.n_rows:
        with pytest.raises(ValueError, match=f"min_size={min_size} while the hierarchy has {tree.n_rows} rows"):
            tree.cut(height=height, min_size=min_size)
        return
    clusters = tree.cut(height=height, min_size=min_size)
    assert clusters.shape == (tree.n_rows,)
    assert np.unique(clusters).tolist() == list(range(clusters.max() + 1))
    if min_size == 1:
        pieces = graph(tree)
        away = tree.distance_from_root
        pieces.remove_edges_from([(a, b) for a, b in pieces.edges if (away[a] > height) != (away[b] > height)])
        expected = {frozenset(tree.row[list(piece)].tolist()) - {-1} for piece in nx.connected_components(pieces)}
        found = {frozenset(tree.rows[clusters == k].tolist()) for k in np.unique(clusters)}
        assert found == expected - {frozenset()}
    else:
        assert np.bincount(clusters).min() >= min_size


@given(trees(least=3), st.integers(0, 2**32 - 1), st.integers(1, 4))
@few
def test_a_type_is_where_the_sum_of_distances_to_its_rows_is_least(tree, seed, k):
    labels = np.random.default_rng(seed).integers(k, size=tree.n_rows)
    condensed = tree.condense(labels)
    check_order(condensed)
    names = np.unique(labels).astype(str)
    assert condensed.names[condensed.node_of_rows].tolist() == names.tolist()
    everywhere = path_lengths(tree)[:, tree.node_of_rows]
    apart = row_distances(condensed)
    medians = []
    for label in np.unique(labels):
        sums = everywhere[:, labels == label].sum(axis=1)
        medians.append(np.flatnonzero(sums <= sums.min() + 1e-9))
    between = path_lengths(tree)
    for a, nodes in enumerate(medians):
        for b, others in enumerate(medians):
            assert np.abs(between[np.ix_(nodes, others)] - apart[a, b]).min() <= 1e-9


def test_types_come_in_the_order_of_their_categories_and_missing_ones_are_named():
    tree = from_parents([-1, 0, 0, 0])
    labels = pd.Categorical(["x", "x", "b", "a"], categories=["x", "b", "a", "unused"])
    assert tree.condense(labels).names[tree.condense(labels).node_of_rows].tolist() == ["x", "b", "a"]
    with pytest.raises(ValueError, match="labels: entry 1 is missing"):
        tree.condense(["a", None, "b", "b"])
    with pytest.raises(ValueError, match=r"labels has shape \(3,\); the hierarchy has 4 rows"):
        tree.condense(["a", "b", "b"])


def test_two_labels_that_are_written_alike_are_no_two_nodes_of_one_name():
    tree = from_parents([-1, 0, 0, 0])
    for labels in ([1, "1", 2, 2], pd.Series([1, "1", 2, 2], dtype=object)):
        with pytest.raises(ValueError, match="labels: 1 and '1' would be of one name; give labels of one type"):
            tree.condense(labels)
    assert tree.condense([1, 1.0, np.int64(2), 2]).n_rows == 2


@given(trees(least=3), st.integers(0, 2**32 - 1))
@few
def test_the_median_of_rows_has_the_least_sum_of_distances_to_them(tree, seed):
    rows = np.random.default_rng(seed).choice(tree.rows, size=1 + seed % tree.n_rows)  # some twice
    sums = path_lengths(tree)[:, tree.node_of(rows)].sum(axis=1)
    assert sums[tree.median(rows)] <= sums.min() + 1e-9
    labels = np.random.default_rng(seed).integers(2, size=tree.n_rows)
    condensed = tree.condense(labels)
    medians = [tree.median(tree.rows[labels == label]) for label in np.unique(labels)]
    apart = tree.distance(medians[0], medians[-1])
    assert condensed.distance(condensed.node_of(0), condensed.node_of(condensed.rows[-1])) == pytest.approx(apart)


def test_the_median_of_nothing_is_refused():
    tree = from_parents([-1, 0, 0], names=["a", "b", "c"])
    assert tree.median("b") == tree.node_of("b")
    with pytest.raises(ValueError, match="rows is empty"):
        tree.median([])
    with pytest.raises(ValueError, match="rows: 3 is no row"):
        tree.median([3])


def test_a_place_without_rows_is_in_no_cluster():
    names = np.array(["", "", "", "a", "b", "c"], dtype=object)
    tree = in_preorder(np.array([-1, 0, 0, 1, 1, 2]), np.ones(6), np.array([-1, -1, -1, 0, 1, 2]), names)
    assert tree.cut(height=0.5).tolist() == [0, 0, 1]
    assert tree.cut(height=1.5).tolist() == [0, 1, 2]
    # The last row alone is too few, and stays with the trunk, that has no other rows.
    assert tree.cut(height=0.5, min_size=2).tolist() == [0, 0, 0]


def test_too_few_rows_about_the_root_go_across_the_shortest_edge_that_is_cut():
    # c and d are farther away than e and f, but their edge is the shortest.
    tree = from_newick("(stem:0.5,(a:3,b:3):9,(c:9,d:9):2,(e:1,f:1):4);")
    clusters = tree.cut(height=1.5, min_size=2)
    assert clusters[0] == clusters[3] == clusters[4]
    assert len(np.unique(clusters)) == 3


@pytest.mark.parametrize("way", [{"n_clusters": 1}, {"height": 1.0}])
def test_clusters_of_more_rows_than_there_are_are_refused(way):
    tree = from_newick("((a:1,b:1):1,(c:1,d:1):1);")
    assert tree.cut(**way, min_size=4).tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match="min_size=50 while the hierarchy has 4 rows"):
        tree.cut(**way, min_size=50)


@pytest.mark.parametrize("terminals", ["leaves", "nodes"])
def test_snapping_brings_inner_rows_back_that_newick_has_hung_out(terminals):
    tree = random_tree(40, 5, inner_rows=0.6, zeros=0.0)
    read = from_newick(tree.to_newick(terminals=terminals), terminals=terminals)
    back = read.snap(0.0)
    assert len(back) == len(tree)
    among = back.node_of(tree.names[tree.node_of_rows])
    np.testing.assert_allclose(back.distance(among[:, None], among), row_distances(tree), atol=1e-12)


@pytest.mark.parametrize(
    "call",
    [
        lambda tree, hide: tree.root_by_time(hide(np.arange(5))),
        lambda tree, hide: tree.root_at("outgroup", outgroup=hide(np.arange(2))),
        lambda tree, hide: tree.prune(keep=hide(np.arange(2))),
        lambda tree, hide: tree.condense(hide(np.arange(5))),
        lambda tree, hide: tree.node_of(hide(np.arange(2))),
    ],
)
def test_masked_arrays_are_refused(call):
    for hide in (np.ma.array, lambda array: [*np.ma.array(array, mask=array == 0)]):
        with pytest.raises(TypeError, match="is a masked array; drop or fill the masked rows"):
            call(from_parents([-1, 0, 0, 1, 1]), hide)


@pytest.mark.parametrize("value", [True, "1", np.nan, -1, [0.5], None])
def test_heights_lengths_and_counts_are_numbers(value):
    tree = random_tree(12, 0, support=True)
    calls = {
        "tau": lambda: tree.snap(value),
        "min_size": lambda: tree.cut(2, min_size=value),
        "n_clusters": lambda: tree.cut(value),
        "height": lambda: tree.cut(height=value),
        "length": lambda: tree.collapse(length=value),
        "support": lambda: tree.collapse(support=value),
    }
    for name, call in calls.items():
        with pytest.raises(ValueError, match=rf"^{name}=.* must be |give one of the two"):
            call()


def test_times_are_one_finite_number_a_row_and_not_all_equal():
    tree = from_parents([-1, 0, 0])
    with pytest.raises(ValueError, match=r"times has shape \(2,\); the hierarchy has 3 rows"):
        tree.root_by_time([0, 1])
    with pytest.raises(ValueError, match="times are all 1: they say nothing about the root"):
        tree.root_by_time([1, 1, 1])
    with pytest.raises(ValueError, match=r"times: row 1 is nan; times must be finite \(1 are not\)"):
        tree.root_by_time([0, np.nan, 1])


@pytest.mark.parametrize("make", [chain, star])
def test_chains_and_stars_of_twenty_thousand_nodes_are_answered(make):
    tree = make(20_000)
    a, b = np.random.default_rng(1).integers(20_000, size=(2, 1000))
    top = tree.lca(a, b)
    assert top.tolist() == (np.minimum(a, b) if make is chain else np.where(a == b, a, 0)).tolist()
    assert len(tree.path(5, 19_999)) == (19_995 if make is chain else 3)
    assert len(np.unique(tree.cut(10))) == 10
    assert tree.cut(height=0.5).shape == (tree.n_rows,)
    labels = np.arange(tree.n_rows) // 100
    assert tree.condense(labels).n_rows == labels.max() + 1
    assert len(tree.prune(keep=np.arange(0, tree.n_rows, 2))) in (tree.n_rows // 2, tree.n_rows // 2 + 1, 10_001)
    assert len(tree.snap(0.1)) <= len(tree)
    assert tree.collapse(length=0.5).n_rows == tree.n_rows
    assert len(tree.subtree(1)) == (19_999 if make is chain else 1)
