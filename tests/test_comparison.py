"""Two embeddings side by side: against brute force, under isometries, and what is not the same rows is refused."""

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from scipy.stats import ortho_group, pearsonr, spearmanr

from hyperkit import (
    convert,
    distance,
    frechet_mean,
    pairwise_distances,
    random_uniform_ball,
    random_wrapped_normal,
    translate,
)
from hyperkit.embedding import compare, project_to_disk, quality
from hyperkit.embedding.comparison import _pair_distances
from hyperkit.plot import plot_comparison

N = 80
UPPER = np.triu_indices(N, 1)


@pytest.fixture(scope="module")
def p():
    return random_wrapped_normal(N, np.zeros(3), scale=np.array([1.5, 1.0, 0.5]), random_state=0)


@pytest.fixture(scope="module")
def q(p):
    noise = 0.3 * np.random.default_rng(1).normal(size=p.shape)
    return convert(convert(p, "poincare", "tangent") + noise, "tangent", "poincare")


@pytest.fixture(scope="module")
def labels(p):
    return np.where(p[:, 0] > 0.3, "right", np.where(p[:, 1] > 0, "up", "down"))


def nearest(points, k):
    """The k nearest others of each row, by sorting."""
    distances = pairwise_distances(points)
    np.fill_diagonal(distances, np.inf)
    return [set(row[:k].tolist()) for row in np.argsort(distances, axis=1, kind="stable")]


class TestAgainstBruteForce:
    def test_distances(self, p, q):
        one, other = pairwise_distances(p)[UPPER], pairwise_distances(q)[UPPER]
        found = compare(p, q)
        assert found.pearson == pytest.approx(pearsonr(one, other)[0])
        assert found.spearman == pytest.approx(spearmanr(one, other)[0])
        scale = np.linalg.lstsq(other[:, None], one, rcond=None)[0][0]
        assert found.scale == pytest.approx(scale)
        assert found.stress == pytest.approx(np.sqrt(np.sum((one - scale * other) ** 2) / np.sum(one**2)))
        assert found.n_pairs == N * (N - 1) // 2

    def test_neighbors_row_by_row(self, p, q):
        found = compare(p, q, n_neighbors=[20, 3])
        frame = found.to_frame()
        for k in (3, 20):
            shared = np.array([len(a & b) / k for a, b in zip(nearest(p, k), nearest(q, k), strict=True)])
            np.testing.assert_allclose(frame[f"lost_{k}"], 1 - shared, atol=1e-15)
            assert found.shared_neighbors.loc[k].tolist() == pytest.approx([shared.mean(), k / (N - 1)])
        assert found.shared_neighbors.index.tolist() == [3, 20]

    def test_labels_row_by_row_and_label_by_label(self, p, q, labels):
        found = compare(p, q, labels=labels)
        frame, k = found.to_frame(), found.n_neighbors
        assert k == 15
        for name, points in (("same_label_p", p), ("same_label_q", q)):
            same = [
                np.mean(labels[list(near)] == label) for near, label in zip(nearest(points, k), labels, strict=True)
            ]
            np.testing.assert_allclose(frame[name], same)
            assert getattr(found, name) == pytest.approx(np.mean(same))
        chance = [np.mean(np.delete(labels, row) == labels[row]) for row in range(N)]
        assert found.same_label_chance == pytest.approx(np.mean(chance))
        scores = found.label_scores()
        assert scores.index.tolist() == ["down", "right", "up"]
        for label, row in scores.iterrows():
            at = labels == label
            assert row["n"] == at.sum()
            assert row["same_label_chance"] == pytest.approx(np.array(chance)[at][0])
            assert row["lost"] == pytest.approx(frame.loc[at, "lost_15"].mean())
            assert row["displacement"] == pytest.approx(frame.loc[at, "displacement"].mean())

    def test_displacement_is_that_of_the_points_it_gives_out(self, p, q):
        found = compare(p, q)
        np.testing.assert_array_equal(found.points, p)
        displacement = distance(p, found.aligned)
        np.testing.assert_allclose(found.to_frame()["displacement"], displacement, rtol=1e-9)
        spread = distance(p, frechet_mean(p))
        assert found.relative_displacement == pytest.approx(np.linalg.norm(displacement) / np.linalg.norm(spread))
        assert found.relative_displacement < 0.5

    def test_quality_is_what_quality_says(self, p, q):
        data = np.random.default_rng(0).normal(size=(N, 4))
        found = compare(p, q, data, metric="euclidean")
        wanted = quality({"P": p, "Q": q}, data, metric="euclidean")
        pd.testing.assert_frame_equal(found.quality.to_frame(), wanted.to_frame())
        assert f"P {wanted.to_frame()['q_local']['P']:.4g}" in found.summary()
        assert compare(p, q).quality is None


