"""The work of ShadingBenchmarks.cs in eager PyTorch."""
import math

import torch

from twin import basis, measure

SIDE, ROUGHNESS = 512, 0.25
BANDS = torch.tensor([l for l in range(9) for _ in range(2 * l + 1)])
LAMBERT = torch.tensor([math.pi, 2 * math.pi / 3, math.pi / 4])[BANDS[:9]]
GLOSS = torch.exp(-((ROUGHNESS * BANDS) ** 2))


def shade(d, s, a, t, n, v, light):
    """Eq. 5-8: d, n, v [3, P]; s, a, t [P]; light [81, 3]."""
    near = basis(2, n)
    diffuse = d * a * (light[:9] * LAMBERT[:, None]).T.matmul(near)
    scatter = torch.exp(-1 / t**4)
    subsurface = d * (scatter * light[1:4].T.matmul(near[1:4]) + scatter**4 * light[4:9].T.matmul(near[4:9]))
    cosine = (n * v).sum(0)
    f = s + (1 - s) * (1 - cosine.clamp(0, 1)) ** 5
    specular = f * (light * GLOSS[:, None]).T.matmul(basis(8, 2 * cosine * n - v))
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
