"""Parts of kernels as the kernels have them: called from Python as they are, they would run uncompiled."""

from hyperkit._compilation import njit


def compiled(subkernel):
    @njit
    def kernel(*args):
        return subkernel(*args)

    return kernel
