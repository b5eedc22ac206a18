"""What embeddings are worth: ours beside those of other programs, on the same sets, by the same measures.

``python -m benchmarks.embedding_study --table`` prints the figures kept in ``embedding_study.csv``. Given sets and
methods, such as ``--sets mammals --methods ours umap``, it makes and keeps figures anew. Other programs are no
dependencies of hyperkit: each is imported only where its method is asked for, and a missing one is named.

All are measured by `hyperkit.embedding.quality` against one reference, the geodesics among 15 neighbours or the graph
of the mammals. gensim and Sarkar's construction are given the true tree, which the others are not. Seconds are CPU
seconds from features (mammals: distances) to points, after a first call on 100 rows where something compiles; what
compiling costs is in `bench_compilation`. "before" is `HyperbolicMDS` as it was with one search, from Hydra's points.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
from scipy.sparse import csgraph
from sklearn.decomposition import PCA
from sklearn.neighbors import kneighbors_graph
from threadpoolctl import threadpool_limits

import hyperkit as hk
from hyperkit import datasets
from hyperkit.embedding import HyperbolicMDS

KEPT = Path(__file__).with_suffix(".csv")
KEYS = ["set", "method", "seed"]
MEASURES = {"stress": "stress", "mean_average_precision": "mAP", "q_local": "Q_local", "q_global": "Q_global"}
MEASURES |= {"triplets": "triplets", "tree_triplets": "triplets of the tree"}


@dataclass(frozen=True)
class Set:
    """Features, or distances of a graph; and the true tree with the node of each row, where there is one."""

    features: np.ndarray | None
    distances: np.ndarray
    edges: np.ndarray | None = None
    nodes: np.ndarray | None = None

    def graph(self) -> nx.Graph:
        """The tree, or the graph that is nearly one, its nodes in the order of their numbers."""
        graph = nx.empty_graph(int(self.edges.max()) + 1)
        graph.add_edges_from(self.edges.tolist())
        return graph

    def first_rows(self, n: int) -> Set:
        return Set(None if self.features is None else self.features[:n], self.distances[:n, :n])


def geodesics(features: np.ndarray) -> np.ndarray:
    graph = kneighbors_graph(features, 15, mode="distance")
    distances = csgraph.shortest_path(graph, method="D", directed=False)
    if not np.isfinite(distances).all():
        raise ValueError("the graph of 15 neighbours is not connected")
    return distances


def of_features(features: np.ndarray, edges: np.ndarray | None = None, nodes: np.ndarray | None = None) -> Set:
    return Set(features, geodesics(features), edges, nodes)


def mammals() -> Set:
    words = datasets.load_wordnet_mammals()
    return Set(None, words.distances, words.edges, np.arange(len(words.names)))


def binary_tree() -> Set:
    tree = datasets.make_binary_tree(8, random_state=0)
    return of_features(tree.data, tree.edges, np.arange(len(tree.data)))


def diffusion(depth: int) -> Set:
    tree = datasets.make_branching_diffusion(depth=depth, n_observations=5, random_state=0)
    return of_features(tree.data, tree.edges, tree.target)


def olsson(table: Path) -> Set:
    """382 cells in 20 principal components of a table of genes, the last column labels."""
    genes = pd.read_csv(table).iloc[:, :-1].to_numpy(float)
    return of_features(PCA(20, svd_solver="full").fit_transform(genes))


SETS: dict[str, Callable[[], Set]] = {
    "krumsiek11": lambda: of_features(datasets.load_krumsiek11().data),
    "pbmc68k": lambda: of_features(datasets.load_pbmc68k_reduced().data),
    "btree8": binary_tree,
    "mammals": mammals,
    "diffusion7": partial(diffusion, 7),
    "diffusion8": partial(diffusion, 8),
}


# Methods: from a set and a seed to points.


def ours(data: Set, seed: int, **parameters: Any) -> np.ndarray:
    metric, X = ("precomputed", data.distances) if data.features is None else ("geodesic", data.features)
    return HyperbolicMDS(metric=metric, random_state=seed, **parameters).fit(X).embedding_


def euclidean_mds(data: Set, seed: int) -> np.ndarray:
    """Metric MDS in the plane from the classical start: SMACOF, and no seed in it."""
    from sklearn.manifold import MDS

    distances = data.distances if data.features is None else geodesics(data.features)
    return MDS(2, metric="precomputed", init="classical_mds", n_init=1).fit_transform(distances)


def umap(data: Set, seed: int) -> np.ndarray:
    """UMAP's defaults but for the space: 15 neighbours, 500 epochs."""
    from umap import UMAP

    metric, X = ("precomputed", data.distances) if data.features is None else ("euclidean", data.features)
    space = UMAP(metric=metric, output_metric="hyperboloid", random_state=seed, n_jobs=1).fit_transform(X)
    space = space.astype(float)
    return hk.convert(np.c_[np.sqrt(1 + (space**2).sum(axis=1)), space], "hyperboloid", "poincare")


