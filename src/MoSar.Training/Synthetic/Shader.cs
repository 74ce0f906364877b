using System.Numerics;
using MoSar.Graphics;

namespace MoSar.Training.Synthetic;

/// <summary>Colours a drawn scene as a cut-out's pixels.</summary>
internal sealed class Shader
{
    private readonly SkinAtlas atlas;
    private readonly Skin skin;
    private readonly Scene scene;
    private readonly Lighting light;
    private readonly ShadowMap? shadow;
    private readonly float[][] skinCurve;
    private readonly bool mirrored;
    private readonly Vector3 iris, frame, cloth, mouth, lensColour;
    private readonly float sclera, lensAlpha, exposure, clothScale;
    private readonly uint seed;
    private readonly (Vector3 Left, Vector3 Right) eyes;

    public Shader(SkinAtlas atlas, Skin skin, Scene scene, Lighting light, ShadowMap? shadow, Random random)
    {
        (this.atlas, this.skin, this.scene, this.light, this.shadow) = (atlas, skin, scene, light, shadow);
        mirrored = random.Chance(0.5);
        skinCurve = Recolouring(random, skin.FromPhotograph);
        iris = random.NextSingle() switch
        {
            < 0.55f => new Vector3(0.05f, 0.025f, 0.012f) * random.Uniform(0.4f, 1.8f),
            < 0.8f => new Vector3(0.10f, 0.17f, 0.24f) * random.Uniform(0.6f, 1.6f),
            _ => new Vector3(0.12f, 0.13f, 0.06f) * random.Uniform(0.6f, 1.6f),
        };
        frame = random.Chance(0.5) ? new Vector3(random.Uniform(0.005f, 0.05f)) : random.Colour(0.6f);
        cloth = random.Colour(0.6f);
        clothScale = random.Uniform(0.02f, 0.3f);
        mouth = new Vector3(0.10f, 0.03f, 0.025f) * random.Uniform(0.3f, 1);
        sclera = random.Uniform(0.45f, 0.8f);
        lensColour = random.Colour(0.4f) * 0.2f;
        lensAlpha = random.Chance(0.8) ? random.Uniform(0, 0.2f) : random.Uniform(0.3f, 0.97f);
        exposure = 0.26f * MathF.Exp(0.6f * random.Normal());
        seed = (uint)random.Next();
        eyes = atlas.Model.EyeCentres([]);
    }

    /// <summary>
    /// RGBA of the cut-out. Each pixel has factor² coverage samples, but is coloured once for every kind of surface among them: as
    /// sharp at edges as colouring every sample, at a third of the work.
    /// </summary>
    public byte[] Shade(TriangleBuffer buffer)
    {
        const int Pixels = Cutout.Side * Cutout.Side, Kinds = 8;
        var factor = buffer.Width / Cutout.Side;
        var colours = new Vector3[Pixels];
        var hits = new int[Pixels];
        double sum = 0;
        var faces = 0;
        Span<int> first = stackalloc int[Kinds];
        Span<int> count = stackalloc int[Kinds];
        for (var pixel = 0; pixel < Pixels; pixel++)
        {
            count.Clear();
            int x = pixel % Cutout.Side, y = pixel / Cutout.Side;
            for (var s = 0; s < factor * factor; s++)
            {
                var i = (((y * factor) + (s / factor)) * buffer.Width) + (x * factor) + (s % factor);
                if (buffer.Triangle[i] >= 0)
                {
                    var kind = (int)scene.MaterialOf(buffer.Triangle[i]);
                    first[kind] = i;
                    count[kind]++;
                    hits[pixel]++;
                }
            }

            for (var kind = 0; kind < Kinds && hits[pixel] > 0; kind++)
            {
                if (count[kind] > 0)
                {
                    var c = Vector3.Min(AddLenses(buffer, first[kind], At(buffer, first[kind], out var material)), new Vector3(8));
                    colours[pixel] += c * ((float)count[kind] / hits[pixel]);
                    if (material == Material.Skin)
                    {
                        sum += Rec709.Luminance(c);
                        faces++;
                    }
                }
            }
        }

        // Cameras expose for the face, more or less.
        var gain = sum > 0 ? Math.Clamp(exposure, 0.03f, 0.9f) * faces / (float)sum : 1;
        gain = Math.Clamp(gain, 0.05f, 20f);
        var rgba = new byte[4 * Pixels];
        for (var pixel = 0; pixel < Pixels; pixel++)
        {
            if (hits[pixel] > 0)
            {
                Srgb8.Encode(Vector3.Min(colours[pixel] * gain, Vector3.One), rgba.AsSpan(4 * pixel, 3));
                rgba[(4 * pixel) + 3] = (byte)(255 * hits[pixel] / (factor * factor));
            }
        }

        return rgba;
    }

