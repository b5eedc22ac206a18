from itertools import combinations

import networkx as nx
import numpy as np
import pytest

from hyperkit.steiner._concatenation import concatenate


def makes_a_tree(n, members):
    """The components, as paths over their terminals, make a tree over all n."""
    graph = nx.Graph()
    graph.add_nodes_from(range(n))
    for terminals in members:
        graph.add_edges_from(zip(terminals[:-1].tolist(), terminals[1:].tolist(), strict=True))
    return sum(len(terminals) - 1 for terminals in members) == n - 1 and nx.is_connected(graph)


def pool_with_a_path(rng, n, size):
    """Components on random terminals, cheaper for each terminal than the edges of the path 0 1 ... n-1."""
    members = [np.array([i, i + 1]) for i in range(n - 1)]
    while len(members) < size:
        members.append(np.sort(rng.choice(n, rng.integers(2, min(n, 5) + 1), replace=False)))
    lengths = np.array([(len(terminals) - 1) * rng.uniform(0.6, 1) for terminals in members])
    lengths[: n - 1] = 1
    return members, lengths


@pytest.mark.parametrize("seed", range(12))
def test_concatenation_is_the_best_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 8))
    members, lengths = pool_with_a_path(rng, n, 12)
    subsets = (list(chosen) for r in range(1, n) for chosen in combinations(range(12), r))
    best = min(lengths[chosen].sum() for chosen in subsets if makes_a_tree(n, [members[k] for k in chosen]))
    result = concatenate(n, members, lengths)
    assert result.proven
    assert result.length == pytest.approx(best, rel=1e-12)
    assert best * (1 - 1e-8) <= result.bound <= best
    assert makes_a_tree(n, [members[k] for k in result.chosen])
    assert result.length == pytest.approx(lengths[result.chosen].sum(), rel=1e-12)


def test_concatenation_branches_where_the_relaxation_is_not_whole():
    # 3/8 of each triple of four terminals obeys every cut, for 1.5. A tree has one triple and a pair, or three pairs.
    triples = [np.array(triple) for triple in combinations(range(4), 3)]
    pairs = [np.array([i, i + 1]) for i in range(3)]
    result = concatenate(4, triples + pairs, np.array([1.0] * 4 + [0.9] * 3))
    assert result.proven
    assert result.length == 1.9
    assert result.bound == pytest.approx(1.9, rel=1e-8)


def test_concatenation_of_pairs_is_the_spanning_tree():
    rng = np.random.default_rng(3)
    graph = nx.random_geometric_graph(60, 0.4, seed=1)
    assert nx.is_connected(graph)
    members = [np.array(edge) for edge in graph.edges]
    lengths = rng.uniform(1, 2, len(members))
    for edge, length in zip(graph.edges, lengths, strict=True):
        graph.edges[edge]["weight"] = length
    result = concatenate(60, members, lengths)
    assert result.proven
    assert result.length == pytest.approx(nx.minimum_spanning_tree(graph).size(weight="weight"), rel=1e-12)


def test_concatenation_is_the_same_twice_and_keeps_to_its_time():
    rng = np.random.default_rng(5)
    members, lengths = pool_with_a_path(rng, 40, 400)
    first, second = concatenate(40, members, lengths), concatenate(40, members, lengths)
    np.testing.assert_array_equal(first.chosen, second.chosen)
    assert first.bound == second.bound
    stopped = concatenate(40, members, lengths, time_limit=0.0)
    assert not stopped.proven
    assert makes_a_tree(40, [members[k] for k in stopped.chosen])
    assert stopped.bound <= first.length <= stopped.length
