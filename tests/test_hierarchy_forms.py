"""Hierarchies from and to columns of parents, Steiner trees, linkage matrices, graphs and tables."""

import copy
import io
import pickle
import re
from dataclasses import replace

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from graph_files import FILES
from hierarchies import random_tree, trees
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import cophenet, fcluster, is_valid_linkage, linkage
from scipy.spatial.distance import pdist, squareform

import hyperkit as hk
from hyperkit.hierarchy import from_linkage, from_networkx, from_newick, from_parents, from_steiner
from hyperkit.hierarchy._nodes import ARRAYS

CELLS = hk.random_uniform_ball(50, 3, radius=3.0, random_state=0)


@pytest.fixture(scope="module")
def steiner():
    return hk.HyperSteiner().fit(CELLS).tree_


def path_lengths(tree):
    """Lengths of all paths between rows, in the order of the rows, by networkx."""
    graph = tree.to_networkx().to_undirected()
    nodes = {row: node for node, row in enumerate(tree.row.tolist()) if row >= 0}
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
    order = [nodes[row] for row in sorted(nodes)]
    return np.array([[lengths[a][b] for b in order] for a in order])


def same(a, b):
    for field in ("parent", "length", "row", "support"):
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field), strict=True)
    assert a.names.tolist() == b.names.tolist()
    assert (a.model, a.curvature) == (b.model, b.curvature)
    if a.points is not None:
        np.testing.assert_allclose(a.points, b.points, rtol=1e-15)


class TestParents:
    @given(st.permutations(range(12)), st.lists(st.integers(0, 10), min_size=11, max_size=11))
    @settings(max_examples=100, deadline=None)
    def test_nodes_in_any_order_keep_their_parents_lengths_and_rows(self, order, choices):
        # Node order[k] hangs from one of order[:k].
        parent = np.full(12, -1)
        for k in range(1, 12):
            parent[order[k]] = order[choices[k - 1] % k]
        length = np.arange(12) / 8
        tree = from_parents(parent, length)
        assert tree.names.tolist() == [str(row) for row in tree.row]
        assert (tree.parent[1:] < np.arange(1, 12)).all()
        for node in range(1, 12):
            assert tree.row[tree.parent[node]] == parent[tree.row[node]]
            assert tree.length[node] == length[tree.row[node]]
        assert (tree.row[0], tree.length[0]) == (order[0], 0.0)

    @pytest.mark.parametrize(
        ("parent", "message"),
        [
            ([], r"parent has shape \(0,\)"),
            ([[-1, 0]], r"parent has shape \(1, 2\)"),
            ([-1, -1, 0, -1], r"3 nodes are roots \(the first are \[0, 1, 3\]\); put a node above them"),
            ([1, 2, 0], "no node is a root .*, and node 0 is its own ancestor: 0 -> 1 -> 2 -> 0"),
            ([0], "no node is a root .*, and node 0 is its own ancestor: 0 -> 0"),
            ([-1, 0, 4, 2, 3], "node 2 is its own ancestor: 2 -> 4 -> 3 -> 2"),
            ([-1, 2, 3, 3], "node 3 is its own ancestor: 3 -> 3"),
            ([-1, 0, 3], r"parent\[2\]=3 is no node: give 0 to 2, or -1 for the root"),
            ([-1, 0, -2], r"parent\[2\]=-2 is no node"),
            ([-1.0, 0.0, 0.5], r"parent\[2\]=.*0\.5.* must be the number of a node"),
            ([-1.0, 0.0, np.nan], r"parent\[2\]=.*nan.* must be the number of a node"),
            ([-1, 0, np.inf], r"parent\[2\]=inf is no node"),
            ([-1, "a"], r"parent\[0\]=.* must be the number of a node"),
            ([None, 0, 0], r"parent\[0\]=None must be the number of a node"),
            ([True, False], "must be the number of a node"),
        ],
    )
    def test_what_is_no_tree_is_refused_with_the_first_bad_node(self, parent, message):
        with pytest.raises(ValueError, match=message):
            from_parents(parent)

    @pytest.mark.parametrize(
        ("length", "message"),
        [
            ([0, 1], r"length has shape \(2,\); parent has 3 entries"),
            ([0, 1, np.nan], r"length\[2\] is nan: .* \(1 are not\)"),
            ([0, -1e-9, np.inf], r"length\[1\] is -1e-09: .* \(2 are not\); set them to 0 first"),
        ],
    )
    def test_lengths_are_checked(self, length, message):
        with pytest.raises(ValueError, match=message):
            from_parents([-1, 0, 0], length)
        assert from_parents([-1, 0, 0], [np.nan, 1, 2]).length.tolist() == [0, 1, 2]

    def test_a_series_gives_its_index_and_a_frame_too(self):
        index = ["stem", "B", "T"]
        assert from_parents(pd.Series([-1, 0, 0], index)).names.tolist() == index
        frame = pd.DataFrame(np.zeros((3, 2)), index=index)
        assert from_parents([-1, 0, 0], names=frame).names.tolist() == index
        assert from_parents([-1, 0, 0], names=["a", None, np.nan]).names.tolist() == ["a", "", ""]

    def test_names_are_as_many_as_nodes(self):
        with pytest.raises(ValueError, match="names has 2 entries; the tree has 3 nodes"):
            from_parents([-1, 0, 0], names=["a", "b"])
        with pytest.raises(TypeError, match="names='abc' is one string"):
            from_parents([-1, 0, 0], names="abc")


