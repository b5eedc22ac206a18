"""What holds for every public name of `similarity` and `latents`: curvature, signatures, views of results."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from hyperkit import convert, latents, random_wrapped_normal, similarity, translate
from hyperkit.similarity import (
    HyperDGA,
    RelativeRepresentation,
    align,
    assignment_cost,
    chamfer,
    compare_sets,
    energy_distance,
    hausdorff,
    hyperdga,
    mixing_curve,
    mmd,
    pairwise_hyperdga,
    wasserstein,
)
from hyperkit.similarity._settings import Settings

MODELS = ["poincare", "klein", "hyperboloid", "halfspace", "tangent"]
# Roots of -K are powers of two: coordinates are scaled without rounding, and what has no unit stays to the last bit.
CURVATURES = [-4.0, -0.25]


def cloud(n, seed, d=2, shift=0.3):
    mean = np.r_[shift, np.zeros(d - 1)]
    return random_wrapped_normal(n, mean, random_state=seed)


class Space:
    """The same points in two spaces: at curvature -1, and `factor` times as large at `curvature`."""

    def __init__(self, model, curvature):
        self.model, self.curvature, self.factor = model, curvature, 1 / np.sqrt(-curvature)
        self.own = {"model": model, "curvature": curvature}
        self.unit = {"model": model}

    def both(self, poincare):
        table = convert(poincare, "poincare", self.model)
        return self.large(table), table

    def large(self, table):
        return table if self.model == "halfspace" else table * self.factor


@pytest.fixture(params=[(model, K) for model in MODELS for K in CURVATURES], ids=str)
def space(request):
    return Space(*request.param)


# --- curvature


def test_counts_and_p_values_are_the_same_at_every_curvature(space):
    (a, a1), (b, b1) = space.both(cloud(20, 0)), space.both(cloud(20, 1, shift=0.1))
    options = {"n_permutations": 30, "interval": 0.9, "paired": True}
    expected = HyperDGA(**space.unit).fit(a1).compare(b1, **options)
    assert HyperDGA(**space.own).fit(a).compare(b, **options) == expected
    assert HyperDGA(**space.own).fit(a).score(b) == expected.similarity
    assert compare_sets(a, b, **space.own, **options) == expected
    assert hyperdga(a, b, **space.own) == expected.similarity


def test_tables_of_many_sets_are_the_same_at_every_curvature(space):
    (a, a1), (b, b1), (c, c1) = (space.both(cloud(15 + k, k, shift=0.2 * k)) for k in range(3))
    expected = pairwise_hyperdga([a1, b1, c1], **space.unit).to_frame()
    pd.testing.assert_frame_equal(pairwise_hyperdga([a, b, c], **space.own).to_frame(), expected)
    labels = np.repeat(["a", "b", "c"], [15, 16, 17])
    stacked = pairwise_hyperdga(np.concatenate([a, b, c]), labels, **space.own)
    np.testing.assert_array_equal(stacked.to_frame()["n_ab"], expected["n_ab"])

    scores = {"chamfer": chamfer, "hausdorff": hausdorff, "hyperdga": hyperdga}
    expected = mixing_curve(a1, [b1, c1], scores=scores, **space.unit)
    found = mixing_curve(a, [b, c], scores=scores, **space.own)
    for name, power in (("chamfer", 2), ("hausdorff", 1)):
        np.testing.assert_allclose(found.pop(name), expected.pop(name) * space.factor**power, rtol=1e-12)
    pd.testing.assert_frame_equal(found, expected)


def test_distances_between_sets_are_lengths_of_their_space(space):
    (a, a1), (b, b1) = space.both(cloud(9, 0)), space.both(cloud(6, 1))
    powers = {chamfer: 2, hausdorff: 1, wasserstein: 1, assignment_cost: 1, energy_distance: 0.5, mmd: 0}
    for distance, power in powers.items():
        expected = distance(a1, b1, **space.unit) * space.factor**power
        assert distance(a, b, **space.own) == pytest.approx(expected, rel=1e-12)
    expected = mmd(a1, b1, bandwidth=0.7, **space.unit)
    assert mmd(a, b, bandwidth=0.7 * space.factor, **space.own) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("pairs", ["rows", None])
def test_alignments_are_those_of_their_space(space, pairs):
    noise = 0.01 * np.random.default_rng(0).normal(size=(12, 2))
    moved = translate(cloud(12, 0) + noise, [0.3, 0.1])
    (a, a1), (b, b1) = space.both(cloud(12, 0)), space.both(moved)
    unit, own = align(a1, b1, pairs=pairs, **space.unit), align(a, b, pairs=pairs, **space.own)
    assert (own.model, own.curvature) == (space.model, space.curvature)
    assert own.mean_squared_distance == pytest.approx(unit.mean_squared_distance * space.factor**2, rel=1e-9)
    np.testing.assert_array_equal(own.pairs, unit.pairs)
    np.testing.assert_allclose(own.rotation, unit.rotation, atol=1e-9)
    for name in ("aligned", "source", "target"):
        np.testing.assert_allclose(getattr(own, name), space.large(getattr(unit, name)), atol=1e-8)
    other, other1 = space.both(cloud(5, 3))
    np.testing.assert_allclose(own.transform(other), space.large(unit.transform(other1)), atol=1e-8)


def test_an_alignment_carries_its_source_to_its_target(space):
    a, b = (space.both(points)[0] for points in (cloud(12, 0), translate(cloud(12, 0), [0.3, 0.1])))
    found = align(a, b, pairs="rows", **space.own)
    np.testing.assert_allclose(found.transform(found.source[None])[0], found.target, atol=1e-12)


def test_relative_representations_are_lengths_of_their_space(space):
    (x, x1), (y, y1), (anchors, anchors1) = (space.both(cloud(n, n)) for n in (20, 7, 4))
    for given, given1 in ((5, 5), ([3, 1], [3, 1]), (anchors, anchors1)):
        own = RelativeRepresentation(anchors=given, normalize=False, **space.own).fit(x)
        unit = RelativeRepresentation(anchors=given1, normalize=False, **space.unit).fit(x1)
        np.testing.assert_allclose(own.transform(y), unit.transform(y1) * space.factor, rtol=1e-11)
        np.testing.assert_array_equal(own.anchors_, space.large(unit.anchors_))
    own = RelativeRepresentation(anchors=5, **space.own).fit(x)
    unit = RelativeRepresentation(anchors=5, **space.unit).fit(x1)
    np.testing.assert_allclose(own.mean_, unit.mean_ * space.factor, rtol=1e-12)
    np.testing.assert_allclose(own.std_, unit.std_ * space.factor, rtol=1e-12)
    np.testing.assert_allclose(own.transform(y), unit.transform(y1), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("curvature", CURVATURES)
def test_long_tangent_rows_are_scaled_as_their_space_asks(curvature):
    space = Space("tangent", curvature)
    rng = np.random.default_rng(0)
    a1, b1 = 20 * rng.normal(size=(15, 2)), 30 * rng.normal(size=(12, 2))
    a, b = space.large(a1), space.large(b1)
    longest = f"beyond polar radius {30 * space.factor:g}:"
    with pytest.warns(UserWarning, match="beyond polar radius 30:"):
        unit = HyperDGA(**space.unit).fit(a1)
    with pytest.warns(UserWarning, match=longest):
        own = HyperDGA(**space.own).fit(a)
    assert own.scale_ == pytest.approx(unit.scale_, rel=1e-14)
    assert np.linalg.norm(own.points_, axis=1).max() == pytest.approx(30 * space.factor, rel=1e-12)
    with pytest.warns(UserWarning, match="A and B stacked.*beyond polar radius 30:"):
        expected = compare_sets(a1, b1, **space.unit)
    with pytest.warns(UserWarning, match=f"A and B stacked.*{longest}"):
        assert compare_sets(a, b, **space.own) == expected
    with pytest.warns(UserWarning, match=f"all sets stacked.*{longest}"):
        assert pairwise_hyperdga([a, b], **space.own).similarity[0, 1] == expected.similarity


@pytest.mark.parametrize("curvature", [1.0, 0.0, np.nan, "flat"])
def test_a_curvature_that_is_none_is_named(curvature):
    A, B = cloud(6, 0), cloud(5, 1)
    calls = [
        lambda: HyperDGA(curvature=curvature).fit(A),
        lambda: RelativeRepresentation(anchors=2, curvature=curvature).fit(A),
        *(
            lambda function=function: function(A, B, curvature=curvature)
            for function in (hyperdga, compare_sets, align, chamfer, mmd)
        ),
        lambda: pairwise_hyperdga([A, B], curvature=curvature),
        lambda: mixing_curve(A, [B], curvature=curvature),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=r"curvature=.* must be a negative number"):
            call()


# --- fitted points


def test_fitted_points_are_those_of_the_user(space):
    x, _ = space.both(cloud(20, 0))
    np.testing.assert_array_equal(HyperDGA(**space.own).fit(x).points_, x)
    np.testing.assert_array_equal(RelativeRepresentation(anchors=[4, 2], **space.own).fit(x).anchors_, x[[4, 2]])


def test_a_fitted_estimator_can_be_pickled_and_cloned(space):
    a, b = (space.both(cloud(20, seed))[0] for seed in (0, 1))
    fitted = HyperDGA(**space.own).fit(a)
    again = pickle.loads(pickle.dumps(fitted))
    assert again.compare(b) == fitted.compare(b)
    assert clone(fitted).get_params() == fitted.get_params()
    assert clone(fitted).fit(a).compare(b) == fitted.compare(b)


# --- signatures

FUNCTIONS = [
    *(getattr(similarity, name) for name in similarity.__all__ if inspect.isfunction(getattr(similarity, name))),
    *(getattr(latents, name) for name in latents.__all__ if inspect.isfunction(getattr(latents, name))),
]
ESTIMATORS = [HyperDGA, RelativeRepresentation]
METHODS = [HyperDGA.fit, HyperDGA.score, HyperDGA.compare, RelativeRepresentation.fit, RelativeRepresentation.transform]
DATA = {"self", "A", "B", "X", "y", "z", "labels", "pairs", "series", "levels"}
DATA |= {"encoder", "manifold", "data", "batch", "reference"}  # of latents


def parameters(function):
    return inspect.signature(function).parameters


@pytest.mark.parametrize("function", [*FUNCTIONS, *METHODS], ids=lambda f: f.__qualname__)
def test_data_go_by_place_and_options_by_name(function):
    for parameter in parameters(function).values():
        expected = parameter.POSITIONAL_OR_KEYWORD if parameter.name in DATA else parameter.KEYWORD_ONLY
        assert parameter.kind == expected, parameter.name


@pytest.mark.parametrize("function", [*FUNCTIONS, *ESTIMATORS], ids=lambda f: f.__qualname__)
def test_what_takes_coordinates_takes_their_curvature_and_draws_alike_by_default(function):
    names = list(parameters(function))
    if function is not latents.quality and "manifold" not in names:  # which carries its curvature, as latents do
        assert names[names.index("model") + 1] == "curvature"
        assert parameters(function)["curvature"].default == -1.0
    if "random_state" in names:
        assert parameters(function)["random_state"].default == 0


def test_all_ways_to_compare_take_the_same_options():
    settings = {name: Settings._field_defaults[name] for name in Settings._fields}

    def options(*functions):
        return {p.name: p.default for f in functions for p in parameters(f).values() if p.name not in DATA}

    coordinates = {"model": "poincare", "curvature": -1.0}
    assert options(HyperDGA, HyperDGA.compare) == coordinates | settings
    assert options(compare_sets) == coordinates | settings
    encoding = options(latents.encode)
    assert encoding == {"output": None, "factor": None, "on_bad": "raise", "batch_size": 256, "device": None}
    assert options(latents.compare) == encoding | settings
    assert options(mixing_curve) == coordinates | settings | {"scores": None}
    without_effect = {"paired", "groups", "n_permutations", "interval", "scan"}  # on the similarity
    kept = {name: default for name, default in settings.items() if name not in without_effect}
    assert options(hyperdga) == coordinates | kept


@pytest.mark.parametrize("function", [*FUNCTIONS, *ESTIMATORS, HyperDGA.compare], ids=lambda f: f.__qualname__)
def test_help_names_every_parameter(function):
    for name in set(parameters(function)) - {"self"}:
        documented = [line for line in function.__doc__.splitlines() if line.startswith("    ")]
        assert any(name in line.split(" : ")[0].replace(",", " ").split() for line in documented), name


def test_options_of_a_comparison_reach_it_on_every_way():
    A, B = cloud(40, 0, d=7), cloud(30, 1, d=7)
    shared = {"method": "rays", "n_rays": 64, "random_state": 3, "n_jobs": 2}
    own = {"n_permutations": 20, "interval": 0.8}
    with pytest.warns(UserWarning, match="HyperDGA counts over"):
        expected = HyperDGA(**shared).fit(A).compare(B, **own)
    with pytest.warns(UserWarning, match="HyperDGA counts over"):
        assert compare_sets(A, B, **shared, **own) == expected
    with pytest.warns(UserWarning, match="HyperDGA counts over"):
        assert hyperdga(A, B, **shared) == expected.similarity
    del shared["method"]  # a sample is found by rays
    with pytest.warns(UserWarning, match="HyperDGA may miss edges at"):
        expected = HyperDGA(**shared).fit(A).compare(B, max_points=20)
    assert expected.standard_error > 0
    with pytest.warns(UserWarning, match="HyperDGA may miss edges at"):
        assert compare_sets(A, B, max_points=20, **shared) == expected
    with pytest.warns(UserWarning, match="HyperDGA may miss edges at"):
        assert hyperdga(A, B, max_points=20, **shared) == expected.similarity
    with pytest.warns(UserWarning, match="HyperDGA may miss edges at"):
        found = mixing_curve(A, [B], max_points=20, **shared)
    assert found.loc[0, "standard_error"] > 0


# --- pandas tables


@pytest.mark.parametrize("index_b", [pd.Index(["p", "q", "r"]), pd.MultiIndex.from_product([["p"], [1, 2, 3]]), None])
@pytest.mark.parametrize("index_a", [pd.Index([7, 5, 3, 1]), pd.date_range("2020", periods=4), None])
@pytest.mark.parametrize("method", ["compare", "compare_sets"])
def test_a_table_of_points_has_the_index_of_the_tables(method, index_a, index_b):
    A, B = cloud(4, 0), cloud(3, 1)
    a, b = (
        points if index is None else pd.DataFrame(points, index=index) for points, index in ((A, index_a), (B, index_b))
    )
    result = compare_sets(a, b) if method == "compare_sets" else HyperDGA().fit(a).compare(b)
    table = result.to_frame()
    pd.testing.assert_frame_equal(table.reset_index(drop=True), compare_sets(A, B).to_frame())
    labels_a = range(4) if index_a is None else index_a
    labels_b = range(3) if index_b is None else index_b
    expected = range(7) if index_a is index_b is None else [*labels_a, *labels_b]
    assert list(table.index) == list(expected)


def test_local_scores_can_be_joined_to_the_table_they_belong_to():
    A = pd.DataFrame(cloud(6, 0), columns=["x", "y"], index=list("fedcba"))
    B = pd.DataFrame(cloud(5, 1), columns=["x", "y"], index=list("abxyz"))  # labels of their own set
    table = HyperDGA().fit(A).compare(B).to_frame()
    for name, points in (("A", A), ("B", B)):
        scores = table[table["set"] == name]
        joined = points.join(scores)
        assert joined["row"].tolist() == list(range(len(points)))
        assert joined.index.tolist() == points.index.tolist()


def test_an_index_survives_a_pickle():
    A, B = (pd.DataFrame(cloud(4, seed), index=list("abcd")) for seed in (0, 1))
    fitted = pickle.loads(pickle.dumps(HyperDGA().fit(A)))
    table = pickle.loads(pickle.dumps(fitted.compare(B))).to_frame()
    assert table.index.tolist() == list("abcdabcd")


def test_categories_keep_their_order():
    A, B = cloud(6, 0), cloud(4, 1)
    stages = ["young", "adult", "old", "none"]  # not in the order of the alphabet
    labels_a = pd.Categorical(["old", "young", "adult"] * 2, categories=stages, ordered=True)
    labels_b = pd.Series(["adult", "old"] * 2, dtype=labels_a.dtype)
    result = compare_sets(A, B)
    assert result.label_scores(labels_a, labels_b).index.tolist() == ["young", "adult", "old"]
    assert result.label_scores(labels_b=labels_b).index.tolist() == ["adult", "old"]
    pd.testing.assert_frame_equal(
        result.label_scores(labels_a, labels_b).rename(index=str).sort_index(),
        result.label_scores(np.asarray(labels_a), np.asarray(labels_b)).rename(index=str),
        check_index_type=False,
    )
    pairs = pairwise_hyperdga(A, labels_a)
    assert pairs.names.tolist() == ["young", "adult", "old"]
    assert pairs.to_frame()[["a", "b"]].to_numpy().tolist() == [["young", "adult"], ["young", "old"], ["adult", "old"]]
    plain = pairwise_hyperdga(A, np.asarray(labels_a))  # adult, old, young
    np.testing.assert_array_equal(pairs.similarity, plain.similarity[np.ix_([2, 0, 1], [2, 0, 1])])
    with pytest.raises(ValueError, match="labels: row 1 is missing"):
        pairwise_hyperdga(A, labels_a.set_categories(["old", "adult"]))


def test_sets_of_a_mapping_have_its_keys_as_names():
    sets = {"late": cloud(9, 0), ("early", 1): cloud(8, 1), 3: cloud(7, 2)}
    pairs = pairwise_hyperdga(sets)
    assert pairs.names.tolist() == list(sets)
    np.testing.assert_array_equal(pairs.similarity, pairwise_hyperdga(list(sets.values())).similarity)
    assert pairs.to_frame()["b"].tolist() == [("early", 1), 3, 3]
    with pytest.raises(ValueError, match=r"X\[bad\]: row 1 has norm 1\.5"):
        pairwise_hyperdga({"good": cloud(9, 0), "bad": [[0.1, 0.2], [1.5, 0.0]]})
    frame = pd.DataFrame(cloud(20, 0), columns=["x", "y"])
    kinds = np.resize(["u", "v", "w"], 20)
    grouped = pairwise_hyperdga(dict(list(frame.groupby(kinds))))
    pd.testing.assert_frame_equal(grouped.to_frame(), pairwise_hyperdga(frame, kinds).to_frame())


def test_levels_keep_the_name_of_their_index():
    A, B = cloud(6, 0), cloud(5, 1)
    curve = mixing_curve(A, [B, A], pd.Index([10, 20], name="epoch"))
    assert (curve.index.name, curve.index.tolist()) == ("epoch", [10, 20])
    assert mixing_curve(A, [B]).index.name == "level"


def test_relative_representations_keep_the_index():
    X = pd.DataFrame(cloud(6, 0), columns=["x", "y"], index=list("fedcba"))
    relative = RelativeRepresentation(anchors=3).set_output(transform="pandas").fit(X)
    table = relative.transform(X.iloc[:2])
    assert table.index.tolist() == ["f", "e"]
    assert table.columns.tolist() == relative.get_feature_names_out().tolist()


# --- how results show themselves


def results():
    A, B = cloud(40, 0), cloud(35, 1)
    full = compare_sets(A, A, n_permutations=19, interval=0.9, paired=True)
    sampled = replace(full, standard_error=1 / 3, n_a=10**8, n_b=10**8, p_value=1.23456e-300)
    named = pairwise_hyperdga({"<b>": A, "a & b": B, "x" * 300: A})
    return [
        *(compare_sets(A, B), full, sampled, full.component_scores(), named),
        align(A[:10], A[:10], pairs="rows", curvature=-1 / 3),
        latents.LatentPoints(A, 2, np.arange(40) < 2),
    ]


def test_results_show_themselves_in_a_short_line_and_a_small_table():
    for result in results():
        line, page = repr(result), result._repr_html_()
        assert line.startswith(f"<{type(result).__name__} ")
        assert len(line) < 100
        assert "\n" not in line
        assert page.startswith("<table>")
        assert page.count("<tr>") == page.count("</tr>") <= 12
        assert len(page) < 1500
    page = results()[4]._repr_html_()
    assert "<td>&lt;b&gt;, a &amp; b, ...</td>" in page


def test_the_line_of_a_comparison_tells_the_score():
    A, B = [[0.0, 0.0], [0.1, 0.0], [0.0, 0.2]], [[0.6, 0.1], [0.7, 0.0]]
    result = compare_sets(A, B)
    words = dict(word.split("=") for word in repr(result)[1:-1].split()[1:] if word != "...")
    assert list(words)[:5] == ["similarity", "p_value", "relative_similarity", "n_a", "n_b"]
    for name, value in words.items():
        assert float(value) == pytest.approx(getattr(result, name), rel=1e-5)
