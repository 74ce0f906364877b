"""Writes golden.safetensors and script.pt: what PyTorch computes, for GoldenTests.cs to compare with.

Run with Debian's python3-torch: /usr/bin/python3 make_golden.py  (written with torch 1.13.1)
Every case stores NAME/in, NAME/out and NAME/grad: the gradient of sum(out * sin(0, 1, 2, ...)) with respect to in.
Modules store their state as NAME/state/KEY, after the forward pass as NAME/after/KEY where it changes.
"""
import json
import pathlib
import struct

import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = pathlib.Path(__file__).parent
torch.manual_seed(20)
tensors = {}


def record(name, f, x):
    x = x.clone().requires_grad_(x.is_floating_point())
    y = f(x)
    weights = torch.sin(torch.arange(y.numel(), dtype=y.real.dtype)).reshape(y.shape)
    (y.real * weights + (y.imag * weights if y.is_complex() else 0)).sum().backward()
    tensors[f"{name}/in"] = x.detach()
    tensors[f"{name}/out"] = torch.view_as_real(y.detach()).clone() if y.is_complex() else y.detach()
    tensors[f"{name}/grad"] = x.grad


def module(name, m, x):
    for key, value in m.state_dict().items():
        tensors[f"{name}/state/{key}"] = value.clone()
    record(name, m, x)
    for key, value in m.named_buffers():
        tensors[f"{name}/after/{key}"] = value.clone()


image = torch.randn(2, 4, 6, 5)
module("conv", nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), image)
module("conv_reflect", nn.Conv2d(4, 2, 3, padding=1, padding_mode="reflect", bias=False), image)
module("conv_same", nn.Conv2d(4, 2, 3, padding="same", dilation=2), image)
module("conv_transpose", nn.ConvTranspose2d(4, 3, 3, stride=2, padding=1, output_padding=1), image)
module("linear", nn.Linear(5, 3), image)
batch = nn.BatchNorm2d(4)
nn.init.normal_(batch.weight)
module("batch_norm", batch, image)
module("batch_norm_eval", batch.eval(), image)
module("instance_norm", nn.InstanceNorm2d(4, affine=True), image)
module("group_norm", nn.GroupNorm(2, 4), image)
module("layer_norm", nn.LayerNorm(5), image)
module("relu", nn.ReLU(), image)
module("leaky_relu", nn.LeakyReLU(0.2), image)
module("elu", nn.ELU(0.7), image)
module("sigmoid", nn.Sigmoid(), image)
module("tanh", nn.Tanh(), image)
module("gelu", nn.GELU(), image)
module("gelu_tanh", nn.GELU(approximate="tanh"), image)
module("silu", nn.SiLU(), image)
module("softplus", nn.Softplus(2, 3), image)
module("softmax", nn.Softmax(1), image)
module("nearest", nn.Upsample(scale_factor=2), image)
module("bilinear", nn.Upsample(scale_factor=2, mode="bilinear", align_corners=False), image)
module("bilinear_size", nn.Upsample(size=(9, 7), mode="bilinear", align_corners=True), image)
module("bicubic", nn.Upsample(scale_factor=2, mode="bicubic", align_corners=False), image)
module("pixel_shuffle", nn.PixelShuffle(2), image)
module("max_pool", nn.MaxPool2d(2, stride=1, padding=1), image)
module("avg_pool", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), image)
module("adaptive_pool", nn.AdaptiveAvgPool2d((3, 2)), image)
module("reflection_pad", nn.ReflectionPad2d((1, 2, 0, 3)), image)

record("rfft2", lambda x: torch.fft.rfft2(x), image)
record("irfft2", lambda x: torch.fft.irfft2(torch.fft.rfft2(x) * 2, s=(6, 5), norm="ortho"), image)
record("fft", lambda x: torch.fft.fft(x, dim=1), image)
record("area", lambda x: F.interpolate(x, scale_factor=0.5, mode="area"), image)
record("antialias", lambda x: F.interpolate(x, size=(3, 3), mode="bilinear", antialias=True), image)
grid = torch.rand(2, 3, 3, 2) * 2.4 - 1.2
tensors["grid"] = grid
record("grid_sample_zeros", lambda x: F.grid_sample(x, grid, align_corners=False), image)
record("grid_sample_border", lambda x: F.grid_sample(x, grid, padding_mode="border", align_corners=True), image)
record("grid_sample_reflection", lambda x: F.grid_sample(x, grid, mode="nearest", padding_mode="reflection", align_corners=False), image)

