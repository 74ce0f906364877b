# Prints the numbers of StructuralSimilarityTests: scikit-image's SSIM of two pictures that both can make.
import numpy as np
from skimage.metrics import structural_similarity

y, x, c = np.meshgrid(np.arange(48), np.arange(64), np.arange(3), indexing="ij")
a = 0.5 + 0.4 * np.sin(0.3 * x + 0.2 * y + c)
b = a + 0.1 * np.sin(0.011 * x * y + 2 * c)
value, full = structural_similarity(
    a, b, channel_axis=2, data_range=1, full=True, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
# The mean over all pixels (scikit-image's own leaves out a border), and over a disc.
disc = ((x - 30) ** 2 + (y - 20) ** 2 < 225)[..., 0]
print(full.mean(), full[disc].mean())