class TestArrays:
    """Of hierarchies: nobody can write into them, and what is no tree cannot be put into one."""

    def test_no_array_can_be_written_into(self, steiner):
        tree = replace(from_steiner(steiner), support=np.full(len(from_steiner(steiner)), 0.5))
        for made in (
            tree,
            pickle.loads(pickle.dumps(tree)),
            copy.deepcopy(tree),
            tree.root_at(3),
            tree.collapse(length=0.1),
        ):
            kept = ("size", "depth", "is_leaf", "distance_from_root", "rows", "node_of_rows")
            for name in (*ARRAYS, *kept):
                with pytest.raises(ValueError, match="read-only"):
                    getattr(made, name)[0] = getattr(made, name)[1]

    def test_what_was_given_can_still_be_written_into(self):
        parent, length = np.array([-1, 0, 0]), np.ones(3)
        tree = from_parents(parent, length)
        length[:] = 5.0
        parent[:] = 7
        assert tree.distance_from_root.tolist() == [0.0, 1.0, 1.0]

    def test_what_follows_is_not_sent_to_other_processes_but_found_again(self):
        tree = random_tree(500, 0)
        before = len(pickle.dumps(tree))
        tree.lca(3, [4, 5])
        again = pickle.loads(pickle.dumps(tree))
        assert len(pickle.dumps(tree)) == before
        assert again.lca(3, [4, 5]).tolist() == tree.lca(3, [4, 5]).tolist()

    @given(trees(most=12), st.integers(0, 2**32 - 1))
    @settings(max_examples=60, deadline=None)
    def test_nodes_in_any_other_order_are_refused(self, tree, seed):
        order = np.append(0, 1 + np.random.default_rng(seed).permutation(len(tree) - 1))
        number = np.argsort(order)
        parent = np.append(-1, number[tree.parent[order[1:]]])
        # Depth-first, by its meaning: the subtree of each node is a slice that begins with it.
        chains = [{node} for node in range(len(tree))]
        for node in range(len(tree)):
            above = node
            while (above := parent[above]) >= 0:
                chains[above].add(node)
        is_in_order = all(chain == set(range(node, node + len(chain))) for node, chain in enumerate(chains))
        arrays = {name: getattr(tree, name)[order] for name in ("length", "row", "names")}
        if is_in_order:
            assert replace(tree, parent=parent, **arrays).size.tolist() == [len(chain) for chain in chains]
        else:
            with pytest.raises(ValueError, match="parent: nodes are not in depth-first order"):
                replace(tree, parent=parent, **arrays)

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"parent": [-1, -1, 0]}, "parent: nodes are not in depth-first order from a root; from_parents takes"),
            ({"parent": [0, 0, 0]}, "parent: nodes are not"),
            ({"parent": [-1, 5, 0]}, "parent: nodes are not"),
            ({"length": [0.0, 1.0]}, r"length has shape \(2,\); parent has 3 nodes: give an entry for each"),
            ({"length": [0.0, -1.0, 1.0]}, "length must be finite and at least 0; got -1.0 to 1.0"),
            ({"length": [0.0, np.nan, 1.0]}, "length must be finite"),
            ({"length": [0.0, np.inf, 1.0]}, "length must be finite"),
            ({"names": ["a"]}, r"names has shape \(1,\)"),
            ({"row": 3}, r"row has shape \(\)"),
            ({"support": [0.5]}, r"support has shape \(1,\)"),
            ({"points": [[0.0, 0.0]]}, r"points has shape \(1, 2\)"),
        ],
    )
    def test_arrays_that_are_no_tree_are_refused(self, given, message):
        with pytest.raises(ValueError, match=message):
            replace(from_parents([-1, 0, 0]), **given)