target = torch.randn_like(image)
classes = torch.randint(0, 4, (2, 6, 5))
tensors["target"], tensors["classes"] = target, classes
record("mse", lambda x: F.mse_loss(x, target), image)
record("l1", lambda x: F.l1_loss(x, target, reduction="sum"), image)
record("smooth_l1", lambda x: F.smooth_l1_loss(x, target, beta=0.5), image)
record("huber", lambda x: F.huber_loss(x, target, delta=0.5), image)
record("cross_entropy", lambda x: F.cross_entropy(x, classes, label_smoothing=0.1), image)
record("bce", lambda x: F.binary_cross_entropy_with_logits(x, target.sigmoid(), pos_weight=torch.tensor(2.0)), image)

matrix = torch.randn(3, 4, 4)
matrix = matrix @ matrix.transpose(1, 2) + torch.eye(4)
record("solve", lambda x: torch.linalg.solve(x, torch.ones(3, 4, 1)), matrix)
record("cholesky", lambda x: torch.linalg.cholesky(x), matrix)
record("svdvals", lambda x: torch.linalg.svdvals(x), matrix)
record("inv", lambda x: torch.linalg.inv(x), matrix)
record("det", lambda x: torch.linalg.det(x), matrix)
record("eigvalsh", lambda x: torch.linalg.eigvalsh(x), matrix)
record("cross", lambda x: torch.linalg.cross(x[..., :3], x[..., 1:]), matrix)
record("norm", lambda x: x.norm(dim=1), matrix)
record("einsum", lambda x: torch.einsum("bij,bkj->bik", x, x), matrix)
record("cumsum", lambda x: x.cumsum(1), matrix)
record("logsumexp", lambda x: x.logsumexp(2), matrix)
record("std", lambda x: x.std(1, unbiased=False), matrix)
record("sort", lambda x: x.sort(dim=1, descending=True)[0], matrix)
record("topk", lambda x: x.topk(2, dim=2)[0], matrix)
record("index", lambda x: x[:, torch.tensor([0, 2]), 1:3], matrix)
record("gather", lambda x: x.gather(1, torch.tensor([[[0, 1, 2, 3]]]).expand(3, 1, 4)), matrix)
record("scatter_add", lambda x: torch.zeros(3, 2, 4).scatter_add(1, torch.tensor([0, 1, 0, 1]).reshape(1, 4, 1).expand(3, 4, 4), x), matrix)
record("where", lambda x: torch.where(x > 0.5, x * 2, -x), matrix)
record("clamp", lambda x: x.clamp(-0.5, 0.5), matrix)
record("atan2", lambda x: torch.atan2(x, x.transpose(1, 2) + 0.3), matrix)
record("pow", lambda x: x.abs() ** 1.5, matrix)


def optimise(name, make):
    p = torch.linspace(-1, 1, 7).reshape(7).clone().requires_grad_(True)
    o = make([p])
    for step in range(6):
        o.zero_grad()
        ((p * torch.arange(1, 8) / 3).sin() + p**2).sum().backward()
        o.step()
        tensors[f"{name}/{step}"] = p.detach().clone()


optimise("adam", lambda p: torch.optim.Adam(p, lr=0.05))
optimise("adam_decay", lambda p: torch.optim.Adam(p, lr=0.05, betas=(0.5, 0.99), eps=1e-6, weight_decay=0.1))
optimise("adam_amsgrad", lambda p: torch.optim.Adam(p, lr=0.05, amsgrad=True))
optimise("adam_maximize", lambda p: torch.optim.Adam(p, lr=0.05, maximize=True))
optimise("adamw", lambda p: torch.optim.AdamW(p, lr=0.05, weight_decay=0.1))

clipped = torch.linspace(-3, 3, 5).requires_grad_(True)
(clipped**2).sum().backward()
tensors["clip/norm"] = nn.utils.clip_grad_norm_([clipped], 1.5).reshape(1)
tensors["clip/grad"] = clipped.grad


class Script(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 2)
        self.norm = nn.BatchNorm1d(2)

    def forward(self, x):
        return self.norm(self.linear(x)) if self.training else self.linear(x).relu()

    @torch.jit.export
    def pair(self, x, scale: float):
        return x * scale, [x, x + 1]


script = torch.jit.script(Script())
script.save(str(HERE / "script.pt"))
tensors["script/in"] = torch.randn(4, 3)
tensors["script/eval"] = script.eval()(tensors["script/in"]).detach()

TYPES = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.bool: "BOOL"}
header, data = {}, b""
for key, value in tensors.items():
    value = value.contiguous()
    raw = value.numpy().tobytes()
    header[key] = {"dtype": TYPES[value.dtype], "shape": list(value.shape), "data_offsets": [len(data), len(data) + len(raw)]}
    data += raw
text = json.dumps(header, separators=(",", ":")).encode()
text += b" " * (-len(text) % 8)
(HERE / "golden.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
