"""Where hierarchies are rooted, against every place tried, networkx and scikit-bio."""

import numpy as np
import pandas as pd
import pytest
from hierarchies import chain, check_order, path_lengths, random_tree, row_distances, splits, star, trees
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

import hyperkit as hk
from hyperkit.hierarchy import from_newick, from_parents, from_steiner
from hyperkit.hierarchy._parents import in_preorder

few = settings(max_examples=40, deadline=None)


def from_places(tree, shares):
    """Distances of the rows from the points at these shares of every edge, the shortest way, one row a point."""
    lengths = path_lengths(tree)[:, tree.node_of_rows]
    lower, upper = lengths[1:], lengths[tree.parent[1:]]
    whole = tree.length[1:, None]
    return np.concatenate([np.minimum(lower + t * whole, upper + (1 - t) * whole) for t in shares])


def of_root(tree):
    return tree.distance_from_root[tree.node_of_rows]


@given(trees())
@few
def test_no_place_has_less_variance_than_min_variance(tree):
    rooted = tree.root_at("min_variance")
    least = from_places(tree, np.linspace(0, 1, 21)).var(axis=1).min()
    assert of_root(rooted).var() <= least + 1e-9 * max(of_root(rooted).max() ** 2, 1e-300)


@given(trees())
@few
def test_midpoint_is_half_of_the_longest_path(tree):
    rooted = tree.root_at("midpoint")
    assert of_root(rooted).max() == pytest.approx(row_distances(tree).max() / 2, rel=1e-9)


@given(trees(support=True), st.sampled_from(["min_variance", "midpoint", "row"]), st.integers(0, 100))
@few
def test_rootings_of_a_tree_have_the_same_splits_lengths_and_support(tree, how, number):
    rooted = tree.root_at(int(tree.rows[number % tree.n_rows]) if how == "row" else how)
    check_order(rooted)
    np.testing.assert_allclose(row_distances(rooted), row_distances(tree), rtol=1e-9, atol=1e-9)
    if np.count_nonzero(tree.parent == 0) > 1 or tree.row[0] >= 0:  # else the stem goes
        assert rooted.length.sum() == pytest.approx(tree.length.sum(), rel=1e-9)
    assert rooted.names[rooted.node_of_rows].tolist() == tree.names[tree.node_of_rows].tolist()
    before, after = splits(tree), splits(rooted)
    for side in before.keys() | after.keys():
        if side:  # edges with all rows on one side may go or come
            assert before[side] == after[side]


@given(trees())
@few
def test_rooting_twice_changes_nothing(tree):
    once = tree.root_at()
    twice = once.root_at()
    np.testing.assert_allclose(of_root(twice), of_root(once), atol=1e-9 * (1 + of_root(once).max()))


def test_midpoint_is_that_of_scikit_bio():
    skbio = pytest.importorskip("skbio")
    tree = random_tree(60, 3, zeros=0.0, chain=0.0)
    text = [""] * len(tree)
    for node in range(len(tree) - 1, 0, -1):
        inner = f"({text[node].rstrip(',')})" if text[node] else ""
        text[tree.parent[node]] += f"{inner}{tree.names[node].replace(' ', '_')}:{float(tree.length[node])!r},"
    other = skbio.TreeNode.read(
        [f"({text[0].rstrip(',')});"], format="newick", convert_underscores=False
    ).root_at_midpoint()
    rooted = tree.root_at("midpoint")
    for node in np.flatnonzero(rooted.is_leaf):
        tip = other.find(rooted.names[node].replace(" ", "_"))
        assert tip.distance(other) == pytest.approx(rooted.distance_from_root[node], rel=1e-9)


def test_two_rootings_of_cells_have_robinson_foulds_0():
    skbio = pytest.importorskip("skbio")
    cells = hk.datasets.load_krumsiek11()
    tree = from_steiner(hk.HyperSteiner(method="greedy").fit(cells.embedding).tree_)
    one, other = (
        skbio.TreeNode.read([tree.root_at(root).to_newick()], format="newick", convert_underscores=False)
        for root in ("midpoint", 17)
    )
    assert one.count(tips=True) == other.count(tips=True) == 640
    assert one.compare_rfd(other, rooted=False) == 0
    some = [str(row) for row in range(0, 640, 40)]
    np.testing.assert_allclose(
        one.cophenet(endpoints=some).filter(some).data, tree.distance(*np.ix_(some, some)), rtol=1e-12, atol=1e-12
    )


