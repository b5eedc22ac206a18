"""Newick, in and out: against five other readers, on odd labels, deep trees and text that is no tree."""

import io
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from newick_readers import READERS, WRITERS, tips

import hyperkit as hk
from hyperkit.hierarchy import from_newick, from_parents, from_steiner

ODD = [
    *("a b", "it's", "'", "''", "c[1]", "[", "x:y", "(p)", "a,b;c", "under_score", "12", "1e5", "-", "{x}", "=", '"q"'),
    *(
        "é漢字",
        "naïve",
        "\N{NO-BREAK SPACE}",
        "  lead",
        "trail  ",
        "\\n",
        "back\\slash",
        "#H1",
        "&NHX",
        "L" * 3000,
        "🧬",
    ),
]
# What a reader loses, as `Hierarchy.to_newick` says.
LOSES = {"treeswift": r"'", "scikit-bio": r"^'+$", "Biopython": r"^'+$"}


def star(names):
    """A root that is no row, with a leaf for each name."""
    tree = from_parents([-1] + [0] * len(names), names=["", *names])
    return replace(tree, row=np.append(-1, tree.row[1:]))


@pytest.fixture(scope="module")
def cells():
    embedding = hk.datasets.load_krumsiek11().embedding
    return from_steiner(hk.HyperSteiner().fit(embedding).tree_, names=[f"cell_{row}" for row in range(640)])


def same_nodes(a, b):
    np.testing.assert_array_equal(a.parent, b.parent)
    np.testing.assert_array_equal(a.length, b.length)
    assert a.names.tolist() == b.names.tolist()


def rows(tree):
    """Names of the rows and their distances from the root, in the order of the names."""
    nodes = sorted(np.flatnonzero(tree.row >= 0), key=lambda node: tree.names[node])
    return tree.names[nodes].tolist(), tree.distance_from_root[nodes]


@pytest.mark.parametrize("reader", READERS)
def test_all_cells_are_tips_in_every_reader_and_come_back_with_their_distances(cells, reader):
    names, distances = rows(cells)
    text = cells.to_newick()
    for found in (tips(READERS[reader](text)), rows(from_newick(WRITERS[reader](text)))):
        assert found[0] == names
        np.testing.assert_allclose(found[1], distances, rtol=1e-12)


def test_rows_inside_the_tree_come_back_to_their_places_when_short_edges_are_snapped(cells):
    again = from_newick(cells.to_newick()).snap(0.0)
    same_nodes(again, cells)
    np.testing.assert_array_equal(again.row >= 0, cells.row >= 0)


@pytest.mark.parametrize("reader", READERS)
def test_odd_labels_are_the_same_in_every_reader(reader):
    names = [name for name in ODD if not re.search(LOSES.get(reader, "$^"), name)]
    assert len(names) > 22
    found = READERS[reader](star(names).to_newick())
    assert sorted(name for above, name, _ in found if above == 0) == sorted(names)


@pytest.mark.parametrize("reader", READERS)
def test_inner_nodes_have_no_names_that_a_reader_takes_for_support(cells, reader):
    found = READERS[reader](cells.to_newick())
    inner = {above for above, _, _ in found if above >= 0}
    assert {found[node][1] for node in inner} == {""}


def test_names_that_stand_twice_are_kept_and_counted():
    text = star(["a", "b", "a", "a", "c", "c"]).to_newick()
    with pytest.warns(UserWarning, match=r"2 names stand at more than one node \(5 nodes .* is 'a', 3 times"):
        assert from_newick(text).names.tolist() == ["", "a", "b", "a", "a", "c", "c"]
    with pytest.warns(UserWarning, match=r"is '95', 2 times\. Are the numbers of inner nodes support\?"):
        from_newick("((a,b)95,(c,d)95);")
    dendropy = pytest.importorskip("dendropy")
    with pytest.raises(Exception, match="Multiple occurrences"):
        dendropy.Tree.get(data=text, schema="newick")


def test_what_biopython_reads_as_confidence_is_there_on_request_only():
    tree = from_newick("((a:1,b:1)0.95:2,c:2.5);", inner_labels="support")
    assert tree.to_newick() == "((a:1.0,b:1.0):2.0,c:2.5);"
    text = tree.to_newick(support=True)
    assert text == "((a:1.0,b:1.0)0.95:2.0,c:2.5);"
    np.testing.assert_array_equal(from_newick(text, inner_labels="support").support, tree.support)
    phylo = pytest.importorskip("Bio.Phylo")
    clades = list(phylo.read(io.StringIO(text), "newick").find_clades())
    assert [clade.confidence for clade in clades] == [None, 0.95, None, None, None]


trees = st.integers(1, 40).flatmap(
    lambda n: st.tuples(
        st.tuples(st.just(-1), *(st.integers(0, node - 1) for node in range(1, n))),
        st.lists(st.floats(0, 1e300), min_size=n, max_size=n),
        st.lists(
            st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=8),
            min_size=n,
            max_size=n,
            unique=True,
        ),
    )
)


