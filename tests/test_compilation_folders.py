"""Where compiled kernels are kept by a user who cannot write the package, and which folders are trusted."""

import hashlib
import os
import pickle
import shutil
import subprocess
import sys

import pytest
from copied import USE, copy_of_package, kept_in, run

from hyperkit._compilation._folders import Folder

NOBODY = 65534


@pytest.fixture
def package():
    with copy_of_package() as copy:
        yield copy


@pytest.fixture(scope="module")
def nobody():
    """Words before a command that make a user run it who can read the package and write nothing."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("needs root, and setpriv to become another user")
    # The right to read keeps this Python within reach, wherever it is; not every container has it to give away.
    reading = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    code = "import numba, lazy_loader, sys; open(sys.argv[1])"
    with copy_of_package() as package:
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
