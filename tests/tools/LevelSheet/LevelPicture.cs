using System.Globalization;
using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LevelSheet;

/// <summary>The parts in colours (front, side, back) and the levels in flat grey, side by side.</summary>
internal static class LevelPicture
{
    private const int Size = 360;

    private static readonly Vector3[] Colours =
    [
        new(.9f, .2f, .2f), new(.2f, .4f, 1f), new(1f, .5f, .7f), new(.95f, .8f, .2f), new(.2f, .8f, .3f), new(.6f, .3f, .9f), new(.1f, .8f, .8f), new(.5f, .5f, .5f),
    ];

    public static int Make(string modelPath, string file)
    {
        var model = FaceModel.Load(modelPath);
        var (pyramid, parts) = model.RequireLevels();
        Report(model, pyramid, parts);
        float[] azimuths = [0, 55, 180];
        var tiles = new List<Image>();
        foreach (var azimuth in azimuths)
        {
            tiles.Add(Draw(model, pyramid.Levels[0], azimuth, v =>
            {
                var (sum, weight) = (Vector3.Zero, 0f);
                for (var p = 0; p < parts.Names.Count; p++)
                {
                    (sum, weight) = (sum + (parts.Weights[p][v] * Colours[p]), weight + parts.Weights[p][v]);
                }

                return sum / weight;
            }));
        }

        for (var k = 1; k < pyramid.Levels.Count; k++)
        {
            tiles.AddRange(azimuths.Select(a => Draw(model, pyramid.Levels[k], a, _ => new Vector3(.7f))));
        }

        var (columns, rows) = (6, (tiles.Count + 5) / 6);
        var all = new Image(columns * Size, rows * Size, 3);
        for (var t = 0; t < tiles.Count; t++)
        {
            for (var y = 0; y < Size; y++)
            {
                tiles[t].Pixels.AsSpan(3 * y * Size, 3 * Size).CopyTo(all.Pixels.AsSpan(3 * ((((t / columns * Size) + y) * all.Width) + (t % columns * Size))));
            }
        }

        ImageFile.WritePng(file, all);
        return 0;
    }

    private static void Report(FaceModel model, MeshPyramid pyramid, MeshParts parts)
    {
        for (var p = 0; p < parts.Names.Count; p++)
        {
            Console.WriteLine($"{parts.Names[p]}: {string.Join(", ", pyramid.Levels.Select(l => l.Vertices.Count(v => parts.Weights[p][v] > 0)))}");
        }

        for (var k = 1; k < pyramid.Levels.Count; k++)
        {
            var error = UpError(model.Mean, pyramid, k);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"level {k}: {pyramid.Levels[k].Vertices.Length} vertices, {pyramid.Levels[k].Edges.Length / 2} edges, mean error of the mean head {error.Average():f3} mm, largest {error.Max():f2}"));
        }
    }

    private static float[] UpError(Vector3[] mean, MeshPyramid pyramid, int from)
    {
        Vector3[] p = [.. pyramid.Levels[from].Vertices.Select(v => mean[v])];
        for (var k = from - 1; k >= 0; k--)
        {
            var (c, w) = (pyramid.Steps[k].UpCorners, pyramid.Steps[k].UpWeights);
            p = [.. Enumerable.Range(0, c.Length / 3).Select(i => (w[3 * i] * p[c[3 * i]]) + (w[(3 * i) + 1] * p[c[(3 * i) + 1]]) + (w[(3 * i) + 2] * p[c[(3 * i) + 2]]))];
        }

        return [.. p.Zip(mean, Vector3.Distance)];
    }

    // Flat shading, so that triangles show.
    private static Image Draw(FaceModel model, MeshLevel level, float azimuth, Func<int, Vector3> colour)
    {
        Vector3[] positions = [.. level.Vertices.Select(v => model.Mean[v])];
        using var rays = new RayScene(positions, level.Triangles);
        var (sin, cos) = MathF.SinCos(azimuth * MathF.PI / 180);
        var (right, back) = (new Vector3(cos, 0, -sin), new Vector3(sin, 0, cos));
        var centre = (model.Mean.Aggregate(Vector3.Min) + model.Mean.Aggregate(Vector3.Max)) / 2;
        var scale = 1.08f * (model.Mean.Max(p => p.Y) - model.Mean.Min(p => p.Y)) / Size;
        var (origins, directions) = (new Vector3[Size * Size], new Vector3[Size * Size]);
        for (var i = 0; i < origins.Length; i++)
        {
            origins[i] = centre + (400 * back) + (((i % Size) - (Size / 2f)) * scale * right) + (((Size / 2f) - (i / Size)) * scale * Vector3.UnitY);
            directions[i] = -back;
        }

        var hits = rays.Closest(origins, directions, near: 0, far: 1000);
        var image = new Image(Size, Size, 3);
        for (var i = 0; i < origins.Length; i++)
        {
            if (hits.Triangle[i] < 0)
            {
                continue;
            }

            var t = level.Triangles.AsSpan(3 * hits.Triangle[i], 3);
            var normal = Vector3.Normalize(Vector3.Cross(positions[t[1]] - positions[t[0]], positions[t[2]] - positions[t[0]]));
            var light = 0.25f + (0.75f * MathF.Max(0, Vector3.Dot(normal, Vector3.Normalize(back + (0.6f * Vector3.UnitY) - (0.5f * right)))));
            ((colour(level.Vertices[t[0]]) + colour(level.Vertices[t[1]]) + colour(level.Vertices[t[2]])) / 3 * light).CopyTo(image.Pixels.AsSpan(3 * i, 3));
        }

        return image;
    }
}
