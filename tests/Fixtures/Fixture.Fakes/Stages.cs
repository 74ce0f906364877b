using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Numerics;
using MoSar;

namespace Fixture.Fakes;

public sealed record DetectOptions
{
    [Range(0, 10)]
    [Description("How many faces every picture has.")]
    public int Faces { get; init; } = 1;

    [ManifestPath]
    [Description("A file that must be there.")]
    public string? Weights { get; init; }
}

public sealed class FakeDetector : IFaceDetector
{
    private readonly DetectOptions options;

    public FakeDetector(DetectOptions options)
    {
        this.options = options;
        if (options.Weights is { } path && new FileInfo(path).Length < 8)
        {
            throw new MoSarException("weights-truncated", $"The weights '{path}' end early.", "Copy the file again.");
        }
    }

    public IReadOnlyList<FaceDetection> Run(Photograph input, StageContext context) =>
        [.. Enumerable.Range(0, options.Faces).Select(i => new FaceDetection(new FaceCrop(new Vector2(10 + i), 20 - i, 0), 1))];
}

public sealed class FakeLandmarks : ILandmarkDetector
{
    public Landmarks Run(LandmarkInput input, StageContext context) => new(
        [.. Enumerable.Range(0, Landmarks.Count).Select(i => input.Crop.Centre + new Vector2(MathF.Cos(i), MathF.Sin(i)))],
        [.. Enumerable.Repeat(1f, Landmarks.Count)]);
}

public enum Misbehaviour
{
    Nothing,

    /// <summary>An exception that no one foresaw.</summary>
    Throw,

    /// <summary>Works until it is cancelled, as a good stage does.</summary>
    WaitForCancellation,

    /// <summary>Works on when it is cancelled, as native code may.</summary>
    IgnoreCancellation,
}

public sealed record Weighting
{
    public float Photo { get; init; } = 1;

    [Range(0.0, 1.0)]
    public float Landmark { get; init; } = 0.5f;
}

public sealed record GeometryOptions
{
    [Range(1, 1000)]
    [Description("Steps of the fit.")]
    public int Iterations { get; init; } = 100;

    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 0.01;

    [AllowedValues("adam", "sgd")]
    public string Optimizer { get; init; } = "adam";

    public bool Verbose { get; init; }

    public Misbehaviour Misbehaviour { get; init; }

    [Description("The photograph that it misbehaves for; all when empty.")]
    public string OnlyFor { get; init; } = string.Empty;

    public Weighting Weights { get; init; } = new();

    public IReadOnlyList<float> Schedule { get; init; } = [];
}

public sealed class FakeGeometry(GeometryOptions options) : IGeometryEstimator
{
    private static readonly FaceTemplate Template = new()
    {
        Id = "triangle/1",
        VertexCount = 3,
        Faces = [0, 1, 2, -1],
        FaceUvs = [0, 1, 2, -1],
        Uvs = [Vector2.Zero, Vector2.UnitX, Vector2.UnitY],
        Triangles = [0, 1, 2],
        TriangleUvs = [0, 1, 2],
        Mirror = [0, 1, 2],
        Regions = new Dictionary<string, float[]>(),
        Landmarks = [],
        JawCandidates = [],
        Expressions = [],
    };

    public Reconstruction Run(GeometryInput input, StageContext context)
    {
        if (options.OnlyFor.Length == 0 || options.OnlyFor == input.Photograph.Name)
        {
            Misbehave(context);
        }

        context.Progress.Report(new StageProgress(0.5, "half"));
        var mesh = new Mesh(Template, [Vector3.Zero, Vector3.UnitX, Vector3.UnitY]);
        var camera = new PinholeCamera(100, 100, 8, 8, [1, 0, 0, 0, 1, 0, 0, 0, 1], new Vector3(0, 0, -500));
        return new Reconstruction([options.Iterations], [], [], ShLight.Uniform, camera, mesh, mesh, [Vector3.One, Vector3.One, Vector3.One], input.Landmarks.Points);
    }

    private void Misbehave(StageContext context)
    {
        switch (options.Misbehaviour)
        {
            case Misbehaviour.Throw:
                throw new InvalidOperationException("the fit diverged");
            case Misbehaviour.WaitForCancellation:
                context.Progress.Report(new StageProgress(0.1, "waiting"));
                context.Cancellation.WaitHandle.WaitOne();
                context.Cancellation.ThrowIfCancellationRequested();
                break;
            case Misbehaviour.IgnoreCancellation:
                context.Progress.Report(new StageProgress(0.1, "deaf"));
                Thread.Sleep(Timeout.Infinite);
                break;
        }
    }
}

