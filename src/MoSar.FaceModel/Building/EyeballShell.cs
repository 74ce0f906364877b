using System.Numerics;
using MoSar.Faces.Source;

namespace MoSar.Faces.Building;

/// <summary>An eyeball as a globe about the gaze: rings from the pupil to the back, densest over iris and cornea, each vertex cast onto the source's outermost layer.</summary>
internal static class EyeballShell
{
    public const int Sectors = 24;

    /// <summary>Degrees from the gaze. The iris ends near 25.</summary>
    private static readonly float[] Rings = [5, 10, 15, 20, 24, 28, 34, 42, 52, 64, 77, 90, 112, 145];

    /// <summary>Half the height of the atlas island over half its width.</summary>
    public const float Height = 0.446f;

    // Chosen so that at the iris's edge both distances are the same: 0.235 of the half width.
    private const float SidewaysPower = 1.49f;
    private const float UpwardsPower = 4.4f;

    public static int VertexCount => 2 + (Rings.Length * Sectors);

    /// <summary>Rows over the source's vertices for the subject's left eyeball and, mirrored vertex by vertex, for the right.</summary>
    public static (List<(int, float)[]> Left, List<(int, float)[]> Right) Cast(SourceHead source)
    {
        var left = Cast(source, HeadPart.EyeballLeft, 1);
        var right = Cast(source, HeadPart.EyeballRight, -1);
        return (left, right);
    }

    /// <summary>Faces of one eyeball whose first vertex (the pupil's centre) is <paramref name="first"/>; the mirrored one is turned over.</summary>
    public static IEnumerable<int> Faces(int first, bool mirrored)
    {
        var back = first + VertexCount - 1;
        for (var s = 0; s < Sectors; s++)
        {
            var n = (s + 1) % Sectors;
            foreach (var v in Oriented([first, Vertex(0, s), Vertex(0, n), -1]))
            {
                yield return v;
            }

            for (var r = 0; r + 1 < Rings.Length; r++)
            {
                foreach (var v in Oriented([Vertex(r, s), Vertex(r + 1, s), Vertex(r + 1, n), Vertex(r, n)]))
                {
                    yield return v;
                }
            }

            foreach (var v in Oriented([Vertex(Rings.Length - 1, s), back, Vertex(Rings.Length - 1, n), -1]))
            {
                yield return v;
            }
        }

        int Vertex(int ring, int sector) => first + 1 + (ring * Sectors) + sector;

        int[] Oriented(int[] f) => !mirrored ? f : f[3] < 0 ? [f[0], f[2], f[1], -1] : [f[0], f[3], f[2], f[1]];
    }

    /// <summary>
    /// Rows of the texture coordinates of <see cref="Faces"/>: as the vertices, but the cap at the back, which the front's projection cannot
    /// hold, has its own ring and centre after the others.
    /// </summary>
    public static IEnumerable<int> FaceUvs(int first, bool mirrored)
    {
        int[] faces = [.. Faces(0, mirrored)];
        var lastRing = 1 + ((Rings.Length - 1) * Sectors);
        for (var f = 0; f < faces.Length; f += 4)
        {
            var back = faces.AsSpan(f, 4).Contains(VertexCount - 1);
            for (var k = 0; k < 4; k++)
            {
                yield return faces[f + k] < 0 ? -1 : first + (back && faces[f + k] < VertexCount - 1 ? VertexCount + faces[f + k] - lastRing : faces[f + k]);
            }
        }
    }