@given(trees)
@settings(max_examples=200, deadline=None)
def test_any_tree_with_any_names_comes_back(drawn):
    parent, length, names = drawn
    tree = from_parents(parent, length, names=names)
    same_nodes(from_newick(tree.to_newick(terminals="nodes"), terminals="nodes"), tree)
    tipped = from_newick(tree.to_newick())
    assert sorted(tipped.names[tipped.is_leaf]) == sorted(names)
    assert set(tipped.names[~tipped.is_leaf]) <= {""}
    depth = dict(zip(tree.names, tree.distance_from_root, strict=True))
    for name, distance in zip(tipped.names[tipped.is_leaf], tipped.distance_from_root[tipped.is_leaf], strict=True):
        assert distance == depth[name]


STANDARD = [
    "a;",
    "(a,b);",
    "((a,b)c,(d,e)f)g;",
    " ( a : 1 , b : 2.5e-3 ) root ;\n",
    "(a:.5,b:1.)c;",
    "((,),(,));",
    "('it''s':1,'(x)':2,'':3);",
    "(a[a comment, (with) marks:]:1[&&NHX:S=x],[before]b:2)[after];",
    "[&R] (a:1,b:2);",
    "(a:1,\n b\t:2,\r\n c:3);",
]


# scikit-bio reads two quotes without a name as the name of one quote.
@pytest.mark.parametrize(
    ("text", "reader"),
    [
        (text, reader)
        for text in STANDARD
        for reader in ("scikit-bio", "DendroPy")
        if "'':" not in text or reader[0] == "D"
    ],
)
def test_reading_by_the_standard_agrees_with_others(text, reader):
    tree = from_newick(text)
    has_lengths = ":" in text
    found = READERS[reader](text)
    assert [above for above, _, _ in found] == tree.parent.tolist()
    assert [name for _, name, _ in found] == tree.names.tolist()
    if has_lengths:
        assert [length for _, _, length in found] == tree.length.tolist()
    else:
        assert tree.length.tolist() == [0.0] + [1.0] * (len(found) - 1)


@pytest.mark.parametrize("writer", ["scikit-bio", "DendroPy"])
def test_blanks_that_are_written_as_underscores_come_back_on_request(writer):
    names = ["a b", "under_score", " lead", "\N{NO-BREAK SPACE}"]
    text = WRITERS[writer](star(names).to_newick())
    assert from_newick(text, convert_underscores=True).names.tolist() == ["", *names]


def test_comments_nest_and_underscores_are_blanks_on_request_outside_quotes():
    tree = from_newick("(a_b:1[x[it's]z],'c_d':1);")
    assert tree.names.tolist() == ["", "a_b", "c_d"]
    assert from_newick("(a_b:1,'c_d':1);", convert_underscores=True).names.tolist() == ["", "a b", "c_d"]


def test_rows_are_tips_or_all_that_have_a_label():
    text = "((a:1,b:1)c:1,d:2);"
    assert from_newick(text).row.tolist() == [-1, -1, 0, 1, 2]
    assert from_newick(text).names.tolist() == ["", "c", "a", "b", "d"]
    assert from_newick(text, terminals="nodes").row.tolist() == [-1, 0, 1, 2, 3]


@pytest.mark.parametrize("shape", ["chain", "star"])
def test_chains_and_stars_of_twenty_thousand_do_not_recurse(shape):
    n = 20_000
    parent = np.arange(-1, n - 1) if shape == "chain" else np.r_[-1, np.zeros(n - 1, dtype=int)]
    tree = from_parents(parent, np.linspace(0.1, 0.2, n))
    again = from_newick(tree.to_newick())
    assert again.n_rows == n
    back = again.distance_from_root[np.flatnonzero(again.row >= 0)]
    by_name = dict(zip(again.names[again.row >= 0], back, strict=True))
    assert [by_name[name] for name in tree.names] == tree.distance_from_root.tolist()
    same_nodes(from_newick(tree.to_newick(terminals="nodes"), terminals="nodes"), tree)


