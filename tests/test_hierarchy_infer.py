"""One-call inference, support by bootstrap and jitter, and clusters of Steiner trees."""

import itertools
import os
import signal
import sys
import threading
import time
import warnings
from dataclasses import replace
from types import ModuleType

import joblib
import numpy as np
import pandas as pd
import pytest
from hierarchies import path_lengths, random_tree
from scipy.sparse import csr_array
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.parallel import delayed
from test_hierarchy_joining import binary_tree, noisy, row_distances
from test_steiner_leaves import split_keys
from threadpoolctl import threadpool_info, threadpool_limits

import hyperkit as hk
from hyperkit import _jobs
from hyperkit.embedding import HyperbolicEncoder, HyperbolicMDS
from hyperkit.hierarchy import SteinerClustering, _replicates, bootstrap, infer, neighbor_joining, stability
from hyperkit.hierarchy._clustering import _nearest_rows
from hyperkit.hierarchy._split_keys import splits
from hyperkit.hierarchy._tree_builder import embedded

QUICK = HyperbolicMDS(3, weight_power=2, n_init=1, max_iter=1000, tol=0.1, metric="euclidean")


def features(n_groups=3, n_each=4, n_features=60, seed=0):
    """Rows in groups, far apart."""
    rng = np.random.default_rng(seed)
    centres = np.repeat(rng.normal(size=(n_groups, n_features)) * 3, n_each, axis=0)
    return centres + rng.normal(size=centres.shape)


@pytest.mark.parametrize("consensus", [False, True])
def test_a_phylogeny_is_inferred_from_its_distances(consensus, monkeypatch):
    monkeypatch.setattr(hk.hierarchy._infer, "_DIMENSIONS", (3,))
    truth = binary_tree(16, 0)
    distances = noisy(row_distances(truth), 0.03, 0)
    names = [f"species {k}" for k in range(16)]
    frame = pd.DataFrame(distances, index=names, columns=names)
    found = infer(frame, metric="precomputed", leaves=True, consensus=consensus)
    assert found.names[found.node_of_rows].tolist() == names
    assert len(split_keys(found) & split_keys(truth)) >= 10
    # In the units of the distances; ways along a tree are longer than straight ones.
    assert np.corrcoef(row_distances(found).ravel(), distances.ravel())[0, 1] > 0.98
    larger = infer(8 * distances, metric="precomputed", leaves=True, consensus=consensus)
    np.testing.assert_allclose(larger.length, 8 * found.length, rtol=0.01, atol=0.01)
    if consensus:
        assert np.nanmin(found.support) > 0.5


def test_points_are_not_embedded_anew():
    points = hk.random_wrapped_normal(20, [0.0, 0.0], scale=1.5, random_state=0)
    found = infer(points, metric="hyperbolic", curvature=-1.0, root="midpoint")
    expected = hk.hierarchy.from_steiner(hk.HyperSteiner().fit(points).tree_).root_at("midpoint")
    np.testing.assert_array_equal(found.parent, expected.parent)
    np.testing.assert_array_equal(found.length, expected.length)
    joined = infer(points, metric="hyperbolic", tree="neighbor_joining")
    assert split_keys(joined) == split_keys(neighbor_joining(points))


@pytest.mark.parametrize("consensus", [False, True])
def test_iterations_that_a_warning_asks_for_can_be_given(consensus, monkeypatch):
    monkeypatch.setattr(hk.hierarchy._infer, "_DIMENSIONS", (3,))
    table = features()
    with pytest.warns(ConvergenceWarning, match="max_iter=1 iterations.*Increase max_iter"):
        infer(table, max_iter=1, leaves=True, consensus=consensus)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        infer(table, max_iter=5000, leaves=True, consensus=consensus)


def test_the_consensus_of_methods_needs_leaves_and_something_to_embed():
    with pytest.raises(ValueError, match="needs leaves=True"):
        infer(features(), consensus=True)
    with pytest.raises(ValueError, match="is over several embeddings"):
        infer([[0.0, 0.1]], metric="hyperbolic", consensus=True, leaves=True)


