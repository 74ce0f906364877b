using System.Numerics;
using MoSar.Faces;

namespace MoSar.LightStage.Subjects;

/// <summary>
/// The neutral heads of a run of the light stage by number, without skins, pictures or files: the very shapes that
/// <see cref="Subject.Draw"/> gives its people. Safe to ask from many threads; a number always gives the same head.
/// </summary>
/// <param name="model">Any face model with eyeballs and ears among its regions.</param>
/// <param name="seed">Names the run; two seeds have no person in common.</param>
public sealed class NeutralShapes(FaceModel model, int seed)
{
    /// <summary>V positions of person <paramref name="number"/> at rest, millimetres.</summary>
    public Vector3[] Of(int number) => Subject.Draw(model, seed, number).Shape.Neutral;
}
