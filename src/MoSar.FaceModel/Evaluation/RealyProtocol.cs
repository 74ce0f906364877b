using System.Numerics;
using MoSar.Faces.Building;

namespace MoSar.Faces.Evaluation;

/// <summary>
/// The protocol of the REALY benchmark (Chai et al. 2022): a prediction is aligned as a whole by seven keypoints, then to each of four regions of
/// a scan; the region is deformed towards it to find what corresponds, and the distance from the region as it was is the error. docs/realy.md.
/// </summary>
public static class RealyProtocol
{
    private const int MostRounds = 100;
    private const double Converged = 1e-6;

    /// <param name="prediction">Positions in the topology's order, any place, turn and unit.</param>
    /// <param name="isMillimetres">Whether it claims to be in millimetres: then its scale is measured, and the single rigid alignment keeps it.</param>
    /// <exception cref="MoSarException"><c>realy-vertices</c>: not the topology's number of vertices, or not finite.</exception>
    public static RealyErrors Measure(RealySubject subject, RealyTopology topology, ReadOnlySpan<Vector3> prediction, bool isMillimetres, CancellationToken cancellation = default)
    {
        Check(subject, topology, prediction);
        var keypoints = topology.KeypointsOn(prediction);
        Vector3[] from = Pick(keypoints, RealyKeypoints.Global), to = Pick(subject.Keypoints, RealyKeypoints.Global);
        var (motion, scale) = RigidMotion.Fit(from, to, Ones(from.Length), withScale: true);
        var aligned = new Prediction(motion.Apply(prediction, scale), motion.Apply(keypoints, scale), topology.Triangles);

        // Kept to its own millimetres where it claims them.
        var ownScale = isMillimetres ? 1 / subject.MillimetresPerUnit : scale;
        var ownAligned = aligned;
        if (isMillimetres)
        {
            motion = RigidMotion.Fit(Scaled(from, ownScale), to, Ones(from.Length), withScale: false).Motion;
            ownAligned = new Prediction(motion.Apply(prediction, ownScale), motion.Apply(keypoints, ownScale), topology.Triangles);
        }

        var protocol = new double[4];
        double[]? oneRigid = null;
        Parallel.For(0, 5, new ParallelOptions { CancellationToken = cancellation }, i =>
        {
            if (i == 4)
            {
                oneRigid = OneRigid(subject, ownAligned, cancellation);
            }
            else
            {
                protocol[i] = subject.MillimetresPerUnit * RegionError(subject, (RealyRegion)i, aligned, cancellation);
            }
        });
        return new RealyErrors(subject.Name, RegionErrors.Of(protocol), RegionErrors.Of(oneRigid), isMillimetres ? scale * subject.MillimetresPerUnit : null);
    }

    /// <summary>Mean distance of a region's vertices to what corresponds to them on the prediction, in the scan's unit.</summary>
    private static double RegionError(RealySubject subject, RealyRegion region, Prediction aligned, CancellationToken cancellation)
    {
        var scan = subject.Regions[region];
        var motion = Align(scan.Positions, subject.Keypoints, RealyKeypoints.Rigid(region), region == RealyRegion.Cheek ? 4 : 1, aligned, cancellation);
        var mesh = scan.Joined();
        var targets = aligned.Closest(mesh.Positions, motion);
        var chosen = RealyKeypoints.NonRigid(region);
        var vertices = new SurfaceProbe(mesh.Positions, [.. Enumerable.Range(0, 3 * mesh.Positions.Length).Select(k => k / 3)], _ => true);
        var deformed = RegionDeformation.Deform(
            mesh, targets, [.. chosen.Select(k => vertices.Closest(subject.Keypoints[k]).Point.Triangle)], [.. chosen.Select(k => motion.Apply(aligned.Keypoints[k]))], cancellation);
        return MeanDistance(mesh.Positions, aligned.Closest(deformed, motion));
    }

