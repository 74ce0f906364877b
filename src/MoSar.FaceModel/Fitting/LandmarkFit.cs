using System.Numerics;

namespace MoSar.Faces.Fitting;

/// <summary>The outcome of <see cref="LandmarkFit"/>.</summary>
/// <param name="Identity">α, unit-normal.</param>
/// <param name="Expression">δ in [0, 1].</param>
/// <param name="Pose">About <see cref="LandmarkFit.Origin"/>.</param>
/// <param name="Projected">68 points of the fitted head, input pixels; jaw points are the visible contour's.</param>
/// <param name="Jaw">For each jaw point 0–16, which of the template's candidates the contour runs through.</param>
public sealed record LandmarkFitResult(double[] Identity, double[] Expression, HeadPose Pose, Vector2[] Projected, int[] Jaw);

/// <summary>
/// Maximum a-posteriori identity, expression, pose and focal length from 68 landmarks by Gauss–Newton with analytic derivatives. Points
/// are weighted by their confidence and robustly (Geman–McClure-like), the jaw slides along the visible contour, and focal length is
/// free under a weak prior: perspective distortion is what tells a near camera from a far one.
/// </summary>
public sealed class LandmarkFit
{
    internal const int FirstInner = 17, JawPoints = 17;

    /// <param name="model">The head.</param>
    /// <param name="landmarks">68 surface points instead of the template's: for calibrating these.</param>
    public LandmarkFit(FaceModel model, SurfacePoint[]? landmarks = null)
    {
        IdentityCount = model.IdentityCount;
        var template = model.Template;
        Origin = MeanOf(model, template.Landmarks);
        Inner = new LinearPoints(model, (landmarks ?? template.Landmarks)[FirstInner..], Origin);
        Jaw = new LinearPoints(model, [.. template.JawCandidates.SelectMany(c => c)], Origin);
        JawStart = new int[JawPoints + 1];
        for (var i = 0; i < JawPoints; i++)
        {
            JawStart[i + 1] = JawStart[i] + template.JawCandidates[i].Length;
        }

        // Landmarks do not see where the eyes look; the lids' share of those shapes must not be bought with a squint.
        Frozen = [.. template.Expressions.Select(e => e.Name.StartsWith("eyeLook", StringComparison.Ordinal))];
    }

    /// <summary>The point of head space that poses turn about: the middle of the mean head's landmarks, millimetres.</summary>
    public Vector3 Origin { get; }

    internal int IdentityCount { get; }

    /// <summary>Landmarks 17–67.</summary>
    internal LinearPoints Inner { get; }

    /// <summary>The candidates of all jaw points, one after the other; those of point i start at <see cref="JawStart"/>[i].</summary>
    internal LinearPoints Jaw { get; }

    internal int[] JawStart { get; }

    /// <summary>Expressions that the fit leaves alone.</summary>
    internal bool[] Frozen { get; }

    /// <param name="landmarks">68 points, input pixels; NaN or confidence 0 = unknown.</param>
    /// <param name="width">Of the picture, pixels; its middle is the principal point.</param>
    /// <param name="height">Of the picture, pixels.</param>
    /// <param name="focal">Focal length in pixels where it is known.</param>
    /// <param name="options">Deviations and priors.</param>
    /// <param name="contour">Other points on the jaw's visible contour, input pixels; used instead of landmarks 0–16 when given.</param>
    public LandmarkFitResult Run(
        Landmarks landmarks, int width, int height, double? focal = null, LandmarkFitOptions? options = null, IReadOnlyList<Vector2>? contour = null)
    {
        var solve = new LandmarkSolve(this, landmarks, width, height, focal, options ?? LandmarkFitOptions.Default, contour);
        return solve.Run();
    }

    /// <summary>What deviations are fractions of: the outer-eye distance in pixels, or its equal from the face's height where a turned head
    /// foreshortens it.</summary>
    /// <exception cref="MoSarException">The landmarks coincide.</exception>
    public static double Unit(Landmarks landmarks)
    {
        // The extent of all points stands in for the eyes' distance where that is foreshortened in a turned head.
        var eyes = Vector2.Distance(landmarks.Points[36], landmarks.Points[45]);
        var tall = Vector2.Distance((landmarks.Points[36] + landmarks.Points[45]) / 2, landmarks.Points[57]);
        double unit = float.IsNaN(eyes + tall) ? 0 : Math.Max(eyes, 1.1f * tall);
        return unit > 4
            ? unit
            : throw new MoSarException("face-too-small", "The landmarks of the face lie within four pixels.", "Use a photograph in which the face is larger.");
    }

    /// <summary>Middle and deviation of the prior on ln focal (pixels): strong about a plausible EXIF value, weak otherwise.</summary>
    public static (double LogFocal, double Sigma) FocalPriorOf(int width, int height, double? focal, LandmarkFitOptions options)
    {
        var longer = (double)Math.Max(width, height);
        return focal is { } f && f > 0.3 * longer && f < 20 * longer
            ? (Math.Log(f), options.KnownFocalSigma)
            : (Math.Log(options.FocalPrior * longer), options.FocalSigma);
    }

    private static Vector3 MeanOf(FaceModel model, SurfacePoint[] points)
    {
        var sum = Vector3.Zero;
        foreach (var point in points)
        {
            for (var corner = 0; corner < 3; corner++)
            {
                sum += point.Barycentric[corner] * model.Mean[model.Template.Triangles[(3 * point.Triangle) + corner]];
            }
        }

        return sum / points.Length;
    }
}
