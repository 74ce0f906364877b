using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Graphics;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>
/// L_landmark of Eq. 1: distances in the picture between the projected landmarks of the mesh and the detected ones. The jaw's points 0–16 are those of
/// the visible contour, which slides over the surface as the head turns: it is found anew each time, without gradient, as in the
/// linear fit (<see cref="VisibleContour"/>), and pulled only across itself by each detected point.
/// </summary>
public sealed class LandmarkLoss
{
    private const int Jaw = 17, Inner = Landmarks.Count - Jaw;

    // Rounds the tip of the cone √(d² + ε), pixels²: a distance of 0 has a derivative.
    private const double Round = 1e-4;

    private readonly int[] _start = new int[Jaw + 1];
    private readonly long[] _corners;
    private readonly float[] _shares;

    /// <exception cref="ArgumentException">The template has no 68 landmarks with candidates for the jaw.</exception>
    public LandmarkLoss(FaceTemplate template)
    {
        if (template.Landmarks.Length != Landmarks.Count || template.JawCandidates.Count != Jaw)
        {
            throw new ArgumentException($"Template {template.Id} has {template.Landmarks.Length} landmarks and {template.JawCandidates.Count} jaw points; {Landmarks.Count} and {Jaw} are needed.");
        }

        for (var i = 0; i < Jaw; i++)
        {
            _start[i + 1] = _start[i] + template.JawCandidates[i].Length;
        }

        SurfacePoint[] points = [.. template.Landmarks[Jaw..], .. template.JawCandidates.SelectMany(c => c)];
        _corners = [.. points.SelectMany(p => Enumerable.Range(0, 3).Select(k => (long)template.Triangles[(3 * p.Triangle) + k]))];
        _shares = [.. points.SelectMany(p => new[] { p.Barycentric.X, p.Barycentric.Y, p.Barycentric.Z })];
    }

    /// <param name="projected">[B, V, 2] pixels.</param>
    /// <param name="landmarks">[B, 68, 2] pixels of the same picture.</param>
    /// <param name="weights">[B, 68] ≥ 0; 0 for points that are not known, whose position may be anything but NaN.</param>
    /// <returns>Scalar, pixels: the mean over the rows of the weighted mean distance; a row without known points counts 0.</returns>
    public Tensor Of(Tensor projected, Tensor landmarks, Tensor weights)
    {
        using var scope = NewDisposeScope();
        return Rows(projected, landmarks, weights).mean().MoveToOuterDisposeScope();
    }

    /// <summary>As <see cref="Of"/>, of each row: [B].</summary>
    public Tensor Rows(Tensor projected, Tensor landmarks, Tensor weights)
    {
        FloatMemory.Check("landmarks", landmarks, projected.shape[0], Landmarks.Count, 2);
        FloatMemory.Check("landmark weights", weights, projected.shape[0], Landmarks.Count);
        using var scope = NewDisposeScope();
        var points = Points(projected);
        var across = Across(points.narrow(1, Inner, points.shape[1] - Inner), landmarks.narrow(1, 0, Jaw));
        var straight = (points.narrow(1, 0, Inner) - landmarks.narrow(1, Jaw, Inner)).square().sum(2);
        var distances = (cat([across.square(), straight], 1) + Round).sqrt() - Math.Sqrt(Round);
        return ((distances * weights).sum(1) / weights.sum(1).clamp_min(1e-6)).MoveToOuterDisposeScope();
    }