def poincare_maps(data: Set, seed: int) -> np.ndarray:
    """The authors' code by their README: 5,000 epochs or an early stop; settings of krumsiek11 or of Olsson's cells."""
    import torch
    from main import compute_poincare_maps

    torch.manual_seed(seed)
    if data.features is None:  # a graph of unit edges; "precomputed" keeps it from dividing by the number of columns
        X, options = np.where(data.distances == 1, 1.0, 0.0), {"mode": "KNN", "distlocal": "precomputed"}
    else:
        n = min(20, data.features.shape[1])
        X = torch.DoubleTensor(PCA(n, svd_solver="full").fit_transform(data.features))
        options = {"k_neighbours": 15 if n == 20 else 30}
    options |= {"sigma": 1.0, "gamma": 2.0, "epochs": 5000}
    talk = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(talk), contextlib.redirect_stderr(talk):
        found, _ = compute_poincare_maps(X, None, f"{folder}/points", **options)
    # Its own distance takes a squared norm above 1 - 1e-5 for that.
    points = found.astype(float)
    return points / np.maximum(1, np.linalg.norm(points, axis=1) / np.sqrt(1 - 1e-5))[:, None]


def gensim(data: Set, seed: int) -> np.ndarray:
    """Nickel and Kiela's model of the transitive closure of the tree, by gensim's defaults: 10 negatives, 50 epochs."""
    from gensim.models.poincare import PoincareModel

    tree = nx.DiGraph(data.edges.tolist())
    closure = [(str(a), str(b)) for a, b in nx.transitive_closure(tree).edges]
    model = PoincareModel(closure, size=2, seed=seed)
    model.train(50)
    return np.array([model.kv[str(node)] for node in range(len(tree))])[data.nodes]


def sarkar(data: Set, seed: int, radius: float = 32.0) -> np.ndarray:
    """Sarkar's construction from the tree alone: equal edges, equal angles at each node, all within the radius.

    A child lies at the angle t off the outward direction of its parent, which is r from the origin; the laws of sines
    and cosines give its own distance from the origin, the angle it turns, and where its parent is off its own outward
    direction. Float64 coordinates end at 36.
    """
    tree = nx.bfs_tree(data.graph(), 0)
    a = radius / max(nx.single_source_shortest_path_length(tree, 0).values())
    polar = {0: (0.0, 0.0, 0.0)}  # distance from the origin, polar angle, direction of the parent
    for node in nx.topological_sort(tree):
        r, angle, parent = polar[node]
        children = list(tree.successors(node))
        steps = np.arange(node != 0, len(children) + (node != 0))
        t = parent + 2 * np.pi * steps / (len(children) + (node != 0))
        out = np.arccosh(np.cosh(r) * np.cosh(a) + np.sinh(r) * np.sinh(a) * np.cos(t))
        turn = np.arctan2(np.sinh(a) * np.sin(t), np.sinh(r) * np.cosh(a) + np.cosh(r) * np.sinh(a) * np.cos(t))
        back = np.arctan2(-np.sinh(r) * np.sin(t), -np.cosh(r) * np.sinh(a) - np.sinh(r) * np.cosh(a) * np.cos(t))
        polar |= zip(children, zip(out, angle + turn, back, strict=True), strict=True)
    r, angle, _ = np.array([polar[node] for node in range(len(tree))]).T
    return hk.convert(np.c_[r * np.cos(angle), r * np.sin(angle)], "tangent", "poincare")[data.nodes]