    private static double[] OneRigid(RealySubject subject, Prediction aligned, CancellationToken cancellation)
    {
        var regions = Enum.GetValues<RealyRegion>();
        var motion = Align(
            [.. regions.SelectMany(r => subject.Regions[r].Positions)], subject.Keypoints, [.. regions.SelectMany(RealyKeypoints.Rigid).Distinct().Order()], 1, aligned, cancellation);
        return [.. regions.Select(r =>
        {
            var vertices = subject.Regions[r].Joined().Positions;
            return subject.MillimetresPerUnit * MeanDistance(vertices, aligned.Closest(vertices, motion));
        })];
    }

    /// <summary>Rigid ICP of the prediction to a scan's vertices, and to keypoints that together weigh as much as they do, or a part of it.</summary>
    /// <param name="share">1 ∕ that part.</param>
    private static RigidMotion Align(Vector3[] scan, Vector3[] scanKeypoints, IReadOnlyList<int> chosen, int share, Prediction aligned, CancellationToken cancellation)
    {
        var n = scan.Length;
        Vector3[] to = [.. scan, .. Pick(scanKeypoints, chosen)];
        var (from, weights) = (new Vector3[to.Length], Ones(to.Length));

        // REALY repeats the keypoints' rows; a whole weight is the same.
        Array.Fill(weights, Math.Floor((double)n / chosen.Count / share), n, chosen.Count);
        var (total, previous) = (RigidMotion.None, 0.0);
        for (var round = 0; ; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            aligned.Closest(scan, total).CopyTo(from, 0);
            for (var k = 0; k < chosen.Count; k++)
            {
                from[n + k] = total.Apply(aligned.Keypoints[chosen[k]]);
            }

            var (motion, _) = RigidMotion.Fit(from, to, weights, withScale: false);
            double error = 0;
            for (var i = 0; i < to.Length; i++)
            {
                error += weights[i] * Vector3.DistanceSquared(motion.Apply(from[i]), to[i]);
            }

            error /= weights.Sum();
            if (Math.Abs(error - previous) < Converged || round >= MostRounds)
            {
                return total;
            }

            (total, previous) = (total.Then(motion), error);
        }
    }

    private static void Check(RealySubject subject, RealyTopology topology, ReadOnlySpan<Vector3> prediction)
    {
        if (prediction.Length != topology.VertexCount)
        {
            throw new MoSarException(
                "realy-vertices", $"The prediction of {subject.Name} has {prediction.Length} vertices, its template {topology.VertexCount}.", "Save predictions with all vertices in the template's order.");
        }

        foreach (var p in prediction)
        {
            if (!float.IsFinite(p.X + p.Y + p.Z))
            {
                throw new MoSarException("realy-vertices", $"The prediction of {subject.Name} has positions that are no numbers.", "Look into what made it.");
            }
        }
    }

    private static double MeanDistance(Vector3[] a, Vector3[] b) => a.Zip(b, (p, q) => (double)Vector3.Distance(p, q)).Average();

    private static Vector3[] Pick(Vector3[] points, IReadOnlyList<int> chosen) => [.. chosen.Select(k => points[k])];

    private static Vector3[] Scaled(Vector3[] points, double scale) => Array.ConvertAll(points, p => p * (float)scale);

    private static double[] Ones(int count)
    {
        var ones = new double[count];
        Array.Fill(ones, 1);
        return ones;
    }

    /// <summary>A prediction after the global alignment. Further motions turn what is asked instead of it, so that it is sorted once.</summary>
    private sealed class Prediction(Vector3[] positions, Vector3[] keypoints, int[] triangles)
    {
        private readonly SurfaceProbe probe = new(positions, triangles, _ => true);

        public Vector3[] Keypoints { get; } = keypoints;

        /// <summary>The closest points on the prediction once it has been moved.</summary>
        public Vector3[] Closest(Vector3[] points, RigidMotion motion)
        {
            var result = new Vector3[points.Length];
            var near = -1;
            for (var i = 0; i < points.Length; i++)
            {
                probe.TryClosest(motion.Back(points[i]), default, -2, float.MaxValue, near, out var found, out _);
                near = found.Triangle;
                result[i] = motion.Apply(probe.At(found));
            }

            return result;
        }
    }
}