    private Vector3 At(TriangleBuffer buffer, int pixel, out Material material)
    {
        var triangle = buffer.Triangle[pixel];
        var (a, b, c) = scene.Corners(triangle);
        int x = pixel % buffer.Width, y = pixel / buffer.Width;
        var w = TriangleBuffer.Weights(scene.Screen[a], scene.Screen[b], scene.Screen[c], x, y);
        Vector3 Mix(Vector3[] values) => (w.X * values[a]) + (w.Y * values[b]) + (w.Z * values[c]);
        material = scene.MaterialOf(triangle);
        var position = Mix(scene.Camera);
        var rest = Mix(scene.Rest);
        var view = Vector3.Normalize(-position);
        var n = Vector3.Normalize(Mix(scene.Normal));
        if (Vector3.Dot(n, view) < 0 && material is Material.Strand or Material.Cloth or Material.Teeth or Material.Shell or Material.Frame)
        {
            n = -n;
        }

        var lit = shadow?.Lit(position) ?? 0;
        if (light.Gobo)
        {
            lit *= SkinAtlas.Smooth((ValueNoise.At(position * 0.012f, light.Seed) * 6) + 0.7f);
        }

        var (albedo, gloss, shine) = Surface(material, triangle, w, rest);
        var shaded = albedo * light.Diffuse(n, lit);
        return shaded + (gloss * light.Highlight(n, view, lit, shine));
    }

    private (Vector3 Albedo, float Gloss, float Shine) Surface(Material material, int triangle, Vector3 w, Vector3 rest)
    {
        switch (material)
        {
            case Material.Skin:
                return (SkinAt(triangle, w), light.Gloss, light.Shine);
            case Material.Shell:
                var (a, b, c) = scene.Corners(triangle);
                var v = scene.Template.VertexCount;
                var cover = (w.X * scene.Cover[a - v]) + (w.Y * scene.Cover[b - v]) + (w.Z * scene.Cover[c - v]);
                var grain = 0.25f * ValueNoise.At(rest * 0.6f, scene.Hair.Seed + 21);
                var alpha = SkinAtlas.Smooth((cover + (scene.Hair.IsCloth ? 0 : grain)) * 1.6f);
                return (Vector3.Lerp(SkinAt(triangle - scene.HeadTriangles, w), HairColour(rest, 0), alpha), 0.05f, 12);
            case Material.Eye:
                return (EyeAt(rest), 0.6f, 90);
            case Material.Mouth:
                return (mouth, 0.05f, 20);
            case Material.Teeth:
                var gap = 1 - (0.35f * SkinAtlas.Smooth((MathF.Abs(MathF.Sin(rest.X * 19)) < 0.15f) ? 1 : 0));
                return (new Vector3(0.62f, 0.57f, 0.47f) * gap, 0.15f, 30);
            case Material.Strand:
                return (HairColour(new Vector3(rest.X * 3, rest.Y * 6, rest.Z * 40), rest.Z), 0.06f, 14);
            case Material.Frame:
                return (frame, 0.35f, 30);
            default:
                var pattern = 1 + (0.5f * ValueNoise.Fractal(new Vector3(rest.X * 60, rest.Y * 160, 0) * clothScale, seed, 3));
                return (cloth * pattern, 0.01f, 8);
        }
    }

    private Vector3 HairColour(Vector3 rest, float strand)
    {
        var hair = scene.Hair;
        var streak = ValueNoise.Fractal(new Vector3(rest.X * 0.5f, rest.Y * 0.08f, rest.Z * 0.12f), hair.Seed + 31, 3) + (0.8f * (strand - 0.5f));
        return hair.Colour * MathF.Max(0.15f, 1 + (hair.Streaks * streak));
    }

