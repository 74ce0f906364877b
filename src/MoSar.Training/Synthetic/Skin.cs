using System.Numerics;

namespace MoSar.Training.Synthetic;

/// <summary>A skin colour for every texel of the atlas, sRGB bytes, with what it was made from.</summary>
/// <param name="Rgb">Side·Side·3.</param>
/// <param name="FromPhotograph">True when it shows a real person's skin, brows and lips.</param>
internal sealed record Skin(byte[] Rgb, bool FromPhotograph)
{
    /// <summary>Half the atlas's: a cut-out's pixel shows about one of these texels.</summary>
    public const int Side = SkinAtlas.Side / 2;

    /// <summary>From colours at the atlas's full size.</summary>
    public static Skin FromAtlas(byte[] rgb, bool fromPhotograph)
    {
        var half = new byte[3 * Side * Side];
        for (var i = 0; i < Side * Side; i++)
        {
            var at = 3 * ((2 * (i / Side) * SkinAtlas.Side) + (2 * (i % Side)));
            for (var c = 0; c < 3; c++)
            {
                var below = at + (3 * SkinAtlas.Side) + c;
                half[(3 * i) + c] = (byte)((rgb[at + c] + rgb[at + 3 + c] + rgb[below] + rgb[below + 3] + 2) / 4);
            }
        }

        return new Skin(half, fromPhotograph);
    }
}

/// <summary>Paints skins: tone, blotches, freckles, brows, lips, lashes, nostrils, stubble.</summary>
internal static class PaintedSkin
{
    /// <summary>Linear albedo from the darkest to the lightest skin, after published ranges of skin reflectance.</summary>
    private static readonly Vector3[] Tones =
        [new(0.055f, 0.03f, 0.02f), new(0.13f, 0.07f, 0.045f), new(0.25f, 0.15f, 0.10f), new(0.40f, 0.26f, 0.19f), new(0.55f, 0.38f, 0.30f), new(0.68f, 0.50f, 0.42f)];

    public static Skin Paint(SkinAtlas atlas, Random random)
    {
        var seed = (uint)random.Next();
        var at = random.Uniform(0, Tones.Length - 1.001f);
        var tone = Vector3.Lerp(Tones[(int)at], Tones[(int)at + 1], at - (int)at) * random.Uniform(0.85f, 1.15f);
        var dark = tone * 0.12f;
        var brow = Vector3.Lerp(new Vector3(0.01f, 0.008f, 0.006f), tone * new Vector3(0.55f, 0.45f, 0.35f), MathF.Pow(random.NextSingle(), 2));
        float browHalf = random.Uniform(1.8f, 4.5f), browStrength = random.Uniform(0.35f, 1f), blotch = random.Uniform(0.02f, 0.12f);
        float freckle = random.Chance(0.25) ? random.Uniform(0.1f, 0.5f) : 0, lash = random.Uniform(0.2f, 0.95f);
        var lip = tone * Vector3.Lerp(new Vector3(0.85f, 0.6f, 0.6f), new Vector3(1.0f, 0.25f, 0.3f), random.Chance(0.25) ? random.NextSingle() : 0.2f);
        var stubble = random.Chance(0.3) ? random.Uniform(0.15f, 0.7f) : 0;
        var l = atlas.Landmarks;
        var seam = (Vector3[])[l[60], l[61], l[62], l[63], l[64]];
        var nostrils = (Vector3[])[Vector3.Lerp(l[32], l[31], 0.35f), Vector3.Lerp(l[34], l[35], 0.35f)];
        var rgb = new byte[SkinAtlas.Side * SkinAtlas.Side * 3];
        Parallel.ForEach(atlas.Texels, i =>
        {
            var p = atlas.Position[i];
            var c = tone * (1 + (blotch * ValueNoise.Fractal(p * 0.05f, seed, 4)));
            c.X *= 1 + (0.8f * blotch * ValueNoise.At(p * 0.03f, seed + 9));
            if (freckle > 0)
            {
                c *= 1 - (freckle * SkinAtlas.Smooth((ValueNoise.At(p * 0.45f, seed + 11) - 0.35f) * 4));
            }

            c = Vector3.Lerp(c, dark, stubble * atlas.Beard[i] * (0.5f + (0.5f * ValueNoise.At(p * 0.9f, seed + 12))));
            c = Vector3.Lerp(c, lip * (1 + (0.1f * ValueNoise.At(p * 0.4f, seed + 13))), atlas.Lips[i]);
            c = Vector3.Lerp(c, dark, 0.8f * SkinAtlas.Smooth(1.6f - SkinAtlas.Distance(p, seam)));
            var hair = 0.65f + (0.35f * ValueNoise.At(new Vector3(p.X * 1.2f, p.Y * 0.4f, 0), seed + 14));
            c = Vector3.Lerp(c, brow, browStrength * hair * SkinAtlas.Smooth((browHalf - atlas.BrowDistance[i]) / 1.5f));
            c = Vector3.Lerp(c, dark, lash * SkinAtlas.Smooth((2.2f - atlas.LidDistance[i]) / 1.2f));
            foreach (var n in nostrils)
            {
                c = Vector3.Lerp(c, dark, 0.85f * SkinAtlas.Smooth((5 - Vector3.Distance(p, n)) / 2));
            }

            Srgb8.Encode(Vector3.Clamp(c, Vector3.Zero, Vector3.One), rgb.AsSpan(3 * i, 3));
        });
        return Skin.FromAtlas(rgb, fromPhotograph: false);
    }
}
