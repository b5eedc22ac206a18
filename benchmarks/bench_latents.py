"""From torch to points of the ball, and what is measured of a latent space while it is trained.

Seconds of CPU a call, as `python -m benchmarks.bench_latents` prints them.
"""

from time import process_time
from warnings import catch_warnings, simplefilter

import torch

import hyperkit as hk

with catch_warnings():
    simplefilter("ignore", DeprecationWarning)
    import geoopt

N = 1_000
BALL = geoopt.PoincareBall(c=1.0)


class Latents:
    def setup(self):
        generator = torch.Generator().manual_seed(0)
        self.z = 0.3 * torch.randn(100_000, 2, generator=generator).clamp(-2, 2)

    def time_to_poincare_100k(self):
        hk.latents.to_poincare(self.z, -1.0)

    def time_encode_100k(self):
        hk.latents.encode(lambda rows: rows, self.z, -1.0)


class Monitor:
    """A wrapped normal of 1,000 points, and networks that cost next to nothing."""

    params = (2, 3, 5, 10)
    param_names = ("n_dimensions",)

    def setup(self, d):
        self.x = torch.randn(N, d, generator=torch.Generator().manual_seed(0), dtype=torch.float64) / 2
        self.labels = torch.arange(N) % 7
        self.latent = hk.latents.encode(BALL.expmap0, self.x, BALL)

    def time_monitor(self, d):
        hk.latents.monitor(BALL.expmap0, self.x, BALL)

    def time_monitor_with_labels_and_decoder(self, d):
        hk.latents.monitor(BALL.expmap0, self.x, BALL, self.labels, decoder=lambda z: BALL.logmap0(z) + 0.05)

    def time_quality_of_data(self, d):
        hk.latents.quality(self.latent, self.x, metric="euclidean")

    def time_quality_of_shortest_paths(self, d):
        hk.latents.quality(self.latent, self.x)


def main():
    for d in Monitor.params:
        timed = Monitor()
        timed.setup(d)
        for name in (name for name in dir(timed) if name.startswith("time_")):
            getattr(timed, name)(d)  # compiles
            seconds = []
            for _ in range(5):
                start = process_time()
                getattr(timed, name)(d)
                seconds.append(process_time() - start)
            print(f"{d:2d} dimensions  {name.removeprefix('time_'):36s} {min(seconds):6.3f} s")


if __name__ == "__main__":
    main()
