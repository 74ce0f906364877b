using System.Numerics;
using MoSar.Graphics;
using MoSar.Graphics.Tests;

namespace MoSar.Learning.Tests.Data;

/// <summary>
/// A lopsided head under coloured light, with every label that there is, and a renderer that turns the labels back into the picture:
/// whatever is done to a sample, its picture must be what its own labels render.
/// </summary>
internal static class RenderedSample
{
    public const int Side = 192;

    private static readonly MapDescriptor Texture = new("diffuse", 3, 0, 1, MapEncoding.SrgbPng8, "linear Rec.709 reflectance", "Smooth and lopsided.");
    private static readonly (FaceTemplate Template, Vector3[] Positions, int[] Points) Head = MakeHead();

    public static IReadOnlyList<int> LandmarkVertices => Head.Points;

    public static DatasetSample Make()
    {
        var light = new ShLight([.. Lights.Random(2).Coefficients.Select((c, i) => i == 0 ? new Vector3(2.2f, 2.0f, 1.8f) : 0.9f * c)]);
        var sample = new DatasetSample
        {
            Id = "head/0",
            Subject = "head",
            Camera = Bodies.Camera(Side),
            Mesh = new Mesh(Head.Template, Head.Positions),
            Maps = MapSet.Empty.With(new Map(Texture, Paint(128))).With(new Map(WellKnownMaps.Normal, Bumps(128))),
            Atlas = Head.Template.Id,
            Light = new SampleLight(light, new EnvironmentReference("studio.hdr", 0.4f, 2)),
            Identity = [1, 2, 3],
            Expression = new Dictionary<string, float> { ["mouthSmileLeft"] = 0.5f, ["jawOpen"] = 0.1f },
        };
        var view = Render(sample, Side);
        return sample with
        {
            Photograph = view.Picture,
            Mask = view.Mask,
            Labels = new PixelLabels(view.Position, view.Normal, view.Uv),
            Landmarks = new SampleLandmarks([.. Head.Points.Select(v => sample.Camera.Project(Head.Positions[v]))], [.. Head.Points.Select((_, i) => i % 5 != 0)]),
        };
    }

    /// <summary>What the sample's mesh, camera, maps and light look like.</summary>
    public static (Image Picture, Image Mask, Image Position, Image Normal, Image Uv) Render(DatasetSample sample, int side)
    {
        var g = MeshRenderer.Render(sample.Mesh!, sample.Camera!, side, side, supersample: 3);
        var (colours, albedo, bumps) = (new Vector3[g.Count], new float[3 * g.Count], new float[3 * g.Count]);
        MapSampler.Sample3(sample.Maps["diffuse"].Pixels, g.Uv, albedo);
        MapSampler.Sample3(sample.Maps["normal"].Pixels, g.Uv, bumps);
        for (var k = 0; k < g.Count; k++)
        {
            var (n, t) = (g.Normal[k], g.Tangent[k].AsVector3());
            var bump = new Vector3(bumps.AsSpan(3 * k));
            var normal = Vector3.Normalize((bump.X * t) + (bump.Y * g.Tangent[k].W * Vector3.Cross(n, t)) + (bump.Z * n));
            colours[k] = new Vector3(albedo.AsSpan(3 * k)) * SphericalHarmonics.Irradiance(sample.Light!.Harmonics!, normal) / MathF.PI;
        }

        var coverage = g.Coverage();
        var mask = new Image(side, side, 3);
        for (var i = 0; i < coverage.Pixels.Length; i++)
        {
            mask.Pixels[3 * i] = mask.Pixels[(3 * i) + 2] = coverage.Pixels[i];
        }

        var exact = MeshRenderer.Render(sample.Mesh!, sample.Camera!, side, side, supersample: 1);
        Image Scatter(Func<int, Vector3> value)
        {
            var image = new Image(side, side, 3);
            for (var k = 0; k < exact.Count; k++)
            {
                value(k).CopyTo(image.Pixels, 3 * exact.Samples[k]);
            }

            return image;
        }

        return (g.Resolve(colours), mask, Scatter(k => exact.Position[k]), Scatter(k => exact.Normal[k]), Scatter(k => new Vector3(exact.Uv[k], 0)));
    }

    private static Image Paint(int size)
    {
        var image = new Image(size, size, 3);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (u, v) = ((x + 0.5f) / size, (y + 0.5f) / size);
                (image[x, y, 0], image[x, y, 1], image[x, y, 2]) = (0.2f + (0.3f * u), 0.3f + (0.1f * MathF.Sin(25 * v)), 0.3f + (0.2f * MathF.Cos((17 * u) + (5 * v))));
            }
        }

        return image;
    }

    private static Image Bumps(int size)
    {
        var image = new Image(size, size, 3);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var (u, v) = ((x + 0.5f) / size, (y + 0.5f) / size);
                Vector3.Normalize(new Vector3(0.9f * MathF.Sin((12 * u) + 1), 0.6f * MathF.Cos((9 * v) + (4 * u)), 1)).CopyTo(image.Pixels, ((y * size) + x) * 3);
            }
        }

        return image;
    }

    private static (FaceTemplate, Vector3[], int[]) MakeHead()
    {
        var even = Bodies.Head();
        var mirror = Array.ConvertAll(even.Positions, p => Nearest(even.Positions, p * new Vector3(-1, 1, 1)));

        // Nobody is symmetric; a symmetric head would hide a mirror that was forgotten.
        var lopsided = Array.ConvertAll(even.Positions, p => p + new Vector3(6 * MathF.Sin(p.Y / 40), 4 * MathF.Sin(p.X / 30), 5 * MathF.Sin((p.X + 20) / 25)));

        // A point for each landmark, whose mirror image is the mirrored landmark's point.
        var points = new int[Landmarks.Count];
        for (var i = 0; i < points.Length; i++)
        {
            var other = Landmarks.Mirror[i];
            var at = new Vector3(other == i ? 0 : 15 + i, 60 - (1.8f * i), 80);
            points[i] = other < i ? mirror[points[other]] : Nearest(even.Positions, at * new Vector3(-1, 1, 1));
        }

        return (even.Template with { Mirror = mirror }, lopsided, points);
    }

    private static int Nearest(Vector3[] positions, Vector3 to)
    {
        var best = 0;
        for (var i = 1; i < positions.Length; i++)
        {
            best = Vector3.DistanceSquared(positions[i], to) < Vector3.DistanceSquared(positions[best], to) ? i : best;
        }

        return best;
    }
}