def assert_same_embedding(found, n_dimensions=3):
    """Nothing differs but for rounding."""
    assert (found.shared_neighbors["shared"] == 1).all()
    assert [found.pearson, found.spearman] == pytest.approx([1, 1])
    assert found.stress < 1e-9
    assert found.relative_displacement < 1e-6
    np.testing.assert_allclose(found.points[:, :3], found.aligned[:, :3], atol=1e-6)
    assert found.points.shape == (N, n_dimensions)


class TestWhatDoesNotMatter:
    def test_isometries_and_mirrors(self, p):
        turned = translate(p @ ortho_group.rvs(3, random_state=3), [0.3, 0.1, 0.5])
        for moved in (p, turned, turned * [1, 1, -1]):
            found = compare(p, moved)
            assert_same_embedding(found)
            assert found.scale == pytest.approx(1)

    def test_more_dimensions_that_are_not_used(self, p):
        wide = translate(np.pad(p, [(0, 0), (0, 2)]) @ ortho_group.rvs(5, random_state=3), [0.2, 0.1, 0.3, 0, 0])
        assert_same_embedding(compare(p, wide), 5)
        found = compare(wide, p)
        assert_same_embedding(found, 5)
        assert (found.n_dimensions_p, found.n_dimensions_q) == (5, 3)

    def test_the_scale_of_a_line(self):
        line = np.random.default_rng(0).normal(size=(N, 1)) * [1.0, 0.0]
        found = compare(line, 0.4 * line, model="tangent")
        assert found.scale == pytest.approx(2.5)
        assert found.relative_displacement < 1e-6

    def test_models_and_curvatures(self, p, q, labels):
        wanted = compare(p, q, labels=labels)
        for model in ("klein", "hyperboloid", "halfspace", "tangent"):
            scale = 1 if model == "halfspace" else 2
            one, other = (convert(points, "poincare", model) * scale for points in (p, q))
            found = compare(one, other, labels=labels, model=model, curvature=-0.25)
            frame = found.to_frame().assign(displacement=lambda rows: rows["displacement"] / 2)
            pd.testing.assert_frame_equal(frame, wanted.to_frame(), rtol=1e-6)
            np.testing.assert_allclose(found.aligned, convert(wanted.aligned, "poincare", model) * scale, rtol=1e-5)
            assert found.spearman == pytest.approx(wanted.spearman)

    def test_threads_and_the_seed(self, p, q):
        one, same = compare(p, q, n_jobs=1), compare(p, q, n_jobs=2)
        pd.testing.assert_frame_equal(one.to_frame(), same.to_frame(), check_exact=True)


def test_unrelated_embeddings_share_what_chance_gives(p):
    orders = [np.random.default_rng(seed).permutation(N) for seed in range(8)]
    tables = [compare(p, p[order]).shared_neighbors for order in orders]
    shared = np.mean([table["shared"] for table in tables], axis=0)
    np.testing.assert_allclose(shared, tables[0]["chance"], rtol=0.15)


