"""Two data frames whose rows or columns go in pairs by place: the same names in another order are an error."""

import numpy as np
import pandas as pd
import pytest

import hyperkit as hk
from hyperkit import embedding, similarity
from hyperkit.hierarchy import bootstrap, from_parents, stability

NAMES = [f"cell{row}" for row in range(20)]
P = pd.DataFrame(hk.random_wrapped_normal(20, random_state=0), columns=["x", "y"], index=NAMES)
Q = pd.DataFrame(hk.random_wrapped_normal(20, random_state=1), columns=["x", "y"], index=NAMES)
LABELS = pd.Series(np.repeat(["a", "b", "c", "d"], 5), index=NAMES)

ENCODER = embedding.HyperbolicEncoder()

BY_ROWS = {
    "distance": lambda p, q: hk.distance(p, q),
    "geodesic": lambda p, q: hk.geodesic(p, q, 0.5),
    "midpoint": lambda p, q: hk.midpoint(p, q),
    "log_map": lambda p, q: hk.log_map(p, q),
    "exp_map": lambda p, q: hk.exp_map(p, q),
    "translate": lambda p, q: hk.translate(p, q),
    "angle": lambda p, q: hk.angle(np.zeros(2), p, q),
    "frechet_mean": lambda p, q: hk.frechet_mean(p, q["x"].abs()),
    "align": lambda p, q: hk.align(p, q, "rows"),
    "compare": lambda p, q: embedding.compare(p, q),
    "compare data": lambda p, q: embedding.compare(p, p, q, metric="euclidean"),
    "quality": lambda p, q: embedding.quality(p, q, metric="euclidean"),
    "quality of several": lambda p, q: embedding.quality({"one": p, "other": q}, p.to_numpy(), metric="euclidean"),
    "paired sets": lambda p, q: similarity.compare_sets(p, q, paired=True),
    "paired estimator": lambda p, q: hk.HyperDGA().fit(p).compare(q, paired=True),
    "paired curve": lambda p, q: hk.mixing_curve(p, [q], paired=True),
    "paired profile": lambda p, q: hk.mixing_profile(p, q, paired=True, n_permutations=19),
    "labels of sets": lambda p, q: hk.pairwise_hyperdga(p, LABELS.loc[q.index]),
    "groups of a bootstrap": lambda p, q: bootstrap(p, embed=ENCODER, groups=LABELS.loc[q.index], n_replicates=1),
    "groups of stability": lambda p, q: stability(p, scale=0.1, groups=LABELS.loc[q.index], n_replicates=1),
    "labels of points": lambda p, q: hk.plot.plot_points(p, LABELS.loc[q.index]),
}
BY_COLUMNS = {
    **{name: BY_ROWS[name] for name in ("distance", "geodesic", "log_map", "translate", "align")},
    "pairwise_distances": lambda p, q: hk.pairwise_distances(p, q),
    "hyperdga": lambda p, q: hk.hyperdga(p, q),
    "wasserstein": lambda p, q: hk.wasserstein(p, q),
    "energy_distance": lambda p, q: hk.energy_distance(p, q),
}


@pytest.mark.parametrize("name", BY_ROWS)
def test_rows_in_another_order_are_refused(name):
    with pytest.raises(
        ValueError, match=r"row 0 is 'cell0' in .* and 'cell19' in .*; rows go by place: take .*\.loc\["
    ):
        BY_ROWS[name](P, Q[::-1])
    BY_ROWS[name](P, Q)


@pytest.mark.parametrize("name", BY_COLUMNS)
def test_columns_in_another_order_are_refused(name):
    with pytest.raises(
        ValueError, match=r"column 0 is 'x' in .* and 'y' in .*; columns go by place: take .*\.columns\]"
    ):
        BY_COLUMNS[name](P, Q[["y", "x"]])
    BY_COLUMNS[name](P, Q.rename(columns={"x": "u", "y": "v"}))  # names may differ


def test_row_numbers_in_another_order_are_refused_too():
    p, q = (table.reset_index(drop=True) for table in (P, Q))
    with pytest.raises(ValueError, match=r"row 0 is 0 in x and 19 in y; rows go by place: take y\.loc\[x\.index\]"):
        hk.distance(p, q[::-1])
    with pytest.raises(ValueError, match="row 0 is 0 in points and 19 in reference"):
        embedding.quality(p, q[::-1], metric="euclidean")


