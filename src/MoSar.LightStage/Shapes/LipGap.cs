using System.Numerics;
using MoSar.Faces;
using MoSar.Graphics;

namespace MoSar.LightStage.Shapes;

/// <summary>
/// Parts lips that run through each other. The mean head's lips touch, so half of all linear draws push one into the other by some tenths of a
/// millimetre; where they do, the upper lip is lifted and the lower let down, fading out over the lips and towards the corners.
/// </summary>
internal sealed class LipGap
{
    // A step, and how far along the lips it is felt, mm.
    private const float Step = 0.14f, Along = 5;
    private const int MostSteps = 14;

    private readonly SelfCrossing _crossing;
    private readonly (int Vertex, float Lift)[] _lips;

    public LipGap(FaceModel model, SelfCrossing crossing)
    {
        _crossing = crossing;
        var (template, mean) = (model.Template, model.Mean);
        var normals = MeshNormals.AngleWeighted(mean, template.Triangles);
        var lips = template.Regions["lips"];
        Vector3 Mark(int i)
        {
            var (t, b) = (template.Landmarks[i].Triangle * 3, template.Landmarks[i].Barycentric);
            return (mean[template.Triangles[t]] * b.X) + (mean[template.Triangles[t + 1]] * b.Y) + (mean[template.Triangles[t + 2]] * b.Z);
        }

        var (left, right) = (Mark(48), Mark(54));
        Vector3[] seam = [left, Mark(60), 0.5f * (Mark(61) + Mark(67)), 0.5f * (Mark(62) + Mark(66)), 0.5f * (Mark(63) + Mark(65)), Mark(64), right];
        var reach = MathF.Abs(right.X);
        _lips =
        [
            .. Enumerable.Range(0, mean.Length)
                .Where(i => mean[i].Z > left.Z - 25 && MathF.Abs(mean[i].X) < reach && MathF.Abs(mean[i].Y - seam[3].Y) < 14)
                .Select(i => (i, Lift(mean[i], normals[i], lips[i]))),
        ];

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

    /// <summary>Moves lips apart in place; returns the crossings that are left.</summary>
    public int Open(Vector3[] positions)
    {
        for (var step = 0; ; step++)
        {
            var crossing = _crossing.Find(positions);
            if (crossing.Count == 0 || step == MostSteps)
            {
                return crossing.Count;
            }

            var places = crossing.Select(e => 0.5f * (positions[e.A] + positions[e.B])).ToArray();
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