class TestSteiner:
    def test_lengths_points_and_rows_are_those_of_the_tree(self, steiner):
        tree = from_steiner(steiner, names=[f"c{row}" for row in range(50)])
        assert sorted(tree.row[tree.row >= 0]) == list(range(50))
        assert tree.length.sum() == pytest.approx(steiner.length, rel=1e-14)
        assert [name or "-" for name in tree.names] == [f"c{row}" if row >= 0 else "-" for row in tree.row]
        above = tree.parent[1:]
        np.testing.assert_allclose(hk.distance(tree.points[1:], tree.points[above]), tree.length[1:], rtol=1e-10)
        np.testing.assert_array_equal(tree.points[tree.row >= 0], CELLS[tree.row[tree.row >= 0]])

    @pytest.mark.parametrize("model", ["hyperboloid", "tangent"])
    def test_model_and_curvature_go_along(self, model):
        points = hk.convert(CELLS, "poincare", model) / np.sqrt(0.3)
        tree = from_steiner(hk.HyperSteiner(model=model, curvature=-0.3).fit(points).tree_)
        assert (tree.model, tree.curvature) == (model, -0.3)
        expected = hk.distance(tree.points[1:], tree.points[tree.parent[1:]], model=model, curvature=-0.3)
        np.testing.assert_allclose(expected, tree.length[1:], rtol=1e-9)

    def test_paths_are_those_of_the_graph(self, steiner):
        graph = steiner.to_networkx()
        lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="length"))
        expected = [[lengths[a][b] for b in range(50)] for a in range(50)]
        np.testing.assert_allclose(path_lengths(from_steiner(steiner)), expected, rtol=1e-12, atol=1e-12)

    def test_one_point_is_a_hierarchy(self):
        tree = from_steiner(hk.HyperSteiner().fit([[0.1, 0.2]]).tree_)
        assert (tree.to_newick(), len(tree), tree.to_linkage().shape) == ("0;", 1, (0, 4))

    def test_other_things_are_refused(self):
        with pytest.raises(TypeError, match="tree is a HyperSteiner; give a SteinerTree"):
            from_steiner(hk.HyperSteiner())


