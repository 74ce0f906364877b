using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;
using MoSar.Plugins.Shading;
using MoSar.Samples.Portrait;

namespace MoSar.Plugins.Export.Tests;

/// <summary>An input for the exporter without any pipeline: the demo portrait with its own true reconstruction and simple maps.</summary>
internal static class DemoHead
{
    private static readonly Lazy<FaceModel> Loaded = new(() => FaceModel.Load(Sample("face.safetensors")));

    public static FaceModel Model => Loaded.Value;

    public static string Sample(string name) => Path.Combine(AppContext.BaseDirectory, "samples", name);

    public static ExportInput Input(string folder, int resolution = 256)
    {
        var truth = DemoPortrait.Truth(Model);
        var photograph = ImageFile.ReadPhotograph(Sample("demo.png"));
        var fit = new Reconstruction(
            truth.Identity, truth.Expression, [0.25f], ShLight.Uniform, truth.Camera, truth.Mesh, truth.Neutral, new Vector3[Model.Template.VertexCount], truth.Landmarks);
        var texture = Fill(resolution, 3, (x, y, c) => 0.3f + (0.2f * MathF.Sin((x * 0.07f) + (y * 0.03f) + c)));
        var partial = new PartialTexture(texture, Fill(resolution, 1, (x, _, _) => x / (float)resolution));
        var marks = truth.Landmarks;
        var size = 2 * Vector2.Distance(0.5f * (marks[19] + marks[24]), marks[8]);
        return new ExportInput(
            folder,
            photograph,
            new FaceDetection(new FaceCrop(marks[28], size, 0.05f), 0.9f),
            new Landmarks(marks, [.. Enumerable.Repeat(1f, 68)]),
            fit,
            partial,
            new NormalizedTexture(texture, ShLight.Uniform),
            Maps(resolution, texture),
            new MosarShading(new MosarShadingOptions()),
            [new("detect", 0.25), new("geometry", 1.5)]);
    }

    public static MapSet Maps(int resolution, Image diffuse)
    {
        var roughness = new MapDescriptor("roughness", 1, 0, 1, MapEncoding.LinearPng16, "GGX perceptual roughness", "Somebody else's map.");
        var normal = Fill(resolution, 3, (x, y, c) => c == 2 ? 0.98f : 0.14f * MathF.Sin((x * 0.2f) + (y * 0.1f) + c));
        return MapSet.Empty
            .With(new Map(WellKnownMaps.Diffuse, diffuse))
            .With(new Map(WellKnownMaps.Specular, Fill(resolution, 1, (_, _, _) => 0.04f)))
            .With(new Map(WellKnownMaps.AmbientOcclusion, Fill(resolution, 1, (x, y, _) => 0.6f + (0.4f * x / resolution))))
            .With(new Map(WellKnownMaps.Translucency, Fill(resolution, 1, (_, y, _) => y / (float)resolution)))
            .With(new Map(WellKnownMaps.Displacement, Fill(resolution, 1, (x, y, _) => 0.3f * MathF.Sin(0.1f * x) * MathF.Cos(0.1f * y))))
            .With(new Map(WellKnownMaps.Normal, normal))
            .With(new Map(roughness, Fill(resolution, 1, (x, _, _) => x / (float)(resolution - 1))));
    }

    public static Image Fill(int size, int channels, Func<int, int, int, float> value)
    {
        var image = new Image(size, size, channels);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                for (var c = 0; c < channels; c++)
                {
                    image[x, y, c] = value(x, y, c);
                }
            }
        }

        return image;
    }
}
