"""Pictures and files: what a user waits for beside the computation."""

import matplotlib as mpl
from matplotlib import pyplot as plt

import hyperkit as hk


class Pictures:
    def setup(self):
        mpl.use("Agg")
        self.tree = hk.HyperSteiner().fit(hk.random_wrapped_normal(10_000, random_state=0)).tree_

    def time_plot_tree_10k(self):
        ax = hk.plot.plot_tree(self.tree)
        ax.figure.canvas.draw()
        plt.close(ax.figure)

    def time_newick_10k(self):
        self.tree.to_newick()


def timeraw_import():
    return "import hyperkit"


def timeraw_help():
    return """
    import contextlib, io
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        from hyperkit.cli import main
        main(["--help"], prog_name="hyperkit")
    """
