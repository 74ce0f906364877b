using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using MoSar.Faces;
using MoSar.Faces.Evaluation;

namespace MoSar.Plugins.Evaluation;

public sealed record ArtefactOptions
{
    [Required]
    [ManifestPath]
    [Description("The face model, face.safetensors: what a head without faults looks like.")]
    public string Model { get; init; } = string.Empty;
}

/// <summary>
/// <c>eval.artefacts</c>: faults of the estimate's surface. Triangles are looked at with the head at rest, because an expression turns some rightly (a lid that
/// closes); crossings in the picture's expression.
/// </summary>
/// <remarks>
/// | option | default  | meaning |
/// |--------|----------|---------|
/// | model  | required | face.safetensors |
/// </remarks>
public sealed class ArtefactEvaluator : IEvaluator
{
    private readonly string template;
    private readonly HeadArtefacts artefacts;

    /// <exception cref="MoSarException">The model is missing or broken.</exception>
    public ArtefactEvaluator(ArtefactOptions options)
    {
        var model = FaceModel.Load(options.Model);
        (template, artefacts) = (model.Template.Id, new HeadArtefacts(model));
    }

    public IReadOnlyList<EvaluationColumn> Columns { get; } =
    [
        new("flipped", "triangles", true, "Triangles of the outer skin at rest that look the wrong way or have no area."),
        new("crossing", "pairs", true, "Pairs of triangles of the outer skin that cross each other, with the photograph's expression."),
    ];

    public IReadOnlyList<double> Run(EvaluationInput input, StageContext context)
    {
        var (mesh, neutral) = (input.Estimate.Mesh, input.Estimate.Neutral);
        if (mesh.Template.Id != template || neutral.Template.Id != template)
        {
            throw new MoSarException(
                "evaluation-template", $"The estimate of '{input.Truth.Id}' has the template {mesh.Template.Id}, the evaluator's model {template}.", "Use one face model for geometry and evaluators.");
        }

        var rest = artefacts.Count(neutral.Positions);
        return [rest.Flipped + rest.Flat, artefacts.Count(mesh.Positions).Crossing];
    }
}