def test_support_is_the_share_of_the_replicates_with_a_split_and_groups_that_are_far_apart_have_all():
    table = pd.DataFrame(features(), index=[f"cell {k}" for k in range(12)])
    found = bootstrap(table, embed=QUICK, leaves=True, n_replicates=8)
    tree = found.hierarchy
    assert tree.names[tree.node_of_rows].tolist() == table.index.tolist()
    assert len(found.replicates) == 8
    shares = tree.support[~np.isnan(tree.support)]
    assert set(np.round(shares * 8)) <= set(range(9))
    for group in range(3):
        top = tree.lca(*[tree.node_of(4 * group + k) for k in (0, 1)])
        for k in (2, 3):
            top = tree.lca(top, tree.node_of(4 * group + k))
        assert tree.size[top] < len(tree)
    assert len(split_keys(found.consensus)) >= 2
    assert len({one.curvature for one in found.replicates}) > 1
    assert found.consensus.curvature == tree.curvature
    assert "n_replicates=8" in repr(found)


def test_every_number_of_jobs_gives_the_same_bits():
    table = features()
    serial, other = (bootstrap(table, embed=QUICK, n_replicates=6, n_jobs=n_jobs) for n_jobs in (1, 2))
    for one, two in ((serial.hierarchy, other.hierarchy), (serial.consensus, other.consensus)):
        np.testing.assert_array_equal(one.support, two.support)
        np.testing.assert_array_equal(one.length, two.length)
        np.testing.assert_array_equal(one.parent, two.parent)


@pytest.mark.filterwarnings("ignore")  # of the cluster's own libraries, and of its worker's end
def test_a_dask_cluster_completes_a_bootstrap_though_a_worker_dies():
    distributed = pytest.importorskip("distributed")

    class Killer(distributed.SchedulerPlugin):
        def __init__(self, pid):
            self.pid, self.done, self.killed_at = pid, 0, None

        def transition(self, key, start, finish, *args, **kwargs):
            self.done += finish == "memory" and start == "processing"
            if self.done >= 4 and self.killed_at is None:
                self.killed_at = self.done
                os.kill(self.pid, signal.SIGKILL)

    table = features()
    serial = bootstrap(table, embed=QUICK, n_replicates=5)  # on the cluster some fifty tasks, as starts are spread too
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        distributed.Client(cluster) as client,
    ):
        killer = Killer(next(iter(client.run(os.getpid).values())))
        cluster.scheduler.add_plugin(killer, name="killer")
        with joblib.parallel_config(backend="dask"):
            found = bootstrap(table, embed=QUICK, n_replicates=5)
    assert killer.killed_at < killer.done
    assert len(found.replicates) == 5
    np.testing.assert_array_equal(found.hierarchy.support, serial.hierarchy.support)


def interrupt_after(n, then):
    """A task that sends Ctrl-C when it is called for the n-th time, and swallows it as embeddings do."""
    calls = itertools.count(1)

    def task(points, **kwargs):
        call = next(calls)
        time.sleep(0.01)
        if call == n:
            try:
                os.kill(os.getpid(), signal.SIGINT)
                time.sleep(0.1)
            except KeyboardInterrupt:
                if then == "raise":
                    raise
        return neighbor_joining(points, **kwargs)

    return task


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals go to the main thread")
@pytest.mark.parametrize("then", ["raise", "go on"])
@pytest.mark.parametrize("n_jobs", [1, 2])
def test_ctrl_c_leaves_what_is_done(then, n_jobs):
    before = signal.getsignal(signal.SIGINT)
    points = hk.random_wrapped_normal(10, [0.0, 0.0], scale=1.5, random_state=0)
    with pytest.warns(UserWarning, match=r"Ctrl-C: the result is that of \d+ replicates of 30"):
        found = stability(points, scale=0.1, tree=interrupt_after(20, then), n_replicates=30, n_jobs=n_jobs)
    assert 1 <= len(found.replicates) < 30
    assert not np.isnan(found.hierarchy.support).all()
    assert signal.getsignal(signal.SIGINT) is before
    time.sleep(0.3)  # threads that were at work end, and with them what scikit-learn does to the filters of warnings


