using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// Where annotators place the landmarks, on the mean head of the ICT source (mm): the medians that <see cref="Fitting.LandmarkCalibration"/>
/// found on the 77 training people of London and Canada (CC-BY 4.0, DeBruine &amp; Jones), symmetrised. Made again by
/// <c>mosar model landmarks --portraits DIR</c>.
/// </summary>
internal static class PortraitLandmarks
{
    /// <summary>By Multi-PIE index; the jaw 0–16 and the inner mouth corners 60, 64 have no hand-placed twin.</summary>
    public static IReadOnlyDictionary<int, Vector3> Points { get; } = new Dictionary<int, Vector3>
    {
        [17] = new(-56.95f, 51.70f, 81.90f),
        [18] = new(-52.91f, 56.31f, 87.02f),
        [19] = new(-42.39f, 59.94f, 96.21f),
        [20] = new(-21.57f, 55.81f, 105.71f),
        [21] = new(-13.45f, 53.22f, 106.24f),
        [22] = new(13.46f, 53.23f, 106.24f),
        [23] = new(21.57f, 55.81f, 105.71f),
        [24] = new(42.39f, 59.94f, 96.21f),
        [25] = new(52.91f, 56.31f, 87.02f),
        [26] = new(56.95f, 51.70f, 81.90f),
        [27] = new(0.02f, 40.53f, 106.58f),
        [28] = new(-0.00f, 26.55f, 115.01f),
        [29] = new(-0.00f, 17.19f, 122.20f),
        [30] = new(-0.01f, 3.18f, 130.67f),
        [31] = new(-13.09f, -10.06f, 108.50f),
        [32] = new(-5.33f, -12.68f, 114.58f),
        [33] = new(-0.31f, -10.21f, 116.99f),
        [34] = new(5.33f, -12.68f, 114.58f),
        [35] = new(13.09f, -10.06f, 108.50f),
        [36] = new(-44.20f, 35.04f, 86.55f),
        [37] = new(-38.74f, 38.78f, 93.77f),
        [38] = new(-24.50f, 38.23f, 94.58f),
        [39] = new(-18.15f, 32.89f, 92.24f),
        [40] = new(-24.97f, 31.22f, 93.63f),
        [41] = new(-38.96f, 30.82f, 92.05f),
        [42] = new(18.16f, 32.89f, 92.23f),
        [43] = new(24.50f, 38.23f, 94.58f),
        [44] = new(38.74f, 38.78f, 93.77f),
        [45] = new(44.20f, 35.04f, 86.55f),
        [46] = new(38.96f, 30.82f, 92.05f),
        [47] = new(24.97f, 31.22f, 93.63f),
        [48] = new(-24.83f, -35.09f, 102.18f),
        [49] = new(-15.24f, -28.22f, 113.13f),
        [50] = new(-7.02f, -24.57f, 117.29f),
        [51] = new(-0.01f, -26.10f, 118.52f),
        [52] = new(7.02f, -24.57f, 117.29f),
        [53] = new(15.24f, -28.22f, 113.13f),
        [54] = new(24.83f, -35.09f, 102.18f),
        [55] = new(17.68f, -40.29f, 109.13f),
        [56] = new(9.82f, -43.34f, 113.76f),
        [57] = new(0.00f, -44.42f, 114.56f),
        [58] = new(-9.82f, -43.34f, 113.76f),
        [59] = new(-17.68f, -40.29f, 109.13f),
        [61] = new(-11.38f, -33.17f, 110.64f),
        [62] = new(0.00f, -33.58f, 112.71f),
        [63] = new(11.38f, -33.17f, 110.64f),
        [65] = new(11.20f, -33.48f, 110.12f),
        [66] = new(-0.01f, -33.64f, 112.42f),
        [67] = new(-11.20f, -33.48f, 110.12f),
    };
}
