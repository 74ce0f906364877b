using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Closes lips at rest, and parts those that run through each other. The mean head's lips touch, so half of all linear draws push one into the
/// other by some tenths of a millimetre and the others leave them agape, which resting people are not. Moved lips fade out over the face and
/// towards the corners.
/// </summary>
internal sealed class LipGap
{
    // A step, and how far along the lips it is felt, mm.
    private const float Step = 0.14f, Along = 5;
    private const int MostSteps = 14;

    // From the corner of the mouth to the other: points of the upper lip's edge and of the lower's below them.
    private static readonly (int Upper, int Lower)[] Columns = [(60, 60), (61, 67), (62, 66), (63, 65), (64, 64)];

    private readonly FaceTemplate _template;
    private readonly SelfCrossing _crossing;
    private readonly (int Vertex, float Lift)[] _lips;
    private readonly HashSet<int> _moved;

    public LipGap(FaceModel model, SelfCrossing crossing)
    {
        (_crossing, _template) = (crossing, model.Template);
        var (template, mean) = (model.Template, model.Mean);
        var normals = MeshNormals.AngleWeighted(mean, template.Triangles);
        var lips = template.Regions["lips"];
        Vector3 Mark(int i) => template.Landmarks[i].On(template, mean);

        var (left, right) = (Mark(48), Mark(54));
        Vector3[] seam = [left, Mark(60), 0.5f * (Mark(61) + Mark(67)), 0.5f * (Mark(62) + Mark(66)), 0.5f * (Mark(63) + Mark(65)), Mark(64), right];
        var reach = MathF.Abs(right.X);
        _lips =
        [
            .. Enumerable.Range(0, mean.Length)
                .Where(i => mean[i].Z > left.Z - 25 && MathF.Abs(mean[i].X) < reach && MathF.Abs(mean[i].Y - seam[3].Y) < 14)
                .Select(i => (i, Lift(mean[i], normals[i], lips[i]))),
        ];
        _moved = [.. _lips.Where(l => l.Lift != 0).Select(l => l.Vertex)];

        // At the seam the upper lip looks down and the lower one up; elsewhere height decides.
        float Lift(Vector3 p, Vector3 normal, float lip)
        {
            var above = p.Y - SeamHeight(p.X);
            var side = MathF.Abs(above) < 1.5f && lip > 0.3f ? -MathF.Sign(normal.Y) : MathF.Sign(above);
            return side * Curve.Smooth(reach, reach - 2, MathF.Abs(p.X)) * Curve.Smooth(12, 4, MathF.Abs(above));
        }

        float SeamHeight(float x)
        {
            for (var k = 0; k + 2 < seam.Length; k++)
            {
                if (x < seam[k + 1].X)
                {
                    return float.Lerp(seam[k].Y, seam[k + 1].Y, Math.Clamp((x - seam[k].X) / (seam[k + 1].X - seam[k].X), 0, 1));
                }
            }

            return float.Lerp(seam[^2].Y, seam[^1].Y, Math.Clamp((x - seam[^2].X) / (seam[^1].X - seam[^2].X), 0, 1));
        }
    }

    /// <summary>Moves lips that are agape together, in place.</summary>
    /// <param name="parted">What stays open in the middle, mm.</param>
    public void Close(Vector3[] positions, float parted)
    {
        var (x, gap) = (new float[Columns.Length], new float[Columns.Length]);
        for (var k = 0; k < Columns.Length; k++)
        {
            var (upper, lower) = (_template.Landmarks[Columns[k].Upper].On(_template, positions), _template.Landmarks[Columns[k].Lower].On(_template, positions));
            var rest = parted * (1 - MathF.Abs(k - 2) / 2f);
            (x[k], gap[k]) = ((upper.X + lower.X) / 2, MathF.Max(0, upper.Y - lower.Y - rest));
        }

        foreach (var (vertex, lift) in _lips)
        {
            positions[vertex].Y -= 0.5f * lift * Gap(positions[vertex].X);
        }

        float Gap(float at)
        {
            for (var k = 0; k + 1 < x.Length; k++)
            {
                if (at >= x[k] && at < x[k + 1])
                {
                    return float.Lerp(gap[k], gap[k + 1], (at - x[k]) / (x[k + 1] - x[k]));
                }
            }

            return 0;
        }
    }

    /// <summary>Moves lips apart in place; returns the crossings that are left anywhere.</summary>
    public int Open(Vector3[] positions)
    {
        for (var step = 0; ; step++)
        {
            // Crossings elsewhere are none of the lips': opening them for a nostril left half of all people agape.
            var crossing = _crossing.Find(positions);
            var places = crossing.Where(e => _moved.Contains(e.A) && _moved.Contains(e.B)).Select(e => 0.5f * (positions[e.A] + positions[e.B])).ToArray();
            if (places.Length == 0 || step == MostSteps)
            {
                return crossing.Count;
            }

            foreach (var (vertex, lift) in _lips)
            {
                var nearest = float.PositiveInfinity;
                foreach (var place in places)
                {
                    var d = MathF.Abs(place.X - positions[vertex].X);
                    nearest = MathF.Min(nearest, d);
                }

                positions[vertex].Y += Step * lift * MathF.Exp(-(nearest * nearest) / (Along * Along));
            }
        }
    }
}
