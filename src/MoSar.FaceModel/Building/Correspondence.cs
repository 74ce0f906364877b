using System.Numerics;

namespace MoSar.Faces.Building;

/// <summary>
/// How the template's vertices hang on the source: the head's on the refined surface, the others (eyeballs, teeth) on the source's own
/// vertices. Linear, so positions and offsets go the same way.
/// </summary>
internal sealed class Correspondence(RefinedSource refined, SparseRows head, SparseRows others)
{
    public Vector3[] Apply(Vector3[] sourceField) => [.. head.Apply(refined.Refine(sourceField)), .. others.Apply(sourceField)];
}