@dataclass(frozen=True)
class Method:
    embed: Callable[..., np.ndarray]
    parameters: dict[str, Any] = field(default_factory=dict)
    imports: tuple[str, ...] = ()  # modules beyond hyperkit's dependencies
    compiles: bool = False
    of_trees: bool = False
    seeded: bool = True
    model: str = "poincare"

    def missing(self) -> str | None:
        """The module that cannot be imported, if any; the others are imported, so that no seconds go into that."""
        for module in self.imports:
            try:
                importlib.import_module(module)
            except ModuleNotFoundError as error:
                return error.name
        return None


METHODS = {
    "ours": Method(ours, compiles=True),
    "ours, weight_power=1": Method(ours, {"weight_power": 1}, compiles=True),
    "ours, weight_power=2": Method(ours, {"weight_power": 2}, compiles=True),
    "ours, n_init=1": Method(ours, {"n_init": 1}, compiles=True),
    "scikit-learn MDS": Method(euclidean_mds, imports=("sklearn.manifold",), seeded=False, model="euclidean"),
    "UMAP": Method(umap, imports=("umap",), compiles=True),
    "Poincaré maps": Method(poincare_maps, imports=("torch", "main")),
    "gensim": Method(gensim, imports=("gensim.models.poincare",), of_trees=True),
    "Sarkar": Method(sarkar, of_trees=True, seeded=False),
}


def embedded(method: Method, data: Set, seed: int) -> tuple[np.ndarray, float]:
    """Points and CPU seconds."""
    with threadpool_limits(1):
        if method.compiles:
            method.embed(data.first_rows(100), seed, **method.parameters)
        start = time.process_time()
        points = method.embed(data, seed, **method.parameters)
        return points, time.process_time() - start


def measured(points: dict[int, np.ndarray], data: Set, model: str) -> pd.DataFrame:
    """Measures of the embeddings of several seeds; neighbours of a graph are those that an edge joins."""
    reference: Any = data.graph() if data.features is None else data.distances
    found = hk.embedding.quality(points, reference, metric="precomputed", model=model).to_frame()
    if data.edges is not None and data.features is not None:
        tree = {"tree": data.graph(), "nodes": data.nodes}
        along = hk.embedding.quality(points, reference, metric="precomputed", model=model, **tree).to_frame()
        found["tree_triplets"] = along["triplets"]
    return found.reindex(columns=[*MEASURES]).rename_axis("seed").reset_index()


def study(name: str, label: str, data: Set, seeds: Iterable[int], folder: Path | None) -> pd.DataFrame:
    """Rows of the table; points that the folder has from an earlier call are measured as they are."""
    method = METHODS[label]
    points, seconds = {}, []
    for seed in seeds if method.seeded else [0]:
        file = None if folder is None else folder / f"{name}; {label}; {seed}.npz"
        if file is not None and file.exists():
            with np.load(file) as kept:
                points[seed], spent = kept["points"], float(kept["seconds"])
        else:
            points[seed], spent = embedded(method, data, seed)
            if file is not None:
                np.savez(file, points=points[seed], seconds=spent)
        seconds.append(spent)
    rows = measured(points, data, method.model)
    rows.insert(0, "seconds", seconds)
    return rows.assign(set=name, method=label)


def keep(rows: pd.DataFrame) -> None:
    """Put rows into the file in place of those of the same set, method and seed."""
    kept = pd.read_csv(KEPT) if KEPT.exists() else rows.iloc[:0]
    both = pd.concat([kept, rows]).drop_duplicates(KEYS, keep="last")
    both = both.set_index(KEYS)[["seconds", *MEASURES]].sort_index(key=_order)
    both.to_csv(KEPT, float_format="%.5g")


