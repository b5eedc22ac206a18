"""`hierarchy.compare`: every measure against brute force or another library, on small random trees of every kind."""

import itertools
import warnings

import networkx as nx
import numpy as np
import pytest
from scipy.stats import pearsonr, spearmanr
from sklearn.metrics import mutual_info_score

from hyperkit.hierarchy import compare, from_parents

N = 9
KINDS = ("binary", "polytomies", "inner")
SEEDS = range(6)


def random_tree(seed, kind="binary", n=N):
    """A tree with the names t0, ..., t{n - 1} at its tips or anywhere, with single children and dead ends."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    parent, tips = [-1], [0]
    while len(tips) < (n if kind != "inner" else n // 2):
        above = tips.pop(rng.integers(len(tips)))
        for _ in range(2 if kind == "binary" else rng.integers(1, 5)):
            tips.append(len(parent))
            parent.append(above)
    names = [""] * len(parent)
    places = tips[:n] if kind != "inner" else rng.permutation(len(parent))
    for place, taxon in zip(places, rng.permutation(n), strict=False):
        names[place] = f"t{taxon}"
    while names.count("") + n > len(names):  # an inner tree may have fewer nodes than names
        parent.append(int(rng.integers(len(parent))))
        names.append(next(name for name in (f"t{i}" for i in range(n)) if name not in names))
    return from_parents(parent, rng.uniform(0.1, 2, len(parent)), names=names)


def measured(truth, inferred, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compare(truth, inferred, *args, **options)["value"]


def tips_below(tree):
    """Names in the subtree of each node, by the slices of the depth-first order."""
    return [frozenset(name for name in tree.names[i : i + tree.size[i]] if name) for i in range(len(tree))]


def clusters(tree):
    """Clades of the tree in which every name hangs as a tip."""
    names = {frozenset([name]) for name in tree.names if name}
    return names | {clade for clade in tips_below(tree) if clade}


def splits(tree):
    everything = max(clusters(tree), key=len)
    sides = {frozenset([clade, everything - clade]) for clade in clusters(tree)}
    return {split for split in sides if min(map(len, split)) > 1}


def kin(tree, triplet):
    """The two of three names that a clade holds without the third; None if there is no such clade."""
    pairs = [set(pair) for pair in itertools.combinations(triplet, 2)]
    found = [pair for pair in pairs if any(clade & set(triplet) == pair for clade in clusters(tree))]
    return frozenset(found[0]) if found else None


def ancestor_pairs(tree):
    return {
        (tree.names[i], name)
        for i in range(len(tree))
        for name in tree.names[i + 1 : i + tree.size[i]]
        if name and tree.names[i]
    }


def path_lengths(tree):
    graph = nx.Graph()
    graph.add_node(0)
    graph.add_weighted_edges_from(zip(range(1, len(tree)), tree.parent[1:], tree.length[1:], strict=True))
    paths = dict(nx.all_pairs_dijkstra_path_length(graph))
    node = {name: i for i, name in enumerate(tree.names) if name}
    return [paths[node[a]][node[b]] for a, b in itertools.combinations(sorted(node), 2)]


def newick(tree):
    """Every name as a tip."""
    children = {i: np.flatnonzero(tree.parent == i) for i in range(len(tree))}

    def text(node):
        inside = [text(child) for child in children[node]]
        name, length = tree.names[node], f":{tree.length[node]}" if node else ""
        if inside:
            return f"({','.join([f'{name}:0'] * bool(name) + [part for part in inside if part])}){length}"
        return f"{name}{length}" if name else ""

    return text(0) + ";"


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


def test_other_programs_count_the_same_splits(pair):
    skbio, dendropy = pytest.importorskip("skbio"), pytest.importorskip("dendropy")
    from dendropy.calculate import treecompare

    value = measured(*pair, measures="splits")["robinson_foulds"]
    if np.isnan(value):
        return
    texts = [newick(tree) for tree in pair]
    trees = [skbio.TreeNode.read([text]) for text in texts]
    assert value == trees[0].compare_rfd(trees[1], rooted=False)
    taxa = dendropy.TaxonNamespace()
    trees = [
        dendropy.Tree.get(data=f"[&U]{text}", schema="newick", taxon_namespace=taxa, suppress_internal_node_taxa=True)
        for text in texts
    ]
    for tree in trees:
        tree.suppress_unifurcations()
        tree.encode_bipartitions()
    assert value == treecompare.symmetric_difference(*trees)
