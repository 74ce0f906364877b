using System.Numerics;

namespace MoSar.Faces.Evaluation;

/// <summary>The four regions of a face that REALY measures one by one.</summary>
public enum RealyRegion
{
    Nose,
    Mouth,
    Forehead,
    Cheek,
}

/// <summary>A triangle mesh without anything else.</summary>
/// <param name="Triangles">3 vertex indices a triangle.</param>
public sealed record PlainMesh(Vector3[] Positions, int[] Triangles)
{
    /// <summary>Vertices at the same place are one, and those of no triangle are gone, in the order of first use (what trimesh does when REALY reads a scan).</summary>
    internal PlainMesh Joined()
    {
        var (there, kept, triangles) = (new Dictionary<Vector3, int>(Positions.Length), new List<Vector3>(Positions.Length), new int[Triangles.Length]);
        for (var k = 0; k < triangles.Length; k++)
        {
            var p = Positions[Triangles[k]];
            if (!there.TryGetValue(p, out triangles[k]))
            {
                triangles[k] = there[p] = kept.Count;
                kept.Add(p);
            }
        }

        return new PlainMesh([.. kept], triangles);
    }

    /// <summary>For each vertex those at the other ends of its edges, rising.</summary>
    internal int[][] Neighbours()
    {
        var sets = new SortedSet<int>[Positions.Length];
        for (var v = 0; v < sets.Length; v++)
        {
            sets[v] = [];
        }

        for (var t = 0; t < Triangles.Length; t += 3)
        {
            for (var k = 0; k < 3; k++)
            {
                var (a, b) = (Triangles[t + k], Triangles[t + ((k + 1) % 3)]);
                if (a != b)
                {
                    sets[a].Add(b);
                    sets[b].Add(a);
                }
            }
        }

        return Array.ConvertAll(sets, s => s.ToArray());
    }
}

/// <summary>What REALY's 85 keypoints are used for. 0–67 are Multi-PIE's 68 landmarks; 70 and 71 lie beside the nose, 76 and 77 on the cheeks.</summary>
public static class RealyKeypoints
{
    public const int Count = 85;

    private static readonly int[] Lips = [48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 64];

    /// <summary>Corners of eyes and mouth, and the nose's base: for the first alignment.</summary>
    public static IReadOnlyList<int> Global { get; } = [36, 39, 42, 45, 33, 48, 54];

    /// <summary>Those that a region is aligned by, beside its surface.</summary>
    public static IReadOnlyList<int> Rigid(RealyRegion region) => region switch
    {
        RealyRegion.Nose => [27, 28, 29, 30, 31, 35, 32, 33, 34, 70, 71],
        RealyRegion.Cheek => [.. Lips, 76, 77, 36, 41, 40, 39, 42, 47, 46, 45, 7, 8, 9],
        _ => NonRigid(region),
    };

    /// <summary>Those that hold a region's deformation; the cheek has none.</summary>
    public static IReadOnlyList<int> NonRigid(RealyRegion region) => region switch
    {
        RealyRegion.Nose => [27, 28, 29, 30, 31, 32, 33, 34, 35],
        RealyRegion.Mouth => Lips,
        RealyRegion.Forehead => [36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26],
        _ => [],
    };
}

/// <summary>The true shape of one person.</summary>
/// <param name="Keypoints">85, in the scan's unit.</param>
/// <param name="Regions">The scan's four pieces, in the scan's unit: about 9 mm, for the protocol's thresholds and stiffness are in it.</param>
public sealed record RealySubject(string Name, Vector3[] Keypoints, IReadOnlyDictionary<RealyRegion, PlainMesh> Regions, double MillimetresPerUnit);

/// <summary>What all predictions of one method share.</summary>
/// <param name="Triangles">3 vertex indices a triangle: those of the surface that is measured.</param>
/// <param name="Keypoints">85 points; their triangles are those of <paramref name="Triangles"/>.</param>
public sealed record RealyTopology(int VertexCount, int[] Triangles, SurfacePoint[] Keypoints)
{
    public Vector3[] KeypointsOn(ReadOnlySpan<Vector3> positions)
    {
        var result = new Vector3[Keypoints.Length];
        for (var k = 0; k < result.Length; k++)
        {
            var t = Triangles.AsSpan(3 * Keypoints[k].Triangle, 3);
            var b = Keypoints[k].Barycentric;
            result[k] = (b.X * positions[t[0]]) + (b.Y * positions[t[1]]) + (b.Z * positions[t[2]]);
        }

        return result;
    }
}

/// <summary>Millimetres, a region each.</summary>
public readonly record struct RegionErrors(double Nose, double Mouth, double Forehead, double Cheek)
{
    /// <summary>The mean of the four regions, each counting the same.</summary>
    public double All => (Nose + Mouth + Forehead + Cheek) / 4;

    public double this[RealyRegion region] => region switch
    {
        RealyRegion.Nose => Nose,
        RealyRegion.Mouth => Mouth,
        RealyRegion.Forehead => Forehead,
        _ => Cheek,
    };

    internal static RegionErrors Of(ReadOnlySpan<double> values) =>
        new(values[(int)RealyRegion.Nose], values[(int)RealyRegion.Mouth], values[(int)RealyRegion.Forehead], values[(int)RealyRegion.Cheek]);
}

/// <summary>How far one prediction is from the truth.</summary>
/// <param name="Protocol">REALY's errors: every region aligned by itself, correspondences from a deformation.</param>
/// <param name="OneRigid">Mean distance of each region's vertices to the prediction's closest point, after a single rigid alignment of all regions together.</param>
/// <param name="Scale">By how much the global alignment had to enlarge the prediction: 1.02 when it is 2 % too small; null when it claims no millimetres.</param>
public sealed record RealyErrors(string Subject, RegionErrors Protocol, RegionErrors OneRigid, double? Scale)
{
    /// <summary>Percent.</summary>
    public double? ScaleError => Scale is { } s ? 100 * Math.Abs(s - 1) : null;
}

/// <summary>A column of figures.</summary>
/// <param name="Deviation">Of a sample (n − 1); 0 of a single figure.</param>
public readonly record struct Spread(double Mean, double Median, double Deviation)
{
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
        {
            return new Spread(double.NaN, double.NaN, double.NaN);
        }

        var (mean, n) = (sorted.Average(), sorted.Length);
        return new Spread(mean, (sorted[(n - 1) / 2] + sorted[n / 2]) / 2, n == 1 ? 0 : Math.Sqrt(sorted.Sum(v => (v - mean) * (v - mean)) / (n - 1)));
    }
}
