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
        [17] = new(-57.24f, 52.46f, 80.95f),
        [18] = new(-52.45f, 56.78f, 87.48f),
        [19] = new(-42.28f, 60.70f, 96.03f),
        [20] = new(-21.47f, 56.67f, 105.82f),
        [21] = new(-13.33f, 53.92f, 106.66f),
        [22] = new(13.34f, 53.92f, 106.66f),
        [23] = new(21.47f, 56.67f, 105.82f),
        [24] = new(42.28f, 60.70f, 96.03f),
        [25] = new(52.45f, 56.78f, 87.48f),
        [26] = new(57.24f, 52.46f, 80.95f),
        [27] = new(-0.00f, 40.88f, 106.50f),
        [28] = new(0.00f, 26.47f, 115.08f),
        [29] = new(0.00f, 17.13f, 122.26f),
        [30] = new(-0.01f, 3.29f, 130.74f),
        [31] = new(-13.26f, -10.16f, 108.27f),
        [32] = new(-5.37f, -12.65f, 114.59f),
        [33] = new(-0.20f, -10.44f, 116.80f),
        [34] = new(5.37f, -12.65f, 114.59f),
        [35] = new(13.26f, -10.16f, 108.27f),
        [36] = new(-44.33f, 35.28f, 85.87f),
        [37] = new(-38.79f, 38.86f, 93.91f),
        [38] = new(-24.67f, 38.40f, 94.88f),
        [39] = new(-18.22f, 32.60f, 92.09f),
        [40] = new(-25.26f, 30.97f, 94.04f),
        [41] = new(-39.09f, 30.88f, 91.79f),
        [42] = new(18.23f, 32.60f, 92.09f),
        [43] = new(24.67f, 38.40f, 94.88f),
        [44] = new(38.79f, 38.86f, 93.91f),
        [45] = new(44.33f, 35.28f, 85.87f),
        [46] = new(39.09f, 30.88f, 91.79f),
        [47] = new(25.26f, 30.97f, 94.04f),
        [48] = new(-25.02f, -35.15f, 101.92f),
        [49] = new(-15.32f, -27.81f, 113.23f),
        [50] = new(-7.07f, -24.17f, 117.34f),
        [51] = new(-0.01f, -25.70f, 118.51f),
        [52] = new(7.07f, -24.17f, 117.34f),
        [53] = new(15.32f, -27.81f, 113.23f),
        [54] = new(25.02f, -35.15f, 101.92f),
        [55] = new(17.73f, -40.22f, 109.18f),
        [56] = new(9.79f, -43.28f, 113.94f),
        [57] = new(0.00f, -44.37f, 114.78f),
        [58] = new(-9.79f, -43.28f, 113.94f),
        [59] = new(-17.73f, -40.22f, 109.18f),
        [61] = new(-11.46f, -32.91f, 110.53f),
        [62] = new(0.00f, -33.24f, 112.80f),
        [63] = new(11.46f, -32.91f, 110.53f),
        [65] = new(11.18f, -33.81f, 110.01f),
        [66] = new(-0.03f, -33.99f, 112.43f),
        [67] = new(-11.18f, -33.81f, 110.01f),
    };
}
