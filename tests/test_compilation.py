"""Compiled kernels are never those of other sources, and what is damaged or cannot be kept is compiled again."""

import ast
import hashlib
import os
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import numba
import pytest
from copied import PACKAGE, copy_of_package, kept_in, replace, run
from numba.core import event

import hyperkit._compilation
from hyperkit._compilation import _decorators, _messages, njit, subkernel

MEASURE = """
import hyperkit, numpy as np
from hyperkit.steiner.kernels.full_tree import TreeArrays, measure
near, z = np.array([[1, -1, -1], [0, -1, -1]]), np.array([[0.0, 0.0], [0.5, 0.0]])
print(measure(TreeArrays(near, np.zeros((2, 3)), z, 1 - (z * z).sum(axis=1))), len(compiled))
"""


@pytest.fixture
def package():
    with copy_of_package() as copy:
        yield copy


class TestStale:
    def test_what_did_not_change_is_kept_and_what_changed_is_compiled_anew(self, package):
        assert run(package)[0] == ["21", "2"]
        assert run(package) == (["21", "0"], "")
        for file, old, new, result in (
            ("kernels/inner.py", "CONSTANT * x", "CONSTANT * x * 1000", "20001"),
            ("kernels/constants.py", "10", "7", "14001"),
            ("kernels/tiny.py", "+ 1", "+ 2", "14002"),
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
        replace(package / "geometry/kernels/metric.py", "return math.log1p(", "return 1000 * math.log1p(")
        (changed, _), _ = run(package, MEASURE)
        assert float(changed) == pytest.approx(1000 * float(length))

    def test_the_stamp_covers_all_that_kernels_are_made_of(self):
        from hyperkit._compilation._kept import kernel_sources

        covered = set(kernel_sources())
        for path in PACKAGE.rglob("*.py"):
            imports = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.ImportFrom)]
            names = {alias.name for node in imports for alias in node.names if "_compilation" in (node.module or "")}
            if names & {"njit", "subkernel", "bare_njit", "bare_subkernel"}:
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


def _kind(file):
    """What is kept of a function: "object" is machine code."""
    (_, kind, _), *_ = pickle.loads(file.read_bytes()[32:])
    return kind


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


class TestManyProcesses:
    @pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
    def test_eight_at_once_on_an_empty_cache_are_all_right(self, package):
        # Each compiles for other arguments first: what one keeps must not pass for what another keeps.
        code = """
import os
from hyperkit.kernels.tiny import outer
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

    def test_parts_are_compiled_by_numba_alone(self, cache, monkeypatch):
        monkeypatch.setitem(sys.modules, "hyperkit._compilation._parts", None)
        monkeypatch.delattr(hyperkit._compilation, "_parts", raising=False)
        assert fresh()(3) == 12
        assert [_kind(file) for file in kept_in(cache)] == ["object", "object"]

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

    def test_no_machine_code_is_made_of_what_a_kernel_calls(self, cache):
        fresh()(3)
        kinds = {("double" in file.name): _kind(file) for file in kept_in(cache)}
        assert kinds == {True: "bitcode", False: "object"}

    def test_an_error_in_what_a_kernel_calls_has_its_values(self, cache):
        def kernel():
            @subkernel
            def refuse(x):
                raise ValueError("not that", x)

            @njit
            def ask(x):
                return refuse(2 * x)

            return ask

        for there in ("none", "all", "part"):
            if there == "part":
                (of_kernel,) = (file for file in kept_in(cache) if "ask" in file.name)
                of_kernel.unlink()
            with pytest.raises(ValueError, match=r"\('not that', 6\)"):
                kernel()(3)

    def test_a_kernel_is_compiled_anew_on_demand(self, cache, compiled):
        kernel = fresh()
        kernel(3)
        kernel.recompile()
        assert kernel(3) == 12
        assert len(kept_in(cache)) == 2
