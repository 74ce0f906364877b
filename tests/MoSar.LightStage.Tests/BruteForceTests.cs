using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.LightStage.Skins;

namespace MoSar.LightStage.Tests;

/// <summary>The maps of a stage's subject beside integrals that share no code with them: own ray-triangle tests instead of Embree, differences instead of spectra.</summary>
public sealed class BruteForceTests
{
    private const int Points = 60;
    private const int Rays = 512;
    private static readonly FaceModel Model = ShippedModel.Model;
    private static readonly SkinSpace Space = new(Model, 512);
    private static readonly Mesh Mean = new(Model.Template, Model.Mean);

    // Wrinkles only: nothing finer than what the maps' texels can hold.
    private static readonly MapSet Maps = SkinMaker.Make(Space, new SkinParameters { Seed = 5, Ita = 45, Age = 80, Wrinkles = 1.2f, Pores = 0, BrowDensity = 0, Hair = new(0.02f), Iris = new(0.1f), Albedo = [] }, Mean);
    private static readonly MapSet Smooth = SkinMaker.Make(Space, new SkinParameters { Seed = 5, Ita = 45, Age = 20, Wrinkles = 0, Pores = 0, BrowDensity = 0, Hair = new(0.02f), Iris = new(0.1f), Albedo = [] }, Mean);

    [Fact]
    public void OcclusionIsTheOpenShareOfTheHemisphere()
    {
        var (mesh, texels, normals) = Drawn();
        var errors = Compare(Smooth["ambient_occlusion"].Pixels, texels, k =>
        {
            var free = 0;
            for (var ray = 0; ray < Rays; ray++)
            {
                free += mesh.First(Space.Rest[k] + (0.15f * normals[k]), Cosine(normals[k], ray, k, 1), 150) < 150 ? 0 : 1;
            }

            return free / (float)Rays;
        });
        AssertNear(errors, bias: 0.01f, rms: 0.04f);
    }

    [Fact]
    public void TranslucencyIsThatOfTheMeanWayThroughTheHead()
    {
        var (mesh, texels, normals) = Drawn();
        var limit = MathF.Sin(float.DegreesToRadians(50));
        var errors = Compare(Smooth["translucency"].Pixels, texels, k =>
        {
            var way = 0f;
            for (var ray = 0; ray < Rays; ray++)
            {
                way += mesh.First(Space.Rest[k] - (0.15f * normals[k]), Cosine(-normals[k], ray, k, limit), 120) + 0.15f;
            }

            return MathF.Exp(-way / Rays / 30);
        });
        AssertNear(errors, bias: 0.01f, rms: 0.04f);
    }

    [Fact]
    public void NormalsAreTheDisplacedSurfaces()
    {
        var (displacement, map) = (Maps["displacement"].Pixels, Maps["normal"].Pixels);
        var normals = Space.Atlas.InterpolateUnit(MeshNormals.Of(Mean));
        var face = Space.Region("face");
        var (off, tilt, count) = (0.0, 0.0, 0);
        for (var k = 0; k < Space.Count; k++)
        {
            var (x, y) = (Space.Atlas.Covered[k] % 512, Space.Atlas.Covered[k] / 512);
            var (left, right, up, down) = (Space.At(x - 1, y), Space.At(x + 1, y), Space.At(x, y - 1), Space.At(x, y + 1));
            if (face[k] < 0.99f || left < 0 || right < 0 || up < 0 || down < 0)
            {
                continue;
            }

            Vector3 Raised(int i) => Space.Rest[i] + (displacement.Pixels[Space.Atlas.Covered[i]] * normals[i]);
            var along = Vector3.Normalize(Space.Rest[right] - Space.Rest[left]);
            var surface = Vector3.Normalize(Vector3.Cross(Raised(up) - Raised(down), Raised(left) - Raised(right)));
            var undisplaced = Vector3.Normalize(Vector3.Cross(Space.Rest[up] - Space.Rest[down], Space.Rest[left] - Space.Rest[right]));

            // How far the relief tips the surface across the atlas, and what the map says of it: a difference over two texels is the mean of the slope
            // between them, which Simpson's rule takes from the map.
            var measured = Vector3.Dot(surface - undisplaced, along);
            var said = (map.Rgb(x - 1, y).X + (4 * map.Rgb(x, y).X) + map.Rgb(x + 1, y).X) / 6;
            off += (measured - said) * (measured - said);
            tilt += measured * measured;
            count++;
        }

        Assert.True(count > 10_000 && Math.Sqrt(tilt / count) > 0.01, $"{count} texels, tilt {Math.Sqrt(tilt / count):f4}");
        Assert.True(off < 0.04 * tilt, $"off by {Math.Sqrt(off / tilt):p1} of the tilt");
    }

