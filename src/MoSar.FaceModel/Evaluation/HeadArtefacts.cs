using System.Numerics;
using MoSar.Faces.Retargeting;

namespace MoSar.Faces.Evaluation;

/// <summary>Faults of a head's surface.</summary>
/// <param name="Flipped">Triangles of the outer skin whose normal turned by more than 90° against the mean head's.</param>
/// <param name="Flat">Triangles of the outer skin with less than a hundredth of the mean head's area, or none at all.</param>
/// <param name="Crossing">Pairs of triangles of the outer skin that cross each other.</param>
/// <param name="Inside">Other pairs that cross: between the lips, in the mouth, behind the lids, where nobody sees them. The mean head has some.</param>
public readonly record struct ArtefactCounts(int Flipped, int Flat, int Crossing, int Inside)
{
    /// <summary>Faults that can be seen.</summary>
    public int Seen => Flipped + Flat + Crossing;
}

/// <summary>Counts faults of heads of a face model's template, in any place and size.</summary>
public sealed class HeadArtefacts
{
    private const float Nothing = 0.01f;

    private readonly FaceModel model;
    private readonly bool[] outer;
    private readonly float[] weights;

    public HeadArtefacts(FaceModel model)
    {
        this.model = model;
        outer = OuterSkin.Of(model);
        weights = [.. outer.Select(o => o ? 1f : 0f)];
    }

    /// <param name="positions">V positions of the template; millimetres, or near them.</param>
    /// <exception cref="MoSarException"><c>artefacts-vertices</c>: another number of vertices, one that is not finite, or all in one place.</exception>
    public ArtefactCounts Count(ReadOnlySpan<Vector3> positions)
    {
        var p = positions.ToArray();
        if (p.Length != model.Mean.Length || p.Any(v => !float.IsFinite(v.LengthSquared())) || Similarity.Fit(model.Mean, p, weights) is not { Transform: var transform })
        {
            throw new MoSarException(
                "artefacts-vertices", $"A mesh of {p.Length} vertices is no head of {model.Template.Id}, which has {model.Mean.Length}, or some are not numbers.", "Give heads of the face model's own template, such as a run's mesh.obj.");
        }

        var triangles = model.Template.Triangles;
        var (flipped, flat) = (0, 0);
        var mean = Array.ConvertAll(model.Mean, v => Vector3.Transform(v, transform));
        for (var t = 0; t < triangles.Length; t += 3)
        {
            if (!IsOuter(t / 3))
            {
                continue;
            }

            var (here, there) = (Normal(p, t), Normal(mean, t));
            if (here.Length() <= Nothing * there.Length())
            {
                flat++;
            }
            else if (Vector3.Dot(here, there) < 0)
            {
                flipped++;
            }
        }

        var pairs = TriangleCrossings.Find(p, triangles);
        var crossing = pairs.Count(c => IsOuter(c.Item1) && IsOuter(c.Item2));
        return new ArtefactCounts(flipped, flat, crossing, pairs.Count - crossing);

        bool IsOuter(int t) => outer[triangles[3 * t]] && outer[triangles[(3 * t) + 1]] && outer[triangles[(3 * t) + 2]];

        // Twice the area long.
        Vector3 Normal(Vector3[] of, int t) => Vector3.Cross(of[triangles[t + 1]] - of[triangles[t]], of[triangles[t + 2]] - of[triangles[t]]);
    }
}
