"""The work of EncoderBenchmarks.cs in PyTorch, with torchvision's ResNet written out (Debian has no torchvision)."""
import torch
import torch.nn as nn

from twin import measure, wanted


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


def bench(name, kind, rows, side, training):
    if not wanted(name):
        return
    torch.manual_seed(1)
    net = Encoder(*KINDS[kind]).to(memory_format=torch.channels_last)
    x = torch.randn(rows, 3, side, side).to(memory_format=torch.channels_last)
    adam = torch.optim.Adam(net.parameters(), 5e-5)

    def step():
        adam.zero_grad(set_to_none=True)
        net(x).square().mean().backward()
        adam.step()

    def infer():
        with torch.no_grad():
            net(x)

    net.train(training)
    measure(name, step if training else infer, 1 if training else 2)


bench("compact 128x128, training step of 16", "compact", 16, 128, True)
bench("compact 128x128, inference of 1", "compact", 1, 128, False)
bench("compact 128x128, inference of 16", "compact", 16, 128, False)
bench("ResNet-50 128x128, training step of 4", "ResNet-50", 4, 128, True)
bench("ResNet-50 224x224, inference of 1", "ResNet-50", 1, 224, False)


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