class TestLinkage:
    @pytest.mark.parametrize("method", ["single", "complete", "average", "weighted", "ward"])
    def test_paths_are_the_heights_of_merges(self, method):
        Z = linkage(CELLS, method)
        tree = from_linkage(Z)
        np.testing.assert_allclose(path_lengths(tree), squareform(cophenet(Z)), rtol=1e-12)
        again = tree.to_linkage()
        np.testing.assert_array_equal(again[:, [0, 1, 3]], Z[:, [0, 1, 3]])
        np.testing.assert_allclose(again, Z, rtol=1e-13)

    def test_scikit_bio_reads_a_linkage_alike(self):
        skbio = pytest.importorskip("skbio")
        Z = linkage(CELLS, "average")
        names = [f"c{row}" for row in range(50)]
        other = skbio.TreeNode.from_linkage_matrix(Z, names)
        ours = skbio.TreeNode.read(io.StringIO(from_linkage(Z, names=names).to_newick()))
        expected = other.cophenet()
        np.testing.assert_allclose(ours.cophenet().filter(expected.ids).data, expected.data, rtol=1e-9)

    def test_distances_between_tips_that_are_no_linkage_merge_at_the_longest_way_down(self, steiner):
        tree = from_steiner(steiner)
        with pytest.raises(ValueError, match=r"rows are inner nodes, which a linkage has not; the first is row \d+"):
            tree.to_linkage()
        Z = tree.to_linkage(inner_rows="expand")
        assert Z.shape == (49, 4)
        assert is_valid_linkage(Z, throw=True)
        assert (np.diff(Z[:, 2]) >= 0).all()
        # Every node is a merge of its rows, at twice the longest way down, or a set of those rows that hang from it.
        members = [{row} for row in range(50)]
        for a, b, _, count in Z:
            members.append(members[int(a)] | members[int(b)])
            assert len(members[-1]) == count
        height = {frozenset(rows): max(0.0, h) for rows, h in zip(members[50:], Z[:, 2], strict=True)}
        for node, size in enumerate(tree.size):
            below = slice(node, node + size)
            rows = frozenset(tree.row[below][tree.row[below] >= 0].tolist())
            if len(rows) > 1 and not (tree.row[node] < 0 and (tree.parent == node).sum() < 2):
                longest = (tree.distance_from_root[below] - tree.distance_from_root[node]).max()
                assert height[rows] == pytest.approx(2 * longest)

    def test_nodes_of_many_branches_merge_at_one_height(self):
        Z = from_newick("((a:1,b:1,c:1):1,d:2,e:2);").to_linkage()
        assert Z[:, 2].tolist() == [2.0, 2.0, 4.0, 4.0]
        assert fcluster(Z, 3.0, "distance").tolist() in ([1, 1, 1, 2, 3], [1, 1, 1, 3, 2])
        chain = from_newick("(((a:1,b:1):1):1,c:3);")
        assert chain.to_linkage().tolist() == [[0, 1, 2, 2], [2, 3, 6, 3]]

    def test_observations_are_in_the_order_of_the_rows(self):
        tree = from_parents([2, 2, -1, 2], [1.0, 2.0, 0.0, 3.0])
        Z = tree.to_linkage(inner_rows="expand")
        assert Z.tolist() == [[0, 1, 6, 2], [2, 4, 6, 3], [3, 5, 6, 4]]

    def test_tips_that_are_no_rows_are_refused(self):
        tree = replace(from_parents([-1, 0, 0]), row=np.array([0, 1, -1]))
        with pytest.raises(ValueError, match="1 tips are no rows; the first is node 2"):
            tree.to_linkage()

    @pytest.mark.parametrize(
        ("Z", "message"),
        [
            ([[0, 1, 2]], "4 columns"),
            ([[0, 1, 2.0, 2], [2, 5, 3.0, 3]], "Z"),
            ([[0, 1, 2.0, 2], [2, 3, 1.0, 3]], r"Z\[1\] merges at 1, below a merge within it"),
            ([[0, 1, 2.0, 2], [2, 3, np.nan, 3]], r"Z\[1\]=.* must be finite and nowhere negative"),
            ([[0, 1, -2.0, 2]], r"Z\[0\]=.* nowhere negative"),
        ],
    )
    def test_what_is_no_linkage_is_refused(self, Z, message):
        with pytest.raises(ValueError, match=message):
            from_linkage(Z)

    def test_inversions_of_centroid_linkage_are_refused_by_their_row(self):
        corners = [[0.0, 0.0], [1.0, 0.0], [0.5, 0.87]]
        with pytest.raises(ValueError, match=r'Z\[1\] merges at .* link by another method, as "average"'):
            from_linkage(linkage(corners, "centroid"))