def test_ctrl_c_before_anything_is_done_is_ctrl_c():
    points = hk.random_wrapped_normal(10, [0.0, 0.0], random_state=0)
    with pytest.raises(KeyboardInterrupt):
        stability(points, scale=0.1, tree=interrupt_after(2, "go on"), n_replicates=5)


def test_interrupts_are_left_alone_outside_the_main_thread():
    found = []
    thread = threading.Thread(target=lambda: found.append(_jobs.run_until_stopped([delayed(int)("3")], 1, False, "")))
    thread.start()
    thread.join()
    assert found == [[3]]


@pytest.fixture
def set_interrupt():
    before = signal.getsignal(signal.SIGINT)
    yield lambda handler: signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGINT, before)


def interrupted(i):
    if i == 2:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
    return i


def test_ignored_interrupts_stop_nothing(set_interrupt):
    set_interrupt(signal.SIG_IGN)  # as under nohup
    assert _jobs.run_until_stopped([delayed(interrupted)(i) for i in range(5)], 1, False, "") == list(range(5))
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_interrupts_that_would_end_the_process_stop_the_tasks(set_interrupt):
    set_interrupt(signal.SIG_DFL)
    assert _jobs.run_until_stopped([delayed(interrupted)(i) for i in range(5)], 1, False, "") == [0, 1]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_DFL


def test_a_handler_that_is_not_of_python_is_left_alone(monkeypatch):
    monkeypatch.setattr(signal, "getsignal", lambda number: None)
    assert _jobs.run_until_stopped([delayed(int)("3")], 1, False, "") == [3]


def test_blas_has_its_threads_again_after_tasks_that_overlap():
    def n_threads():
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}

    with threadpool_limits(2, user_api="blas"):
        both, first_left, seen = threading.Barrier(2), threading.Event(), []

        def leaves_first():
            with _jobs.one_blas_thread():
                both.wait(10)
            first_left.set()

        def leaves_last():
            with _jobs.one_blas_thread():
                both.wait(10)
                first_left.wait(10)
                seen.append(n_threads())

        threads = [threading.Thread(target=leaves_first), threading.Thread(target=leaves_last)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert seen == [{1}]
        assert n_threads() == {2}
        with pytest.raises(ZeroDivisionError), _jobs.one_blas_thread(), _jobs.one_blas_thread():
            _ = 1 / 0
        assert n_threads() == {2}


def test_one_thread_is_for_openmp_too_and_ends():
    def n_threads():
        return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "openmp"}

    with threadpool_limits(2, user_api="openmp"):
        with _jobs.one_thread():
            assert n_threads() == {1}
        assert n_threads() == {2}


def test_libraries_that_come_with_a_module_are_limited_too(monkeypatch):
    known = _jobs._libraries()
    assert _jobs._libraries() is known
    monkeypatch.setitem(sys.modules, "torch_of_its_own_openmp", ModuleType("torch_of_its_own_openmp"))
    assert _jobs._libraries() is not known


def test_features_of_a_block_are_drawn_together(monkeypatch):
    seen = []

    def embed(table, **_):
        seen.append(table)
        return hk.hierarchy._tree_builder.Embedded(table[:, :2] / 100, "poincare", -1.0)

    monkeypatch.setattr(hk.hierarchy._bootstrap, "embedded", lambda _, table, seed=None: embed(np.asarray(table)))
    table = np.arange(60.0).reshape(6, 10) + np.arange(6)[:, None] ** 2 / 10
    bootstrap(table, n_replicates=5, blocks=list("aabbbccdde"))
    columns = [np.searchsorted(table[0], drawn[0]) for drawn in seen[1:]]
    assert len(columns) == 5
    for drawn in columns:
        counts = np.bincount(drawn, minlength=10)
        for block in ([0, 1], [2, 3, 4], [5, 6], [7, 8]):
            assert len(set(counts[block])) == 1
    assert any(len(set(drawn)) < 10 for drawn in columns)
    with pytest.raises(ValueError, match=r"blocks has shape \(3,\); data has 10 features"):
        bootstrap(table, blocks=[1, 2, 3])


