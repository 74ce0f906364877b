using System.Numerics;

namespace MoSar.LightStage.Skins;

/// <summary>The displacement in mm along the normal: furrows, pores, the net of fine creases, lines of the lips, and what stamps raise.</summary>
internal static class SkinRelief
{
    /// <param name="raised">mm that blemishes and moles stand out, by texel.</param>
    /// <returns>mm by texel of the space; 0 on eyeballs.</returns>
    public static float[] Make(SkinSpace space, SkinParameters skin, float[] raised)
    {
        var height = new Furrows(space, skin).Depths();
        var (lips, nose, cheeks, eyes, lids) = (space.Region("lips"), space.Region("nose"), space.Region("cheeks"), space.Region("eyeballs"), space.Region("eyelids"));
        var (socket, neck, face) = (space.Region("mouth_socket"), space.Region("neck"), space.Region("face"));
        var seed = skin.Seed % 100_000;
        var age = Math.Clamp((skin.Age - 20) / 55, 0, 1);
        var seam = space.Landmarks[62].Y;
        Parallel.For(0, (space.Count + 2047) / 2048, block =>
        {
            for (var k = block * 2048; k < Math.Min(space.Count, (block + 1) * 2048); k++)
            {
                if (eyes[k] > 0.5f || socket[k] > 0.5f)
                {
                    height[k] = 0;
                    continue;
                }

                var p = space.Rest[k];
                var pores = skin.Pores * (0.3f + (0.9f * nose[k]) + (0.45f * cheeks[k])) * (1 - lids[k]);
                var (distance, random) = Noise.Cells(p / 1.05f, seed + 61);
                var h = -0.055f * pores * (0.4f + random) * Curve.Smooth(0.42f, 0.05f, distance);

                // The glyphic net gets coarser with age; the neck's runs around it.
                var net = new Vector3(p.X, p.Y * (1 + (0.8f * neck[k])), p.Z);
                h += (0.030f * Noise.Fractal(net / 0.75f, 2, seed + 71)) + ((0.035f + (0.05f * age)) * Noise.Fractal(net / 2.8f, 2, seed + 75));
                h += 0.12f * (0.3f + (0.7f * age)) * Noise.Fractal(p / 11, 2, seed + 79) * face[k];
                if (lips[k] > 0)
                {
                    var x = p.X / (1 + (0.012f * MathF.Abs(p.Y - seam)));
                    var lines = Curve.Smooth(0.05f, 0.8f, Noise.Value(new Vector3(x * 1.25f, p.Y * 0.16f, 3.1f), seed + 95));
                    h = float.Lerp(h, (-0.16f * lines) + (0.03f * Noise.Fractal(p / 1.1f, 2, seed + 81)), lips[k]);
                }

                height[k] = (height[k] * (1 - lips[k])) + h + raised[k];
            }
        });
        return height;
    }
}
