"""The work of GraphicsBenchmarks.cs that PyTorch can do."""
import torch
import torch.nn.functional as F

from twin import basis, measure

with torch.no_grad():
    picture = torch.rand(1, 3, 1024, 1024)
    measure("bicubic 1024² to 4096² RGB", lambda: F.interpolate(picture, size=(4096, 4096), mode="bicubic", align_corners=False), 1)
    torch.set_num_threads(1)
    directions = F.normalize(torch.randn(3, 1_000_000), dim=0)
    for bands in (2, 8):
        light = torch.randn(3, (bands + 1) ** 2)
        measure(f"SH light l={bands}, 1 M directions, one core", lambda: light @ basis(bands, directions), 1)
