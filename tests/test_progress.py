"""Progress bars: on a terminal, in notebooks without anything else installed, and in silence."""

import os
import subprocess
import sys

# What a notebook has: a shell of that name, and a display whose text can be replaced.
NOTEBOOK = """
import sys, types, warnings
warnings.simplefilter("error")
shown = []
class Handle:
    def update(self, data, raw):
        shown.append(data["text/plain"])
def display(data, raw, display_id):
    return Handle()
class ZMQInteractiveShell: ...
import builtins
builtins.get_ipython = ZMQInteractiveShell
sys.modules["ipywidgets"] = None  # importing it fails
sys.modules["IPython"] = types.ModuleType("IPython")
sys.modules["IPython.display"] = module = types.ModuleType("IPython.display")
module.display = display
"""


def run(code):
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=os.environ)


def test_a_notebook_needs_nothing_else_and_sees_the_bar_grow():
    code = """
import time
from hyperkit._progress import progress_bars
with progress_bars(show=True) as progress:
    for _ in progress.track(range(3), description="walking"):
        time.sleep(0.25)
assert "walking" in shown[0] and len(shown) > 2, shown
assert "100%" in shown[-1] and "\\x1b" not in "".join(shown), shown
"""
    done = run(NOTEBOOK + code)
    assert done.stdout == done.stderr == ""


def test_estimators_show_themselves_in_a_notebook():
    code = """
import numpy as np, hyperkit as hk
points = hk.random_uniform_ball(30, 2, random_state=0)
hk.HyperSteiner(verbose=True).fit(points)
hk.HyperbolicMDS(verbose=True, max_iter=20, tol=1e-2).fit(points)
text = "".join(shown)
assert "Full trees" in text and "search: stress" in text, shown
"""
    run(NOTEBOOK.replace('simplefilter("error")', 'simplefilter("ignore")') + code)


def test_bars_go_to_stderr_and_only_when_asked_for():
    code = "from hyperkit._progress import progress_bars\nfor show in (False, True):\n"
    code += "    with progress_bars(show=show) as p: list(p.track(range(2), description=f'show {show}'))"
    done = run(code)
    assert done.stdout == ""
    assert "show True" in done.stderr
    assert "show False" not in done.stderr
