"""Kernels compiled by several processes before they are needed."""

import os
import subprocess
import sys
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool

import pytest
from copied import COUNT, copy_of_package, replace, run

from hyperkit._compilation import _ahead
from hyperkit._compilation._ahead import Job, _Queue, compile_all
from hyperkit.cli._compile import tree_uses


@pytest.fixture
def package():
    with copy_of_package() as copy:
        yield copy


class TestAhead:
    """Kernels compiled by several processes before they are needed."""

    AHEAD = """
import os
from hyperkit._compilation._ahead import compile_all, is_marked, jobs_of, mark
from hyperkit.kernels.tiny import outer
examples = [lambda: outer(2), lambda: outer(2.5), lambda: outer(3)]
jobs = jobs_of(examples)
"""

    @pytest.mark.parametrize(("processes", "platform"), [(1, "linux"), (2, "linux"), (2, "another")])
    def test_what_examples_use_is_compiled(self, package, processes, platform):
        code = (
            self.AHEAD
            + f"""
sys.platform = {platform!r}
print(sorted(str(job.signature) for job in jobs), [job.is_done() for job in jobs], len(compiled), sep="|", end="|")
print(sorted(job.name for job in compile_all(jobs, {processes})), [job.is_done() for job in jobs], end="|")
compiled.clear()
print(outer(2), outer(2.5), len(compiled))
"""
        )
        words, said = run(package, code)
        assert " ".join(words) == (
            "['(float64,)', '(int64,)']|[False, False]|0|['outer', 'outer'] [True, True]|21 26.0 0"
        )
        assert said.count("compiling") == (processes == 1)  # what helpers do, their owner says

    def test_a_helper_that_is_ended_leaves_its_work_to_its_owner(self, package):
        code = (
            self.AHEAD
            + """
from hyperkit._compilation._ahead import Job
owner = os.getpid()
class Deadly(Job):
    def do(self):
        if os.getpid() != owner: os._exit(9)
        super().do()
jobs = [Deadly(job.module, job.name, job.signature, job.parts) for job in jobs]
print(len(list(compile_all(jobs, 2))), [job.is_done() for job in jobs])
"""
        )
        if sys.platform != "linux":
            pytest.skip("a class of a script reaches a helper by a fork only")
        assert " ".join(run(package, code)[0]) == "2 [True, True]"

    @pytest.mark.parametrize("breaks", [1, 2, 3])
    def test_no_job_is_lost_where_helpers_are_ended_before_they_get_it(self, breaks, monkeypatch):
        class Pool:
            def __init__(self, *_, **__):
                self.n = 0

            def submit(self, do):
                self.n += 1
                if self.n >= breaks:
                    raise BrokenProcessPool
                future = Future()
                future.set_result(do())
                return future

            def shutdown(self, **_):
                pass

        monkeypatch.setattr(_ahead, "ProcessPoolExecutor", Pool)
        monkeypatch.setattr(Job, "do", lambda job: None)
        jobs = [Job("module", name, (), frozenset()) for name in "abcd"]
        assert sorted(job.name for job in compile_all(jobs, 2)) == list("abcd")

    def test_what_has_most_that_none_before_has_comes_first(self):
        def job(name, **parts):
            return Job(name, name, (), frozenset(parts.items()))

        jobs = [job("small", a=1), job("large", b=10, c=5), job("most of large", b=10, d=4), job("middle", e=6)]
        assert [job.name for job in _Queue(jobs)] == ["large", "middle", "most of large", "small"]

    def test_a_mark_holds_for_its_sources(self, package):
        code = self.AHEAD + "print(is_marked('x'), mark('x'), is_marked('x'), is_marked('y'))"
        assert run(package, code)[0] == ["False", "None", "True", "False"]
        replace(package / "kernels/constants.py", "10", "7")
        assert run(package, code)[0] == ["False", "None", "True", "False"]

    def test_after_hyperkit_compile_the_commands_compile_nothing(self, tmp_path):
        # In the cache of this suite, which needs these kernels anyway.
        done = subprocess.run([sys.executable, "-m", "hyperkit", "compile"], capture_output=True, text=True, check=True)
        n_kernels = sum(int(word) for word in done.stdout.split() if word.isdecimal())
        assert n_kernels > 30
        code = (
            COUNT
            + """
import pathlib
import numpy as np
import hyperkit as hk
import hyperkit.cli._compile as ahead
import hyperkit.steiner._proof as proof
import hyperkit.steiner.local._local as large
from hyperkit.cli import main

def run(*arguments):
    try:
        main(arguments)
    except SystemExit as end:
        print(end.code, len(compiled), *compiled, file=sys.stderr)

# No helpers may compile what was forgotten; the commands themselves look in vain for more to do.
ahead._compile = lambda *arguments: compiled.append("by helpers")
for d in (2, 3, 8):
    X = hk.random_wrapped_normal(60, np.zeros(d), random_state=1)
    np.savetxt(f"x{d}.csv", X, delimiter=",")
    np.savetxt(f"y{d}.csv", X[::-2] * 0.9, delimiter=",")
    np.savetxt(f"few{d}.csv", X[:7], delimiter=",")
run("demo")
for d in (2, 3, 8):
    run("tree", f"x{d}.csv")
    run("dga", f"x{d}.csv", f"y{d}.csv", "--permutations", "19")
    run("compare", f"x{d}.csv", f"x{d}.csv", "--data", f"x{d}.csv")
for d in (2, 3):
    run("tree", f"few{d}.csv", "--method", "exact")
proof._MOST_ENUMERATED = 5  # as for more than 14: by prices, and where edges are long by components
for scale in (0.3, 8):
    np.savetxt("few.csv", scale * hk.random_wrapped_normal(6, np.zeros(2), random_state=1), delimiter=",")
    run("tree", "few.csv", "--method", "exact", "--model", "tangent")
run("tree", "few2.csv", "--method", "greedy")
run("tree", "few2.csv", "--method", "thorough", "--time-limit", "1")
run("embed", "x3.csv", "--quality", "--output", "e.csv")
run("embed", "x8.csv", "--landmarks", "20", "--components", "3", "--weight-power", "1", "--output", "e.csv")
run("embed", "x8.csv", "--landmarks", "20", "--metric", "cosine", "--output", "e.csv")
run("tree", "x8.csv", "--embed")
pathlib.Path("t.nwk").write_text("(a,(b,c),d);")
pathlib.Path("rows.nwk").write_text("(0,(1,2),3);")
for d in (2, 8):
    kinds = np.column_stack([np.loadtxt(f"x{d}.csv", delimiter=",").astype(str), np.resize(list("abcd"), 60)])
    np.savetxt(f"kinds{d}.csv", kinds, delimiter=",", fmt="%s")
    asked = ("--truth", "t.nwk", "--clusters", "3", "--output", "out.nwk", "--json")
    run("tree", f"kinds{d}.csv", "--groups", str(d), "--root", "a", "--support", "2", "--jitter", "0.1", *asked)
    run("tree", f"x{d}.csv", "--leaves", "--root", "midpoint", "--truth", "rows.nwk", "--rows", "rows.csv")
run("tree", "kinds8.csv", "--groups", "8", "--embed", "--components", "3", "--support", "2", *asked)
large._REGION, large._MOST_JOINED, large._ESCAPES = 10, 10, 60  # as for more than 10,000 points
for d in (2, 3, 8):
    run("tree", f"x{d}.csv")
A, B = (hk.random_wrapped_normal(60, np.zeros(2), random_state=k) for k in (1, 2))
hk.HyperSteiner().fit(A).insert(B)
hk.HyperDGA().fit(A).score(B)
print(0, len(compiled), *compiled, file=sys.stderr)
"""
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        other = ("Points: ", "Go on with: ", "Newick tree: ", "Rows: ", "Warning: compared by what the trees share")
        said = [line for line in done.stderr.splitlines() if not line.startswith(other)]
        assert said == ["0 0"] * 29

    def test_compile_says_where_kernels_could_be_kept(self):
        done = subprocess.run(
            [sys.executable, "-m", "hyperkit", "compile"],
            env=os.environ | {"NUMBA_CACHE_DIR": "/proc/none"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("Error: compiled kernels cannot be kept")
        assert "NUMBA_CACHE_DIR" in done.stderr


def test_trees_of_many_points_have_further_kernels():
    uses = {n: tree_uses("auto", 3, n) for n in (1000, 1001)}
    assert [str(use) for use in uses[1000]] == ["local-3"]
    (further,) = set(uses[1001]) - set(uses[1000])
    assert tree_uses("greedy", 2, 5000) == tree_uses("greedy", 2, 5)
    # In a process of its own: this one may have called these kernels before.
    code = f"""
from hyperkit._compilation import jobs_of
from hyperkit.cli._compile import Use
print(*[job.name for job in jobs_of([{further!r}])])
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) >= {"escape", "cut"}
