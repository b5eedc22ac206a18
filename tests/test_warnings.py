"""Warnings point at the user's line, however many calls of ours and of scikit-learn lie between."""

import ast
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline

import hyperkit as hk

FAR = np.array([[100.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
APART = np.concatenate(
    [np.random.default_rng(0).normal(size=(20, 3)), 50 + np.random.default_rng(1).normal(size=(20, 3))]
)
CALLS = {
    "fit": lambda: hk.HyperSteiner(model="tangent").fit(FAR),
    "fit_transform": lambda: hk.HyperbolicEncoder().fit_transform(FAR),
    "pipeline": lambda: make_pipeline(hk.HyperbolicEncoder(), hk.HyperSteiner()).fit(FAR),
    "hyperdga": lambda: hk.hyperdga(FAR, FAR[:2], model="tangent"),
    "pairs": lambda: hk.pairwise_hyperdga([FAR, FAR[:2]], model="tangent"),
    "bridges": lambda: hk.HyperbolicMDS(n_neighbors=3, tol=1e-2).fit_transform(APART),
    "not converged": lambda: hk.HyperbolicMDS(max_iter=1).fit(np.random.default_rng(0).normal(size=(30, 3))),
    "mean": lambda: hk.frechet_mean([[0.5, 0.0], [0.0, 0.5], [-0.3, 0.1]], max_iter=1, tol=1e-15),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_warning_is_shown_at_the_line_of_the_user(name):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        CALLS[name]()
    assert caught
    assert {w.filename for w in caught} == {__file__}


@pytest.mark.parametrize("names", [{}, {"__name__": ""}])
def test_code_without_a_module_is_warned_like_any(names):
    code = compile("hyperdga(points, points[:2], model='tangent')", "typed", "exec")
    with pytest.warns(UserWarning, match="beyond polar radius 30") as caught:
        exec(code, {"hyperdga": hk.hyperdga, "points": FAR} | names)
    assert [w.filename for w in caught] == ["typed"]


def test_no_module_counts_the_calls_by_itself():
    for path in Path(hk.__file__).parent.rglob("*.py"):
        names = {
            node.arg for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.keyword)
        }
        assert "stacklevel" not in names or path.name == "_warn.py", path
