using System.Numerics;
using MoSar.Faces;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Plugins.Linear3dmm;

/// <summary>What the landmarks say about a head: the inner points as they are, the jaw as a contour to slide along.</summary>
internal sealed class SceneObservations
{
    private const int JawPoints = 17;

    private readonly int[] _jawStart = new int[JawPoints + 1];
    private readonly int _inner;

    public SceneObservations(FaceModel model, Vector3 origin)
    {
        var template = model.Template;
        _inner = Landmarks.Count - JawPoints;
        for (var i = 0; i < JawPoints; i++)
        {
            _jawStart[i + 1] = _jawStart[i] + template.JawCandidates[i].Length;
        }

        Points = new LinearPoints(model, [.. template.Landmarks[JawPoints..], .. template.JawCandidates.SelectMany(c => c)], origin);
    }

    /// <summary>The 51 inner landmarks, then all candidates of the jaw.</summary>
    public LinearPoints Points { get; }

    /// <summary>The 68 points of a head in input pixels, the jaw's along the visible contour.</summary>
    public Vector2[] Project(ReadOnlySpan<double> shape, PinholeCamera camera, Vector3 origin) => Project(shape, camera, origin, new int[JawPoints]);

    /// <summary>Makes the observations for the contour as it lies now.</summary>
    public LandmarkKernel.Observation[] Make(Landmarks landmarks, LandmarkFitOptions options, ReadOnlySpan<double> shape, PinholeCamera camera, Vector3 origin)
    {
        var chosen = new int[JawPoints];
        var pixels = Project(shape, camera, origin, chosen);
        var unit = LandmarkFit.Unit(landmarks);
        var result = new List<LandmarkKernel.Observation>(Landmarks.Count);
        for (var i = 0; i < Landmarks.Count; i++)
        {
            var (target, confidence) = (landmarks.Points[i], landmarks.Confidence[i]);
            if (!float.IsFinite(target.X) || !(confidence > 0))
            {
                continue;
            }

            if (i >= JawPoints)
            {
                var sigma = i < 27 ? options.BrowSigma : options.PointSigma;
                result.Add(new LandmarkKernel.Observation(i - JawPoints, i - JawPoints, 0, target, Vector2.Zero, confidence / (sigma * unit)));
                continue;
            }

            var (segment, t) = VisibleContour.Nearest(pixels.AsSpan(0, JawPoints), target);
            var along = pixels[segment + 1] - pixels[segment];
            var normal = Vector2.Normalize(new Vector2(-along.Y, along.X));
            if (float.IsFinite(normal.X))
            {
                var (first, second) = (_inner + _jawStart[segment] + chosen[segment], _inner + _jawStart[segment + 1] + chosen[segment + 1]);
                result.Add(new LandmarkKernel.Observation(first, second, t, target, normal, confidence / (options.ContourSigma * unit)));
            }
        }

        return [.. result];
    }

    private Vector2[] Project(ReadOnlySpan<double> shape, PinholeCamera camera, Vector3 origin, int[] chosen)
    {
        var positions = new double[3 * Points.Count];
        Points.Evaluate(shape, positions);
        var all = new Vector2[Points.Count];
        for (var i = 0; i < all.Length; i++)
        {
            all[i] = camera.Project(new Vector3((float)positions[3 * i], (float)positions[(3 * i) + 1], (float)positions[(3 * i) + 2]) + origin);
        }

        VisibleContour.Choose(all.AsSpan(_inner), _jawStart, chosen);
        var result = new Vector2[Landmarks.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = i < JawPoints ? all[_inner + _jawStart[i] + chosen[i]] : all[i - JawPoints];
        }

        return result;
    }
}
