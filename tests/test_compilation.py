"""Compiled kernels are never those of other sources, and what cannot be kept, or is damaged, is compiled again."""

import ast
import hashlib
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import numba
import pytest
from numba.core import event

import hyperkit
from hyperkit._compilation import _decorators, _messages, njit, subkernel
from hyperkit._compilation._ahead import Job, _Queue
from hyperkit._compilation._folders import Folder

PACKAGE = Path(hyperkit.__file__).parent
NOBODY = 65534

# A kernel that calls one in another file, which has a constant from a third.
TINY = {
    "_kernels_tiny.py": """
from ._compilation import njit
from ._kernels_inner import inner

@njit
def outer(x):
    return inner(x) + 1
""",
    "_kernels_inner.py": """
from ._compilation import subkernel
from ._kernels_constants import CONSTANT

@subkernel
def inner(x):
    return CONSTANT * x
""",
    "_kernels_constants.py": "CONSTANT = 10\n",
}
COUNT = """
import sys
from numba.core import event
compiled = []
class Listener(event.Listener):
    def on_start(self, event): compiled.append(event.data["dispatcher"].py_func.__name__)
    def on_end(self, event): pass
event.register("numba:compile", Listener())
"""
USE = "from hyperkit._kernels_tiny import outer\nprint(outer(2), len(compiled))"
MEASURE = """
import hyperkit, numpy as np
from hyperkit.steiner._kernels_topology import FullTree, measure
near, z = np.array([[1, -1, -1], [0, -1, -1]]), np.array([[0.0, 0.0], [0.5, 0.0]])
print(measure(FullTree(near, np.zeros((2, 3)), z, 1 - (z * z).sum(axis=1))), len(compiled))
"""


