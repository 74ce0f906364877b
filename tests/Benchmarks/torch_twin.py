"""The work of TorchBenchmarks.cs in PyTorch."""
import torch
import torch.nn as nn

from twin import measure

small, tracked = torch.ones(4), torch.ones(4, requires_grad=True)
measure("a call: add of 4 elements", lambda: small + small, 2_000)
measure("a call that autograd records", lambda: tracked + small, 2_000)
measure("a call with a number: mul by 2.0", lambda: small * 2.0, 2_000)

parameters = [nn.Parameter(torch.randn(50_000)) for _ in range(20)]
for p in parameters:
    p.grad = torch.randn(50_000)
adam = torch.optim.Adam(parameters, 1e-4)
measure("Adam step, 1 M parameters", adam.step, 1)


def conv_training(channels_last, bfloat16):
    torch.manual_seed(1)
    net = nn.Sequential(
        nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1)
    )
    x = torch.randn(4, 64, 56, 56)
    if channels_last:
        net, x = net.to(memory_format=torch.channels_last), x.to(memory_format=torch.channels_last)
    optimiser = torch.optim.Adam(net.parameters(), 1e-4)

    def step():
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            y = net(x)
        y.float().square().mean().backward()
        optimiser.step()

    return step


measure("conv training step, NCHW", conv_training(False, False), 1)
measure("conv training step, channels-last", conv_training(True, False), 1)
measure("conv training step, channels-last bfloat16", conv_training(True, True), 1)
