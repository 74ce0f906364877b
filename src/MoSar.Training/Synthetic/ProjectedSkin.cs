using System.Numerics;
using MoSar.Graphics;
using MoSar.Training.Data;

namespace MoSar.Training.Synthetic;

/// <summary>
/// Skins from portraits: the photograph carried into the atlas through the fitted head, its studio light divided out by one spherical
/// harmonic light that all portraits of a collection share (findings.md: better than one a person), what it does not show filled.
/// </summary>
internal static class ProjectedSkin
{
    private const int Side = SkinAtlas.Side;
    private const int DepthSide = 700;

    public static IReadOnlyList<Skin> All(SkinAtlas atlas, IReadOnlyList<TrainingPortrait> portraits)
    {
        var skins = new List<Skin>();
        foreach (var collection in portraits.GroupBy(p => p.Portrait.Collection))
        {
            var views = collection.AsParallel().AsOrdered().WithDegreeOfParallelism(2).Select(p => Project(atlas, p)).ToList();
            var light = SharedLight(atlas, views);
            skins.AddRange(views.Select(v => Finish(atlas, v, light)));
        }

        return skins;
    }

    private sealed record View(Vector3[] Colours, Vector3[] Normals, bool[] Seen);

    private static View Project(SkinAtlas atlas, TrainingPortrait portrait)
    {
        var template = atlas.Model.Template;
        var camera = portrait.Positions.Select(portrait.Camera.ToCamera).ToArray();
        var normals = MeshNormals.AreaWeighted(portrait.Positions, template.Triangles);

        // Depth over the face's crop only: the picture's full size would be wasted on background.
        var origin = portrait.Crop.Centre - new Vector2(portrait.Crop.Size * 0.6f);
        var scale = DepthSide / (1.2f * portrait.Crop.Size);
        var screen = new Vector3[camera.Length];
        for (var i = 0; i < camera.Length; i++)
        {
            screen[i] = new Vector3((portrait.Camera.Project(portrait.Positions[i]) - origin) * scale, -1 / camera[i].Z);
        }

        var depth = new TriangleBuffer(DepthSide, DepthSide);
        depth.Clear();
        depth.Draw(screen, template.Triangles, 0);
        var half = Resample.Halve(portrait.Pixels);
        var view = new View(new Vector3[Side * Side], new Vector3[Side * Side], new bool[Side * Side]);
        var face = template.Regions["face"];
        foreach (var i in atlas.Texels)
        {
            var n = Vector3.Normalize(atlas.At(i, normals));
            view.Normals[i] = n;
            if (atlas.At(i, face) < 0.35f)
            {
                continue;
            }

            var p = atlas.At(i, portrait.Positions);
            var towards = Vector3.Normalize(portrait.Camera.Centre - p);
            var pixel = portrait.Camera.Project(p);
            var at = (pixel - origin) * scale;
            var key = -1 / portrait.Camera.ToCamera(p).Z;
            int x = (int)at.X, y = (int)at.Y;
            if (Vector3.Dot(n, towards) < 0.2f || (uint)x >= DepthSide || (uint)y >= DepthSide || depth.Key[(y * DepthSide) + x] > key * 1.006f)
            {
                continue;
            }

            view.Colours[i] = Resample.Bilinear3(half, pixel / 2);
            view.Seen[i] = true;
        }

        return view;
    }

    /// <summary>9 coefficients of relative brightness over the normal, least squares over all views' smooth skin.</summary>
    private static float[] SharedLight(SkinAtlas atlas, List<View> views)
    {
        var hessian = new double[9, 9];
        var right = new double[9];
        Span<float> y = stackalloc float[9];
        foreach (var view in views)
        {
            var seen = atlas.Texels.Where(i => view.Seen[i] && i % 7 == 0 && atlas.BrowDistance[i] > 7 && atlas.LidDistance[i] > 6 && atlas.Lips[i] < 0.1f).ToArray();
            var mean = seen.Average(i => Rec709.Luminance(view.Colours[i]));
            foreach (var i in seen)
            {
                Basis(view.Normals[i], y);
                var target = Rec709.Luminance(view.Colours[i]) / mean;
                for (var a = 0; a < 9; a++)
                {
                    right[a] += y[a] * target;
                    for (var b = 0; b < 9; b++)
                    {
                        hessian[a, b] += y[a] * y[b];
                    }
                }
            }
        }

        for (var a = 0; a < 9; a++)
        {
            hessian[a, a] += 1e-3 * hessian[0, 0];
        }

        return Solve(hessian, right);
    }

    private static Skin Finish(SkinAtlas atlas, View view, float[] light)
    {
        var image = new Image(Side, Side, 3);
        var state = new FillState[Side * Side];
        Span<float> y = stackalloc float[9];
        var mean = Vector3.Zero;
        var count = 0;
        foreach (var i in atlas.Texels)
        {
            state[i] = FillState.Unknown;
            if (!view.Seen[i])
            {
                continue;
            }

            Basis(view.Normals[i], y);
            var shading = 0f;
            for (var k = 0; k < 9; k++)
            {
                shading += light[k] * y[k];
            }

            var c = view.Colours[i] / Math.Clamp(shading, 0.55f, 1.6f);
            c.CopyTo(image.Pixels, 3 * i);
            state[i] = FillState.Known;
            mean += c;
            count++;
        }

        // Far from the face the fill should be plain skin, not whatever the face's rim shows (hair, collar).
        mean /= Math.Max(1, count);
        var skin = atlas.Model.Template.Regions["face"];
        foreach (var i in atlas.Texels)
        {
            if (state[i] == FillState.Unknown && atlas.At(i, skin) < 0.02f)
            {
                mean.CopyTo(image.Pixels, 3 * i);
                state[i] = FillState.Known;
            }
        }

        HarmonicFill.Fill(image, state);

        // Portraits differ in exposure; recolouring at render time expects a common middle.
        var gain = 0.33f / MathF.Max(Rec709.Luminance(mean), 0.02f);
        gain = MathF.Pow(gain, 0.4f);
        var rgb = new byte[3 * Side * Side];
        for (var i = 0; i < Side * Side; i++)
        {
            Srgb8.Encode(Vector3.Clamp(new Vector3(image.Pixels.AsSpan(3 * i, 3)) * gain, Vector3.Zero, Vector3.One), rgb.AsSpan(3 * i, 3));
        }

        return Skin.FromAtlas(rgb, fromPhotograph: true);
    }

    /// <summary>Polynomials that span the first three bands; their scale does not matter to a least-squares fit.</summary>
    private static void Basis(Vector3 n, Span<float> y)
    {
        (y[0], y[1], y[2], y[3]) = (1, n.Y, n.Z, n.X);
        (y[4], y[5], y[6], y[7], y[8]) = (n.X * n.Y, n.Y * n.Z, (3 * n.Z * n.Z) - 1, n.X * n.Z, (n.X * n.X) - (n.Y * n.Y));
    }

    private static float[] Solve(double[,] a, double[] b)
    {
        var n = b.Length;
        for (var k = 0; k < n; k++)
        {
            for (var i = k + 1; i < n; i++)
            {
                var f = a[i, k] / a[k, k];
                for (var j = k; j < n; j++)
                {
                    a[i, j] -= f * a[k, j];
                }

                b[i] -= f * b[k];
            }
        }

        var x = new float[n];
        for (var i = n - 1; i >= 0; i--)
        {
            var sum = b[i];
            for (var j = i + 1; j < n; j++)
            {
                sum -= a[i, j] * x[j];
            }

            x[i] = (float)(sum / a[i, i]);
        }

        return x;
    }
}