def test_sparse_tables_and_other_embeddings_serve():
    table = features()
    dense, sparse = (bootstrap(X, embed=QUICK, n_replicates=3) for X in (table, csr_array(table)))
    assert split_keys(dense.hierarchy) == split_keys(sparse.hierarchy)
    found = bootstrap(table / 20, embed=HyperbolicEncoder(), tree="neighbor_joining", n_replicates=3)
    assert found.hierarchy.model is None
    assert found.hierarchy.n_rows == 12


def test_the_points_of_a_pipeline_are_read_as_its_last_step_gives_them():
    table = features()
    scaled = StandardScaler().fit_transform(table)
    klein = clone(QUICK).set_params(model="klein", n_init=2)
    expected, found = embedded(klein, scaled, 7), embedded(make_pipeline(StandardScaler(), klein), table, 7)
    np.testing.assert_array_equal(found.points, expected.points)
    assert found[1:] == expected[1:]
    assert found.curvature != -1
    other = embedded(make_pipeline(StandardScaler(), klein), table, 8)
    assert not np.array_equal(found.points, other.points)
    encoder = HyperbolicEncoder(curvature=-2.0)
    assert embedded(make_pipeline(StandardScaler(), encoder), table).curvature == -2


def test_groups_without_splits_are_told_of_before_anything_is_embedded(monkeypatch):
    monkeypatch.setattr(hk.hierarchy._bootstrap, "embedded", None)
    with pytest.warns(UserWarning, match="groups has 3 different labels"), pytest.raises(TypeError):
        bootstrap(features(), groups=np.repeat(list("ABC"), 4))


def test_groups_make_the_splits_those_of_the_groups():
    table, groups = features(n_groups=5, n_each=4), np.repeat(list("abcde"), 4)
    found = bootstrap(table, embed=QUICK, n_replicates=6, groups=groups)
    for tree in (found.hierarchy, found.consensus, *found.replicates):
        assert sorted(tree.names[tree.row >= 0]) == list("abcde")
    assert np.nanmax(found.hierarchy.support) <= 1
    with pytest.raises(ValueError, match=r"groups has shape \(3,\); the hierarchy has 20 rows"):
        bootstrap(table, embed=QUICK, n_replicates=1, groups=[1, 2, 3])


@pytest.mark.parametrize("root", ["B", 1])
def test_the_root_is_one_of_the_groups_where_there_are_groups(root):
    table, groups = features(n_groups=4, n_each=3), np.repeat(list("ABCD"), 3)
    points = hk.random_wrapped_normal(12, [0.0, 0.0], scale=1.5, random_state=0)
    boot = bootstrap(table, embed=QUICK, n_replicates=3, groups=groups, root=root)
    for found in (boot, stability(points, scale=0.1, n_replicates=3, groups=groups, root=root)):
        for tree in (found.hierarchy, *found.replicates):
            assert tree.names[0] == "B"
            assert sorted(tree.names[tree.row >= 0]) == list("ABCD")


def test_a_hierarchy_that_is_given_is_not_made_and_has_the_support_of_its_splits(monkeypatch):
    table = pd.DataFrame(features(), index=[f"cell {k}" for k in range(12)])
    points = hk.random_wrapped_normal(12, [0.0, 0.0], scale=1.5, random_state=0)
    groups = np.repeat(list("ABCD"), 3)
    for support, data, given in (
        (bootstrap, table, {"embed": QUICK}),
        (stability, pd.DataFrame(points, index=table.index), {"scale": 0.1}),
    ):
        for options in ({}, {"groups": groups}):
            found = support(data, n_replicates=4, **given, **options)
            again = support(data, n_replicates=4, hierarchy=found.hierarchy.root_at(2), **given, **options)
            assert again.hierarchy.names[0] == found.hierarchy.names[found.hierarchy.node_of(2)]
            np.testing.assert_array_equal(again.consensus.support, found.consensus.support)
            one, other = (
                {
                    key: value
                    for key, value in zip(keys.key.tolist(), tree.support[keys.node], strict=True)
                    if value >= 0
                }
                for tree in (found.hierarchy, again.hierarchy)
                for keys in [splits(tree, tree.row, tree.n_rows)]
            )
            assert one == other
        with pytest.raises(TypeError, match="hierarchy is a list and no Hierarchy"):
            support(data, hierarchy=[1], **given)
        with pytest.raises(ValueError, match=r"hierarchy: its row 0 is '0' and not 'cell 0'"):
            support(data, hierarchy=neighbor_joining(points), **given)
        with pytest.raises(
            ValueError, match="hierarchy: its 12 rows are not 0 to 3; its rows must be the groups, in order"
        ):
            support(data, hierarchy=neighbor_joining(points), groups=groups, **given)


