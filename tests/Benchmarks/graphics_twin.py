"""The work of GraphicsBenchmarks.cs that PyTorch can do. Prints "name TAB seconds" lines; run by `Benchmarks ratio`."""
import os
import time

import torch
import torch.nn.functional as F


def measure(name, run, repetitions):
    run()
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for _ in range(repetitions):
            run()
        best = min(best, (time.perf_counter() - start) / repetitions)
    print(f"{name}\t{best!r}", flush=True)


def basis(bands, d):
    """Y_lm of [N, 3] directions as [N, (bands+1)^2], by the recursion of SphericalHarmonics.cs."""
    x, y, z = d.unbind(1)
    out = [None] * (bands + 1) ** 2
    c, s, sectoral = torch.ones_like(x), torch.zeros_like(x), 0.28209479177387814
    for m in range(bands + 1):
        if m == 1:
            sectoral *= 2**0.5
        if m > 0:
            sectoral *= ((2 * m + 1) / (2 * m)) ** 0.5
        before, p = torch.zeros_like(x), torch.full_like(x, sectoral)
        for l in range(m, bands + 1):
            if l > m:
                a = ((4 * l * l - 1) / (l * l - m * m)) ** 0.5
                b = (((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1)) ** 0.5
                before, p = p, a * (z * p - b * before)
            out[l * l + l + m] = p * c
            if m > 0:
                out[l * l + l - m] = p * s
        c, s = x * c - y * s, x * s + y * c
    return torch.stack(out, 1)


torch.set_num_threads(len(os.sched_getaffinity(0)))
with torch.no_grad():
    picture = torch.rand(1, 3, 1024, 1024)
    measure("bicubic 1024² to 4096² RGB", lambda: F.interpolate(picture, size=(4096, 4096), mode="bicubic", align_corners=False), 1)
    torch.set_num_threads(1)
    directions = F.normalize(torch.randn(1_000_000, 3), dim=1)
    for bands in (2, 8):
        light = torch.randn((bands + 1) ** 2, 3)
        measure(f"SH light l={bands}, 1 M directions, one core", lambda: basis(bands, directions) @ light, 1)