def test_samples_of_pairs_agree_with_all_of_them(p, q, monkeypatch):
    whole = compare(p, q)
    monkeypatch.setattr(_pair_distances, "_ALL_ROWS", 10)
    monkeypatch.setattr(_pair_distances, "_SAMPLE", 3000)
    monkeypatch.setattr(_pair_distances, "_BLOCK", 700)
    part, again = compare(p, q), compare(p, q)
    assert part.n_pairs == 3000
    for name in ("pearson", "spearman", "scale", "stress"):
        assert getattr(part, name) == pytest.approx(getattr(whole, name), abs=0.03)
        assert getattr(part, name) == getattr(again, name)


class TestResult:
    def test_the_users_index_and_labels_come_back(self, p, q, labels):
        names = [f"cell{i}" for i in range(N)]
        table = pd.DataFrame(p, index=names)
        kinds = pd.Series(pd.Categorical(labels, categories=["up", "right", "down", "none"]), index=names)
        found = compare(table, q, labels=kinds)
        frame = found.to_frame()
        assert frame.index.tolist() == names
        assert frame.columns.tolist() == ["label", "lost_5", "lost_15", "displacement", "same_label_p", "same_label_q"]
        assert frame["label"].dtype == kinds.dtype
        assert found.label_scores().index.tolist() == ["up", "right", "down"]
        frame.iloc[:] = frame.iloc[::-1].to_numpy()
        assert found.to_frame()["label"].tolist() == list(labels)

    def test_the_summary_is_short_and_names_chance(self, p, q, labels):
        lines = compare(p, q, labels=labels).summary().splitlines()
        assert lines[0] == "Rows                            80 (dimensions 3 and 3)"
        assert sum("chance" in line for line in lines) == 3
        assert max(map(len, lines)) < 80
        assert repr(compare(p, q)).startswith("<EmbeddingComparison n=80 spearman=0.9")

    def test_a_handful_of_rows(self):
        found = compare([[0.0, 0.0], [0.1, 0.0], [0.0, 0.5]], [[0.0, 0.0], [0.1, 0.0], [0.0, 0.4]])
        assert found.shared_neighbors.index.tolist() == [1]
        equal = [[0.5, 0.0], [-0.25, 0.1875**0.5], [-0.25, -(0.1875**0.5)]]
        assert compare(np.arange(3)[:, None] / 4, np.tile(equal[:1], (3, 1)) * [[0], [1], [1]]).n == 3


class TestErrors:
    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (lambda p, q: (p, q[1:]), "P has 80 rows and Q has 79; row i of both must be the same observation"),
            (lambda p, q: (p[:2], q[:2]), r"P has shape \(2, 3\); give a table .* three rows at least"),
            (lambda p, q: (p, q[0]), r"Q has shape \(3,\)"),
            (lambda p, q: (p, q * [[2]]), "Q: row .* has norm"),
            (lambda p, q: (p, np.tile(q[:1], (N, 1))), "Q: all rows lie in one place"),
            (lambda p, q: (p, q, None, [*"ab" * 39, "a", None]), "labels: row 79 is missing"),
            (lambda p, q: (p, q, None, ["a"]), r"labels has shape \(1,\); P has 80 rows"),
        ],
    )
    def test_what_cannot_be_compared_says_so(self, p, q, arguments, message):
        with pytest.raises(ValueError, match=message):
            compare(*arguments(p, q))

    @pytest.mark.parametrize("k", [0, 80, [5, 0], [80], "5", [], True])
    def test_numbers_of_neighbors(self, p, q, k):
        with pytest.raises(ValueError, match=r"n_neighbors=.* must be a whole number"):
            compare(p, q, n_neighbors=k)

    def test_rows_of_other_names_are_refused_and_not_reordered(self, p, q, labels):
        names = np.array([f"cell{i}" for i in range(N)])
        one, other = pd.DataFrame(p, index=names), pd.DataFrame(q, index=names)
        way_out = r"row 3 is 'cell3' in P and 'cell4' in Q; rows go by place: take Q.loc\[P.index\]"
        swapped = other.iloc[[0, 1, 2, 4, 3, *range(5, N)]]
        with pytest.raises(ValueError, match=way_out):
            compare(one, swapped)
        assert compare(one, swapped.loc[one.index]).n == N
        assert compare(one, pd.DataFrame(q)).n == N  # row numbers are no names
        with pytest.raises(ValueError, match="row 0 is 'cell0' in P and 'cell79' in labels"):
            compare(one, q, labels=pd.Series(labels, index=names)[::-1])
        with pytest.raises(ValueError, match="row 0 is 'cell0' in P and 'cell79' in data"):
            compare(one, q, other[::-1])

    def test_label_scores_need_labels(self, p, q):
        with pytest.raises(ValueError, match="was made without labels"):
            compare(p, q).label_scores()


