"""`hierarchy.compare`: the table, names and groups that do or do not match, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from named_trees import quietly, random_tree, table_of

import hyperkit as hk
from hyperkit.hierarchy import compare, from_newick, from_parents


def test_each_measure_gives_the_same_whatever_else_is_asked_for():
    pair = random_tree(0), random_tree(1, "inner")
    together = table_of(*pair, measures=["triplets", "splits", "clustering_information"])
    for measure in ("splits", "clustering_information", "triplets"):
        alone = table_of(*pair, measures=measure)
        pd.testing.assert_frame_equal(alone, together.loc[alone.index])


def test_several_trees_stand_side_by_side():
    truth = random_tree(0)
    trees = {"one": random_tree(1), "two": random_tree(2, "inner")}
    table = table_of(truth, trees)
    assert table.index.names == ["measure", "tree"]
    for name, tree in trees.items():
        pd.testing.assert_frame_equal(table.xs(name, level="tree"), table_of(truth, tree))


CELLS = 60
TYPES = [f"type {i % 6}" for i in range(CELLS)]


def cells(seed):
    """A tree of 60 rows in any order; rows of six types alternate."""
    rng = np.random.default_rng(seed)
    parent = [-1, *(int(rng.integers(max(0, i - 9), i)) for i in range(1, CELLS))]
    return from_parents(parent, rng.uniform(0.1, 2, CELLS), names=[f"c{i}" for i in range(CELLS)])


def test_groups_are_compared_by_trees_with_one_node_a_group():
    truth, inferred = cells(0), cells(1)
    table = compare(truth, inferred, TYPES)
    small = compare(truth.condense(TYPES), inferred.condense(TYPES))
    by_group = ["shared_groups", *(name for name in table.index if name.startswith(("spl", "rob", "clu", "anc")))]
    assert table.loc[by_group, "value"].tolist() == pytest.approx(
        small["value"].rename({"shared_names": "shared_groups"})[by_group].tolist(), nan_ok=True
    )
    assert (table.loc[by_group[1:], "among"] == "6 groups").all()
    plain = compare(truth, inferred)
    for name in ("depth_spearman", "cophenetic_correlation"):
        assert table.loc[name, "value"] == plain.loc[name, "value"]
        assert table.loc[name, "among"] == "60 names"
    numbers = [tree.condense(range(CELLS)) for tree in (truth, inferred)]
    assert compare(*numbers, dict(enumerate(TYPES))).loc["shared_groups", "value"] == 6
    by_name = compare(truth, inferred, dict(zip([f"c{i}" for i in range(CELLS)], TYPES, strict=True)))
    series = compare(truth, inferred, pd.Series(TYPES, index=[f"c{i}" for i in range(CELLS)]))
    for other in (by_name, series, compare(truth, inferred, pd.Categorical(TYPES))):
        pd.testing.assert_frame_equal(other, table)


def test_a_truth_of_groups_is_compared_with_groups():
    truth = from_parents([-1, 0, 0, 1, 1, 2, 2], names=["", *(f"type {i}" for i in range(6))])
    inferred = cells(1)
    table = compare(truth, inferred, TYPES)
    small = compare(truth, inferred.condense(TYPES))
    purity = table.loc["dendrogram_purity"]
    expected = compare(cells(0), inferred, TYPES, measures="purity").loc["dendrogram_purity"]
    assert purity[["value", "baseline"]].tolist() == pytest.approx(expected[["value", "baseline"]].tolist())
    kept = table.drop(index=["dendrogram_purity", "shared_names"]).rename(index={"shared_groups": "shared_names"})
    assert kept["value"].tolist() == pytest.approx(small["value"].tolist(), nan_ok=True)
    assert table.loc[["shared_names", "shared_groups"], "value"].tolist() == [60, 6]


def test_few_groups_leave_what_needs_four_missing_with_the_reason():
    table = compare(cells(0), cells(1), np.arange(CELLS) % 2)
    assert (table.loc[["splits_f1", "ancestors_f1"], "note"] == "fewer than 4 groups").all()
    assert table.loc["triplets_right", "note"] == "triplets are of three groups, and there are 2"
    assert table.loc["dendrogram_purity", "value"] > 0


def test_names_that_not_all_trees_have_are_counted_and_said():
    truth = from_newick("((a,b)clade,(c,(d,e)),x1,x2);")
    inferred = from_newick("((a,b),((c,d),e),y,);")
    said = (
        "3 names, such as 'clade', of truth; the name 'y' of inferred and 1 without a name among the leaves of inferred"
    )
    with pytest.warns(UserWarning, match=f"compared by what the trees share; left out are {said}") as caught:
        table = compare(truth, inferred)
    assert caught[0].filename == __file__
    assert table.loc["shared_names", "value"] == 5
    assert table.loc["shared_names", "note"] == f"left out: {said}"
    pd.testing.assert_series_equal(
        table["value"], compare(from_newick("((a,b),(c,(d,e)));"), from_newick("((a,b),((c,d),e));"))["value"]
    )


def test_what_says_nothing_has_the_reason():
    star, tree = from_newick("(a,b,c,d,e);"), from_newick("((a,b),(c,d),e);")
    table = compare(star, tree)
    assert table["value"].iloc[1:].isna().tolist() == [True] * 4 + [False] + [True] * 8
    assert (table["note"] != "").all()
    against = compare(tree, star)
    assert against.loc["splits_recall", "value"] == against.loc["splits_f1", "value"] == 0
    assert against.loc["triplets_unresolved", "value"] == 1
    assert compare(star, star)["value"].iloc[1:].isna().all()


def test_above_1000_names_clustering_information_is_missing_with_the_reason():
    parent = np.arange(-1, 1_500) // 2
    parent[0] = -1
    tree = from_parents(parent[:1_200])
    row = compare(tree, tree, measures="clustering_information").loc["clustering_information_distance"]
    assert np.isnan(row["value"])
    assert row["note"] == "not computed above 1,000 names: time grows with the cube"


def test_what_cannot_be_compared_is_refused():
    tree = from_newick("((a,b),(c,d));")
    with pytest.raises(ValueError, match=r"truth: two nodes, 2 and 5, have the name 'a'; give nodes different names"):
        compare(quietly("((a,b),(a,d));"), tree)
    with pytest.raises(ValueError, match=r"inferred: two nodes, 1 and 4, have the name '95'.*inner_labels"):
        compare(tree, quietly("((a,b)95,(c,d)95);"))
    with pytest.raises(ValueError, match=r"the trees share 2 names, and .* 4: truth has 'a', 'b', 'c', ..., inferred"):
        compare(tree, from_newick("((a,b),(x,y));"))
    with pytest.raises(TypeError, match=r"truth is a str; give a Hierarchy: from_newick"):
        compare("((a,b),(c,d));", tree)
    with pytest.raises(TypeError, match=r"two is a SteinerTree; give a Hierarchy: from_newick, from_steiner"):
        compare(tree, {"one": tree, "two": hk.HyperSteiner().fit(np.eye(2) / 2).tree_})
    for wrong in ({}, {"truth": tree}):
        with pytest.raises(ValueError, match="inferred: give one hierarchy or more, by names other than 'truth'"):
            compare(tree, wrong)
    for measures in ("splat", ["splits", "splat"], 3):
        with pytest.raises(ValueError, match=r"measures=.* must be one of 'splits', .*, or several of them"):
            compare(tree, tree, measures=measures)
    with pytest.raises(ValueError, match="measures: purity is of groups; give groups too"):
        compare(tree, tree, measures="purity")


def test_groups_that_do_not_fit_are_refused():
    one, other = from_newick("((a,b),(c,d));"), from_newick("((d,b),(c,a));")
    with pytest.raises(ValueError, match="'a' is row 0 of truth and row 3 of inferred; give a mapping from names"):
        compare(one, other, list("xxyy"))
    with pytest.raises(ValueError, match="groups has no label for 'd', and for 0 others: give all one"):
        compare(one, other, {"a": 1, "b": 1, "c": 2})
    with pytest.raises(ValueError, match=r"groups: row 1 is missing \(None\)"):
        compare(one, one, ["x", None, "y", "y"])
    with pytest.raises(ValueError, match=r"groups has shape \(3,\); the table of the trees has 4 rows"):
        compare(one, one, list("xxy"))
    with pytest.raises(ValueError, match="groups: the label of 'b' is empty; give it another"):
        compare(one, one, ["x", "", "y", "y"])
    with pytest.raises(TypeError, match="groups is a masked array"):
        compare(one, one, np.ma.array(list("xxyy")))
