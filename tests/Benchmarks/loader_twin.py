"""The work of LoaderBenchmarks.cs with PyTorch's DataLoader and PIL. Prints "name TAB seconds" lines; run by `Benchmarks ratio loader`."""
import os
import sys
import time

import numpy as np
import torch
from PIL import Image, ImageEnhance
from torch.utils.data import DataLoader, Dataset

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "loader")
WANTED = sys.argv[1] if len(sys.argv) > 1 else ""
CORES = len(os.sched_getaffinity(0))


def augment(picture):
    """Rotation and scale in one resampling, flip, brightness: torchvision's RandomAffine, RandomHorizontalFlip and ColorJitter, on PIL."""
    angle, scale = np.random.uniform(-10, 10), np.random.uniform(0.9, 1.1)
    w, h = picture.size
    c, s = np.cos(np.radians(angle)) / scale, np.sin(np.radians(angle)) / scale
    affine = (c, s, w / 2 - c * w / 2 - s * h / 2, -s, c, h / 2 + s * w / 2 - c * h / 2)
    picture = picture.transform((w, h), Image.AFFINE, affine, Image.BILINEAR)
    if np.random.rand() < 0.5:
        picture = picture.transpose(Image.FLIP_LEFT_RIGHT)
    return ImageEnhance.Brightness(picture).enhance(2 ** np.random.uniform(-0.5, 0.5))


class Pictures(Dataset):
    def __init__(self, folder, augmented=False):
        self.files = sorted(os.path.join(folder, f) for f in os.listdir(folder) if f.endswith(".png"))
        self.augmented = augmented

    def __len__(self):
        return len(self.files)

    def __getitem__(self, i):
        with Image.open(self.files[i]) as file:
            picture = file.convert("RGB")
        if picture.size != (256, 256):
            picture = picture.resize((256, 256), Image.BOX)
        if self.augmented:
            picture = augment(picture)
        return torch.from_numpy(np.array(picture)).permute(2, 0, 1).float().div_(255)


class Cached(Dataset):
    """Decoded once to half precision, as the other side's cache is."""

    def __init__(self, folder, augmented=False):
        self.folder = folder + "-npy"
        os.makedirs(self.folder, exist_ok=True)
        source = Pictures(folder)
        self.count, self.augmented = len(source), augmented
        for i in range(self.count):
            np.save(os.path.join(self.folder, f"{i}.npy"), source[i].permute(1, 2, 0).half().numpy())

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        picture = np.load(os.path.join(self.folder, f"{i}.npy"))
        if self.augmented:
            picture = np.asarray(augment(Image.fromarray((picture * 255).astype(np.uint8))))
            return torch.from_numpy(picture.copy()).permute(2, 0, 1).float().div_(255)
        return torch.from_numpy(picture).permute(2, 0, 1).float()


def measure(name, dataset):
    if WANTED not in name:
        return
    loader = DataLoader(dataset, batch_size=32, shuffle=True, num_workers=CORES, persistent_workers=True)
    best = float("inf")
    for epoch in range(6):
        start = time.perf_counter()
        for _ in loader:
            pass
        if epoch > 0:  # The first one starts the processes.
            best = min(best, time.perf_counter() - start)
    print(f"{name}\t{best!r}", flush=True)


if __name__ == "__main__":
    small, large = os.path.join(ROOT, "256"), os.path.join(ROOT, "1024")
    measure("256 PNGs of 256², decoded", Pictures(small))
    measure("64 PNGs of 1024², decoded to 256²", Pictures(large))
    measure("256 PNGs of 256², decoded, augmented", Pictures(small, True))
    measure("256 pictures of 256², cached", Cached(small))
    measure("256 pictures of 256², cached, augmented", Cached(small, True))
