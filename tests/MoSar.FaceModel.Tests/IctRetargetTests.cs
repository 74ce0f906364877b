using System.Globalization;
using System.Numerics;
using MoSar.Faces.Building;
using MoSar.Faces.Retargeting;
using MoSar.Faces.Source;
using MoSar.Testing;
using Xunit.Abstractions;

namespace MoSar.Faces.Tests;

/// <summary>ICT-FaceKit's own topology, four UDIM tiles, its published landmarks; a random person with an expression. Needs the shared data.</summary>
public sealed class IctRetargetTests(ITestOutputHelper output)
{
    [Fact]
    public void TheTemplateFindsEveryPointOfAnotherPersonsFace()
    {
        if (SharedData.Find("ict-facekit", "ict_facekit.safetensors") is not { } path)
        {
            return;
        }

        var source = IctFaceKit.Read(path);
        var random = new Random(7);
        Vector3[] positions = [.. source.Positions];
        foreach (var mode in source.Identity)
        {
            var coefficient = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
            Add(mode, coefficient);
        }

        Add(Offsets("jawOpen"), 0.25f);
        Add(Offsets("mouthSmile_L"), 0.5f);
        Add(Offsets("mouthSmile_R"), 0.5f);

        // Upstream's units are centimetres.
        var foreign = ForeignMesh.Make("ict", Array.ConvertAll(positions, p => p / 10), source.Faces, Uvs(path), SafetensorsFile.Read(path).Ints("quad_uvs"));
        var correspondence = TemplateRegistration.Register(ShippedModel.Model, foreign, LandmarkFile.Read(LandmarkFile.IctFaceKit, foreign));
        output.WriteLine(correspondence.ToString());
        Assert.InRange(correspondence.Quality.Scale, 9.7, 10.3);

        // The template was resampled from the mean head: where it lay there is where it should lie now.
        var (template, mean) = (ShippedModel.Model.Template, ShippedModel.Model.Mean);
        var probe = new SurfaceProbe(source.Positions, TemplateReader.Split(source.Faces), _ => true);
        var triangles = TemplateReader.Split(source.Faces);
        var normals = MoSar.Graphics.MeshNormals.AngleWeighted(mean, template.Triangles);
        var (face, errors, near) = (template.Regions["face"], new List<float>(), -1);
        for (var v = 0; v < mean.Length; v++)
        {
            if (face[v] > 0.5f && probe.TryClosest(mean[v], normals[v], 0.5f, 0.5f, near, out var point, out _))
            {
                near = point.Triangle;
                var truth = Enumerable.Range(0, 3).Aggregate(Vector3.Zero, (sum, c) => sum + (point.Barycentric[c] * correspondence.Other.Mesh.Positions[foreign.FromFile[triangles[(3 * point.Triangle) + c]]]));
                errors.Add(Vector3.Distance(truth, correspondence.Template.Mesh.Positions[v]));
            }
        }

        errors.Sort();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{errors.Count} vertices: mean {errors.Average():F2} mm, 95 % {errors[(int)(0.95 * errors.Count)]:F2}, largest {errors[^1]:F2}"));
        Assert.InRange(errors.Average(), 0, 0.6);
        Assert.InRange(errors[(int)(0.95 * errors.Count)], 0, 1.3);

        void Add(Vector3[] offsets, float weight)
        {
            for (var v = 0; v < positions.Length; v++)
            {
                positions[v] += weight * offsets[v];
            }
        }

        Vector3[] Offsets(string name) => source.Expressions.First(e => e.Name == name).Offsets;
    }

    private static Vector2[] Uvs(string path) => [.. SafetensorsFile.Read(path).Floats("uvs").Chunk(2).Select(t => new Vector2(t[0], 1 - t[1])), new Vector2(-1000)];
}
