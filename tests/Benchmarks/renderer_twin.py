"""The work of RendererBenchmarks.cs in eager PyTorch."""
import math
import sys

import torch
import torch.nn.functional as F

from twin import measure, tensors

data, _ = tensors(sys.argv[2])
vertices, light, albedo, image, weights = (data[k] for k in ("vertices", "light", "albedo", "image", "weights"))
rotation, translation, log_focal = data["rotation"], data["translation"], data["log_focal"]
corners = data["triangles"].reshape(-1, 3).t().contiguous()
side = image.shape[-1]
FACTORS = torch.tensor(
    [math.pi * math.sqrt(1 / (4 * math.pi))]
    + [2 * math.pi / 3 * math.sqrt(3 / (4 * math.pi))] * 3
    + [math.pi / 4 * math.sqrt(15 / (4 * math.pi)) * f for f in (1, 1, 1 / math.sqrt(12), 1, 0.5)]
)

edges = torch.cat([corners[[0, 1]], corners[[1, 2]], corners[[2, 0]]], 1)
edges = torch.unique(torch.cat([edges, edges.flip(0)], 1), dim=1)
degree = torch.zeros(vertices.shape[1]).index_add(0, edges[0], torch.ones(edges.shape[1]))


def normals(v):
    a, b, c = (v.index_select(1, k) for k in corners)
    faces = torch.cross(b - a, c - a, dim=2)
    total = torch.zeros_like(v)
    for k in corners:
        total = total.index_add(1, k, faces)
    return F.normalize(total, dim=2)


def shade(n, g, d):
    x, y, z = n.unbind(2)
    basis = torch.stack([torch.ones_like(x), y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], 2)
    return d * basis.matmul(g * FACTORS[:, None])


def project(v, r, t, f):
    p = v.matmul(r.transpose(1, 2)) + t[:, None]
    s = f.exp()[:, None] / -p[..., 2]
    return torch.stack([side / 2 + s * p[..., 0], side / 2 - s * p[..., 1]], 2)


def sample(pixels):
    return F.grid_sample(image, (pixels / side * 2 - 1)[:, None], align_corners=False)[:, :, 0].transpose(1, 2)


def encode(c):
    return torch.where(c <= 0.0031308, 12.92 * c, 1.055 * c.clamp_min(0.0031308) ** (1 / 2.4) - 0.055)


def photo(c, s):
    s = torch.where(s >= 0.99, torch.maximum(s, c.detach()), s)
    return (((encode(c) - encode(s)).abs().mean(2) * weights).sum(1) / weights.sum(1)).mean()


def render(v, g, d, r, t, f):
    return photo(shade(normals(v), g, d), sample(project(v, r, t, f)))


def laplacian(v):
    mean = torch.zeros_like(v).index_add(1, edges[0], v.index_select(1, edges[1])) / degree[:, None]
    return (v - mean).norm(dim=2).mean()


def run(backward, make):
    def step():
        leaves = [q.detach().requires_grad_(backward) for q in (vertices, light, albedo, rotation, translation, log_focal)]
        loss = make(*leaves)
        if backward:
            loss.backward()

    return step


source, target = torch.rand(16 << 20), torch.empty(16 << 20)
measure("renderer 16 heads, forward", run(False, render), 1)
measure("renderer 16 heads, forward and backward", run(True, render), 1)
measure("normals, forward and backward", run(True, lambda v, *_: normals(v).sum()), 1)
measure("shading, forward and backward", run(True, lambda v, g, d, *_: shade(v, g, d).sum()), 1)
measure("projection, forward and backward", run(True, lambda v, g, d, r, t, f: project(v, r, t, f).sum()), 1)
measure("samples, forward and backward", run(True, lambda v, g, d, r, t, f: sample(project(v, r, t, f)).sum()), 1)
measure("Laplacian loss, forward and backward", run(True, lambda v, *_: laplacian(v)), 1)
measure("copy of 64 MiB", lambda: target.copy_(source), 2)
