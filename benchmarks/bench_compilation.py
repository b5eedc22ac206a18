"""What a first user waits for: seconds of a process that compiles its kernels, and of the next, that finds them."""

import os
import subprocess
import sys
import tempfile
import time

_POINTS = "import hyperkit as hk; X = hk.random_wrapped_normal(40, random_state=0)"
_USES = {
    "delaunay": f"{_POINTS}; hk.HyperbolicDelaunay(X)",
    "greedy": f"{_POINTS}; hk.HyperSteiner(method='greedy').fit(X)",
    "local": f"{_POINTS}; hk.HyperSteiner(method='local').fit(X)",
    "exact": f"{_POINTS}; hk.HyperSteiner(method='exact').fit(X[:8])",
    "demo": "from hyperkit.cli import main; main(['demo'])",
    "compile": "from hyperkit.cli import main; main(['compile'])",
}


def _seconds(use, cache):
    begin = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", _USES[use]],
        cwd=cache,
        env=os.environ | {"NUMBA_CACHE_DIR": cache, "MPLBACKEND": "Agg"},
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - begin


class FirstUse:
    """Each in a process of its own."""

    params = [list(_USES)]
    param_names = ["use"]
    timeout = 300
    unit = "s"

    def track_without_cache(self, use):
        with tempfile.TemporaryDirectory() as cache:
            return _seconds(use, cache)

    def track_with_cache(self, use):
        with tempfile.TemporaryDirectory() as cache:
            _seconds(use, cache)
            return _seconds(use, cache)
