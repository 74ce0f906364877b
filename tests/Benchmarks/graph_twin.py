"""The work of GraphBenchmarks.cs in PyTorch: torch.sparse products with batch and channels side by side, as fast as eager operators go."""
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from twin import measure, tensors

scene, metadata = tensors(sys.argv[2])
BATCH, K = 16, 6


def sparse(name):
    index = torch.stack([scene[name + ".rows"], scene[name + ".columns"]])
    return torch.sparse_coo_tensor(index, scene[name + ".values"], tuple(scene[name + ".size"].tolist())).coalesce()


def multiply(matrix, x):
    return torch.sparse.mm(matrix, x.reshape(x.shape[0], -1)).reshape(matrix.shape[0], *x.shape[1:])


class Chebyshev(nn.Module):
    def __init__(self, name, inputs, outputs):
        super().__init__()
        self.laplacian = sparse(name)
        self.weight = nn.Parameter(torch.randn(K, inputs, outputs) * 0.1)
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        older, newer = x, multiply(self.laplacian, x)
        total = x @ self.weight[0] + self.bias + newer @ self.weight[1]
        for k in range(2, K):
            older, newer = newer, 2 * multiply(self.laplacian, newer) - older
            total = total + newer @ self.weight[k]
        return total


class Encoder(nn.Module):
    def __init__(self, part, latents):
        super().__init__()
        self.down = [scene[f"down{part}.{k}"] for k in range(3)]
        self.convolutions = nn.ModuleList(Chebyshev(f"encoder{part}.{k}", i, o) for k, (i, o) in enumerate([(3, 16), (16, 16), (16, 32)]))
        self.last = nn.Linear(32 * len(self.down[-1]), latents)

    def forward(self, x):
        for convolution, down in zip(self.convolutions, self.down):
            x = F.elu(convolution(x)).index_select(0, down)
        return self.last(x.transpose(0, 1).reshape(x.shape[1], -1))


class Decoder(nn.Module):
    def __init__(self, latents):
        super().__init__()
        self.up, self.spread = [sparse(f"up.{k}") for k in range(3)], sparse("spread")
        self.coarsest = self.up[0].shape[1]
        self.first = nn.Linear(latents, self.coarsest * 32)
        self.convolutions = nn.ModuleList(Chebyshev(f"decoder.{k}", i, o) for k, (i, o) in enumerate([(32, 32), (32, 16), (16, 16), (16, 3)]))

    def forward(self, alpha):
        x = F.elu(self.first(alpha)).reshape(len(alpha), self.coarsest, -1).transpose(0, 1).contiguous()
        for up, convolution in zip(self.up, self.convolutions):
            x = F.elu(convolution(multiply(up, x)))
        return multiply(self.spread, self.convolutions[-1](x))


class PartGnn(nn.Module):
    def __init__(self, latents, vertices):
        super().__init__()
        self.own = [scene[f"own{p}"] for p in range(len(latents))]
        self.graph = [scene[f"graph{p}"] for p in range(len(latents))]
        self.encoders = nn.ModuleList(Encoder(p, k) for p, k in enumerate(latents))
        self.filters = nn.ParameterList(nn.Parameter(torch.randn(3 * len(own), k)) for own, k in zip(self.own, latents))
        self.decoder = Decoder(sum(latents))
        self.basis = nn.Parameter(torch.randn(sum(latents), 3 * vertices))
        self.mean, self.deviation = torch.zeros(vertices, 3), torch.ones(vertices, 1)

    def forward(self, positions):
        x = (positions - self.mean) / self.deviation
        alpha = []
        for own, graph, filters, encoder in zip(self.own, self.graph, self.filters, self.encoders):
            alpha.append(x.index_select(1, own).reshape(len(x), -1) @ filters * 1e-3 + encoder(x.index_select(1, graph).transpose(0, 1).contiguous()))
        alpha = torch.cat(alpha, 1)
        y = (alpha @ self.basis * 0.02).reshape(len(x), -1, 3) + self.decoder(alpha).transpose(0, 1)
        return y * self.deviation + self.mean


torch.manual_seed(1)
laplacian = sparse("full")
vertices = laplacian.shape[0]
convolution = Chebyshev("full", 16, 16)
features, upstream = torch.randn(vertices, BATCH, 16), torch.randn(vertices, BATCH, 16)
tracked = torch.randn(vertices, BATCH, 16, requires_grad=True)
network = PartGnn([int(k) for k in metadata["latents"].split(",")], vertices)
positions = torch.randn(BATCH, vertices, 3)


def frozen(run):
    def call():
        with torch.no_grad():
            run()

    return call


def convolve_back():
    convolution.zero_grad(set_to_none=True)
    tracked.grad = None
    (convolution(tracked) * upstream).sum().backward()


def forward_and_back():
    network.zero_grad(set_to_none=True)
    network(positions).square().mean().backward()


measure("sparse product, 13636 vertices, 256 wide", frozen(lambda: multiply(laplacian, features)), 1)
measure("Chebyshev 16 to 16, K = 6, forward", frozen(lambda: convolution(features)), 1)
measure("Chebyshev 16 to 16, K = 6, with backward", convolve_back, 1)
measure("part GNN, batch 16, forward", frozen(lambda: network(positions)), 1)
measure("part GNN, batch 16, forward and backward", forward_and_back, 1)
