using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Faces;
using MoSar.Faces.Evaluation;

namespace MoSar.Plugins.Evaluation;

public enum RealyShape
{
    /// <summary>The head as the photograph shows it.</summary>
    Posed,

    /// <summary>The head at rest.</summary>
    Neutral,
}

public sealed record RealyOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors: its template has the regions.")]
    public string Model { get; init; } = string.Empty;

    [Description("Which shapes are compared: posed (with the photograph's expression, as REALY's scans are what its pictures show) or neutral (the persons at rest).")]
    public RealyShape Shape { get; init; } = RealyShape.Posed;

    [Description("Only the column 'all': for a second look beside a whole table.")]
    public bool AllOnly { get; init; }
}

/// <summary>
/// <c>eval.realy</c>: the REALY protocol (docs/realy.md) on heads of the template. The truth's regions are sampled anew, so that a prediction has no vertex that
/// is the truth's by its number.
/// </summary>
/// <remarks>
/// | option | default  | meaning |
/// |--------|----------|---------|
/// | model  | required | face.safetensors |
/// | shape  | posed    | posed: with the photograph's expression; neutral: without |
/// | all_only | false  | only the column 'all' |
/// </remarks>
public sealed class RealyEvaluator : IEvaluator
{
    private const string Region = "Mean distance from the true surface to the estimate, the region aligned by itself.";

    private readonly RealyOptions options;
    private readonly FaceTemplate template;
    private readonly RealyHeads heads;

    /// <exception cref="MoSarException">The model is missing or broken.</exception>
    public RealyEvaluator(RealyOptions options)
    {
        this.options = options;
        var model = FaceModel.Load(options.Model);
        (template, heads) = (model.Template, new RealyHeads(model));
        Columns = options.AllOnly ? [.. All.Where(c => c.IsMain)] : All;
    }

    public IReadOnlyList<EvaluationColumn> Columns { get; }

    private static EvaluationColumn[] All { get; } =
    [
        new("nose", "mm", true, Region),
        new("mouth", "mm", true, Region),
        new("forehead", "mm", true, Region),
        new("cheek", "mm", true, Region),
        new("all", "mm", true, "The mean of the four regions.", IsMain: true),
        new("one_rigid", "mm", true, "The same after a single rigid alignment of all regions together, in the estimate's own millimetres."),
        new("scale", "%", true, "How much too large or too small the estimate is."),
    ];

    public IReadOnlyList<double> Run(EvaluationInput input, StageContext context)
    {
        var posed = options.Shape == RealyShape.Posed;
        var truth = (posed ? input.Truth.Mesh : input.Truth.Neutral())
            ?? throw new MoSarException("evaluation-no-truth", $"'{input.Truth.Id}' has no mesh to compare with.", "Take pictures with labels: data.lightstage with 'model:'.");
        var estimate = posed ? input.Estimate.Mesh : input.Estimate.Neutral;
        if ((truth.Template.Id, estimate.Template.Id) is var (t, e) && (t != template.Id || e != template.Id))
        {
            throw new MoSarException(
                "evaluation-template", $"'{input.Truth.Id}' has the template {t}, its estimate {e}, and the evaluator's model {template.Id}.", "Use one face model for data, geometry and evaluators.");
        }

        var errors = RealyProtocol.Measure(heads.Subject(input.Truth.Id, truth.Positions), heads.Topology, estimate.Positions, isMillimetres: true, context.Cancellation);
        var p = errors.Protocol;
        return options.AllOnly ? [p.All] : [p.Nose, p.Mouth, p.Forehead, p.Cheek, p.All, errors.OneRigid.All, errors.ScaleError!.Value];
    }
}