@pytest.fixture
def folder():
    """A folder that every user can read."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o755)
        yield Path(made)


@pytest.fixture
def package(folder):
    """A copy of the package, with three tiny files of kernels and none compiled."""
    copy = folder / "site" / "hyperkit"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", "data"))
    for name, text in TINY.items():
        (copy / name).write_text(text)
    return copy


def run(package, code=USE, user=(), before="", **environment):
    """What a new process prints, word by word, and its stderr."""
    home = {"HOME": "/nonexistent", "TMPDIR": "/nonexistent"} if user else {}
    inherited = {name: value for name, value in os.environ.items() if name not in ("NUMBA_CACHE_DIR", "XDG_CACHE_HOME")}
    done = subprocess.run(
        [*user, sys.executable, "-c", before + COUNT + code],
        env=inherited | home | {"PYTHONPATH": str(package.parent)} | environment,
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split(), done.stderr


def replace(file, old, new):
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def kept_in(folder):
    return sorted(folder.rglob("*.nbc"))


class TestStale:
    def test_what_did_not_change_is_kept_and_what_changed_is_compiled_anew(self, package):
        assert run(package)[0] == ["21", "2"]
        assert run(package) == (["21", "0"], "")
        for file, old, new, result in (
            ("_kernels_inner.py", "CONSTANT * x", "CONSTANT * x * 1000", "20001"),
            ("_kernels_constants.py", "10", "7", "14001"),
            ("_kernels_tiny.py", "+ 1", "+ 2", "14002"),
            ("__init__.py", '__version__ = "', '__version__ = "9', "14002"),
        ):
            before = kept_in(package)
            assert len(before) == 2
            replace(package / file, old, new)
            assert run(package)[0] == [result, "2"]
            assert not set(before) & set(kept_in(package))  # no process will load them again
        assert run(package) == (["14002", "0"], "")

    def test_a_side_measured_by_a_changed_function_has_its_new_length(self, package):
        (length, _), _ = run(package, MEASURE)
        replace(package / "steiner/_kernels_fermat.py", "return math.log1p(", "return 1000 * math.log1p(")
        (changed, _), _ = run(package, MEASURE)
        assert float(changed) == pytest.approx(1000 * float(length))

    def test_the_stamp_covers_all_that_kernels_are_made_of(self):
        from hyperkit._compilation._kept import kernel_sources

        covered = set(kernel_sources())
        for path in PACKAGE.rglob("*.py"):
            imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            names = {alias.name for node in imports for alias in node.names if "_compilation" in (node.module or "")}
            if names & {"njit", "subkernel"}:
                assert path in covered
        assert len(covered) > 20
        for path in covered:
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ImportFrom) and node.level and node.module:
                    base = path.parents[node.level - 1] / node.module.replace(".", "/")
                    assert {base.with_suffix(".py"), base / "__init__.py"} & covered, f"{path} imports {base}"


def fresh():
    """A kernel that calls another, as a new process has it: neither is compiled."""

    @subkernel
    def double(x):
        return 2 * x

    @njit
    def quadruple(x):
        return 2 * double(x)

    return quadruple


class Compiled(event.Listener):
    def __init__(self):
        self.names = []

    def on_start(self, event):
        self.names.append(event.data["dispatcher"].py_func.__name__)

    def on_end(self, event):
        pass


@pytest.fixture
def compiled():
    listener = Compiled()
    with event.install_listener("numba:compile", listener):
        yield listener.names


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, as if this process began with NUMBA_CACHE_DIR."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path / "cache"


class TestDamage:
    @pytest.mark.parametrize("damage", [
        lambda content: b"",
        lambda content: content[:10],
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1],
        lambda content: b"garbage" * 1000,
        lambda content: content[:100] + bytes([content[100] ^ 1]) + content[101:],
        lambda content: content + b"\0",
    ])  # fmt: skip
    def test_a_damaged_file_is_a_miss_and_is_written_again(self, cache, compiled, damage):
        assert fresh()(3) == 12
        files = [file for file in cache.rglob("*") if file.is_file()]
        assert len(files) == 2
        for file in files:
            file.write_bytes(damage(file.read_bytes()))
        compiled.clear()
        assert fresh()(3) == 12
        assert compiled == ["quadruple", "double"]
        compiled.clear()
        assert fresh()(3) == 12
        assert compiled == []

    def test_a_file_that_holds_something_else_is_a_miss(self, cache, compiled):
        fresh()(3)
        for file in kept_in(cache):
            other = pickle.dumps(["not", "a", "kernel"])
            file.write_bytes(hashlib.sha256(other).digest() + other)
        assert fresh()(3) == 12
        compiled.clear()
        assert fresh()(3) == 12
        assert compiled == []

    def test_a_folder_in_the_place_of_a_file_is_a_miss(self, cache):
        fresh()(3)
        for file in kept_in(cache):
            file.unlink()
            file.mkdir()
        assert fresh()(3) == 12

    def test_a_full_disk_costs_the_file_only(self, package):
        # No file may be longer than 100 bytes, as on a disk with no more room.
        full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        result, said = run(package, before=full, NUMBA_CACHE_DIR=str(package.parent / "cache"))
        assert result == ["21", "2"]
        assert "cannot be kept" in said.splitlines()[1]
        assert len(said.splitlines()) == 2
        assert [path for path in (package.parent / "cache").rglob("*") if path.is_file()] == []

    def test_a_folder_that_can_no_more_be_written_costs_the_file_only(self, cache, capsys, monkeypatch, compiled):
        fresh()(3)
        monkeypatch.setattr(Path, "write_bytes", refuse)
        assert fresh()(3) == 12
        assert fresh()(1.5) == 6.0
        assert len(kept_in(cache)) == 2


def refuse(*_args, **_kwargs):
    raise PermissionError("no")


@pytest.fixture
def nobody(package):
    """Words before a command that make a user run it who can read the package and write nothing."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, and setpriv to become another user")
    # The right to read keeps this Python within reach, wherever it is; not every container has it to give away.
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    code = "import numba, lazy_loader, sys; open(sys.argv[1])"
    for rights in (reading, []):
        user = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *rights]
        command = [*user, sys.executable, "-c", code, package / "__init__.py"]
        if subprocess.run(command, cwd="/", capture_output=True).returncode == 0:
            return user
    pytest.skip("another user cannot run this Python, or not read the folder of the tests")


