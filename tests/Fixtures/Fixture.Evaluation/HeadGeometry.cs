using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using MoSar;
using MoSar.Faces;

namespace Fixture.Evaluation;

public sealed record HeadGeometryOptions
{
    [Required]
    [ManifestPath]
    public string Model { get; init; } = string.Empty;

    [ManifestPath]
    [Description("A file with the factor that heads are enlarged by.")]
    public string? Weights { get; init; }

    public bool Refined { get; init; }

    /// <summary>The photograph that it fails on.</summary>
    public string FailsOn { get; init; } = string.Empty;

    /// <summary>The photograph that it gives a head for that is none.</summary>
    public string AbsurdOn { get; init; } = string.Empty;
}

/// <summary>Waits to be cancelled or killed from the call on that the environment says, so that a test can interrupt it in the middle.</summary>
public sealed class HeadGeometry(HeadGeometryOptions options) : IGeometryEstimator
{
    private static readonly int LastCall = int.Parse(Environment.GetEnvironmentVariable("FIXTURE_WAITS_AFTER") ?? $"{int.MaxValue}", CultureInfo.InvariantCulture);
    private static int calls;

    private readonly FaceModel model = Models.At(options.Model);
    private readonly float factor = options.Weights is { } path ? float.Parse(File.ReadAllText(path), CultureInfo.InvariantCulture) : 1;

    public Reconstruction Run(GeometryInput input, StageContext context)
    {
        if (Interlocked.Increment(ref calls) > LastCall)
        {
            context.Cancellation.WaitHandle.WaitOne();
            context.Cancellation.ThrowIfCancellationRequested();
        }

        if (input.Photograph.Name == options.FailsOn)
        {
            throw new MoSarException("fit-diverged", "The fit has diverged.", "Take another picture.");
        }

        var size = input.Photograph.Name == options.AbsurdOn ? float.NaN : options.Refined ? 1 + ((factor - 1) / 2) : factor;
        var mesh = new Mesh(model.Template, Array.ConvertAll(model.Mean, p => p * size));
        var camera = new PinholeCamera(200, 200, 32, 32, [1, 0, 0, 0, 1, 0, 0, 0, 1], new System.Numerics.Vector3(0, 0, -900));
        return new Reconstruction([], [], [], ShLight.Uniform, camera, mesh, mesh, [], input.Landmarks.Points);
    }
}

public sealed record HeightOptions
{
    public double Times { get; init; } = 1;
}

public sealed class HeightEvaluator(HeightOptions options) : IEvaluator
{
    public IReadOnlyList<EvaluationColumn> Columns { get; } =
    [
        new("height", "%", true, "Difference of the heads' heights at rest.", IsMain: true),
        new("width", "mm", true, "Difference of their widths."),
    ];

    public IReadOnlyList<double> Run(EvaluationInput input, StageContext context)
    {
        var (truth, estimate) = (input.Truth.Neutral()!.Positions, input.Estimate.Neutral.Positions);
        return
        [
            options.Times * Math.Abs((100 * (estimate.Max(p => p.Y) - estimate.Min(p => p.Y)) / (truth.Max(p => p.Y) - truth.Min(p => p.Y))) - 100),
            options.Times * Math.Abs(estimate.Max(p => p.X) - truth.Max(p => p.X)),
        ];
    }
}
