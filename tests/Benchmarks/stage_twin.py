"""The work of StageBenchmarks.cs in plain eager PyTorch on the scene that it wrote, checked against the results that it wrote."""
import math
import os
import sys

import torch
import torch.nn as nn
import torch.nn.functional as F

from twin import Conv, Residual, basis, measure, tensors, wanted

scene, numbers = tensors(sys.argv[2])
number = lambda name: float(numbers[name])


def agree(what, ours, theirs, tolerance):
    difference = (ours - theirs).abs().max().item()
    if not difference <= tolerance:
        sys.exit(f"{what}: differs from C# by {difference}, more than {tolerance}")


# geometry.linear-3dmm: Adam on Eq. 1


class Fit:
    """SceneFit.cs with its kernels as tensor expressions."""

    def __init__(self):
        self.identities, self.expressions, self.albedos = (int(number(n)) for n in ("identities", "expressions", "albedos"))
        self.shapes = self.identities + self.expressions
        self.units = scene["units"]
        self.theta = nn.Parameter(scene["start"].clone())
        self.adam = torch.optim.Adam([self.theta], number("learningRate"))
        self.rotation, self.pose = scene["rotation"].clone(), scene["pose"].tolist()
        self.triangles = [scene["triangles"][:, k].contiguous() for k in range(3)]
        self.points, self.pointBasis = scene["points"], scene["pointBasis"]
        self.weights = scene["weights"] / scene["weights"].sum()
        self.side = scene["target"].shape[-1]

    def project(self, x, pose):
        """[N, 3] to offsets from the principal point, input pixels. Rotations are exact to first order about 0, where they are evaluated."""
        tx, ty, log_scale, log_curvature = self.pose
        q = x @ self.rotation.T
        q = q + torch.linalg.cross(pose[:3].expand_as(q), q)
        depth = 1 - torch.exp(pose[6] + log_curvature) * q[:, 2]
        scale = torch.exp(pose[5] + log_scale) / depth
        return scale * (q[:, 0] + tx + pose[3]), -scale * (q[:, 1] + ty + pose[4])

    def photo(self, positions, albedo, light, pose):
        x = positions.reshape(-1, 3)
        a, b, c = self.triangles
        face = torch.linalg.cross(x[b] - x[a], x[c] - x[a])
        normal = F.normalize(torch.zeros_like(x).index_add(0, a, face).index_add(0, b, face).index_add(0, c, face), dim=1)
        shading = (basis(2, normal.T) / 0.28209479177387814).T @ light
        linear = albedo.reshape(-1, 3).clamp_min(0.002) * shading.clamp_min(0.02)
        encoded = torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055).clamp_max(1)
        u, v = self.project(x, pose)
        scale = number("targetScale")
        column, row = number("targetX") + scale * u - 0.5, number("targetY") + scale * v - 0.5
        grid = torch.stack((column, row), 1) * (2 / (self.side - 1)) - 1
        inside = ((grid >= -1) & (grid < 1)).all(1)
        seen = F.grid_sample(scene["target"], grid[None, None], align_corners=True)[0, :, 0].T
        residual = ((encoded - seen) ** 2 + 0.0001).sqrt() - 0.01
        return (self.weights * inside * residual.mean(1)).sum()

    def landmarks(self, shape, pose):
        u, v = self.project((self.points + self.pointBasis @ shape).reshape(-1, 3), pose)
        pixel = torch.stack((u, v), 1)
        blend = scene["blend"][:, None]
        d = (torch.lerp(pixel[scene["first"]], pixel[scene["second"]], blend) - scene["landmarks"]) * scene["landmarkWeights"][:, None]
        across = (d * scene["contour"]).sum(1, keepdim=True) * scene["contour"]
        d = torch.where(scene["onContour"][:, None] > 0, across, d)
        limit = number("outlierSigmas")
        return (limit * limit * ((1 + (d * d).sum(1) / (limit * limit)).sqrt() - 1)).sum()

    def regularise(self, shape, pose, light, albedo):
        _, _, log_scale, log_curvature = self.pose
        identity = shape[: self.identities].square().sum() * (0.5 * number("lambdaIdentity"))
        expression = ((shape[self.identities :] / 0.1).square() + 1).sqrt().sum() * number("lambdaExp")
        laplacian = shape.dot(scene["laplacian"].mv(shape)) * (0.5 * number("lambdaLap"))
        reflectance = albedo.square().sum() * (0.5 * number("lambdaAlb"))
        grey = light.mean(1, True)
        chroma = ((light - grey) / number("chromaSigma")).square().sum()
        bands = ((grey - scene["lightMean"]) / scene["lightSigma"]).square().sum()
        brightness = (((scene["front"] @ grey).clamp_min(0.05).log() - math.log(number("brightness"))) / number("brightnessSigma")).square().sum()
        focal = ((pose[5] - pose[6] + log_scale - log_curvature - number("focalPrior")) / number("focalSigma")).square()
        distance = ((pose[6] + log_curvature + math.log(number("distancePrior"))) / number("distanceSigma")).square()
        return identity + expression + laplacian + reflectance + (chroma + bands + brightness) * (0.5 * number("lambdaLight")) + (focal + distance) * 0.5

    def loss(self):
        values = self.theta * self.units
        shape, pose, light, albedo = values.split((self.shapes, 7, 27, self.albedos))
        positions = scene["mean"] + scene["basis"].T.mv(shape)
        reflectance = scene["albedoMean"] + scene["albedoBasis"].T.mv(albedo)
        light = light.reshape(9, 3)
        return (
            255 * number("lambdaPhoto") * self.photo(positions, reflectance, light, pose)
            + number("lambdaLandmark") * self.landmarks(shape, pose)
            + self.regularise(shape, pose, light, albedo)
        )

    def fold(self):
        with torch.no_grad():
            self.theta[self.identities : self.shapes].clamp_(0, 10)
            step = self.theta[self.shapes : self.shapes + 7]
            d = (step * self.units[self.shapes : self.shapes + 7]).double()
            step.zero_()
            cross = torch.zeros(3, 3, dtype=torch.float64)
            cross[2, 1], cross[0, 2], cross[1, 0] = d[0], d[1], d[2]
            self.rotation = (torch.matrix_exp(cross - cross.T) @ self.rotation.double()).float()
            self.pose = [p + s for p, s in zip(self.pose, d[3:].tolist())]

    def run(self, iterations):
        for i in range(iterations):
            self.adam.param_groups[0]["lr"] = number("learningRate") * 0.5 * (1 + math.cos(math.pi * i / iterations))
            self.adam.zero_grad(set_to_none=True)
            self.loss().backward()
            self.adam.step()
            self.fold()
        return self


