"""The work of EncoderBenchmarks.cs in PyTorch, with torchvision's ResNet written out (Debian has no torchvision)."""
import torch
import torch.nn as nn
import torch.nn.functional as F

from twin import Conv, Residual, measure, wanted


class Unit(nn.Module):
    def __init__(self, i, o, stride, bottleneck):
        super().__init__()
        m = o // 4
        shapes = [(i, m, 1, 1), (m, m, 3, stride), (m, o, 1, 1)] if bottleneck else [(i, o, 3, stride), (o, o, 3, 1)]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, k, s, k // 2, bias=False) for a, b, k, s in shapes)
        self.norms = nn.ModuleList(nn.BatchNorm2d(b) for _, b, _, _ in shapes)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else None

    def forward(self, x):
        y = x
        for k, (conv, norm) in enumerate(zip(self.convs, self.norms)):
            y = norm(conv(y))
            if k + 1 < len(self.convs):
                y = self.relu(y)
        y += x if self.downsample is None else self.downsample(x)
        return self.relu(y)


class Encoder(nn.Module):
    def __init__(self, stem, widths, blocks, bottleneck):
        super().__init__()
        relu = nn.ReLU(inplace=True)
        if stem == 0:
            steps, c = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), relu, nn.MaxPool2d(3, 2, 1)], 64
        else:
            c = widths[0]
            steps = [nn.Conv2d(3, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), relu, nn.Conv2d(stem, c, 3, 2, 1, bias=False), nn.BatchNorm2d(c), relu]
        for layer, (w, n) in enumerate(zip(widths, blocks)):
            for k in range(n):
                steps.append(Unit(c, w, 2 if k == 0 and layer > 0 else 1, bottleneck))
                c = w
        self.backbone = nn.Sequential(*steps)
        self.heads = nn.ModuleList(nn.Linear(c, n) for n in (100, 53, 30, 27, 10))

    def forward(self, x):
        features = self.backbone(x).mean((2, 3))
        return torch.cat([h(features) for h in self.heads], 1)


KINDS = {"compact": (16, [32, 64, 128, 256], [1, 2, 3, 2], False), "ResNet-50": (0, [256, 512, 1024, 2048], [3, 4, 6, 3], True)}


def bench(name, make, rows, side, training, loss=lambda codes: codes.square().mean()):
    """A training step with Adam on a loss of what the network says, or an inference."""
    if not wanted(name):
        return
    torch.manual_seed(1)
    net = make().to(memory_format=torch.channels_last)
    x = torch.randn(rows, 3, side, side).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(net.parameters(), 5e-5)

    def step():
        adam.zero_grad(set_to_none=True)
        loss(net(x)).backward()
        adam.step()

    def infer():
        with torch.no_grad():
            net(x)

    net.train(training)
    measure(name, step if training else infer, 1 if training else 2)


def encoder(kind):
    return lambda: Encoder(*KINDS[kind])


bench("compact 128x128, training step of 16", encoder("compact"), 16, 128, True)
bench("compact 128x128, inference of 1", encoder("compact"), 1, 128, False)
bench("compact 128x128, inference of 16", encoder("compact"), 16, 128, False)
bench("ResNet-50 128x128, training step of 4", encoder("ResNet-50"), 4, 128, True)
bench("ResNet-50 224x224, inference of 1", encoder("ResNet-50"), 1, 224, False)


class Dense(nn.Module):
    """DenseLandmarkNetwork; the windows by grid_sample."""

    def __init__(self, k=256, w=7):
        super().__init__()
        self.k, self.w = k, w
        self.quarter = nn.Sequential(Conv(3, 16, 5, 2), Conv(16, 32, stride=2), Residual(32))
        self.eighth = nn.Sequential(Conv(32, 64, stride=2), Residual(64))
        self.sixteenth = nn.Sequential(Conv(64, 128, stride=2), Residual(128), Residual(128))
        self.lift4, self.merge3, self.lift3, self.skip2, self.merge2 = Conv(128, 64, 1), Conv(64, 64), Conv(64, 48, 1), Conv(32, 48, 1), Conv(48, 48)
        self.sharpen, self.heat, self.around = Conv(48, 96), nn.Linear(96, k), nn.Linear(128, 5 * k)
        self.near, self.close, self.local = Conv(3, 16, 5, 2), Conv(16, 24), nn.Linear(24 * w * w, 64)
        self.own, self.readout, self.bias = (nn.Parameter(0.1 * torch.randn(s)) for s in ((k, 64), (k, 160, 5), (k, 5)))

    def forward(self, x):
        n = x.shape[0]
        quarter = self.quarter(F.interpolate(x, (128, 128), mode="area"))
        eighth = self.eighth(quarter)
        coarse = self.sixteenth(eighth)
        up = self.merge3(eighth + F.interpolate(self.lift4(coarse), scale_factor=2))
        seen = self.sharpen(self.merge2(self.skip2(quarter) + F.interpolate(self.lift3(up), scale_factor=2)))
        close, side = self.close(self.near(x)), seen.shape[3]
        cells = seen.permute(0, 2, 3, 1).reshape(n, side * side, -1)
        where = self.heat(cells).transpose(1, 2).softmax(2)
        centres = (torch.arange(side) + 0.5) / side
        ys, xs = torch.meshgrid(centres, centres, indexing="ij")
        places = torch.stack([xs.reshape(-1), ys.reshape(-1), (xs**2 + ys**2).reshape(-1)], 1).expand(n, -1, 3)
        means = where @ torch.cat([cells, places], 2)
        there, place = means[..., :-3], means[..., -3:-1]
        spread = (means[..., -1] - place.square().sum(2)).clamp_min(1e-6).sqrt()
        steps = (torch.arange(self.w) - self.w // 2) * (2 / close.shape[3])
        dy, dx = torch.meshgrid(steps, steps, indexing="ij")
        grid = (place.detach() * 2 - 1).unsqueeze(2) + torch.stack([dx.reshape(-1), dy.reshape(-1)], 1)
        windows = F.grid_sample(close, grid, padding_mode="border", align_corners=False).permute(0, 2, 3, 1).reshape(n, self.k, -1)
        patches = F.relu(self.local(windows) + self.own)
        read = (torch.cat([there, patches], 2).transpose(0, 1) @ self.readout).transpose(0, 1)
        read = read + self.around(coarse.mean((2, 3))).reshape(n, self.k, 5) + self.bias
        z = read[..., 2:3] * 0.1
        return torch.cat([place + read[..., :2] * 0.01, z - z.mean(1, keepdim=True)], 2), F.softplus(read[..., 3:] + 7) - 7, spread


bench("dense landmarks 192x192, training step of 8", Dense, 8, 192, True, lambda found: sum(t.square().mean() for t in found))
bench("dense landmarks 192x192, inference of 1", Dense, 1, 192, False)


def conv_training():
    torch.manual_seed(1)
    net = nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1))
    net, x = net.to(memory_format=torch.channels_last), torch.randn(4, 64, 56, 56).to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(net.parameters(), 1e-4)

    def step():
        optimiser.zero_grad(set_to_none=True)
        net(x).square().mean().backward()
        optimiser.step()

    return step


measure("conv training step, channels-last", conv_training(), 1)
