"""The work of ShadingBenchmarks.cs in eager PyTorch. Prints "name TAB seconds" lines; run by `Benchmarks ratio`."""
import math
import os
import time

import torch

torch.set_num_threads(len(os.sched_getaffinity(0)))
SIDE, ROUGHNESS = 512, 0.25


def measure(name, run, repetitions):
    run()
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repetitions):
            run()
        best = min(best, (time.perf_counter() - start) / repetitions)
    print(f"{name}\t{best!r}", flush=True)


def basis(d, bands):
    """Real SH at directions d [3, P]: [(bands+1)^2, P], index l*l+l+m."""
    x, y, z = d
    rows = [None] * (bands + 1) ** 2
    c, s = torch.ones_like(x), torch.zeros_like(x)
    diagonal = math.sqrt(1 / (4 * math.pi))
    for m in range(bands + 1):
        before, p = 0, diagonal
        for l in range(m, bands + 1):
            if l > m:
                a = math.sqrt((4 * l * l - 1) / (l * l - m * m))
                b = a * math.sqrt(max(0, (l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1)) if l > m + 1 else 0
                before, p = p, a * z * p - b * before
            k = l * l + l
            rows[k + m] = (p if m == 0 else math.sqrt(2) * p) * c
            if m > 0:
                rows[k - m] = math.sqrt(2) * p * s
        diagonal *= math.sqrt((2 * m + 3) / (2 * m + 2))
        c, s = x * c - y * s, x * s + y * c
    return torch.stack(rows)


BANDS = torch.tensor([l for l in range(9) for _ in range(2 * l + 1)])
LAMBERT = torch.tensor([math.pi, 2 * math.pi / 3, math.pi / 4])[BANDS[:9]]
GLOSS = torch.exp(-((ROUGHNESS * BANDS) ** 2))


def shade(d, s, a, t, n, v, light):
    """Eq. 5-8: d, n, v [3, P]; s, a, t [P]; light [81, 3]."""
    near = basis(n, 2)
    diffuse = d * a * (light[:9] * LAMBERT[:, None]).T.matmul(near)
    scatter = torch.exp(-1 / t**4)
    subsurface = d * (scatter * light[1:4].T.matmul(near[1:4]) + scatter**4 * light[4:9].T.matmul(near[4:9]))
    cosine = (n * v).sum(0)
    f = s + (1 - s) * (1 - cosine.clamp(0, 1)) ** 5
    specular = f * (light * GLOSS[:, None]).T.matmul(basis(2 * cosine * n - v, 8))
    return diffuse + subsurface + specular


torch.manual_seed(1)
points = SIDE * SIDE
unit = lambda q: q / q.norm(dim=0, keepdim=True)
inputs = [torch.rand(3, points), torch.rand(points), torch.rand(points), torch.rand(points) * 0.5 + 0.5, unit(torch.randn(3, points)), unit(torch.randn(3, points)), torch.randn(81, 3)]


def forward():
    with torch.no_grad():
        shade(*inputs)


def training():
    leaves = [i.detach().requires_grad_(True) for i in inputs]
    shade(*leaves).sum().backward()


measure("shading 512x512, forward", forward, 1)
measure("shading 512x512, forward and backward", training, 1)