    /// <summary>Pixels of the 68 points, those of the jaw on the visible contour: for reports and pictures. [B, 68, 2], without gradient.</summary>
    /// <param name="projected">[B, V, 2] pixels.</param>
    public Tensor Project(Tensor projected)
    {
        using var scope = NewDisposeScope();
        var points = Points(projected.detach());
        var candidates = points.narrow(1, Inner, points.shape[1] - Inner).contiguous();
        var chosen = new long[points.shape[0] * Jaw];
        Choose(candidates, chosen);
        var index = tensor(chosen, [points.shape[0], Jaw, 1]).expand(points.shape[0], Jaw, 2);
        return cat([candidates.gather(1, index), points.narrow(1, 0, Inner)], 1).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The 68 points of a known head, those of the jaw on the visible contour: the truth for labelled samples. The light stage's own labels are the template's frontal
    /// jaw points, which on a turned head lie on the cheek, not where a detector sees the contour (5 pixels apart in crops of 128). Safe on any thread.
    /// </summary>
    /// <param name="positions">V, mm.</param>
    public Vector2[] Project(ReadOnlySpan<Vector3> positions, PinholeCamera camera)
    {
        var points = new Vector2[_shares.Length / 3];
        for (var i = 0; i < points.Length; i++)
        {
            var p = Vector3.Zero;
            for (var k = 3 * i; k < (3 * i) + 3; k++)
            {
                p += _shares[k] * positions[(int)_corners[k]];
            }

            points[i] = camera.Project(p);
        }

        Span<int> within = stackalloc int[Jaw];
        VisibleContour.Choose(points.AsSpan(Inner), _start, within);
        var result = new Vector2[Landmarks.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = i < Jaw ? points[Inner + _start[i] + within[i]] : points[i - Jaw];
        }

        return result;
    }

    /// <summary>The 51 inner points, then all candidates of the jaw. Within one triangle perspective is as good as affine.</summary>
    private Tensor Points(Tensor projected)
    {
        using var scope = NewDisposeScope();
        var (index, shares) = (tensor(_corners), tensor(_shares, [_shares.Length / 3, 3, 1]));
        return (projected.index_select(1, index).reshape(projected.shape[0], _shares.Length / 3, 3, 2) * shares).sum(2).MoveToOuterDisposeScope();
    }

    /// <summary>Signed distances of the detected jaw points from the contour's nearest segment, [B, 17].</summary>
    private Tensor Across(Tensor candidates, Tensor landmarks)
    {
        var rows = candidates.shape[0];
        using var dense = candidates.detach().contiguous();
        using var wanted = landmarks.contiguous();
        var pixels = MemoryMarshal.Cast<byte, Vector2>(dense.bytes);
        var targets = MemoryMarshal.Cast<byte, Vector2>(wanted.bytes);
        var chosen = new long[rows * Jaw];
        Choose(dense, chosen);
        var (first, second) = (new long[rows * Jaw], new long[rows * Jaw]);
        var (share, normal) = (new float[rows * Jaw], new Vector2[rows * Jaw]);
        Span<Vector2> contour = stackalloc Vector2[Jaw];
        for (var row = 0; row < rows; row++)
        {
            var own = pixels.Slice(row * _start[Jaw], _start[Jaw]);
            for (var i = 0; i < Jaw; i++)
            {
                contour[i] = own[(int)chosen[(row * Jaw) + i]];
            }

            for (var i = 0; i < Jaw; i++)
            {
                var at = (row * Jaw) + i;
                var (segment, t) = VisibleContour.Nearest(contour, targets[at]);
                var along = contour[segment + 1] - contour[segment];
                (first[at], second[at], share[at]) = (chosen[(row * Jaw) + segment], chosen[(row * Jaw) + segment + 1], t);
                normal[at] = along.LengthSquared() > 1e-12f ? Vector2.Normalize(new Vector2(-along.Y, along.X)) : default;
            }
        }

        Tensor Take(long[] index) => candidates.gather(1, tensor(index, [rows, Jaw, 1]).expand(rows, Jaw, 2));
        var shares = tensor(share, [rows, Jaw, 1]);
        var normals = tensor(MemoryMarshal.Cast<Vector2, float>(normal.AsSpan()).ToArray(), [rows, Jaw, 2]);
        return (((Take(first) * (1 - shares)) + (Take(second) * shares) - landmarks) * normals).sum(2);
    }

    /// <summary>Which candidates the visible contour runs through: 17 indices among all candidates for each row.</summary>
    private void Choose(Tensor candidates, long[] chosen)
    {
        var pixels = MemoryMarshal.Cast<byte, Vector2>(candidates.bytes);
        Span<int> within = stackalloc int[Jaw];
        for (var row = 0; row < candidates.shape[0]; row++)
        {
            VisibleContour.Choose(pixels.Slice(row * _start[Jaw], _start[Jaw]), _start, within);
            for (var i = 0; i < Jaw; i++)
            {
                chosen[(row * Jaw) + i] = _start[i] + within[i];
            }
        }
    }
}