class TestNetworkx:
    @pytest.mark.parametrize("file", FILES)
    def test_a_hierarchy_comes_back_whole_from_files(self, steiner, file):
        tree = from_steiner(steiner, names=[f"cell {row}" for row in range(50)])
        same(from_networkx(tree.to_networkx()), tree)
        graph = FILES[file](tree.to_networkx())
        if file == "GEXF":  # keeps no attributes of the graph
            graph.graph["model"] = "poincare"
        same(from_networkx(graph), tree)

    @pytest.mark.parametrize("file", ["GraphML", "JSON"])
    def test_support_and_curvature_come_back(self, file):
        tree = from_newick("((a:1,b:1)0.5:2,c:1);", inner_labels="support")
        same(from_networkx(FILES[file](tree.to_networkx())), tree)
        cells = hk.HyperSteiner(curvature=-0.3).fit(CELLS[:9]).tree_
        same(from_networkx(FILES[file](from_steiner(cells).to_networkx())), from_steiner(cells))

    def test_any_tree_of_networkx_is_taken(self):
        graph = nx.balanced_tree(2, 3, create_using=nx.DiGraph)
        tree = from_networkx(graph)
        assert tree.n_rows == 15
        assert tree.depth.max() == 3
        assert set(tree.length[1:]) == {1.0}
        undirected = nx.relabel_nodes(nx.path_graph(4), dict(enumerate("abcd")))
        assert from_networkx(undirected, root="c").to_newick() == "(c:0.0,(b:0.0,a:1.0):1.0,d:1.0);"

    def test_an_undirected_tree_is_rooted_where_distances_vary_least(self):
        graph = nx.Graph([("a", "b", {"length": 1.0}), ("b", "c", {"length": 3.0})])
        tree = from_networkx(graph)
        assert (tree.n_rows, len(tree)) == (3, 4)
        # From x beyond b the rows are 1 + x, x and 3 - x away: the variance is least at x = 5 / 4.
        found = dict(zip(tree.names, tree.distance_from_root, strict=True))
        places = np.linspace(0, 3, 3001)
        variance = np.var([1 + places, places, 3 - places], axis=0)
        assert found["b"] == pytest.approx(places[variance.argmin()], abs=1e-3)

    def test_where_some_nodes_have_names_the_others_have_none(self):
        graph = nx.DiGraph([(0, 1), (0, 2)])
        graph.nodes[2]["name"] = "T"
        assert from_networkx(graph).names.tolist() == ["", "", "T"]

    def test_the_graph_of_a_steiner_tree_has_its_terminals_as_rows(self, steiner):
        tree = from_networkx(steiner.to_networkx(), root=3)
        assert tree.row[0] == 3
        np.testing.assert_allclose(path_lengths(tree), path_lengths(from_steiner(steiner)), rtol=1e-12, atol=1e-12)

    @pytest.mark.parametrize(
        ("graph", "options", "message"),
        [
            (nx.Graph(), {}, "graph has 0 nodes and 0 edges"),
            (nx.cycle_graph(3), {}, "graph has 3 nodes and 3 edges; a tree of 3 nodes has 2"),
            (nx.empty_graph(2), {}, "graph has 2 nodes and 0 edges; a tree of 2 nodes has 1"),
            (nx.Graph([(0, 1), (1, 2), (2, 0), (3, 4)]), {}, "graph has a cycle and 2 pieces: no path joins"),
            (nx.Graph([(0, 0), (1, 2)]), {}, "a cycle and 2 pieces"),
            (nx.DiGraph([(0, 2), (1, 2)]), {}, "node 2 has 2 parents; edges must point away from the root"),
            (nx.DiGraph([(0, 1), (1, 0), (2, 3)]), {}, "a cycle and 2 pieces"),
            (nx.MultiDiGraph([(0, 1), (0, 1)]), {}, "graph has 2 nodes and 2 edges"),
            (nx.path_graph(3), {"root": 7}, "root=7 is no node of the graph"),
            (nx.DiGraph([(0, 1), (1, 2)]), {"root": 1}, "root=1 has a parent, the root of this directed tree is 0"),
        ],
    )
    def test_graphs_that_are_no_tree_are_refused(self, graph, options, message):
        with pytest.raises(ValueError, match=message):
            from_networkx(graph, **options)

    @pytest.mark.parametrize(
        ("edge", "message"),
        [
            ({}, re.escape("edge ('b', 'c') has no 'length', and others have")),
            ({"length": -1.0}, re.escape("edge ('b', 'c'): length=-1.0 must be finite and at least 0")),
            ({"length": np.inf}, "must be finite"),
            ({"length": "1"}, "must be finite"),
            ({"length": 1, "support": 95}, "support=95 must be from 0 to 1"),
        ],
    )
    def test_attributes_of_edges_are_checked(self, edge, message):
        graph = nx.DiGraph([("a", "b", {"length": 1.0}), ("b", "c", edge)])
        with pytest.raises(ValueError, match=message):
            from_networkx(graph)

    def test_rows_and_points_are_checked(self):
        graph = nx.DiGraph([("a", "b"), ("b", "c")])
        nx.set_node_attributes(graph, {"a": 0, "b": 1, "c": 1}, "row")
        with pytest.raises(ValueError, match="nodes 'b' and 'c' both have row=1"):
            from_networkx(graph)
        graph.nodes["c"]["row"] = 0.5
        with pytest.raises(ValueError, match=r"node 'c': row=0\.5 must be a whole number of at least -1"):
            from_networkx(graph)
        graph.nodes["c"]["row"] = -1
        graph.graph["curvature"] = 0
        with pytest.raises(ValueError, match="curvature=0 must be a negative number"):
            from_networkx(graph)
        graph.graph = {"model": "poincare"}
        graph.nodes["a"]["x0"] = graph.nodes["b"]["x0"] = 0.5
        with pytest.raises(ValueError, match="graph has model='poincare', but node 'c' has not all coordinates"):
            from_networkx(graph)