def test_names_may_differ_where_rows_are_not_the_same_things():
    parents, children = P.iloc[[0, 0, 1, 1, 2]], P.iloc[[1, 2, 3, 4, 0]]
    assert hk.distance(parents, children).shape == (5,)

    with pytest.raises(ValueError, match="row 0 is 'cell0' in points and 'gene0' in reference"):
        embedding.quality(P, Q.rename(lambda name: name.replace("cell", "gene")), metric="euclidean")
    other = embedding.compare(P, Q.reset_index(drop=True))
    assert other.to_frame().index.tolist() == NAMES


SHUFFLED = [2, 0, 1, *range(3, 20)]


@pytest.mark.parametrize("name", ["labels", "times"])
def test_a_series_goes_with_the_rows_of_a_hierarchy_in_their_order(name):
    parents = np.arange(-1, 19)
    tree = from_parents(parents, names=NAMES)
    series = LABELS if name == "labels" else pd.Series(np.arange(20.0), index=NAMES)
    use = {"labels": lambda tree, series: tree.condense(series), "times": lambda t, series: t.root_by_time(series)}[
        name
    ]
    expected = use(tree, series.to_numpy())
    way_out = rf"take {name}\.loc\[hierarchy\.names\[hierarchy\.node_of_rows\]\]"
    with pytest.raises(ValueError, match=rf"row 0 is 'cell0' in .* and 'cell2' in {name}; rows go by place: {way_out}"):
        use(tree, series.iloc[SHUFFLED])
    back = series.iloc[SHUFFLED].loc[tree.names[tree.node_of_rows]]
    for other in (series, back, series.reset_index(drop=True), series.rename(lambda label: label.upper())):
        np.testing.assert_array_equal(use(tree, other).length, expected.length)
    numbered = series.reset_index(drop=True)
    with pytest.raises(ValueError, match=f"row 0 is '0' in .* and '2' in {name}"):
        use(from_parents(parents), numbered.iloc[SHUFFLED])


def test_lengths_and_parents_have_one_order():
    parent = pd.Series([-1, 0, 0], index=list("abc"))
    length = pd.Series([0.0, 1.0, 2.0], index=list("abc"))
    assert from_parents(parent, length).length.tolist() == [0, 1, 2]
    with pytest.raises(ValueError, match=r"row 0 is 'a' in parent and 'c' in length; .* length\.loc\[parent\.index\]"):
        from_parents(parent, length[::-1])


def test_blocks_have_the_order_of_the_columns():
    blocks = pd.Series([0, 1], index=["x", "y"])
    bootstrap(P, embed=ENCODER, blocks=blocks, n_replicates=1)
    with pytest.raises(
        ValueError, match=r"column 0 is 'x' in data\.columns and 'y' in blocks; .* blocks\.loc\[data\.columns\]"
    ):
        bootstrap(P, embed=ENCODER, blocks=blocks[::-1], n_replicates=1)


@pytest.mark.parametrize("kind", [pd.Index, pd.Categorical])
def test_an_index_and_categories_are_labels_themselves(kind):
    expected = stability(P, scale=0.1, groups=LABELS, n_replicates=1).hierarchy
    found = stability(P, scale=0.1, groups=kind(LABELS), n_replicates=1).hierarchy
    assert found.names.tolist() == expected.names.tolist()
    assert from_parents(pd.Index([-1, 0]), pd.Index([0, 2])).length.tolist() == [0, 2]


def test_types_of_text_do_not_tell_names_apart():
    as_objects = pd.DataFrame(P.to_numpy(), index=pd.Index(NAMES, dtype=object))
    as_text = pd.DataFrame(P.to_numpy(), index=pd.Index(NAMES, dtype="string"))
    np.testing.assert_array_equal(hk.distance(as_objects, as_text), np.zeros(len(P)))
    embedding.quality(as_objects, as_text, metric="euclidean")
    swapped = as_text.iloc[[0, 1, 3, 2, *range(4, len(P))]]
    with pytest.raises(ValueError, match="row 2 is 'cell2' in x and 'cell3' in y"):
        hk.distance(as_objects, swapped)