    private Vector3 EyeAt(Vector3 rest)
    {
        var centre = rest.X > 0 ? eyes.Left : eyes.Right;
        var d = Vector3.Normalize(rest - centre);
        var white = new Vector3(sclera, sclera * 0.95f, sclera * 0.92f);
        if (d.Z < 0.865f)
        {
            return white * (0.7f + (0.3f * MathF.Max(0, d.Z)));
        }

        var ring = SkinAtlas.Smooth((d.Z - 0.865f) / 0.02f);
        var rays = 1 + (0.4f * ValueNoise.At(new Vector3(MathF.Atan2(d.Y, d.X) * 5, d.Z * 8, 0), seed + 3));
        var inner = d.Z > 0.982f ? new Vector3(0.004f) : iris * rays;
        return Vector3.Lerp(white, inner, ring);
    }

    private Vector3 SkinAt(int triangle, Vector3 w)
    {
        var t = scene.Template.TriangleUvs.AsSpan(3 * triangle, 3);
        var uv = (w.X * scene.Template.Uvs[t[0]]) + (w.Y * scene.Template.Uvs[t[1]]) + (w.Z * scene.Template.Uvs[t[2]]);
        var u = mirrored ? 1 - uv.X : uv.X;
        float x = Math.Clamp((u * Skin.Side) - 0.5f, 0, Skin.Side - 1.001f), y = Math.Clamp((uv.Y * Skin.Side) - 0.5f, 0, Skin.Side - 1.001f);
        int x0 = (int)x, y0 = (int)y;
        float fx = x - x0, fy = y - y0;
        var at = 3 * ((y0 * Skin.Side) + x0);
        return Vector3.Lerp(Vector3.Lerp(Texel(at), Texel(at + 3), fx), Vector3.Lerp(Texel(at + (3 * Skin.Side)), Texel(at + (3 * Skin.Side) + 3), fx), fy);
    }

    private Vector3 Texel(int at) => new(skinCurve[0][skin.Rgb[at]], skinCurve[1][skin.Rgb[at + 1]], skinCurve[2][skin.Rgb[at + 2]]);

    /// <summary>Tables from a skin's bytes to linear albedo: photographs of few people become many complexions.</summary>
    private static float[][] Recolouring(Random random, bool strong)
    {
        var gamma = strong ? MathF.Exp(0.22f * random.Normal()) : 1;
        var darken = strong && random.Chance(0.4) ? random.Uniform(0.12f, 0.9f) : random.Uniform(0.85f, 1.1f);
        var red = 1 + (0.1f * random.Normal());
        var warm = MathF.Max(0, 1 - darken) * random.Uniform(0.1f, 0.5f);
        float[] gains = [darken * red, darken * (1 - (0.35f * warm)), darken * (1 - (0.7f * warm)) * (1 + (0.06f * random.Normal()))];
        return [.. gains.Select(g => Srgb8.Linear.Select(v => Math.Clamp(g * MathF.Pow(v, gamma), 0, 1)).ToArray())];
    }

    /// <summary>What a pair of lenses before a sample does to its colour.</summary>
    private Vector3 AddLenses(TriangleBuffer buffer, int sample, Vector3 colour)
    {
        var p = new Vector2((sample % buffer.Width) + 0.5f, (sample / buffer.Width) + 0.5f);
        for (var k = 0; k < scene.Lenses.Length; k++)
        {
            if (buffer.Key[sample] < scene.LensKeys[k] && Inside(scene.Lenses[k], p))
            {
                var glare = MathF.Max(0, ValueNoise.At(new Vector3(p.X * 0.01f, (p.Y * 0.01f) + (p.X * 0.005f), k), seed + 40) - 0.35f);
                colour = Vector3.Lerp(colour, lensColour, lensAlpha) + (light.Sky * glare * 0.4f);
            }
        }

        return colour;
    }

    private static bool Inside(Vector2[] polygon, Vector2 p)
    {
        var inside = false;
        for (int i = 0, j = polygon.Length - 1; i < polygon.Length; j = i++)
        {
            var (a, b) = (polygon[i], polygon[j]);
            if ((a.Y > p.Y) != (b.Y > p.Y) && p.X < ((b.X - a.X) * (p.Y - a.Y) / (b.Y - a.Y)) + a.X)
            {
                inside = !inside;
            }
        }

        return inside;
    }
}
