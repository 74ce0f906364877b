using MoSar.Learning.Training;

namespace MoSar.Host.Composition;

/// <summary>A place in <c>pipeline:</c> and the role of the stage that goes there.</summary>
/// <param name="Name">The manifest's key.</param>
/// <param name="Role">The stage interface.</param>
/// <param name="Noun">For messages: "a face detector".</param>
/// <param name="IsMany">Holds any number of named stages instead of one.</param>
public sealed record Slot(string Name, Type Role, string Noun, bool IsMany)
{
    /// <summary>The pipeline, in the order in which data flows.</summary>
    public static IReadOnlyList<Slot> All { get; } =
    [
        new("detect", typeof(IFaceDetector), "a face detector", false),
        new("landmarks", typeof(ILandmarkDetector), "a landmark detector", false),
        new("geometry", typeof(IGeometryEstimator), "a geometry estimator", false),
        new("project", typeof(ITextureProjector), "a texture projector", false),
        new("complete", typeof(ITextureCompleter), "a texture completer", false),
        new("light", typeof(ILightNormalizer), "a light normalizer", false),
        new("maps", typeof(IMapEstimator), "a map estimator", true),
        new("superres", typeof(ISuperResolver), "a super-resolver", false),
        new("shading", typeof(IShadingModel), "a shading model", false),
        new("export", typeof(IExporter), "an exporter", true),
    ];

    /// <summary>Below <c>data:</c>, not part of the pipeline.</summary>
    public static Slot Sources { get; } = new("sources", typeof(IDatasetSource), "a dataset source", true);

    /// <summary>Below <c>training:</c>.</summary>
    public static Slot Learner { get; } = new("learner", typeof(ILearner), "a learner", false);

    /// <summary>Below <c>training:</c>.</summary>
    public static Slot Losses { get; } = new("losses", typeof(ILossTerm), "a loss term", true);

    /// <summary>Below <c>evaluation:</c>.</summary>
    public static Slot Evaluators { get; } = new("evaluators", typeof(IEvaluator), "an evaluator", true);

    /// <summary>From photograph to reconstruction: what an evaluation runs of the pipeline.</summary>
    public static IReadOnlyList<Slot> Reconstruction { get; } = [.. All.Take(3)];

    /// <summary>For messages: the noun of any role, known to the pipeline or not.</summary>
    public static string NounOf(Type role) => All.Concat([Sources, Learner, Losses, Evaluators]).FirstOrDefault(s => s.Role == role)?.Noun ?? role.Name;
}
