"""Many sets: every pair against its own comparison, joint graphs against a count by hand, jobs and a real cluster."""

from __future__ import annotations

import os
import signal
import warnings
from dataclasses import asdict

import joblib
import numpy as np
import pandas as pd
import pytest
from scipy.stats import false_discovery_control

from hyperkit import HyperbolicDelaunay, HyperDGA, chamfer, convert, random_wrapped_normal
from hyperkit.similarity import mixing_curve, pairwise_hyperdga


def clouds(k=4, n=30, d=2, spread=1.0):
    rng = np.random.RandomState(0)
    means = convert(spread * rng.normal(size=(k, d)), "tangent", "poincare")
    return [random_wrapped_normal(n + i, mean, random_state=rng) for i, mean in enumerate(means)]


def test_every_pair_is_the_comparison_of_the_two():
    sets = clouds()
    result = pairwise_hyperdga(sets)
    table = result.to_frame()
    assert list(zip(table["a"], table["b"], strict=True)) == [(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
    for row in table.itertuples():
        expected = HyperDGA().fit(sets[row.a]).compare(sets[row.b])
        for name, value in asdict(expected).items():
            assert getattr(row, name) == value or (value is None and np.isnan(getattr(row, name)))
        assert result.similarity[row.a, row.b] == result.similarity[row.b, row.a] == expected.similarity
        assert result.p_value[row.a, row.b] == expected.p_value
    np.testing.assert_array_equal(np.diag(result.similarity), 1)
    np.testing.assert_array_equal(np.diag(result.z_score), 0)


@pytest.mark.parametrize(
    "asked", [{}, {"n_permutations": 19}, {"interval": 0.9}, {"n_permutations": 19, "interval": 0.9}]
)
def test_tables_have_columns_of_numbers(asked):
    sets = clouds(3)
    curve = mixing_curve(sets[0], sets[1:], **asked)
    results = [HyperDGA().fit(sets[0]).compare(B, **asked) for B in sets[1:]]
    for table in (curve, pairwise_hyperdga(sets).to_frame(), pairwise_hyperdga(sets, joint=True).to_frame()):
        assert all(dtype.kind in "bif" for dtype in table.dtypes)
        assert {*asdict(results[0])} <= {*table.columns}
    assert curve["p_value_permutation"].notna().all() == ("n_permutations" in asked)
    ends = curve[["interval_low", "interval_high"]]
    assert ends.notna().all(axis=None) == ("interval" in asked)
    for result, pair in zip(results, ends.to_numpy(), strict=True):
        assert (result.interval is None) == ("interval" not in asked)
        assert result.interval is None or pair[0] < result.similarity < pair[1]


@pytest.mark.parametrize("names", ["names", "numbers", "categories"])
def test_results_can_be_kept_with_the_cells(tmp_path, names):
    anndata = pytest.importorskip("anndata")
    P = np.concatenate(clouds(3))
    labels = {"names": np.repeat(["b", "c", "a"], [30, 31, 32]), "numbers": np.repeat([0, 1, 2], [30, 31, 32])}
    labels["categories"] = pd.Series(pd.Categorical(labels["names"]))
    result = HyperDGA().fit(P[:30]).compare(P[30:], n_permutations=19, interval=0.9)
    pairs = pairwise_hyperdga(P, labels[names])
    kept = {
        "points": result.to_frame(),
        "labels": result.label_scores(np.arange(30) % 3, np.arange(63) % 3),
        "pairs": pairs.to_frame(),
        "result": vars(result),
        "numbers": asdict(result),
        "pairwise": vars(pairs),
    }
    cells = anndata.AnnData(P, uns=kept)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # row numbers become strings
        cells.write_h5ad(tmp_path / "cells.h5ad")
        read = anndata.read_h5ad(tmp_path / "cells.h5ad").uns
    assert read["result"] == asdict(result)
    np.testing.assert_array_equal(read["pairs"]["p_value_corrected"], pairs.to_frame()["p_value_corrected"])


def test_one_table_with_labels_is_the_sets_of_its_labels():
    sets = clouds(3)
    labels = np.repeat(["b", "c", "a"], [len(s) for s in sets])
    order = np.random.default_rng(0).permutation(len(labels))
    result = pairwise_hyperdga(np.concatenate(sets)[order], labels[order])
    assert result.names.tolist() == ["a", "b", "c"]
    np.testing.assert_array_equal(result.similarity, pairwise_hyperdga([sets[2], sets[0], sets[1]]).similarity)


def test_the_joint_graph_of_two_sets_is_their_own():
    sets = clouds(2)
    own, joint = pairwise_hyperdga(sets), pairwise_hyperdga(sets, joint=True)
    pd.testing.assert_frame_equal(own.to_frame(), joint.to_frame())


def test_a_pair_has_the_edges_of_the_joint_graph_among_the_two():
    sets = clouds(3)
    sets[1] = np.concatenate([sets[1], sets[1][:2], sets[0][:1]])  # rows that repeat, and a shared point
    labels = np.repeat([0, 1, 2], [len(s) for s in sets])
    graph = HyperbolicDelaunay(np.concatenate(sets))
    members = {(graph.inverse[row], labels[row]) for row in range(len(labels))}
    edges = {frozenset(edge) for edge in graph.edges.tolist()} | {frozenset([p]) for p in range(len(labels))}
    counts = np.zeros((3, 3), dtype=int)
    for p, a in members:
        for q, b in members:
            counts[a, b] += (p, a) < (q, b) and frozenset([p, q]) in edges
    counts += np.triu(counts.T, 1)
    for row in pairwise_hyperdga(sets, joint=True).to_frame().itertuples():
        a, b = row.a, row.b
        assert (row.n_aa, row.n_bb) == (counts[a, a], counts[b, b])
        assert row.n_ab == counts[min(a, b), max(a, b)]
        assert (row.n_a, row.n_b) == tuple(len({m for m in members if m[1] == s}) for s in (a, b))
        assert row.n_shared == (row.a == 0 and row.b == 1)
        assert row.n_repeated == (2 if 1 in (a, b) else 0)


def test_sets_that_others_keep_apart_share_no_edge_of_the_joint_graph():
    line = np.linspace(-0.8, 0.8, 9)[:, None]
    labels = np.repeat([0, 1, 2], 3)
    joint = pairwise_hyperdga(line, labels, joint=True)
    assert joint.similarity[0, 2] == 0
    assert joint.similarity[0, 1] == 1 / 5
    assert pairwise_hyperdga(line, labels).similarity[0, 2] == 1 / 5
    single = pairwise_hyperdga([[[-0.5]], [[0.0]], [[0.5]]], joint=True)
    assert (single.similarity[0, 2], single.p_value[0, 2], single.z_score[0, 2]) == (0, 1, 0)


def test_corrections_are_those_of_their_names():
    sets = clouds(4, spread=0.2)
    p = pairwise_hyperdga(sets).to_frame()["p_value"].to_numpy()
    holm = pairwise_hyperdga(sets).to_frame()["p_value_corrected"].to_numpy()
    for i, value in enumerate(p):
        expected = max(min(1, (len(p) - np.sum(p < other)) * other) for other in p[p <= value])
        assert holm[i] == pytest.approx(expected, rel=1e-14)
    for method in ("bh", "by"):
        found = pairwise_hyperdga(sets, correction=method).to_frame()["p_value_corrected"]
        np.testing.assert_allclose(found, false_discovery_control(p, method=method), rtol=1e-14)
    with pytest.raises(ValueError, match="correction='tukey' must be one of"):
        pairwise_hyperdga(sets, correction="tukey")


def test_long_tangent_rows_shrink_all_sets_alike():
    sets = [convert(s, "poincare", "tangent") for s in clouds(3)]
    sets[2] = np.concatenate([sets[2], [[60.0, 0.0]]])
    with pytest.warns(UserWarning, match="all sets stacked: row .* has length 60"):
        result = pairwise_hyperdga(sets, model="tangent")
    half = pairwise_hyperdga([s / 2 for s in sets], model="tangent")
    np.testing.assert_array_equal(result.similarity, half.similarity)


def test_arguments_that_make_no_sense_are_named():
    sets = clouds(2)
    with pytest.raises(ValueError, match="X has 1 set"):
        pairwise_hyperdga(sets[:1])
    with pytest.raises(ValueError, match=r"labels has shape \(3,\); X has 30 rows"):
        pairwise_hyperdga(sets[0], [1, 2, 3])
    with pytest.raises(ValueError, match=r"labels: row 1 is missing \(nan\)"):
        pairwise_hyperdga(sets[0][:3], [1.0, np.nan, 2.0])
    with pytest.raises(ValueError, match=r"X\[1\]: row 1 has norm"):
        pairwise_hyperdga([sets[0], [[0.1, 0.1], [1.5, 0.0]]])
    with pytest.raises(ValueError, match="X: row 2 is not finite"):
        pairwise_hyperdga([[0.1, 0.1], [0.2, 0.0], [np.nan, 0.0], [0.3, 0.1]], ["a", "b", "a", "b"])
    with pytest.raises(ValueError, match="levels has 1 entries and series 2 sets"):
        mixing_curve(sets[0], sets, [0])
    with pytest.raises(ValueError, match=r"series\[1\] has 3; they must agree"):
        mixing_curve(sets[0], [sets[1], np.zeros((4, 3))])


def test_a_curve_has_the_comparison_of_each_level_and_further_scores():
    A, *series = clouds(4)
    curve = mixing_curve(A, series, ["x", "y", "z"], scores={"chamfer": chamfer}, n_permutations=50)
    assert curve.index.tolist() == ["x", "y", "z"]
    for level, B in zip("xyz", series, strict=True):
        assert curve.loc[level, "n_ab"] == HyperDGA().fit(A).compare(B).n_ab
        assert curve.loc[level, "chamfer"] == chamfer(A, B)
        assert 0 < curve.loc[level, "p_value_permutation"] <= 1


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_results_do_not_depend_on_the_jobs(backend):
    sets = clouds()
    serial = pairwise_hyperdga(sets).to_frame()
    with joblib.parallel_config(backend=backend):
        pd.testing.assert_frame_equal(pairwise_hyperdga(sets, n_jobs=2).to_frame(), serial)


@pytest.mark.filterwarnings("ignore")  # of the cluster's own libraries, and of its worker's end
def test_a_dask_cluster_gives_the_serial_bits_though_a_worker_dies_half_way():
    distributed = pytest.importorskip("distributed")

    class Killer(distributed.SchedulerPlugin):
        """Kills a worker once `after` tasks are done, and counts those that are done later."""

        def __init__(self, pid, after):
            self.pid, self.after, self.done, self.killed_at = pid, after, 0, None

        def transition(self, key, start, finish, *args, **kwargs):
            self.done += finish == "memory" and start == "processing"
            if self.done >= self.after and self.killed_at is None:
                self.killed_at = self.done
                os.kill(self.pid, signal.SIGKILL)

    sets = clouds(k=8, n=10_000)
    serial = pairwise_hyperdga(sets).to_frame()
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        pids = list(client.run(os.getpid).values())
        killer = Killer(pids[0], after=10)
        cluster.scheduler.add_plugin(killer, name="killer")
        with joblib.parallel_config(backend="dask"):
            found = pairwise_hyperdga(sets).to_frame()
        assert pids[0] not in client.run(os.getpid).values()
    assert len(pids) == 2
    assert killer.killed_at < killer.done  # there was work left
    pd.testing.assert_frame_equal(found, serial)


def test_sets_whose_names_print_alike_stay_apart():
    sets = {1: [[0.1, 0.0], [0.2, 0.1]], "1": [[0.6, 0.1]], 1.5: [[0.0, 0.3]], "1.5": [[0.5, 0.5]]}
    result = pairwise_hyperdga(sets)
    assert result.names.tolist() == list(sets)
    np.testing.assert_array_equal(result.similarity, pairwise_hyperdga(list(sets.values())).similarity)


@pytest.mark.parametrize("curvature", [-1.0, -4.0])
def test_further_scores_are_of_the_sets_that_are_compared(curvature):
    rng = np.random.default_rng(0)
    A, B, C = 9 * rng.normal(size=(3, 12, 2))
    C[3] = [300.0, 400.0]
    shrink = 30 / np.sqrt(-curvature) / 500
    space = {"model": "tangent", "curvature": curvature}
    with pytest.warns(UserWarning, match="row 27 has length 500"):
        found = mixing_curve(A, [B, C], scores={"chamfer": chamfer}, **space)
    own = mixing_curve(shrink * A, [shrink * B, shrink * C], scores={"chamfer": chamfer}, **space)
    np.testing.assert_allclose(found["chamfer"], own["chamfer"], rtol=1e-9)
    np.testing.assert_array_equal(found["similarity"], own["similarity"])


def test_rows_of_a_labelled_table_have_their_numbers_in_it():
    table = 0.5 * np.eye(2)[[0, 1, 0, 1, 0]] * np.arange(1, 6)[:, None] / 5
    labels = ["b", "a", "b", "a", "b"]
    table[2] = [1e-70, 0.1]
    with pytest.raises(ValueError, match=r"^X: row 2 has Poincaré coordinates"):
        pairwise_hyperdga(table, labels)
    far = 10 * table
    far[2] = [100.0, 0.0]
    with pytest.warns(UserWarning, match=r"^X: row 2 has length 100"):
        pairwise_hyperdga(far, labels, model="tangent")
    with pytest.raises(ValueError, match=r"^X: row 2 lies too far out"):
        pairwise_hyperdga(np.where(np.arange(5)[:, None] == 2, [0.0, 1e-17], 1 + table), labels, model="halfspace")