@given(trees(least=4), st.data())
@few
def test_an_outgroup_hangs_from_the_middle_of_its_edge(tree, data):
    node = data.draw(st.integers(1, len(tree) - 1))
    outgroup = tree.row[node : node + tree.size[node]]
    outgroup = outgroup[outgroup >= 0]
    if len(outgroup) == tree.n_rows:
        return
    rooted = tree.root_at("outgroup", outgroup=outgroup)
    parts = [
        set(rooted.row[child : child + rooted.size[child]].tolist()) - {-1}
        for child in np.flatnonzero(rooted.parent == 0)
    ]
    again = rooted.root_at("outgroup", outgroup=outgroup)
    np.testing.assert_allclose(of_root(again), of_root(rooted), atol=1e-9)
    if rooted.row[0] < 0:
        assert set(outgroup.tolist()) in parts or set(tree.rows.tolist()) - set(outgroup.tolist()) in parts


def test_rows_that_no_edge_parts_are_no_outgroup():
    tree = from_parents([-1, 0, 0, 1, 1, 2, 2], names=list("rxyabcd"))
    with pytest.raises(ValueError, match="outgroup: no edge parts these 2 rows from the other 5"):
        tree.root_at("outgroup", outgroup=["a", "c"])
    with pytest.raises(ValueError, match="outgroup has all rows"):
        tree.root_at("outgroup", outgroup=list("rxyabcd"))
    with pytest.raises(ValueError, match="outgroup is empty"):
        tree.root_at("outgroup", outgroup=[])
    with pytest.raises(ValueError, match="root='midpoint', outgroup='a'"):
        tree.root_at("midpoint", outgroup="a")
    with pytest.raises(ValueError, match="root='outgroup', outgroup=None"):
        tree.root_at("outgroup")


@given(trees(), st.integers(0, 2**32 - 1), st.booleans())
@few
def test_no_place_follows_time_better_than_root_by_time(tree, seed, tied):
    rng = np.random.default_rng(seed)
    times = of_root(tree) + rng.normal(size=tree.n_rows) if not tied else rng.integers(3, size=tree.n_rows)
    if np.ptp(times) == 0:
        return
    rooted = tree.root_by_time(times)
    check_order(rooted)
    values = from_places(tree, [0, 1]).round(9)
    at_nodes = [spearmanr(row, times)[0] if np.ptp(row) else 0.0 for row in values]
    distances = of_root(rooted).round(9)
    found = spearmanr(distances, times)[0] if np.ptp(distances) else 0.0
    assert found >= max(at_nodes, default=0.0) - 1e-9


@pytest.mark.parametrize("bad", [np.nan, np.inf, None, pd.NA])
def test_a_time_that_is_no_number_is_named_as_what_it_is(bad):
    tree = from_parents([-1, 0, 0, 0])
    with pytest.raises(
        ValueError, match=r"times: row 2 is .*; times must be finite \(1 are not\): take those rows off"
    ):
        tree.root_by_time(pd.array([0, 1, bad, 3]) if bad is pd.NA else np.array([0, 1, bad, 3], dtype=float))


@given(trees(support=True), st.integers(0, 2**32 - 1))
@few
def test_every_node_can_be_the_root(tree, seed):
    node = seed % len(tree)
    rooted = tree.root_at(node=node)
    check_order(rooted)
    np.testing.assert_allclose(of_root(rooted), path_lengths(tree)[node, tree.node_of_rows], atol=1e-9)
    np.testing.assert_allclose(row_distances(rooted), row_distances(tree), atol=1e-9)
    if tree.row[node] >= 0:
        assert rooted.to_newick() == tree.root_at(int(tree.row[node])).to_newick()


def test_a_node_is_a_root_by_label_too_and_not_beside_another_root():
    tree = from_newick("((a:1,b:1)midpoint:3,c:1);")
    assert tree.root_at(node="midpoint").names[0] == "midpoint"
    for other in ({"root": "midpoint"}, {"root": 0}, {"root": None}, {"outgroup": "a"}):
        with pytest.raises(ValueError, match=r"node=1.*: give one of root and node"):
            tree.root_at(node=1, **other)
    with pytest.raises(ValueError, match="node: 9 is no node"):
        tree.root_at(node=9)
    with pytest.raises(TypeError, match="root: None is neither the number of a row nor a label"):
        tree.root_at(None)