@pytest.mark.parametrize("reader", ["scikit-bio", "treeswift", "ete4"])
def test_readers_that_do_not_recurse_read_a_tree_as_deep_as_that_of_all_cells(reader):
    names, distances = tips(READERS[reader](from_parents(np.arange(-1, 1426)).to_newick()))
    assert len(names) == 1427
    assert distances.max() == 1426


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", 0, "no semicolon"),
        ("tree.nwk", 8, "no semicolon, which ends a tree; is it cut off, or a file name"),
        ("(a,b)", 5, "no semicolon"),
        ("(a,b", 0, "an opening bracket that is never closed"),
        ("((a,b);", 0, "an opening bracket that is never closed"),
        ("(a,(b,c;", 3, "an opening bracket that is never closed"),
        ("(a,b));", 5, "a closing bracket too many"),
        ("a,b;", 1, "a comma outside all brackets"),
        ("(a,b);(c,d);", 6, "text behind the semicolon"),
        ("(a,b); x", 7, "text behind the semicolon"),
        ("(a b,c);", 3, "a second label, or a blank in one"),
        ("(a'b',c);", 2, "a second label"),
        ("('a,b);", 1, "a quote that is never closed"),
        ("('a''b,c);", 1, "a quote that is never closed"),
        ("(a[b,c);", 2, "a comment that is never closed"),
        ("(a],c);", 2, "a closing ] without its ["),
        ("(a(b,c),d);", 2, "an opening bracket behind a node"),
        ("(a:1(b,c),d);", 4, "an opening bracket behind a node"),
        ("(a,b)(c,d);", 5, "an opening bracket behind a node"),
        ("(a:1:2,b:1);", 4, "a second length"),
        ("(a:,b:1);", 3, "a finite length must follow the colon"),
        ("(a:x,b:1);", 3, "a finite length must follow the colon"),
        ("(a:'1',b:1);", 3, "a finite length must follow the colon"),
        ("(a:1_0,b:1);", 3, "a finite length must follow the colon"),
        ("(a:inf,b:1);", 3, "a finite length must follow the colon"),
        ("(a:nan,b:1);", 3, "a finite length must follow the colon"),
        ("(a:1e999,b:1);", 3, "a finite length must follow the colon"),
        ("(a:-1e-9,b:1);", 3, "a negative length"),
        ("(a:1 2,b:1);", 5, "a second label"),
        ("(a:1,b,c);", 5, "2 branches have no length and others have; the first is here"),
        ("(" * 30_000 + ";", 29_999, "an opening bracket that is never closed"),
    ],
)
def test_text_that_is_no_tree_is_refused_with_its_place(text, place, message):
    with pytest.raises(ValueError, match=rf"^text is no Newick tree, character {place} \(.*\): {re.escape(message)}"):
        from_newick(text)


@given(st.text("(((),,:;'[] ab1.", max_size=14))
@settings(max_examples=2000, deadline=None)
@pytest.mark.filterwarnings("ignore:.*names stand at more", "ignore:the root has a branch")
def test_any_text_is_a_tree_that_comes_back_or_an_error_with_a_place(text):
    tree, said = None, ""
    try:
        tree = from_newick(text)
    except ValueError as error:
        said = str(error)
    if tree is None:
        assert re.match(r"text is no Newick tree, character \d+ \(.*\): ", said)
    else:
        same_nodes(from_newick(tree.to_newick(terminals="nodes")), tree)


@pytest.mark.parametrize(
    ("text", "inner_labels", "message"),
    [
        ("((a,b)x,c);", "support", r"character 6 .*'x' is no support from 0 to 1"),
        ("((a,b)95,c);", "support", "'95' is no support from 0 to 1"),
        ("((a,b)nan,c);", "support", "'nan' is no support"),
        ("((a,b)101,c);", "percent", "'101' is no support from 0 to 100"),
        ("(a,b)root;", "percent", "'root' is no support"),
    ],
)
def test_inner_labels_that_are_no_support_are_refused(text, inner_labels, message):
    with pytest.raises(ValueError, match=message):
        from_newick(text, inner_labels=inner_labels)


def test_support_is_a_share_whatever_it_was_written_in():
    tree = from_newick("((a,b)95,(c,d))100;", inner_labels="percent")
    np.testing.assert_array_equal(tree.support, [np.nan, 0.95, np.nan, np.nan, np.nan, np.nan, np.nan])
    assert set(tree.names) == {"", *"abcd"}


def test_a_branch_of_the_root_is_left_out_with_a_warning():
    with pytest.warns(UserWarning, match=r"the root has a branch of length 0\.5, which is left out"):
        assert from_newick("(a:1,b:1):0.5;").length.tolist() == [0.0, 1.0, 1.0]
    assert from_newick("(a:1,b:1):0.0;").length.tolist() == [0.0, 1.0, 1.0]


def test_other_things_than_text_are_refused():
    with pytest.raises(TypeError, match="text is a bytes; give the Newick text itself"):
        from_newick(b"(a,b);")


def test_support_takes_the_place_of_no_names():
    tree = from_newick("((a:1,b:1)c:2,d:1);")
    with pytest.raises(ValueError, match="this hierarchy has no support"):
        tree.to_newick(support=True)
    tree = from_newick("((a:1,b:1)0.5:2,d:1);", inner_labels="support")
    tree = replace(tree, names=np.array(["", "c", "a", "b", "d"], dtype=object))
    with pytest.raises(
        ValueError, match="names of 1 inner nodes; the first is node 1, 'c': write them without support"
    ):
        tree.to_newick(support=True)


def test_the_two_writers_are_one():
    tree = hk.HyperSteiner().fit(hk.random_uniform_ball(60, radius=3.0, random_state=0)).tree_
    for terminals in ("leaves", "nodes"):
        rooted = hk.hierarchy.from_networkx(tree.to_networkx(), root=7)
        assert rooted.to_newick(terminals=terminals) == tree.to_newick(root=7, terminals=terminals)