def _order(values: pd.Index) -> pd.Index:
    known = {name: place for place, name in enumerate([*SETS, "olsson", "before", *METHODS])}
    return values if values.name == "seed" else values.map(lambda name: (known.get(name, len(known)), name))


def fixed(names: Iterable[str], n_seeds: int) -> None:
    """A given curvature beside "auto": that which "auto" finds, and a tenth of it; seconds are over those of "auto"."""
    print("| set | seeds | seconds of auto | stress | same curvature: seconds | stress | a tenth: seconds | stress |")
    print("|---" * 8 + "|")
    for name in names:
        data = SETS[name]()
        X = data.distances
        HyperbolicMDS(metric="precomputed").fit(X[:100, :100])
        found = []
        for seed in range(n_seeds):
            auto, spent = _fitted(X, seed, "auto")
            row = [spent, auto.stress_]
            for times in (1.0, 0.1):
                mds, seconds = _fitted(X, seed, times * auto.curvature_)
                row += [seconds / spent, mds.stress_]
            found.append(row)
        shown = " | ".join(_spread(pd.Series(column)) for column in zip(*found, strict=True))
        print(f"| {name} | {n_seeds} | {shown} |", flush=True)


def _fitted(distances: np.ndarray, seed: int, curvature: float | str) -> tuple[HyperbolicMDS, float]:
    with threadpool_limits(1):
        start = time.process_time()
        mds = HyperbolicMDS(metric="precomputed", random_state=seed, curvature=curvature).fit(distances)
        return mds, time.process_time() - start


def table() -> None:
    """Medians over seeds and, in brackets, extremes."""
    kept = pd.read_csv(KEPT)
    for name, of_set in kept.groupby("set", sort=False):
        shown = ["seconds", *(column for column in MEASURES if of_set[column].notna().any())]
        print(f"\n| {name} | seeds | " + " | ".join(MEASURES.get(column, column) for column in shown) + " |")
        print("|---" * (len(shown) + 2) + "|")
        for label, rows in of_set.groupby("method", sort=False):
            print(f"| {label} | {len(rows)} | " + " | ".join(_spread(rows[column]) for column in shown) + " |")


def _spread(values: pd.Series) -> str:
    median, low, high = (f"{value:#.3g}".rstrip(".") for value in (values.median(), values.min(), values.max()))
    return median if low == high else f"{median} ({low}-{high})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="store_true", help="print what is kept, and do nothing else")
    parser.add_argument("--fixed", action="store_true", help="compare given curvatures with auto, and do nothing else")
    parser.add_argument("--sets", nargs="+", default=[*SETS], help=f"of {', '.join(SETS)}; olsson with --olsson")
    parser.add_argument("--methods", nargs="+", default=["ours"], choices=METHODS, help=f"of {'; '.join(METHODS)}")
    parser.add_argument("--seeds", type=int, default=5, help="their number")
    parser.add_argument("--points", type=Path, help="folder to keep points in, and to take them from")
    parser.add_argument("--olsson", type=Path, help="table of Olsson's cells: genes, and labels last")
    parser.add_argument("--poincare-maps", type=Path, help="folder of the authors' code")
    options = parser.parse_args()
    if options.poincare_maps:
        sys.path.insert(0, str(options.poincare_maps))
    if options.olsson:
        SETS["olsson"] = partial(olsson, options.olsson)
    if options.points:
        options.points.mkdir(parents=True, exist_ok=True)
    if unknown := set(options.sets) - set(SETS):
        parser.error(f"no set {', '.join(unknown)}; olsson needs the path of its table by --olsson")
    if options.fixed:
        fixed(options.sets, options.seeds)
        return
    if not options.table:
        for name in options.sets:
            data = SETS[name]()
            for label in options.methods:
                if module := METHODS[label].missing():
                    print(f"{label}: no module named {module}")
                elif data.edges is not None or not METHODS[label].of_trees:
                    rows = study(name, label, data, range(options.seeds), options.points)
                    keep(rows)
                    print(rows.to_string(), flush=True)
    table()


if __name__ == "__main__":
    main()
