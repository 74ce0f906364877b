using System.Numerics;
using MoSar.Faces.Building;

namespace MoSar.Faces.Fitting;

/// <summary>One portrait with hand-placed points.</summary>
/// <param name="Points">68 Multi-PIE points, input pixels, NaN where unknown.</param>
/// <param name="Contour">Points on the jaw's visible contour.</param>
public sealed record PointedPortrait(int Width, int Height, IReadOnlyList<Vector2> Points, IReadOnlyList<Vector2> Contour);

/// <summary>
/// Finds where on the head the points lie that people place by hand: the two definitions of a landmark (the source model's vertex and the
/// annotator's habit) differ by up to 4 mm, which would otherwise be explained as shape. Alternates fits of all portraits with moving
/// every point by the median of what is left over, symmetrised.
/// </summary>
public static class LandmarkCalibration
{
    /// <summary>Positions on the mean head, millimetres, by Multi-PIE index, of every point that the portraits have.</summary>
    /// <param name="model">The head whose landmarks are the start.</param>
    /// <param name="portraits">People for training only.</param>
    /// <param name="rounds">Alternations; 5 are enough.</param>
    /// <param name="options">Of the fits.</param>
    public static IReadOnlyDictionary<int, Vector3> Learn(
        FaceModel model, IReadOnlyList<PointedPortrait> portraits, int rounds = 5, LandmarkFitOptions? options = null)
    {
        var probes = Probes(model);
        var points = (SurfacePoint[])model.Template.Landmarks.Clone();
        var moved = new SortedDictionary<int, Vector3>();
        var confidence = Enumerable.Repeat(1f, Landmarks.Count).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            var fit = new LandmarkFit(model, points);
            var left = new List<Vector3>[Landmarks.Count];
            foreach (var portrait in portraits)
            {
                var result = fit.Run(new Landmarks(portrait.Points, confidence), portrait.Width, portrait.Height, null, options, portrait.Contour);
                var camera = result.Pose.ToCamera(portrait.Width / 2.0, portrait.Height / 2.0, fit.Origin);
                for (var i = 17; i < left.Length; i++)
                {
                    var pixels = portrait.Points[i] - result.Projected[i];
                    if (float.IsFinite(pixels.X))
                    {
                        var mm = camera.RotateBack(new Vector3(pixels.X, -pixels.Y, 0) / (float)result.Pose.Scale);
                        (left[i] ??= []).Add(mm);
                    }
                }
            }

            for (var i = 17; i < left.Length; i++)
            {
                if (left[i] is { } own && left[Landmarks.Mirror[i]] is { } other)
                {
                    var offset = (Median(own) + (Median(other) * new Vector3(-1, 1, 1))) / 2;
                    var probe = probes[IsUpperLip(i) ? 1 : IsLowerLip(i) ? 2 : 0];
                    points[i] = probe.Closest(probe.At(points[i]) + offset).Point;
                    moved[i] = probe.At(points[i]);
                }
            }
        }

        return moved;
    }

    private static bool IsUpperLip(int i) => i is (>= 49 and <= 53) or (>= 61 and <= 63);

    private static bool IsLowerLip(int i) => i is (>= 55 and <= 59) or (>= 65 and <= 67);

    /// <summary>Closest points on all skin, above the mouth's opening and below it: closed lips touch, and a point of the one must not
    /// come to lie on the other. Opening the jaw tells them apart.</summary>
    private static SurfaceProbe[] Probes(FaceModel model)
    {
        var template = model.Template;
        var (skin, triangles) = (template.Regions["skin"], template.Triangles);
        var opening = template.Expressions[model.ExpressionIndex("jawOpen")].Offsets;
        var limit = (At(template.Landmarks[62]) + At(template.Landmarks[66])) / 2;
        return [.. new Func<int, bool>[] { _ => true, v => opening[v].Y > limit, v => opening[v].Y <= limit }
            .Select(side => new SurfaceProbe(model.Mean, triangles, t => Enumerable.Range(3 * t, 3).All(c => skin[triangles[c]] > 0.5f && side(triangles[c]))))];

        float At(SurfacePoint p) => Enumerable.Range(0, 3).Sum(c => p.Barycentric[c] * opening[triangles[(3 * p.Triangle) + c]].Y);
    }

    private static Vector3 Median(List<Vector3> values)
    {
        var result = Vector3.Zero;
        for (var axis = 0; axis < 3; axis++)
        {
            var sorted = values.Select(v => v[axis]).Order().ToArray();
            result[axis] = (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
        }

        return result;
    }
}