ITERATIONS = int(number("iterations"))
FIT = f"fit to photograph, {ITERATIONS} iterations of Eq. 1"
if wanted(FIT):
    end = Fit().run(ITERATIONS).theta.detach()
    agree(FIT, torch.cat((end[: -27 - 7 - int(number("albedos"))], end[-27 - int(number("albedos")) :])), scene["end"], 0.1)
    measure(FIT, lambda: Fit().run(ITERATIONS), 1)


# detect.locator and landmarks.heatmap


def double(x):
    return F.interpolate(x, scale_factor=2, mode="nearest")


class Locator(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.down2, self.down3, self.block3 = Conv(3, 8, stride=2), Conv(8, 16, stride=2), Conv(16, 32, stride=2), Residual(32)
        self.down4, self.block4, self.down5, self.block5 = Conv(32, 64, stride=2), Residual(64), Conv(64, 112, stride=2), Residual(112)
        self.lift5, self.lift4, self.merge4, self.merge3 = Conv(112, 64, 1), Conv(64, 32, 1), Conv(64, 64), Conv(32, 32)
        self.head = nn.Conv2d(32, 6, 1)

    def forward(self, x):
        eighth = self.block3(self.down3(self.down2(self.stem(x))))
        sixteenth = self.block4(self.down4(eighth))
        up = self.merge4(sixteenth + double(self.lift5(self.block5(self.down5(sixteenth)))))
        return self.head(self.merge3(eighth + double(self.lift4(up))))


class Landmarks(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.down2, self.block2 = Conv(3, 32, 5, 2), Conv(32, 64, stride=2), Residual(64)
        self.down3, self.block3, self.block3b, self.down4 = Conv(64, 128, stride=2), Residual(128), Residual(128), Conv(128, 192, stride=2)
        self.block4a, self.block4b, self.block4c, self.block4d = Residual(192), Residual(192), Residual(192), Residual(192)
        self.lift4, self.merge3 = Conv(192, 128, 1), Conv(128, 128)
        self.lift3, self.skip2, self.merge2 = Conv(128, 96, 1), Conv(64, 96, 1), Conv(96, 96)
        self.heat, self.error = nn.Conv2d(96, 68, 1), nn.Linear(192, 68)

    def forward(self, x):
        quarter = self.block2(self.down2(self.stem(x)))
        eighth = self.block3b(self.block3(self.down3(quarter)))
        sixteenth = self.block4d(self.block4c(self.block4b(self.block4a(self.down4(eighth)))))
        up = self.merge3(eighth + double(self.lift4(sixteenth)))
        return self.heat(self.merge2(self.skip2(quarter) + double(self.lift3(up)))), self.error(sixteenth.mean((2, 3)))


def network(name, net, key, repetitions, first):
    if not wanted(name):
        return
    weights, _ = tensors(os.path.join(numbers["models"], key + ".safetensors"))
    # Files hold what PyTorch calls buffers and parameters, but not the counters of its batch norms.
    state = {k: weights.get(k, v) for k, v in net.state_dict().items()}
    net.load_state_dict(state)
    net = net.eval().to(memory_format=torch.channels_last)
    picture = scene[key + "Input"].contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        agree(name, first(net(picture)), scene[key + "Output"], 2e-3)
        measure(name, lambda: net(picture), repetitions)


network("locator network, 256²", Locator(), "locator", 10, lambda o: o)
network("landmark network, 4 views of 128²", Landmarks(), "landmarks", 5, lambda o: o[0])


# The atlas: one row a covered texel


def scatter(atlas, values):
    atlas.reshape(-1, 3).index_copy_(0, scene["texels"], values)
    return atlas


def interpolate(perVertex):
    return (perVertex[scene["corners"]] * scene["barycentric"][:, :, None]).sum(1)


def projection():
    p = interpolate(scene["positions"]) @ scene["cameraRotation"].T + scene["cameraTranslation"]
    pixel = number("focal") * p[:, :2] / -p[:, 2:] * torch.tensor([1.0, -1.0])
    height, width = scene["photograph"].shape[2:]
    colours = F.grid_sample(scene["photograph"], (pixel * torch.tensor([2 / width, 2 / height]))[None, None], align_corners=False)
    return scatter(torch.zeros(1024, 1024, 3), colours[0, :, 0].T)


def normalisation():
    shading = (basis(2, scene["normals"].T) * torch.tensor([math.pi] + 3 * [2 * math.pi / 3] + 5 * [math.pi / 4])[:, None]).T @ scene["light"]
    face = scene["face"][:, None]
    y = (shading / ((face * shading).sum(0) / face.sum())).clamp_min(1e-3).log()
    limit = torch.where(y < 0, math.log(0.55), math.log(1.6))
    factor = torch.exp(-y / (1 + (y / limit) ** 4) ** 0.25)
    result = scene["texture"].clone()
    return scatter(result, result.reshape(-1, 3)[scene["texels"]] * interpolate(factor))


def normals():
    spectrum = torch.fft.rfft2(relief)
    du, dv = torch.fft.irfft2(spectrum * along), torch.fft.irfft2(spectrum * down)
    x = du / width
    return F.normalize(torch.stack((-x, -(shear * x - dv) / height, torch.ones_like(x)), -1), dim=-1)


with torch.no_grad():
    measure("project.uv, 1024² (PyTorch: no visibility)", projection, 2)
    measure("light.sh, 1024² (PyTorch: no gutter)", normalisation, 2)
    relief = torch.rand(1024, 1024)
    width, height, shear = torch.rand(1024, 1024) + 0.1, torch.rand(1024, 1024) + 0.1, torch.rand(1024, 1024)
    along = (2j * math.pi * torch.fft.rfftfreq(1024))[None].expand(1024, -1)
    down = (2j * math.pi * torch.fft.fftfreq(1024))[:, None].expand(-1, 513)
    measure("normals from relief, 1024² (PyTorch: no fill)", normals, 2)