    /// <summary>
    /// An ellipse of half axes 1 and <see cref="Height"/>: the direction around the gaze stays, the angle from it becomes a distance that grows
    /// fast over iris and white and slowly behind the lids. Upwards, where lids hide all beyond 40 degrees, it saturates sooner than sideways,
    /// so that the iris is round and as large as the height allows. The back's cap stands beside it, on the outer side.
    /// </summary>
    public static IEnumerable<Vector2> Uvs(bool mirrored)
    {
        var cap = new Vector2(mirrored ? -1.15f : 1.15f, 0);
        yield return Vector2.Zero;
        for (var i = 0; i < Rings.Length * Sectors; i++)
        {
            var angle = Rings[i / Sectors];
            yield return Around(i, 1) * new Vector2(Distance(angle, SidewaysPower), Height * Distance(angle, UpwardsPower));
        }

        yield return cap;
        for (var i = 0; i < Sectors; i++)
        {
            yield return cap + (.08f * Around(i, -1));
        }

        Vector2 Around(int sector, int turn)
        {
            // Seen from behind the sectors run the other way.
            var (sin, cos) = MathF.SinCos(2 * MathF.PI * (sector % Sectors) / Sectors);
            return new Vector2((mirrored ? -cos : cos) * turn, -sin);
        }

        // Monotone from 0 to 1 at the last ring, with some slope left there.
        static float Distance(float degrees, float power)
        {
            var t = degrees / Rings[^1];
            return (.9f * (1 - MathF.Pow(1 - t, power))) + (.1f * t);
        }
    }

    private static List<(int, float)[]> Cast(SourceHead source, HeadPart part, int side)
    {
        var members = Enumerable.Range(0, source.Positions.Length).Where(v => source.Parts[v] == part).ToArray();
        var low = members.Select(v => source.Positions[v]).Aggregate(Vector3.Min);
        var high = members.Select(v => source.Positions[v]).Aggregate(Vector3.Max);

        // The cornea bulges in front, so depth is measured from the back.
        var radius = (high.X - low.X + high.Y - low.Y) / 4;
        var centre = new Vector3((low.X + high.X) / 2, (low.Y + high.Y) / 2, low.Z + radius);
        var triangles = new List<(int A, int B, int C)>();
        for (var f = 0; f < source.Faces.Length; f += 4)
        {
            if (source.Parts[source.Faces[f]] == part)
            {
                triangles.Add((source.Faces[f], source.Faces[f + 1], source.Faces[f + 2]));
                if (source.Faces[f + 3] >= 0)
                {
                    triangles.Add((source.Faces[f], source.Faces[f + 2], source.Faces[f + 3]));
                }
            }
        }

        var rows = new List<(int, float)[]> { Hit(source, triangles, centre, Vector3.UnitZ) };
        for (var i = 0; i < Rings.Length * Sectors; i++)
        {
            var (sin, cos) = MathF.SinCos(Rings[i / Sectors] * MathF.PI / 180);
            var (sinAround, cosAround) = MathF.SinCos(2 * MathF.PI * (i % Sectors) / Sectors);
            rows.Add(Hit(source, triangles, centre, new Vector3(side * sin * cosAround, sin * sinAround, cos)));
        }

        rows.Add(Hit(source, triangles, centre, -Vector3.UnitZ));
        return rows;
    }

    /// <summary>The outermost crossing of a ray; nudged when it slips between triangles.</summary>
    private static (int, float)[] Hit(SourceHead source, List<(int A, int B, int C)> triangles, Vector3 origin, Vector3 direction)
    {
        var best = (Distance: 0f, Row: Array.Empty<(int, float)>());
        for (var attempt = 0; attempt < 4 && best.Row.Length == 0; attempt++)
        {
            var slack = -1e-5f * MathF.Pow(30, attempt);
            foreach (var (a, b, c) in triangles)
            {
                Vector3 p = source.Positions[a], e1 = source.Positions[b] - p, e2 = source.Positions[c] - p;
                var h = Vector3.Cross(direction, e2);
                var det = Vector3.Dot(e1, h);
                if (Math.Abs(det) < 1e-9f)
                {
                    continue;
                }

                var s = origin - p;
                var u = Vector3.Dot(s, h) / det;
                var q = Vector3.Cross(s, e1);
                float v = Vector3.Dot(direction, q) / det, t = Vector3.Dot(e2, q) / det;
                if (u >= slack && v >= slack && u + v <= 1 - slack && t > best.Distance)
                {
                    best = (t, [(a, 1 - u - v), (b, u), (c, v)]);
                }
            }
        }

        return best.Row.Length > 0
            ? best.Row
            : throw new MoSarException("source-damaged", "The source's eyeball is not a closed shell.", "Use ICT-FaceKit's own topology.");
    }
}
