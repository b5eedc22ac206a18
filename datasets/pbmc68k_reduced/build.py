"""Build the bundled pbmc68k_reduced set from the scanpy wheel.

    python datasets/pbmc68k_reduced/build.py

Needs pip, a network and hyperkit[anndata]; writes pbmc68k_reduced.npz and pbmc68k_reduced.md into
hyperkit/datasets/data.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path

import anndata
import numpy as np

from hyperkit.embedding import HyperbolicMDS

SOURCE = "scanpy==1.11.5"
HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[1] / "hyperkit" / "datasets" / "data"


def read_source() -> anndata.AnnData:
    """The annotated matrix, from the pinned wheel."""
    with tempfile.TemporaryDirectory() as folder:
        options = ["--no-deps", "--only-binary=:all:", "--dest", folder]
        subprocess.run([sys.executable, "-m", "pip", "download", *options, SOURCE], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            path = archive.extract("scanpy/datasets/10x_pbmc68k_reduced.h5ad", folder)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # an old file: anndata moves its neighbour graphs
            return anndata.read_h5ad(path)


def main() -> None:
    """Download, embed, write."""
    cells = read_source()
    data = np.asarray(cells.obsm["X_pca"], dtype=np.float32)
    if data.shape != (700, 50):
        raise SystemExit(f"X_pca has shape {data.shape}, not (700, 50): another version of {SOURCE}?")
    names, target = np.unique(np.asarray(cells.obs["bulk_labels"]).astype(str), return_inverse=True)
    mds = HyperbolicMDS(random_state=0).fit(data.astype(np.float64))
    np.savez_compressed(
        TARGET / "pbmc68k_reduced.npz",
        data=data,
        target=target.astype(np.int64),
        target_names=names,
        feature_names=np.array([f"PC{i}" for i in range(1, 51)]),
        barcodes=np.asarray(cells.obs_names).astype(str),
        embedding=mds.embedding_,
        embedding_stress=mds.stress_,
        embedding_curvature=mds.curvature_,
    )
    shutil.copy(HERE / "README.md", TARGET / "pbmc68k_reduced.md")
    sys.stdout.write(f"stress {mds.stress_:.4f}\n")


if __name__ == "__main__":
    main()