def shared_folder(path):
    """A folder like /tmp."""
    path.mkdir()
    path.chmod(0o1777)
    return path


class TestAnotherUser:
    """A package that this user cannot write, as in a container or on a cluster."""

    def test_without_a_home_kernels_are_kept_in_a_temporary_folder(self, package, nobody):
        shared = shared_folder(package.parent / "tmp")
        assert run(package, user=nobody, TMPDIR=str(shared))[0] == ["21", "2"]
        assert run(package, user=nobody, TMPDIR=str(shared)) == (["21", "0"], "")
        (made,) = shared.iterdir()
        assert made.stat().st_mode & 0o777 == 0o700
        assert made.stat().st_uid == NOBODY
        assert kept_in(package) == []

    def test_with_a_home_they_are_kept_there(self, package, nobody):
        for variable, cache in (("HOME", ".cache"), ("XDG_CACHE_HOME", "")):
            home = package.parent / variable
            home.mkdir()
            os.chown(home, NOBODY, NOBODY)
            assert run(package, user=nobody, **{variable: str(home)})[0] == ["21", "2"]
            assert len(kept_in(home / cache / "hyperkit")) == 2
        assert run(package, user=nobody, **{variable: str(home)}) == (["21", "0"], "")

    def test_what_root_compiled_serves_everybody(self, package, nobody):
        run(package)
        assert run(package, user=nobody) == (["21", "0"], "")

    def test_with_no_folder_at_all_they_are_compiled_each_time(self, package, nobody):
        nowhere = "import tempfile; tempfile.tempdir = '/nonexistent'\n"
        for _ in range(2):
            result, said = run(package, user=nobody, before=nowhere)
            assert result == ["21", "2"]
            assert ["cannot be kept" in line for line in said.splitlines()] == [False, True]

    def test_a_folder_named_by_the_user_is_the_only_one(self, package, nobody):
        shared = shared_folder(package.parent / "tmp")
        result, said = run(package, user=nobody, TMPDIR=str(shared), NUMBA_CACHE_DIR="/proc/none")
        assert result == ["21", "2"]
        assert "NUMBA_CACHE_DIR" in said.splitlines()[1]
        assert list(shared.iterdir()) == []

    def test_pickles_of_others_are_not_read(self, package, nobody):
        # The name of the folder is known to everybody: another may have been there first.
        shared = shared_folder(package.parent / "tmp")
        run(package, user=nobody, TMPDIR=str(shared))
        (own,) = shared.iterdir()
        for file in own.iterdir():
            poison = pickle.dumps(Poison(str(shared / "poisoned")))
            file.write_bytes(hashlib.sha256(poison).digest() + poison)
        own.chmod(0o777)
        result, said = run(package, user=nobody, TMPDIR=str(shared))
        assert result == ["21", "2"]
        assert "others can write" in said.splitlines()[1]
        os.chown(own, 0, 0)
        own.chmod(0o755)
        assert run(package, user=nobody, TMPDIR=str(shared))[0] == ["21", "2"]
        assert not (shared / "poisoned").exists()
        # In a folder that is trusted it would have been read.
        os.chown(own, NOBODY, NOBODY)
        run(package, user=nobody, TMPDIR=str(shared))
        assert (shared / "poisoned").exists()


class Poison:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (self.path,)