@pytest.mark.parametrize("embed", ["mds", HyperbolicMDS, 2, lambda table: table])
def test_what_cannot_embed_is_named(embed):
    with pytest.raises(TypeError, match=r"^embed=.* must be an estimator, such as HyperbolicMDS\(5, weight_power=2\)"):
        bootstrap(features(), embed=embed, n_replicates=1)


def test_groups_are_called_so_where_they_go_wrong():
    table, names = features(n_each=2), list("abcdef")
    options = {"embed": QUICK, "n_replicates": 1, "names": names}
    with pytest.raises(ValueError, match="groups: entry 1 is missing"):
        bootstrap(table, groups=["A", None, "B", "B", "C", "C"], **options)
    with pytest.raises(ValueError, match="groups: 1 and '1' would be of one name"):
        bootstrap(table, groups=[1, "1", 2, 2, 3, 3], **options)
    with pytest.raises(ValueError, match="row 0 is 'a' in names and 'f' in groups"):
        bootstrap(table, groups=pd.Series(list("AABBCC"), index=names[::-1]), **options)


def test_a_tree_that_has_other_rows_than_the_points_is_refused():
    points = hk.random_wrapped_normal(10, [0.0, 0.0], scale=1.5, random_state=0)

    def fewer(points, names, **kwargs):
        return neighbor_joining(points[:-1], names=names[:-1], **kwargs)

    def doubled(points, **kwargs):
        tree = neighbor_joining(points, **kwargs)
        return replace(tree, row=np.where(tree.row >= 0, 2 * tree.row, -1))

    def turned(points, names, **kwargs):
        return neighbor_joining(points[::-1], names=names[::-1], **kwargs)

    for tree, error in (
        (fewer, "whose 9 rows are not 0 to 9"),
        (doubled, "whose 10 rows are not"),
        (turned, "row 0 is '9'"),
    ):
        with pytest.raises(ValueError, match=error):
            stability(points, scale=0.1, tree=tree, n_replicates=2)
    with pytest.raises(TypeError, match="what tree gave is a str and no Hierarchy"):
        stability(points, scale=0.1, tree=lambda points, **kwargs: "(a,b);", n_replicates=2)


def test_a_root_that_is_nothing_is_refused_before_anything_is_embedded(monkeypatch):
    for module in (hk.hierarchy._bootstrap, hk.hierarchy._infer):
        monkeypatch.setattr(module, "embedded", None)
    table, groups = features(), np.repeat(list("ABC"), 4)
    with pytest.raises(ValueError, match="root: 'D' is the label of no node"):
        bootstrap(table, groups=groups, root="D")
    with pytest.raises(ValueError, match="root: 'a' is the label of no node; labels are such as 'A', 'B', 'C'"):
        bootstrap(table, groups=groups, root="a")
    with pytest.raises(ValueError, match="root: 'type_A' is the label of no node; near it are 'type A'"):
        bootstrap(table, groups=np.char.add("type ", groups), root="type_A")
    with pytest.raises(ValueError, match="root: 3 is no group; the hierarchy has groups 0 to 2"):
        bootstrap(table, groups=groups, root=3)
    with pytest.raises(ValueError, match="root: 'A' is the label of no node"):
        bootstrap(table, root="A")
    with pytest.raises(ValueError, match="root: 'A' is the label of no node"):
        infer(table, root="A")


