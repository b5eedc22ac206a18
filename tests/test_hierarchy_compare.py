"""`hierarchy.compare`: every measure against brute force or another library, on small random trees of every kind."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from named_trees import (
    KINDS,
    SEEDS,
    N,
    ancestor_pairs,
    clusters,
    kin,
    measured,
    newick,
    path_lengths,
    random_tree,
    splits,
    table_of,
)
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mutual_info_score

import hyperkit as hk
from hyperkit.hierarchy import comparison, from_newick, from_parents, from_steiner
from hyperkit.hierarchy.comparison import _triplets as triplet_module
from hyperkit.hierarchy.comparison._lengths import path_lengths as tip_path_lengths
from hyperkit.hierarchy.comparison._lengths import path_lengths_from
from hyperkit.hierarchy.comparison._splits import n_shared
from hyperkit.hierarchy.comparison._tip_tree import LeastBetween, tip_tree

PAIRS = [(kind, other, seed) for kind in KINDS for other in KINDS for seed in SEEDS]


@pytest.fixture(params=PAIRS, ids=lambda pair: "-".join(map(str, pair)))
def pair(request):
    kind, other, seed = request.param
    return random_tree(seed, kind), random_tree(100 + seed, other)


def test_the_trees_of_these_tests_have_the_names_they_should():
    for kind in KINDS:
        for seed in SEEDS:
            assert sorted(name for name in random_tree(seed, kind).names if name) == [f"t{i}" for i in range(N)]


def test_splits_are_those_of_a_list_of_all_splits(pair):
    wanted, found = (splits(tree) for tree in pair)
    shared = len(wanted & found)
    value = measured(*pair, measures="splits")
    if not wanted:
        assert value.iloc[1:].isna().all()
        return
    assert value["splits_recall"] == shared / len(wanted)
    assert np.isnan(value["splits_precision"]) if not found else value["splits_precision"] == shared / len(found)
    assert value["splits_f1"] == pytest.approx(2 * shared / (len(wanted) + len(found)))
    assert value["robinson_foulds"] == len(wanted ^ found)


def test_clustering_information_is_that_of_the_best_of_all_pairings(pair):
    names = [f"t{i}" for i in range(N)]
    sides = [[[name in min(split, key=sorted) for name in names] for split in splits(tree)] for tree in pair]
    few, many = sorted(sides, key=len)
    told = [[mutual_info_score(a, b) for b in many] for a in few]
    pairings = itertools.permutations(range(len(many)), len(few))
    best = max(sum(told[i][j] for i, j in enumerate(pairing)) for pairing in pairings)
    total = sum(mutual_info_score(side, side) for side in few + many)
    value = measured(*pair, measures="clustering_information")["clustering_information_distance"]
    assert value == pytest.approx((total - 2 * best) / total, abs=1e-12) if total else np.isnan(value)


def test_triplets_are_those_of_a_list_of_all_triplets(pair):
    truth, inferred = pair
    answers = [(kin(truth, t), kin(inferred, t)) for t in itertools.combinations([f"t{i}" for i in range(N)], 3)]
    answers = [(wanted, found) for wanted, found in answers if wanted]
    shares = [
        np.mean([wanted == found for wanted, found in answers]),
        np.mean([bool(found) and wanted != found for wanted, found in answers]),
        np.mean([not found for _, found in answers]),
    ]
    value = measured(truth, inferred, measures="triplets")
    assert value.iloc[1:].tolist() == pytest.approx(shares)


def test_ancestors_are_those_of_a_list_of_all_pairs(pair):
    wanted, found = (ancestor_pairs(tree) for tree in pair)
    value = measured(*pair, measures="ancestors")
    if not wanted:
        assert value.iloc[1:].isna().all()
        return
    shared = len(wanted & found)
    assert np.isnan(value["ancestors_precision"]) if not found else value["ancestors_precision"] == shared / len(found)
    assert value["ancestors_recall"] == shared / len(wanted)
    assert value["ancestors_f1"] == 2 * shared / (len(wanted) + len(found))


def test_depth_and_paths_correlate_as_scipy_says(pair):
    depths = []
    for tree in pair:
        nodes = sorted((name, i) for i, name in enumerate(tree.names) if name)
        depths.append([tree.distance_from_root[i] for _, i in nodes])
    value = measured(*pair, measures=["cophenetic", "depth"])
    assert value["depth_spearman"] == pytest.approx(spearmanr(*depths).statistic)
    assert value["cophenetic_correlation"] == pytest.approx(pearsonr(*map(path_lengths, pair)).statistic)


def test_units_of_length_change_no_correlation(pair):
    value = measured(*pair, measures=["cophenetic", "depth"])
    for unit in (1e-100, 1e100):
        scaled = [replace(tree, length=tree.length * unit) for tree in pair]
        again = measured(*scaled, measures=["cophenetic", "depth"])
        np.testing.assert_allclose(again, value, rtol=0, atol=1e-9)


def test_purity_is_the_mean_over_a_list_of_all_pairs(pair):
    _, tree = pair
    groups = {f"t{i}": "abb"[i % 3] + "x" * (i % 2) for i in range(N)}
    shares = []
    for a, b in itertools.combinations(groups, 2):
        if groups[a] == groups[b]:
            smallest = min((clade for clade in clusters(tree) if {a, b} <= clade), key=len)
            shares.append(np.mean([groups[name] == groups[a] for name in smallest]))
    value = measured(*pair, groups, measures="purity")["dendrogram_purity"]
    assert value == pytest.approx(np.mean(shares))


def test_other_programs_count_the_same_splits_and_correlate_the_same_paths(pair):
    skbio, dendropy = pytest.importorskip("skbio"), pytest.importorskip("dendropy")
    from dendropy.calculate import treecompare

    value = measured(*pair, measures="splits")["robinson_foulds"]
    if np.isnan(value):
        return
    texts = [newick(tree) for tree in pair]
    trees = [skbio.TreeNode.read([text]) for text in texts]
    assert value == trees[0].compare_rfd(trees[1], rooted=False)
    correlation = measured(*pair, measures="cophenetic")["cophenetic_correlation"]
    assert (1 - correlation) / 2 == pytest.approx(trees[0].compare_cophenet(trees[1]))
    taxa = dendropy.TaxonNamespace()
    trees = [
        dendropy.Tree.get(data=f"[&U]{text}", schema="newick", taxon_namespace=taxa, suppress_internal_node_taxa=True)
        for text in texts
    ]
    for tree in trees:
        tree.suppress_unifurcations()
        tree.encode_bipartitions()
    assert value == treecompare.symmetric_difference(*trees)


UNROOTED = ["splits", "clustering_information", "cophenetic"]


def same_tree(tree, seed=0, names=None):
    """The tree with its nodes given in another order, so that children are in another order too."""
    order = np.random.default_rng(seed).permutation(len(tree))
    number = np.empty_like(order)
    number[order] = np.arange(len(order))
    parent = np.where(tree.parent[order] >= 0, number[tree.parent[order]], -1)
    return from_parents(parent, tree.length[order], names=(tree.names if names is None else names)[order])


def renamed(tree, names):
    return same_tree(tree, names=np.array([names.get(name, name) for name in tree.names], dtype=object))


@pytest.mark.parametrize("kind", KINDS)
def test_a_tree_has_nothing_against_itself_in_another_order(kind):
    tree = random_tree(3, kind)
    value = measured(tree, same_tree(tree))
    for name in ("splits_f1", "triplets_right", "depth_spearman", "cophenetic_correlation"):
        assert value[name] == pytest.approx(1, abs=1e-12)
    for name in ("robinson_foulds", "clustering_information_distance", "triplets_wrong", "triplets_unresolved"):
        assert value[name] == pytest.approx(0, abs=1e-12)


def test_names_and_the_order_of_children_change_nothing(pair):
    plain = measured(*pair)
    names = {f"t{i}": f"cell {7 * i % N}" for i in range(N)}
    other = measured(*(same_tree(renamed(tree, names), 5) for tree in pair))
    assert other.to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-12, nan_ok=True)


def test_measures_of_unrooted_trees_do_not_see_the_root(pair):
    truth, inferred = pair
    plain = measured(truth, inferred, measures=UNROOTED)
    for root in ("midpoint", "min_variance", "t4"):
        rerooted = measured(truth, inferred.root_at(root), measures=UNROOTED)
        assert rerooted.to_numpy() == pytest.approx(plain.to_numpy(), abs=1e-9, nan_ok=True)
    both = measured(truth, truth.root_at("t2"), measures="splits")
    assert both.isna().any() or both["robinson_foulds"] == 0


def test_exchanged_trees_exchange_precision_and_recall(pair):
    there, back = measured(*pair), measured(*pair[::-1])
    for measure in ("splits", "ancestors"):
        names = [f"{measure}_precision", f"{measure}_recall", f"{measure}_f1"]
        if not (there[names].isna().any() or back[names].isna().any()):
            assert there[names].tolist() == pytest.approx(back[[names[1], names[0], names[2]]].tolist())
    symmetric = ["clustering_information_distance", "depth_spearman", "cophenetic_correlation"]
    assert there[symmetric].to_numpy() == pytest.approx(back[symmetric].to_numpy(), nan_ok=True)


def test_known_values():
    truth = from_newick("((a,b),(c,d));")
    value = measured(truth, from_newick("((a,c),(b,d));"))
    assert value["robinson_foulds"] == 2
    assert value["clustering_information_distance"] == 1
    assert value["triplets_wrong"] == 1
    value = measured(truth, from_newick("(((a,b),c),d);"))
    assert value["robinson_foulds"] == 0
    assert value["triplets_right"] == 0.5
    # ab|cde and abc|de: entropies of 2 of 5, and by hand .8 log2(5/3) + .2 log2(5/9) bits in common.
    value = measured(from_newick("((a,b),c,d,e);"), from_newick("((a,b,c),d,e);"))
    told, entropy = 0.8 * np.log2(5 / 3) + 0.2 * np.log2(5 / 9), -0.4 * np.log2(0.4) - 0.6 * np.log2(0.6)
    assert value["clustering_information_distance"] == pytest.approx(1 - told / entropy)
    assert value["splits_f1"] == 0


def test_the_least_of_any_stretch_is_found():
    values = np.random.default_rng(0).integers(0, 50, 37)
    start, stop = np.array([(i, j) for i in range(37) for j in range(i + 1, 38)]).T
    assert LeastBetween(values)(start, stop).tolist() == [values[i:j].min() for i, j in zip(start, stop, strict=True)]
    assert LeastBetween(values[:1])(np.array([0]), np.array([1])).tolist() == [values[0]]


@pytest.mark.parametrize("kind", KINDS)
def test_paths_are_as_long_as_networkx_finds_them(kind):
    tree = random_tree(1, kind)
    nodes = np.array([tree.names.tolist().index(f"t{i}") for i in range(N)])
    tips = tip_tree(tree, nodes)
    i, j = np.triu_indices(N, 1)
    assert tip_path_lengths(tips, i, j) == pytest.approx(path_lengths(tree))
    rows = np.array([path_lengths_from(tips, taxon) for taxon in range(N)])
    assert rows[i, j] == pytest.approx(path_lengths(tree))
    assert (np.diag(rows) == 0).all()


def test_samples_of_triplets_and_pairs_agree_with_all_of_them_to_their_standard_error(monkeypatch):
    truth, inferred = random_tree(0, n=60), random_tree(1, "polytomies", n=60)
    every = table_of(truth, inferred, measures=["triplets", "cophenetic"])
    assert every["standard_error"].isna().all()
    monkeypatch.setattr(triplet_module, "_ALL", 10)
    monkeypatch.setattr(comparison._lengths, "_ALL", 10)
    monkeypatch.setattr(comparison._lengths, "_SAMPLE", 1_000)
    sampled = table_of(truth, inferred, measures=["triplets", "cophenetic"])
    off = (sampled["value"] - every["value"]).iloc[1:] / sampled["standard_error"].iloc[1:]
    assert (off.abs() < 4).all()
    assert 0.0003 < sampled["standard_error"]["triplets_right"] < 0.001
    assert 0.01 < sampled["standard_error"]["cophenetic_correlation"] < 0.04


def test_three_groups_count_alike_however_large():
    truth, inferred = random_tree(2, n=14), random_tree(3, "polytomies", n=14)
    groups = {f"t{i}": "aaaaaaaabbbccd"[i] for i in range(14)}
    shares = []
    for three in itertools.combinations("abcd", 3):
        answers = [
            (kin(truth, t), kin(inferred, t))
            for t in itertools.product(*([name for name in groups if groups[name] == group] for group in three))
        ]
        shares.append(
            [
                np.mean([bool(wanted) for wanted, _ in answers]),
                np.mean([bool(wanted) and wanted == found for wanted, found in answers]),
                np.mean([bool(wanted) and not found for wanted, found in answers]),
            ]
        )
    resolved, right, unresolved = np.mean(shares, axis=0)
    table = table_of(truth, inferred, groups, measures="triplets")
    assert table["value"]["triplets_right"] == pytest.approx(right / resolved, abs=0.004)
    assert table["value"]["triplets_unresolved"] == pytest.approx(unresolved / resolved, abs=0.004)
    assert table["value"].filter(like="triplets").sum() == pytest.approx(1)


def test_baselines_are_what_trees_with_names_at_random_get():
    truth, inferred = random_tree(0, "polytomies", n=12), random_tree(1, "inner", n=12)
    groups = {f"t{i}": i % 3 for i in range(12)}
    rng = np.random.default_rng(0)
    chance = []
    for _ in range(150):
        names = dict(zip(groups, (f"t{i}" for i in rng.permutation(12)), strict=True))
        shuffled = renamed(inferred, names)
        measures = ["splits", "clustering_information", "triplets"]
        chance.append(measured(truth, shuffled, measures=measures))
        chance[-1]["dendrogram_purity"] = measured(truth, shuffled, groups, measures="purity")["dendrogram_purity"]
    table = table_of(truth, inferred, measures=["splits", "clustering_information", "triplets"])
    assert (table["baseline_of"].iloc[1:] == "names shuffled").all()
    expected, spread = np.mean(chance, axis=0), np.std(chance, axis=0)
    # The baselines are means of 10 and 3 shuffles; those of triplets are exact.
    assert (abs(table["baseline"].to_numpy()[1:] - expected[1:-1]) <= 4 * spread[1:-1] / np.sqrt(3) + 1e-9).all()
    assert table["baseline"]["triplets_right"] == pytest.approx(expected[-4], abs=4 * spread[-4] / np.sqrt(150))
    purity = table_of(truth, inferred, groups, measures="purity")["baseline"]["dendrogram_purity"]
    assert purity == pytest.approx(expected[-1], abs=4 * spread[-1] / np.sqrt(3))


def test_the_floor_of_ancestors_is_what_the_leaves_below_the_root_get():
    truth = from_parents([-1, 0, 0, 1, 1, 2, 3, 3], names=list("rabcdefg"))
    inferred = from_parents([-1, 0, 1, 1, 0, 4, 2, 5], names=list("rabcdefg"))
    star = from_parents([-1, *[0] * 7], names=list("rabcdefg"))
    table = table_of(truth, inferred, measures="ancestors")
    assert (table["baseline_of"].iloc[1:] == "leaves below the same root").all()
    assert table["baseline"].iloc[1:].tolist() == measured(truth, star, measures="ancestors").iloc[1:].tolist()
    leaves = from_parents([-1, *[0] * 8], names=["", *"rabcdefg"])
    value = table_of(truth, leaves, measures="ancestors")
    assert value["value"].iloc[1:].tolist()[1:] == value["baseline"].iloc[1:].tolist()[1:] == [0, 0]
    assert np.isnan(value["value"]["ancestors_precision"])


@pytest.mark.parametrize(("model", "curvature"), [("poincare", -1.0), ("hyperboloid", -2.5)])
def test_lengths_have_those_without_a_tree_beside_them(model, curvature):
    truth = random_tree(0, "inner", n=12)
    points = hk.random_wrapped_normal(12, random_state=0, model=model, curvature=curvature)
    steiner = hk.HyperSteiner(model, curvature=curvature).fit(points).tree_
    inferred = from_steiner(steiner, names=[f"t{i}" for i in range(12)])
    table = table_of(truth, inferred, measures=["depth", "cophenetic"])
    depth = [truth.distance_from_root[truth.names.tolist().index(f"t{i}")] for i in range(12)]
    direct = hk.distance(points, inferred.points[0], model=model, curvature=curvature)
    assert table["baseline"]["depth_spearman"] == pytest.approx(spearmanr(depth, direct).statistic)
    paths = hk.pairwise_distances(points, model=model, curvature=curvature)
    order = sorted(range(12), key=lambda i: f"t{i}")
    paths = [paths[a, b] for a, b in itertools.combinations(order, 2)]
    assert table["baseline"]["cophenetic_correlation"] == pytest.approx(pearsonr(path_lengths(truth), paths).statistic)


def chain(n):
    return from_parents(np.arange(-1, n - 1), names=[f"c{i}" for i in range(n)])


def star(n):
    return from_parents([-1, *[0] * (n - 1)], names=[f"c{i}" for i in range(n)])


def test_chains_and_stars_of_20000():
    n = 20_000
    line, sun = chain(n), star(n)
    value = measured(line, line)
    pairs = ["splits_f1", "ancestors_f1", "triplets_right", "depth_spearman", "cophenetic_correlation"]
    assert value[pairs].tolist() == pytest.approx([1] * 5)
    value = measured(line, sun)
    assert value["splits_recall"] == 0
    assert value["ancestors_precision"] == 1
    assert value["ancestors_recall"] == 2 / n  # n - 1 pairs of n (n - 1) / 2
    assert value["triplets_unresolved"] == 1
    back = from_parents(np.arange(1, n + 1) % n - (np.arange(n) == n - 1), names=[f"c{i}" for i in range(n)])
    value = measured(line, back)
    assert value[["splits_f1", "cophenetic_correlation"]].tolist() == pytest.approx([1, 1])
    assert value["ancestors_f1"] == value["triplets_right"] == 0
    assert value["depth_spearman"] == pytest.approx(-1)


def test_splits_of_20000_names_are_those_of_sets():
    rng = np.random.default_rng(0)
    parent = [-1, *(int(rng.integers(i)) for i in range(1, 20_000))]
    one = from_parents(parent)
    other = from_parents([*parent[:15_000], *(int(rng.integers(15_000)) for _ in range(5_000))])
    nodes = [np.argsort(tree.names.astype(int)) for tree in (one, other)]
    tips = [tip_tree(tree, at) for tree, at in zip((one, other), nodes, strict=True)]
    word = rng.integers(0, 2**48, 20_000)  # a split by the sums of random words on its sides
    sides = []
    for tree, at in zip((one, other), nodes, strict=True):
        words = np.zeros(len(tree), dtype=np.int64)
        words[at] = word
        total = np.concatenate([[0], np.cumsum(words)])
        below = total[np.arange(len(tree)) + tree.size] - total[:-1]
        below = below[(tree.size > 1) & (tree.size < 20_000 - 1)]
        sides.append({min(side, total[-1] - side) for side in below})
    assert n_shared(*tips) == len(sides[0] & sides[1])