class TestPlot:
    @pytest.fixture(autouse=True)
    def _close_figures(self):
        yield
        plt.close("all")

    def test_both_are_drawn_where_the_projection_of_the_one_of_fewer_dimensions_puts_them(self, p, q):
        flat = project_to_disk(q).points
        for one, other in ((p, flat), (flat, p)):
            found = compare(one, other)
            axes = plot_comparison(found)
            shape = found.points if one is flat else found.aligned
            projection = project_to_disk(shape)
            for ax, points in zip(axes, (found.points, found.aligned), strict=True):
                places = np.asarray(ax.collections[0].get_offsets())
                wanted = projection.transform(points)
                order = np.argsort(found.to_frame()["lost_15"], kind="stable")
                assert {tuple(row) for row in places.round(9)} == {tuple(row) for row in wanted.round(9)}, order
            notes = [[text.get_text() for text in ax.texts] for ax in axes]
            assert [len(note) for note in notes] == ([1, 0] if one is p else [0, 1])

    def test_planes_stay_where_they_are(self, p):
        flat = project_to_disk(p).points
        left, right = plot_comparison(compare(flat, translate(flat * [1, -1], [0.3, 0.4])))
        np.testing.assert_array_equal(left.collections[0].get_offsets(), flat)
        np.testing.assert_allclose(right.collections[0].get_offsets(), flat, atol=1e-6)
        assert [ax.get_title() for ax in (left, right)] == ["P", "Q, aligned to P"]

    def test_a_crowded_rim_is_told_of(self):
        far = random_uniform_ball(40, radius=9.0, random_state=0)
        for ax in plot_comparison(compare(far, far[:, ::-1])):
            (note,) = ax.texts
            assert "within 1 % of the rim: embed with a weaker curvature" in note.get_text().replace("\n", " ")

    def test_colours_are_labels_or_what_is_lost(self, p, q, labels):
        found = compare(p, q, labels=labels)
        _, right = plot_comparison(found)
        assert [text.get_text() for text in right.get_legend().get_texts()] == ["down", "right", "up"]
        _, right = plot_comparison(found, by="lost")
        assert right.get_legend() is None
        assert right.figure.axes[2].get_ylabel() == "share of the 15 nearest neighbours in P lost in Q"
        with pytest.raises(ValueError, match="by='label': the comparison was made without labels"):
            plot_comparison(compare(p, q), by="label")

    def test_thirty_labels_are_all_in_the_figure(self, p, q):
        axes = plot_comparison(compare(p, q, labels=[f"a long kind of cell {i % 30}" for i in range(N)]))
        figure = axes[0].figure
        figure.canvas.draw()
        box = axes[1].get_legend().get_window_extent()
        assert len(axes[1].get_legend().get_texts()) == 30
        assert axes[1].get_window_extent().x1 - 1 <= box.x0 < box.x1 <= figure.bbox.x1
        sides = [ax.get_window_extent().width for ax in axes]
        assert sides[0] == pytest.approx(sides[1], rel=0.01)

    def test_given_axes_are_used(self, p, q):
        axes = mpl.figure.Figure().subplots(1, 2)
        assert plot_comparison(compare(p, q), axes=axes).tolist() == axes.tolist()
        assert plt.get_fignums() == []
        with pytest.raises(ValueError, match="axes has 1 entries; give two matplotlib Axes"):
            plot_comparison(compare(p, q), axes=axes[:1])
        with pytest.raises(TypeError, match=r"comparison must be what hyperkit.embedding.compare gives; got ndarray"):
            plot_comparison(p)
