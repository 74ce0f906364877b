using System.Numerics;
using MoSar.Learning;

namespace MoSar.Plugins.Evaluation;

/// <summary>
/// <c>eval.landmarks</c>: where the estimate's 49 inner landmarks fall in the picture, against the true head's under the true camera, or hand-placed points where no mesh is
/// known; percent of the distance between the outer corners of the eyes there, as in <c>mosar eval landmarks</c>.
/// </summary>
public sealed class LandmarkEvaluator : IEvaluator
{
    private const int OuterRight = 36, OuterLeft = 45;

    public IReadOnlyList<EvaluationColumn> Columns { get; } =
        [new("landmarks", "%", true, "Mean distance of the projected landmarks (without the jaw's) from the true ones, of the distance between the outer eye corners.", IsMain: true)];

    public IReadOnlyList<double> Run(EvaluationInput input, StageContext context)
    {
        var truth = input.Truth is { Mesh: { } mesh, Camera: { } camera } ? new LandmarkLoss(mesh.Template).Project(mesh.Positions, camera)
            : input.Truth.Landmarks?.Points
            ?? throw new MoSarException("evaluation-no-truth", $"'{input.Truth.Id}' has no landmarks.", "Take pictures with labels: data.lightstage.");
        if (input.Estimate.ProjectedLandmarks.Count != Landmarks.Count)
        {
            throw new MoSarException("evaluation-landmarks", $"The estimate of '{input.Truth.Id}' has {input.Estimate.ProjectedLandmarks.Count} landmarks instead of {Landmarks.Count}.", "This is a fault of the geometry stage.");
        }

        var unit = Vector2.Distance(truth[OuterRight], truth[OuterLeft]);
        return [TemPoints.Evaluated.Average(i => 100.0 * Vector2.Distance(input.Estimate.ProjectedLandmarks[i], truth[i]) / unit)];
    }
}
