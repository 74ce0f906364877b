using MoSar.Learning.Training;

namespace MoSar.Plugins.ReconstructionLosses;

/// <summary>What a loss derives from the template, made at the first batch and kept while the template stays the same.</summary>
internal sealed class PerTemplate<T>(string loss, Func<FaceTemplate, T> make)
    where T : class
{
    private FaceTemplate? _template;
    private T? _made;

    /// <exception cref="MoSarException"><c>loss-template</c>: the learner has no meshes.</exception>
    public T Of(LossInput input)
    {
        var template = input.Template ?? throw new MoSarException(
            "loss-template", $"{loss} compares meshes, but the learner has no template.", $"Take {loss} out of the manifest's losses, or train a learner of meshes.");
        if (_made is null || !ReferenceEquals(template, _template))
        {
            (_template, _made) = (template, make(template));
        }

        return _made;
    }
}