@pytest.mark.skipif(os.name != "posix", reason="elsewhere these folders are the user's own")
class TestTrust:
    @pytest.fixture
    def private(self, tmp_path):
        found = Folder(tmp_path / "a" / "b" / "kernels", private=True)
        found.make()
        return found

    def test_a_folder_that_was_made_is_trusted(self, private):
        assert private.is_trusted()
        assert private.path.stat().st_mode & 0o777 == 0o700
        private.make()

    @pytest.mark.parametrize("mode", [0o770, 0o720, 0o702, 0o777, 0o1777])
    def test_one_that_others_can_write_is_not(self, private, mode):
        private.path.chmod(mode)
        assert not private.is_trusted()
        with pytest.raises(OSError, match="others can write"):
            private.make()

    def test_one_in_a_folder_that_others_can_write_is_not(self, private):
        private.path.parent.chmod(0o777)
        assert not private.is_trusted()
        with pytest.raises(OSError, match="others can replace"):
            private.make()
        private.path.parent.chmod(0o1777)  # as /tmp: there nobody removes what is not his
        assert private.is_trusted()

    def test_a_link_is_not(self, private, tmp_path):
        link = Folder(tmp_path / "link", private=True)
        link.path.symlink_to(private.path)
        assert not link.is_trusted()
        with pytest.raises(OSError, match="others can write"):
            link.make()

    @pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give files away")
    def test_one_of_another_user_is_not(self, private, tmp_path):
        for path in (private.path, private.path.parent, private.path.parent.parent):
            os.chown(path, NOBODY, NOBODY)
            assert not private.is_trusted()
            with pytest.raises(OSError, match="others can"):
                private.make()
            os.chown(path, 0, 0)
        assert private.is_trusted()
        # Nor is one behind a link that another could turn elsewhere.
        (tmp_path / "link").symlink_to(private.path.parent)
        behind = Folder(tmp_path / "link" / "kernels", private=True)
        assert behind.is_trusted()
        os.chown(tmp_path / "link", NOBODY, NOBODY, follow_symlinks=False)
        assert not behind.is_trusted()


def test_the_caches_of_others_are_left_alone(package):
    # A user's own kernel is kept where numba keeps it, before and after ours are used.
    script = package.parent / "script.py"
    script.write_text("import numba\n@numba.njit(cache=True)\ndef mine(x): return x + 1\n")
    code = (
        "import numba, script, numba.core.caching as c; before = list(c.CacheImpl._locator_classes)\n"
        + USE
        + """
print(script.mine(1), before == c.CacheImpl._locator_classes, repr(numba.config.CACHE_DIR))
"""
    )
    assert run(package, code)[0] == ["21", "2", "2", "True", "''"]
    assert len(list((package.parent / "__pycache__").glob("script.mine*.nbi"))) == 1
    assert run(package, code)[0] == ["21", "0", "2", "True", "''"]


class TestManyProcesses:
    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_eight_at_once_on_an_empty_cache_are_all_right(self, package):
        # Each compiles for other arguments first: what one keeps must not pass for what another keeps.
        code = """
import os
from hyperkit._kernels_tiny import outer
numbers = [2, 2.5, True, 1j]
children = []
for child in range(8):
    if (pid := os.fork()) == 0:
        right = all(outer(x) == 10 * x + 1 for x in numbers[child % 4:] + numbers[:child % 4])
        os._exit(0 if right else 1)
    children.append(pid)
print(all(os.waitpid(pid, 0)[1] == 0 for pid in children))
print(*[outer(x) for x in numbers], len(compiled))
"""
        assert run(package, code)[0] == ["True", "21", "26.0", "11", "(1+10j)", "0"]
        assert len(list((package / "__pycache__").glob("*.nbc*"))) == 8


