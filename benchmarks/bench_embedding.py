"""Speed and quality of HyperbolicMDS on a bundled set of cells."""

from hyperkit.datasets import load_pbmc68k_reduced
from hyperkit.embedding import HyperbolicMDS


class EmbedCells:
    """Geodesic distances, start, search for the curvature: all that `fit` does."""

    params = (175, 700)
    param_names = ("n_samples",)

    def setup(self, n_samples):
        self.data = load_pbmc68k_reduced().data[:n_samples]

    def time_fit(self, n_samples):
        HyperbolicMDS(random_state=0).fit(self.data)

    def peakmem_fit(self, n_samples):
        HyperbolicMDS(random_state=0).fit(self.data)

    def track_stress(self, n_samples):
        return HyperbolicMDS(random_state=0).fit(self.data).stress_