class TestFrame:
    def test_one_row_a_node(self, steiner):
        tree = from_steiner(steiner)
        frame = tree.to_frame()
        columns = ["name", "row", "parent", "length", "depth", "distance_from_root", "is_leaf", "x0", "x1", "x2"]
        assert frame.columns.tolist() == columns
        assert frame.index.name == "node"
        np.testing.assert_array_equal(frame[["x0", "x1", "x2"]], tree.points)
        again = from_parents(frame["parent"], frame["length"])
        np.testing.assert_array_equal(again.row, frame.index)
        np.testing.assert_array_equal(again.distance_from_root, frame["distance_from_root"])

    def test_support_is_a_column_where_there_is_any(self):
        frame = from_newick("((a:1,b:1)0.5:2,c:1);", inner_labels="support").to_frame()
        assert frame["support"].dropna().tolist() == [0.5]


@pytest.mark.parametrize("shape", ["chain", "star"])
def test_chains_and_stars_of_twenty_thousand_do_not_recurse(shape):
    n = 20_000
    tree = from_parents(np.arange(-1, n - 1) if shape == "chain" else np.r_[-1, np.zeros(n - 1, dtype=int)])
    same(from_networkx(tree.to_networkx()), tree)
    Z = tree.to_linkage(inner_rows="expand")
    assert is_valid_linkage(Z)
    assert len(from_linkage(Z)) == 2 * n - 1
    assert len(tree.to_frame()) == n


def test_a_masked_distance_or_parent_is_refused():
    with pytest.raises(TypeError, match="Z is a masked array"):
        from_linkage(np.ma.array(linkage(pdist(CELLS))))