def test_jitter_of_nothing_leaves_every_split_and_a_large_one_few():
    points = hk.random_wrapped_normal(20, [0.0, 0.0], scale=2.0, random_state=0)
    still = stability(points, scale=1e-9, leaves=True, n_replicates=4)
    assert np.nanmin(still.hierarchy.support) == 1
    assert split_keys(still.consensus) == split_keys(still.hierarchy)
    shaken = stability(points, scale=3.0, leaves=True, n_replicates=10)
    assert np.nanmean(shaken.hierarchy.support) < 0.5


@pytest.mark.parametrize("scale", [60.0, 1e5, 1e300])
def test_a_jitter_that_coordinates_cannot_hold_is_named(scale):
    points = hk.random_wrapped_normal(9, [0.0, 0.0], random_state=0)
    with pytest.raises(ValueError, match=f"X jittered by scale={scale:g}: row 0 lies too far out".replace("+", r"\+")):
        stability(points, scale=scale, n_replicates=2)


def test_the_scale_of_jitter_is_a_length_in_the_space_of_the_curvature():
    points = hk.random_wrapped_normal(15, [0.0, 0.0], scale=2.0, random_state=0)
    one = stability(points, scale=0.4, n_replicates=5)
    other = stability(points / 2, scale=0.2, curvature=-4.0, n_replicates=5)
    np.testing.assert_array_equal(one.hierarchy.support, other.hierarchy.support)


def test_a_bootstrap_without_replicates_to_count_is_refused():
    with pytest.raises(ValueError, match="n_replicates=0 must be"):
        bootstrap(features(), n_replicates=0)
    with pytest.raises(ValueError, match="tree='foo' must be one of"):
        bootstrap(features(), tree="foo")
    assert _replicates.Replicates.__doc__


def test_far_groups_are_the_clusters_and_new_rows_join_them():
    rng = np.random.default_rng(0)
    centres = np.repeat([[2.5, 0.0], [-2.5, 0.5], [0.0, -2.5]], 10, axis=0)
    points = centres + rng.normal(size=centres.shape) * 0.2
    clustering = SteinerClustering(3, model="tangent", min_size=2)
    labels = clustering.fit_predict(points)
    assert [len(set(labels[10 * k : 10 * k + 10])) for k in range(3)] == [1, 1, 1]
    assert len(set(labels)) == 3
    np.testing.assert_array_equal(clustering.predict(points), labels)
    np.testing.assert_array_equal(clustering.predict(points + 0.01), labels)
    np.testing.assert_array_equal(labels, clustering.hierarchy_.cut(3, min_size=2))


def test_new_rows_join_the_fitted_row_that_is_nearest_along_the_tree():
    points = np.array([[2.0, 0.0], [2.2, 0.1], [-2.0, 0.0], [-2.2, 0.1]])
    clustering = SteinerClustering(2, model="tangent").fit(points)
    left, right = clustering.labels_[2], clustering.labels_[0]
    assert clustering.predict([[0.4, 0.0], [-0.4, 0.0]]).tolist() == [right, left]


def test_the_nearest_row_of_each_node_is_that_by_distances_of_all():
    for seed in range(5):
        tree = random_tree(30, seed, inner_rows=0.3)
        row, distance = _nearest_rows(tree)
        lengths = path_lengths(tree)[:, tree.node_of_rows]
        np.testing.assert_allclose(distance, lengths.min(axis=1), atol=1e-12)
        np.testing.assert_allclose(lengths[np.arange(len(tree)), row], distance, atol=1e-12)


def test_clusters_do_not_depend_on_the_root_nor_the_model():
    points = hk.random_wrapped_normal(40, [0.0, 0.0], scale=2.0, random_state=3)
    parts = []
    for root in ("min_variance", "midpoint", 7):
        labels = SteinerClustering(5, root=root).fit(points).labels_
        parts.append({frozenset(np.flatnonzero(labels == k)) for k in range(5)})
    assert parts[0] == parts[1] == parts[2]
    klein = SteinerClustering(5, model="klein").fit(hk.convert(points, "poincare", "klein")).labels_
    assert {frozenset(np.flatnonzero(klein == k)) for k in range(5)} == parts[0]


def test_too_many_clusters_are_refused():
    with pytest.raises(ValueError, match="n_samples=2 while n_clusters=3"):
        SteinerClustering(3).fit([[0.0, 0.1], [0.2, 0.3]])