def test_ties_of_root_by_time_go_to_the_shorter_tree():
    # All places beyond the stem order the rows a, b by their times.
    tree = in_preorder(
        np.array([-1, 0, 1, 1]),
        np.array([0.0, 5.0, 1.0, 2.0]),
        np.array([-1, -1, 0, 1]),
        np.array(["", "x", "a", "b"], dtype=object),
    )
    rooted = tree.root_by_time([0, 1])
    assert of_root(rooted)[1] < 2
    assert of_root(rooted)[0] < of_root(rooted)[1]


def test_a_root_inside_an_edge_lies_on_its_geodesic():
    points = np.array([[0.0, 0.0], [0.6, 0.1], [-0.3, 0.5]])
    for model in hk.models.MODELS:
        X = hk.convert(points, "poincare", model)
        lengths = np.array([0.0, *hk.distance(X[[1, 2]], X[[0, 0]], model=model)])
        tree = in_preorder(
            np.array([-1, 0, 0]), lengths, np.arange(3), np.array(list("abc"), dtype=object), points=X, model=model
        )
        rooted = tree.root_at("midpoint")
        ends = hk.distance(rooted.points[[0, 0]], X[[1, 2]], model=model)
        away = rooted.distance_from_root[rooted.node_of_rows]
        nearest = np.argmin(np.abs(ends - away[[1, 2]]))
        assert ends[nearest] == pytest.approx(away[[1, 2]][nearest], rel=1e-9)
        np.testing.assert_allclose(rooted.points[rooted.node_of_rows], X)


def test_frechet_is_the_place_nearest_to_the_mean():
    X = hk.random_uniform_ball(20, random_state=0)
    edges, lengths = hk.minimum_spanning_tree(X)
    parent, length = np.full(20, -1), np.zeros(20)
    seen = {0}
    while len(seen) < 20:
        for (a, b), value in zip(edges.tolist(), lengths, strict=True):
            for one, other in ((a, b), (b, a)):
                if one in seen and other not in seen:
                    parent[other], length[other] = one, value
                    seen.add(other)
    names = np.array([str(i) for i in range(20)], dtype=object)
    tree = in_preorder(parent, length, np.arange(20), names, points=X, model="poincare")
    rooted = tree.root_at("frechet")
    mean = hk.frechet_mean(X)
    fine = np.concatenate([hk.geodesic(X[a], X[b], np.linspace(0, 1, 200)) for a, b in edges])
    assert hk.distance(rooted.points[0], mean) <= hk.distance(fine, mean).min() + 1e-9
    with pytest.raises(ValueError, match="root='frechet' needs the places of the nodes"):
        from_parents([-1, 0]).root_at("frechet")


@pytest.mark.parametrize("make", [chain, star])
def test_chains_and_stars_of_twenty_thousand_nodes_are_rooted(make):
    tree = make(20_000)
    for how in ("min_variance", "midpoint", 7, "11"):
        rooted = tree.root_at(how)
        assert rooted.length.sum() == pytest.approx(tree.length.sum())
        assert len(rooted) - len(tree) in (-1, 0, 1)
    away = of_root(tree)
    assert spearmanr(of_root(tree.root_by_time(away)), away)[0] > 0.999


def test_an_unnamed_old_root_with_two_branches_goes_and_its_edges_become_one():
    row, names = np.array([-1, -1, 0, 1, 2]), np.array(["", "", "a", "b", "c"], dtype=object)
    tree = in_preorder(
        np.array([-1, 0, 1, 1, 0]), np.array([0, 1.0, 2, 3, 4]), row, names, support=np.array([np.nan, 0.4, 1, 1, 0.7])
    )
    rooted = tree.root_at("a")
    assert len(rooted) == 4
    assert rooted.names[0] == "a"
    assert float(rooted.distance("a", "c")) == 7
    assert rooted.support[rooted.node_of("c")] == 0.7
    named = in_preorder(tree.parent, tree.length, row, np.array(["root", "", "a", "b", "c"], dtype=object))
    assert len(named.root_at("a")) == 5