class TestWithoutTheHook:
    """If a numba to come keeps its caches elsewhere, kernels work and one line says why they are slow to start."""

    @pytest.fixture(autouse=True)
    def nothing_said(self, monkeypatch):
        monkeypatch.setattr(_messages, "_said", set())

    def test_a_dispatcher_has_no_cache(self, capsys):
        dispatcher = SimpleNamespace(py_func=abs)
        assert _decorators._with_cache(dispatcher) is dispatcher
        assert "cannot be kept" in capsys.readouterr().err

    def test_a_private_name_is_gone(self, cache, monkeypatch, capsys):
        monkeypatch.setitem(sys.modules, "hyperkit._compilation._cache", None)
        assert fresh()(3) == 12
        assert fresh()(3) == 12
        assert not cache.exists()
        assert capsys.readouterr().err.count("cannot be kept") == 1

    def test_what_is_registered_is_elsewhere(self, cache, compiled, monkeypatch, capsys):
        monkeypatch.setattr(_decorators, "_template_of", lambda function: object())
        assert fresh()(3) == 12
        assert len(kept_in(cache)) == 1
        assert "cannot be kept" in capsys.readouterr().err

    def test_what_is_registered_is_not_found(self):
        with pytest.raises(AttributeError):
            _decorators._template_of(lambda: None)


class TestOnThisNumba:
    """What `_cache` and `subkernel` lean on of numba's private parts is there."""

    def test_kernels_are_loaded(self, cache, compiled):
        assert fresh()(3) == 12
        assert compiled == ["quadruple", "double"]
        kernel = fresh()
        assert kernel(3) == 12
        assert compiled == ["quadruple", "double"]
        assert sum(kernel.stats.cache_hits.values()) == 1
        assert Path(kernel.stats.cache_path).parent == cache

    def test_what_a_kernel_calls_is_loaded(self, cache, compiled):
        fresh()(3)
        (outer,) = (file for file in kept_in(cache) if "quadruple" in file.name)
        outer.unlink()
        assert fresh()(3) == 12
        assert compiled == ["quadruple", "double", "quadruple"]

    def test_a_kernel_is_compiled_anew_on_demand(self, cache, compiled):
        kernel = fresh()
        kernel(3)
        kernel.recompile()
        assert kernel(3) == 12
        assert len(kept_in(cache)) == 2


class TestAhead:
    """Kernels compiled by several processes before they are needed."""

    AHEAD = """
import os
from hyperkit._compilation._ahead import compile_all, is_marked, jobs_of, mark
from hyperkit._kernels_tiny import outer
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

    def test_what_has_most_that_none_before_has_comes_first(self):
        def job(name, **parts):
            return Job(name, name, (), frozenset(parts.items()))

        jobs = [job("small", a=1), job("large", b=10, c=5), job("most of large", b=10, d=4), job("middle", e=6)]
        assert [job.name for job in _Queue(jobs)] == ["large", "middle", "most of large", "small"]

    def test_a_mark_holds_for_its_sources(self, package):
        code = self.AHEAD + "print(is_marked('x'), mark('x'), is_marked('x'), is_marked('y'))"
        assert run(package, code)[0] == ["False", "None", "True", "False"]
        replace(package / "_kernels_constants.py", "10", "7")
        assert run(package, code)[0] == ["False", "None", "True", "False"]

    def test_after_hyperkit_compile_the_commands_compile_nothing(self, tmp_path):
        # In the cache of this suite, which needs these kernels anyway.
        done = subprocess.run([sys.executable, "-m", "hyperkit", "compile"], capture_output=True, text=True, check=True)
        n_kernels = sum(int(word) for word in done.stdout.split() if word.isdecimal())
        assert n_kernels > 30
        code = (
            COUNT
            + """
import warnings
import numpy as np
import hyperkit as hk
import hyperkit.cli._compile as ahead
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
    run("dga", f"x{d}.csv", f"y{d}.csv", "--permutations", "9")
for d in (2, 3):
    run("tree", f"few{d}.csv", "--method", "exact")
run("tree", "few2.csv", "--method", "greedy")
run("tree", "few2.csv", "--method", "thorough", "--time-limit", "1")
"""
        )
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stderr.splitlines() == ["0 0"] * 11

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