    // Texels of the outer skin, spread over it, and the interpolated normals of all.
    private static (SimpleRays Mesh, int[] Texels, Vector3[] Normals) Drawn()
    {
        var (skin, inner, eyes) = (Space.Region("skin"), Space.Region("inner_lips"), Space.Region("eye_sockets"));
        int[] outer = [.. Enumerable.Range(0, Space.Count).Where(k => skin[k] > 0.99f && inner[k] == 0 && eyes[k] == 0)];
        return (new SimpleRays(Model.Mean, Model.Template.Triangles), [.. Enumerable.Range(0, Points).Select(i => outer[(int)((i + 0.5) / Points * outer.Length)])], Space.Atlas.InterpolateUnit(MeshNormals.Of(Mean)));
    }

    private static float[] Compare(Image map, int[] texels, Func<int, float> truth)
    {
        var errors = new float[texels.Length];
        Parallel.For(0, texels.Length, i => errors[i] = map.Pixels[Space.Atlas.Covered[texels[i]]] - truth(texels[i]));
        return errors;
    }

    private static void AssertNear(float[] errors, float bias, float rms)
    {
        var (mean, squares) = (errors.Average(), MathF.Sqrt(errors.Average(e => e * e)));
        Assert.True(MathF.Abs(mean) < bias && squares < rms, $"mean error {mean:f4}, root mean square {squares:f4}");
    }

    // Cosine-weighted around an axis, sines up to a limit, by two hashes: no pattern in common with the maps'.
    private static Vector3 Cosine(Vector3 axis, int ray, int point, float limit)
    {
        var (sin, cos) = MathF.SinCos(MathF.Tau * Noise.Hash(ray, point, 1, 77));
        var r = limit * MathF.Sqrt((ray + Noise.Hash(ray, point, 2, 77)) / Rays);
        var side = Vector3.Normalize(Vector3.Cross(axis, MathF.Abs(axis.X) < 0.7f ? Vector3.UnitX : Vector3.UnitY));
        return (r * cos * side) + (r * sin * Vector3.Cross(axis, side)) + (MathF.Sqrt(1 - (r * r)) * axis);
    }

    /// <summary>Every triangle is tried (Möller and Trumbore 1997) of those runs of 32 whose ball the ray meets.</summary>
    private sealed class SimpleRays(Vector3[] positions, int[] triangles)
    {
        private const int Run = 32;

        private readonly (Vector3 Centre, float Radius)[] _balls = [.. triangles.Chunk(3 * Run).Select(run =>
        {
            var centre = run.Aggregate(Vector3.Zero, (sum, v) => sum + positions[v]) / run.Length;
            return (centre, 1e-3f + run.Max(v => Vector3.Distance(positions[v], centre)));
        })];

        /// <summary>Way to the first triangle, at most the limit.</summary>
        public float First(Vector3 origin, Vector3 direction, float limit)
        {
            for (var ball = 0; ball < _balls.Length; ball++)
            {
                var to = _balls[ball].Centre - origin;
                var along = Vector3.Dot(to, direction);
                var radius = _balls[ball].Radius;
                if (along < -radius || along > limit + radius || to.LengthSquared() - (along * along) > radius * radius)
                {
                    continue;
                }

                for (var t = ball * 3 * Run; t < Math.Min(triangles.Length, (ball + 1) * 3 * Run); t += 3)
                {
                    var (a, ab, ac) = (positions[triangles[t]], positions[triangles[t + 1]] - positions[triangles[t]], positions[triangles[t + 2]] - positions[triangles[t]]);
                    var p = Vector3.Cross(direction, ac);
                    var determinant = Vector3.Dot(ab, p);
                    var s = (origin - a) / determinant;
                    var (u, q) = (Vector3.Dot(s, p), Vector3.Cross(s, ab));
                    var (v, far) = (Vector3.Dot(direction, q), Vector3.Dot(ac, q));
                    if (u >= 0 && v >= 0 && u + v <= 1 && far > 0 && far < limit)
                    {
                        limit = far;
                    }
                }
            }

            return limit;
        }
    }
}