public sealed class FakeProjector : ITextureProjector
{
    public PartialTexture Run(ProjectionInput input, StageContext context)
    {
        var r = input.Resolution;
        var texture = new Image(r, r, 3);
        var mean = input.Photograph.Pixels.Pixels.Average();
        Array.Fill(texture.Pixels, mean);
        return new PartialTexture(texture, new Image(r, r, 1));
    }
}

public sealed class FakeCompleter : ITextureCompleter
{
    public Image Run(CompletionInput input, StageContext context) => input.Partial.Texture;
}

public sealed class FakeLight : ILightNormalizer
{
    public NormalizedTexture Run(LightInput input, StageContext context) => new(input.Texture, ShLight.Uniform);
}

public sealed record MapOptions
{
    [Required]
    [Description("Names of the maps it makes.")]
    public IReadOnlyList<string> Makes { get; init; } = [];

    public IReadOnlyList<string> Needs { get; init; } = [];

    [Description("Makes one map fewer than it promised.")]
    public bool Forgetful { get; init; }
}

public sealed class FakeMaps(MapOptions options) : IMapEstimator
{
    public IReadOnlyList<string> Needs => options.Needs;

    public IReadOnlyList<MapDescriptor> Makes { get; } =
        [.. options.Makes.Select(name => new MapDescriptor(name, 1, 0, 1, MapEncoding.LinearPng8, "none", "A constant."))];

    public IReadOnlyList<Map> Run(MapInput input, StageContext context)
    {
        // Throws when the composer ordered estimators wrongly.
        var below = options.Needs.Sum(n => input.Maps[n].Pixels.Pixels[0]);
        var side = input.Texture.Texture.Width;
        var maps = Makes.Select(d =>
        {
            var pixels = new Image(side, side, 1);
            Array.Fill(pixels.Pixels, below + 1);
            return new Map(d, pixels);
        });
        return [.. options.Forgetful ? maps.Skip(1) : maps];
    }
}

public sealed class FakeSuperResolver : ISuperResolver
{
    public Map Run(SuperResolutionInput input, StageContext context)
    {
        var pixels = new Image(input.Resolution, input.Resolution, input.Map.Pixels.Channels);
        Array.Fill(pixels.Pixels, input.Map.Pixels.Pixels[0]);
        return input.Map with { Pixels = pixels };
    }
}

public sealed class FakeShading : IShadingModel
{
    public IReadOnlyList<string> Terms => ["diffuse"];

    public float[] Run(ShadingInput input, StageContext context) => input.Points.Albedo;

    public ShadingGradients Backward(ShadingInput input, ReadOnlySpan<float> gradient) => new(gradient.ToArray(), [], [], [], [], [], []);
}

public sealed record ExportOptions
{
    [Description("Writes what is never the same twice, which a repetition must find.")]
    public bool WriteTime { get; init; }

    [Range(0, long.MaxValue)]
    [Description("Size of a file to fill the disk with.")]
    public long FillBytes { get; init; }

    public string FileName { get; init; } = "maps.txt";
}

public sealed class FakeExporter(ExportOptions options) : IExporter
{
    public IReadOnlyList<string> Run(ExportInput input, StageContext context)
    {
        var text = string.Join('\n', input.Maps.All.Values.Select(m => string.Create(
            CultureInfo.InvariantCulture, $"{m.Descriptor.Name} {m.Pixels.Width} {m.Pixels.Pixels[0]:F3}")));
        File.WriteAllText(Path.Combine(input.Folder, options.FileName), $"{text}\nseed {context.Seed}\n");
        File.WriteAllText(
            Path.Combine(input.Folder, "reconstruction.json"),
            $$"""{ "identity": {{input.Reconstruction.Identity[0]}}, "timings": { "now": {{Environment.TickCount64}} } }""");
        if (options.WriteTime)
        {
            File.WriteAllText(Path.Combine(input.Folder, "time.txt"), Guid.NewGuid().ToString());
        }

        if (options.FillBytes > 0)
        {
            using var file = File.Create(Path.Combine(input.Folder, "large.bin"));
            var block = new byte[1 << 16];
            for (var written = 0L; written < options.FillBytes; written += block.Length)
            {
                file.Write(block);
            }

            file.Flush(flushToDisk: true);
        }

        return [options.FileName, "reconstruction.json"];
    }
}
