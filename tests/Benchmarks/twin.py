"""What the PyTorch twins share. Run by `Benchmarks ratio`: SCRIPT WANTED SCENE."""
import json
import os
import struct
import sys
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

torch.set_num_threads(len(os.sched_getaffinity(0)))
WANTED = sys.argv[1] if len(sys.argv) > 1 else ""


def wanted(name):
    return WANTED in name


def measure(name, run, repetitions):
    """Prints "name TAB seconds", the best of many short rounds, as TwinTable.cs measures; lines that are not wanted are not run."""
    if not wanted(name):
        return
    for _ in range(max(2, repetitions // 2)):
        run()
    best, begin, rounds = float("inf"), time.perf_counter(), 0
    while rounds < 5 or time.perf_counter() - begin < 1.5:
        rounds += 1
        start = time.perf_counter()
        for _ in range(repetitions):
            run()
        best = min(best, (time.perf_counter() - start) / repetitions)
    print(f"{name}\t{best!r}", flush=True)


def basis(bands, directions):
    """Real SH (index l*l+l+m) at directions [3, N]: [(bands+1)^2, N], by the recursion of SphericalHarmonics.cs."""
    x, y, z = directions
    rows = [None] * (bands + 1) ** 2
    c, s, sectoral = torch.ones_like(x), torch.zeros_like(x), 0.28209479177387814
    for m in range(bands + 1):
        if m == 1:
            sectoral *= 2**0.5
        if m > 0:
            sectoral *= ((2 * m + 1) / (2 * m)) ** 0.5
        before, p = 0, sectoral
        for l in range(m, bands + 1):
            if l > m:
                a = ((4 * l * l - 1) / (l * l - m * m)) ** 0.5
                b = a * (((l - 1) ** 2 - m * m) / (4 * (l - 1) ** 2 - 1)) ** 0.5
                before, p = p, a * z * p - b * before
            rows[l * l + l + m] = p * c
            if m > 0:
                rows[l * l + l - m] = p * s
        c, s = x * c - y * s, x * s + y * c
    return torch.stack(rows)


def tensors(path):
    """A safetensors file of floats and int64 as a dictionary, halves as float32, and its metadata."""
    with open(path, "rb") as file:
        data = file.read()
    (size,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    kinds = {"F16": torch.float16, "F32": torch.float32, "I64": torch.int64}
    result = {}
    for name, entry in header.items():
        begin, end = (8 + size + o for o in entry["data_offsets"])
        result[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=kinds[entry["dtype"]]).reshape(entry["shape"]) if end > begin else torch.zeros(entry["shape"])
        if entry["dtype"] == "F16":
            result[name] = result[name].float()
    return result, metadata


class Conv(nn.Module):
    def __init__(self, i, o, kernel=3, stride=1):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(i, o, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(o)

    def forward(self, x):
        return F.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.first, self.firstNorm = nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c)
        self.second, self.secondNorm = nn.Conv2d(c, c, 3, 1, 1, bias=False), nn.BatchNorm2d(c)

    def forward(self, x):
        return F.relu(self.secondNorm(self.second(F.relu(self.firstNorm(self.first(x))))) + x)
