using System.Globalization;
using System.Numerics;
using BenchmarkDotNet.Attributes;
using MoSar.Graphics;
using MoSar.Learning.Networks;
using MoSar.Plugins.Light;
using MoSar.Plugins.Normals;
using MoSar.Tests.Linear3dmm;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Benchmarks;

/// <summary>
/// Stages of a run at its sizes, with the shipped model and weights. stage_twin.py does the same in eager PyTorch where that is meaningful:
/// ray-traced maps, completion and files have no counterpart there.
/// </summary>
[MemoryDiagnoser]
public class StageBenchmarks
{
    private const int Atlas = 1024;
    private readonly SyntheticFace _face = new(seed: 1);
    private readonly FitScene _fit;
    private readonly LocatorNetwork _locator = new();
    private readonly LandmarkNetwork _landmarks = new(LandmarkNetwork.SizeOf(SafetensorsFile.Read(WeightFile("landmarks"))));
    private readonly Tensor _whole = randn(1, 3, LocatorNetwork.InputSide, LocatorNetwork.InputSide);
    private readonly Tensor _views = randn(4, 3, LandmarkNetwork.InputSide, LandmarkNetwork.InputSide);
    private readonly Mesh _mesh;
    private readonly Image _texture = GraphicsBenchmarks.Smooth(Atlas);
    private readonly Image _white = new(Atlas, Atlas, 1);
    private readonly Reconstruction _reconstruction;
    private readonly MapSet _relief;
    private readonly ShNormalization _light = new(new ShNormalizationOptions());
    private readonly NormalFromDisplacement _normals = new(new NormalFromDisplacementOptions());

    public StageBenchmarks()
    {
        _fit = new FitScene(_face);
        _locator.LoadWeights(WeightFile("locator"));
        _landmarks.LoadWeights(WeightFile("landmarks"));
        _locator.eval();
        _landmarks.eval();
        _locator.to_channels_last();
        _landmarks.to_channels_last();
        _mesh = new Mesh(SyntheticFace.Model.Template, _face.Positions);
        Array.Fill(_white.Pixels, 1);
        _reconstruction = new Reconstruction(_face.Identity, _face.Expression, _face.Beta, _face.Light, _face.Camera, _mesh, _mesh, SyntheticFace.Model.Albedo(_face.Beta), []);
        var displacement = new Image(Atlas, Atlas, 1);
        for (var i = 0; i < displacement.Pixels.Length; i++)
            displacement.Pixels[i] = 0.05f * (_texture.Pixels[3 * i] - 0.4f);
        _relief = MapSet.Empty.With(new Map(WellKnownMaps.Displacement, displacement));
    }

    private static string Models => Path.GetDirectoryName(SyntheticFace.ModelPath)!;

    private static string WeightFile(string name) => Path.Combine(Models, name + ".safetensors");

    [Benchmark]
    public object Fit() => _fit.Run();

    [Benchmark]
    public float[] Locator()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return _locator.call(_whole.to_channels_last()).contiguous().data<float>().ToArray();
    }

    [Benchmark]
    public float[] Landmarks()
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable frozen = no_grad();
        return _landmarks.call(_views.to_channels_last()).Heatmaps.contiguous().data<float>().ToArray();
    }

    [Benchmark]
    public PartialTexture Projection() => UvProjector.Project(_face.Photograph.Pixels, _mesh, _face.Camera, Atlas);

    [Benchmark]
    public NormalizedTexture LightNormalization() => _light.Run(new LightInput(_texture, _white, _reconstruction), StageContext.None);

    [Benchmark]
    public IReadOnlyList<Map> Normals() => _normals.Run(new MapInput(new NormalizedTexture(_texture, _face.Light), _white, _reconstruction, _relief), StageContext.None);

    internal IReadOnlyList<Twin> Twins() =>
    [
        new($"fit to photograph, {_fit.Iterations} iterations of Eq. 1", () => Fit(), 1),
        new("locator network, 256²", () => Locator(), 10),
        new("landmark network, 4 views of 128²", () => Landmarks(), 5),
        new("project.uv, 1024² (PyTorch: no visibility)", () => Projection(), 2),
        new("light.sh, 1024² (PyTorch: no gutter)", () => LightNormalization(), 2),
        new("normals from relief, 1024² (PyTorch: no fill)", () => Normals(), 2),
    ];

    /// <summary>Writes what the twin works on, and results of ours that it must reach.</summary>
    internal void WriteScene(string path)
    {
        using DisposeScope scope = NewDisposeScope();
        var (tensors, numbers) = (new Dictionary<string, Tensor>(), new Dictionary<string, string>());
        _fit.Describe(tensors, numbers);
        numbers["models"] = Models;
        tensors["locatorInput"] = _whole;
        tensors["locatorOutput"] = tensor(Locator(), [1, LocatorNetwork.Channels, LocatorNetwork.GridSide, LocatorNetwork.GridSide]);
        tensors["landmarksInput"] = _views;
        tensors["landmarksOutput"] = tensor(Landmarks(), [4, 68, LandmarkNetwork.HeatmapSide, LandmarkNetwork.HeatmapSide]);
        DescribeAtlas(tensors, numbers);
        MoSar.Weights.SaveTensors(path, tensors, numbers);
    }

    private void DescribeAtlas(Dictionary<string, Tensor> tensors, Dictionary<string, string> numbers)
    {
        AtlasRaster atlas = AtlasRaster.For(_mesh.Template, Atlas);
        var corners = atlas.Covered.SelectMany(t => Enumerable.Range(0, 3).Select(k => (long)_mesh.Template.Triangles[(3 * atlas.Triangle[t]) + k]));
        tensors["texels"] = tensor(atlas.Covered.Select(t => (long)t).ToArray());
        tensors["corners"] = tensor(corners.ToArray()).reshape(-1, 3);
        tensors["barycentric"] = Triples(atlas.Covered.Select(atlas.Barycentric));
        tensors["positions"] = Triples(_mesh.Positions);
        tensors["normals"] = Triples(MeshNormals.Of(_mesh));
        tensors["face"] = tensor(_mesh.Template.Regions["face"]);
        tensors["light"] = Triples(_face.Light.Coefficients);
        tensors["texture"] = tensor(_texture.Pixels, [Atlas, Atlas, 3]);
        tensors["cameraRotation"] = tensor(_face.Camera.Rotation.Select(v => (float)v).ToArray(), [3, 3]);
        tensors["cameraTranslation"] = Triples([_face.Camera.Translation]);
        Image photograph = _face.Photograph.Pixels;
        tensors["photograph"] = tensor(photograph.Pixels, [1, photograph.Height, photograph.Width, 3]).permute(0, 3, 1, 2);
        numbers["focal"] = _face.Camera.Fx.ToString("R", CultureInfo.InvariantCulture);
    }

    private static Tensor Triples(IEnumerable<Vector3> values) => tensor(values.SelectMany(v => new[] { v.X, v.Y, v.Z }).ToArray()).reshape(-1, 3);
}
