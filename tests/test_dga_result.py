"""Local scores by hand, components against a second computation, intervals and samples of points."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import HDBSCAN

from hyperkit import HyperbolicDelaunay, HyperDGA, convert, pairwise_distances, random_wrapped_normal
from hyperkit.similarity import compare_sets, mixing_curve, mixing_profile, pairwise_hyperdga
from hyperkit.similarity.scores import _components


def two_sets(n=80, m=60, seed=0, d=2, shift=0.3):
    rng = np.random.RandomState(seed)
    mean = np.r_[shift, np.zeros(d - 1)]
    return random_wrapped_normal(n, np.zeros(d), random_state=rng), random_wrapped_normal(m, mean, random_state=rng)


def test_local_scores_count_the_neighbours_of_each_row():
    A, B = two_sets()
    table = compare_sets(A, B).to_frame()
    adjacency = HyperbolicDelaunay(np.concatenate([A, B])).adjacency().toarray()
    assert table["n_neighbors"].tolist() == adjacency.sum(axis=1).tolist()
    other = np.r_[adjacency[:80, 80:].sum(axis=1), adjacency[80:, :80].sum(axis=1)]
    assert table["n_other"].tolist() == other.tolist()
    np.testing.assert_array_equal(table["local_similarity"], other / adjacency.sum(axis=1))
    assert table["set"].tolist() == ["A"] * 80 + ["B"] * 60
    assert table["row"].tolist() == [*range(80), *range(60)]


def test_rows_of_one_member_have_its_local_score():
    A, B = two_sets()
    plain = compare_sets(A, B).to_frame()
    repeated = compare_sets(np.concatenate([A, A[5:6]]), B).to_frame()
    columns = ["n_neighbors", "n_other", "local_similarity"]
    pd.testing.assert_frame_equal(
        repeated.loc[[5], columns].reset_index(drop=True), plain.loc[[5], columns].set_axis([0])
    )
    assert repeated.loc[80, columns].tolist() == plain.loc[5, columns].tolist()


def test_label_scores_sum_over_the_rows_of_a_label():
    A, B = two_sets()
    result = compare_sets(A, B)
    labels_a, labels_b = np.resize(["x", "y", "z"], 80), np.resize(["y", "w"], 60)
    table = result.label_scores(labels_a, labels_b)
    points = result.to_frame().assign(label=np.r_[labels_a, labels_b])
    for label, rows in points.groupby("label"):
        assert table.loc[label, "n_a"] == (rows["set"] == "A").sum()
        assert table.loc[label, "n_b"] == (rows["set"] == "B").sum()
        assert table.loc[label, "local_similarity"] == rows["n_other"].sum() / rows["n_neighbors"].sum()
    assert result.label_scores(labels_b=labels_b).index.tolist() == ["w", "y"]
    with pytest.raises(ValueError, match="give labels_a, labels_b or both"):
        result.label_scores()
    with pytest.raises(ValueError, match=r"labels_b has shape \(80,\); B has 60 rows"):
        result.label_scores(labels_b=labels_a)


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_a_row_with_a_missing_label_is_named_and_not_dropped(missing):
    A, B = two_sets(4, 3)
    result = compare_sets(A, B)
    for labels in (["x", "y", missing, "x"], pd.Series(["x", "y", missing, "x"])):
        with pytest.raises(ValueError, match=r"labels_a: row 2 is missing .* give it a label"):
            result.label_scores(labels)
        with pytest.raises(ValueError, match=r"labels: row 2 is missing .* give it a label"):
            pairwise_hyperdga(A, labels)
    assert result.label_scores(["x", "y", "nan", "x"]).index.tolist() == ["nan", "x", "y"]  # a text is a label


def test_components_follow_the_conventions_of_the_paper():
    rng = np.random.RandomState(1)
    means = convert(np.array([[2.5, 0.0], [-2.5, 0.0], [0.0, 2.5]]), "tangent", "poincare")
    sizes_a, sizes_b = (40, 30, 5), (40, 0, 30)
    A = np.concatenate(
        [random_wrapped_normal(n, m, scale=0.3, random_state=rng) for n, m in zip(sizes_a, means, strict=True)]
    )
    B = np.concatenate(
        [random_wrapped_normal(n, m, scale=0.3, random_state=rng) for n, m in zip(sizes_b, means, strict=True) if n]
    )
    scores = compare_sets(A, B).component_scores()
    union = np.concatenate([A, B])
    labels = HDBSCAN(
        min_cluster_size=5, min_samples=6, metric="precomputed", allow_single_cluster=True, copy=True
    ).fit_predict(pairwise_distances(union))
    np.testing.assert_array_equal(np.r_[scores.components_a, scores.components_b], labels)
    edges = HyperbolicDelaunay(union).edges
    is_a = np.arange(len(union)) < len(A)
    fundamental = []
    for component, row in scores.table.iterrows():
        inside = labels == component
        n_a, n_b = np.sum(inside & is_a), np.sum(inside & ~is_a)
        own = edges[inside[edges].all(axis=1)]
        n_ab = np.sum(is_a[own[:, 0]] != is_a[own[:, 1]])
        assert (row["n_a"], row["n_b"], row["n_edges"], row["n_ab"]) == (n_a, n_b, len(own), n_ab)
        assert row["consistency"] == pytest.approx(1 - abs(n_a - n_b) / (n_a + n_b), rel=1e-14)
        assert row["quality"] == (n_ab / len(own) if len(own) else 0)
        assert row["fundamental"] == (row["consistency"] > 0.5 and row["quality"] > 0.3)
        if row["fundamental"]:
            fundamental.append(component)
    assert len(scores.table) >= 3
    assert 0 < len(fundamental) < len(scores.table)
    assert scores.precision == np.mean(np.isin(scores.components_b, fundamental))
    assert scores.recall == np.mean(np.isin(scores.components_a, fundamental))
    weights = scores.table["n_a"] + scores.table["n_b"]
    assert scores.consistency == pytest.approx(np.average(scores.table["consistency"], weights=weights), rel=1e-14)


def test_few_points_are_noise_and_too_many_an_error(monkeypatch):
    scores = compare_sets(*two_sets(3, 2)).component_scores()
    assert scores.table.index.tolist() == [-1]
    monkeypatch.setattr(_components, "_MOST_MEMBERS", 100)
    with pytest.raises(ValueError, match=r"A and B have 140 distinct points, and HDBSCAN .* takes at most 100"):
        compare_sets(*two_sets()).component_scores()


def test_intervals_are_near_the_spread_over_fresh_samples():
    results = [
        HyperDGA(random_state=s).fit(A).compare(B, interval=0.9) for s in range(25) for A, B in [two_sets(150, 150, s)]
    ]
    truth = np.mean([r.similarity for r in results])
    spread = np.std([r.similarity for r in results], ddof=1)
    widths = [r.interval[1] - r.interval[0] for r in results]
    # 1.645 standard deviations on either side; 25 samples know the spread to 15 %.
    assert np.mean(widths) == pytest.approx(2 * 1.645 * spread, rel=0.45)
    hits = sum(r.interval[0] <= truth <= r.interval[1] for r in results)
    assert hits >= 18  # binomial(25, 0.9) is smaller with probability 0.1 %
    assert all(0 <= r.interval[0] < r.similarity < r.interval[1] <= 1 for r in results)


def test_intervals_do_not_depend_on_the_jobs_and_pairs_are_drawn_together():
    A, B = two_sets(60, 60)
    one, two = (HyperDGA(n_jobs=n).fit(A).compare(B, interval=0.95) for n in (None, 2))
    assert one == two
    paired = HyperDGA().fit(A).compare(B, interval=0.95, paired=True)
    assert paired.interval != one.interval


@pytest.mark.filterwarnings("ignore:HyperDGA may miss edges")
def test_a_sample_of_points_estimates_the_share_of_the_whole_graph():
    A, B = two_sets(250, 200, d=4)
    B = np.concatenate([B, A[:30]])  # shared points have edges of their own
    whole = HyperDGA().fit(A).compare(B)
    assert whole.standard_error == 0
    samples = [HyperDGA(random_state=s).fit(A).compare(B, max_points=60) for s in range(30)]
    scores = np.array([s.similarity for s in samples])
    errors = np.array([s.standard_error for s in samples])
    assert scores.mean() == pytest.approx(whole.similarity, abs=4 * scores.std() / np.sqrt(30))
    assert errors.mean() == pytest.approx(scores.std(ddof=1), rel=0.4)  # 30 samples know the spread to 13 %
    assert all(s.n_edges < whole.n_edges for s in samples)
    assert {(s.n_a, s.n_b, s.n_shared) for s in samples} == {(250, 230, 30)}


def test_low_dimensions_and_small_sets_are_always_counted_whole():
    A, B = two_sets()
    assert HyperDGA().fit(A).compare(B, max_points=10) == HyperDGA().fit(A).compare(B)
    A, B = two_sets(30, 30, d=4)
    assert HyperDGA().fit(A).compare(B, max_points=60) == HyperDGA().fit(A).compare(B)


def test_intervals_and_samples_that_make_no_sense_are_named():
    A, B = two_sets(30, 30, d=4)
    dga = HyperDGA().fit(A)
    for interval in (0, 1, 95, "0.9"):
        with pytest.raises(ValueError, match=f"interval={interval!r} must be a confidence level"):
            dga.compare(B, interval=interval)
    with pytest.raises(ValueError, match="which have 30 and 3 rows; it needs at least 4"):
        dga.compare(B[:3], interval=0.9)
    with pytest.raises(ValueError, match="max_points=1 must be a whole number of at least 2"):
        dga.compare(B, max_points=1)
    with pytest.raises(ValueError, match="leave one of the two out"):
        dga.compare(B, max_points=20, interval=0.9)
    exact = HyperDGA(method="exact").fit(A)
    with pytest.raises(ValueError, match=r"method='exact' finds the whole graph, and max_points=20"):
        exact.compare(B, max_points=20)
    assert exact.compare(B, max_points=60) == dga.compare(B)


@pytest.mark.filterwarnings("ignore:HyperDGA may miss edges")
def test_a_sampled_graph_has_no_component_scores():
    A, B = two_sets(30, 30, d=4)
    with pytest.raises(ValueError, match="compare without max_points"):
        HyperDGA().fit(A).compare(B, max_points=20).component_scores()


def test_a_result_without_a_graph_says_so():
    result = replace(compare_sets(*two_sets(5, 5)), p_value=0.5)
    assert result.p_value == 0.5
    for method in (result.to_frame, result.component_scores, lambda: result.label_scores(["x"] * 5)):
        with pytest.raises(ValueError, match="numbers and no graph"):
            method()


def test_a_result_is_its_numbers_and_keeps_its_graph_where_it_is_copied():
    A, B = two_sets(30, 40, 0)
    result = HyperDGA().fit(A).compare(B)
    assert vars(result) == asdict(result)
    for twin in (pickle.loads(pickle.dumps(result)), copy.copy(result), copy.deepcopy(result)):
        assert twin == result
        pd.testing.assert_frame_equal(twin.to_frame(), result.to_frame())
    with pytest.raises(ValueError, match="has numbers and no graph"):
        pickle.loads(pickle.dumps(replace(result, n_a=3))).to_frame()


def test_the_line_of_a_result_tells_what_was_asked_for():
    A, B = (random_wrapped_normal(60, random_state=seed) for seed in (0, 1))
    one, other = np.arange(60) // 10, 6 + np.arange(60) // 10
    plain = repr(compare_sets(A, B))
    assert re.search(r"^<DGAResult similarity=\S+ p_value=\S+ relative_similarity=\S+ n_a=60 n_b=60 ", plain)
    assert re.search(r" p_value=\S+ hops=3 p_value_scan=0\.\d+ ", repr(compare_sets(A, B, hops=3, scan=True)))
    apart = compare_sets(A, B, groups=(one, other))
    assert " n_groups_a=6 n_groups_b=6" in repr(apart)
    assert " n_groups_shared=6 least_p_value=0.03125" in repr(compare_sets(A, B, groups=(one.astype(str),) * 2))
    assert "n groups a" in compare_sets(A, B, hops=2, groups=(one, other), scan=True)._repr_html_()


def test_so_few_permutations_that_no_p_value_can_be_small_are_told():
    A, B = two_sets(30, 30)
    calls = (
        lambda n: compare_sets(A, B, n_permutations=n),
        lambda n: compare_sets(A, B, n_permutations=n, scan=True),
        lambda n: mixing_profile(A, B, n_permutations=n, max_hops=2),
        lambda n: mixing_curve(A, [B, A], n_permutations=n),
    )
    for call in calls:
        with pytest.warns(UserWarning, match=r"n_permutations=18: no p-value from 19 .* can be below 0\.053") as said:
            call(18)
        assert (len(said), said[0].filename) == (1, __file__)
        call(19)
    groups = [of + np.arange(30) // 5 for of in (0, 6)]
    assert compare_sets(A, B, n_permutations=1, groups=groups).n_labellings == 924  # all of them
