"""One convention for all public names: what is positional, what a model comes with, what seeds start from."""

import inspect
from dataclasses import is_dataclass
from types import ModuleType

import pytest

import hyperkit
from hyperkit._repr import KeyFigures

# Data that need not be given: the only parameters with a default that may be positional.
DATA = {
    "y",
    "Y",
    "data",
    "groups",
    "labels",
    "labels_a",
    "labels_b",
    "length",
    "levels",
    "mean",
    "n_dimensions",
    "pairs",
    "queries",
    "weights",
}
# Doors of the package for its own floors take what has been checked.
INNER = ("_", "ball_", "checked_", "native_")
# Whose curvature is found: that of the space in which lengths are the data's, whatever model its points are given in.
OF_THE_DATA = {"hyperkit.HyperbolicMDS", "hyperkit.embedding.HyperbolicMDS"}
# Options that may be positional where they come first.
FIRST = {"model", "n_components", "n_features", "anchors", "depth", "root", "argument", "n_clusters", "method"}


def public_things():
    """Everything that the package and its parts export, once, by the name it has there."""
    things = {}
    for part in [hyperkit, *(getattr(hyperkit, name) for name in hyperkit.__all__)]:
        if isinstance(part, ModuleType):
            for name in getattr(part, "__all__", None) or vars(part):
                thing = getattr(part, name)
                if callable(thing) and not name.startswith(INNER) and thing.__module__.startswith("hyperkit."):
                    things[f"{part.__name__}.{name}"] = thing
    return things


def signatures():
    """Signature of every public function and class, and of the public methods of classes.

    Results (dataclasses and named tuples) are made by the package and not by users: of these, the methods only.
    """
    found = {}
    for name, thing in public_things().items():
        if not (is_dataclass(thing) or (inspect.isclass(thing) and issubclass(thing, tuple))):
            found[name] = inspect.signature(thing)
        for method, function in vars(thing).items() if inspect.isclass(thing) else ():
            if inspect.isfunction(function) and not method.startswith("_"):
                found[f"{name}.{method}"] = inspect.signature(function)
    return found


PARAMETERS = {
    (name, key): parameter for name, found in signatures().items() for key, parameter in found.parameters.items()
}


def test_the_walk_finds_what_there_is():
    names = {name for name, _ in PARAMETERS}
    assert len(names) > 60
    assert {"hyperkit.HyperSteiner", "hyperkit.geometry.distance", "hyperkit.SteinerTree.to_newick"} <= names


@pytest.mark.parametrize("name", sorted(name for name, key in PARAMETERS if key == "model"))
def test_whatever_has_a_model_has_a_curvature_of_minus_one(name):
    curvature = PARAMETERS.get((name, "curvature"))
    assert curvature is not None
    if name in OF_THE_DATA:
        assert curvature.default == "auto"
        return
    assert curvature.default == -1.0
    assert curvature.kind is inspect.Parameter.KEYWORD_ONLY


def test_only_data_and_the_first_option_are_positional():
    # The first option of an estimator or generator says what it is about: HyperSteiner("klein"), HyperbolicMDS(3).
    for name in {name for name, _ in PARAMETERS}:
        by_place = [
            key
            for (owner, key), parameter in PARAMETERS.items()
            if owner == name
            and parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
            and parameter.default is not inspect.Parameter.empty
            and key not in DATA
        ]
        assert len(by_place) <= 1, name
        assert set(by_place) <= FIRST, name


def test_what_computes_from_data_repeats_itself_and_generators_do_not():
    seeds = {name: parameter.default for (name, key), parameter in PARAMETERS.items() if key == "random_state"}
    assert len(seeds) > 6
    for name, default in seeds.items():
        is_generator = name.rpartition(".")[2].startswith(("random_", "make_"))
        assert default == (None if is_generator else 0), name


def test_results_are_no_tuples_and_show_themselves_in_a_short_line():
    results = {name: thing for name, thing in public_things().items() if is_dataclass(thing)}
    assert {"hyperkit.SteinerTree", "hyperkit.DGAResult", "hyperkit.delaunay.RayNeighbors"} <= results.keys()
    for name, thing in public_things().items():
        assert not (inspect.isclass(thing) and issubclass(thing, tuple)), name
    inner = ("BallPoints", "NativePoints", "CoordinateModel")
    for name, thing in results.items():
        assert name.endswith(inner) or issubclass(thing, KeyFigures), name


def test_estimators_and_results_have_their_points_under_one_name():
    points = [[0.5, 0.0], [-0.2, 0.4], [-0.3, -0.4]]
    assert hyperkit.HyperSteiner().fit(points).points_.tolist() == points
    assert hyperkit.HyperbolicDelaunay(points).points.tolist() == points
    assert hyperkit.HyperbolicVoronoi(points).points.tolist() == points
