using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.LightStage;

internal enum HeadPartKind : byte
{
    Skin,
    LeftEye,
    RightEye,
    Teeth,
    Gums,
    Flesh,
}

/// <summary>What each triangle of a template is; made once a template.</summary>
internal sealed class HeadParts
{
    private static readonly ConditionalWeakTable<FaceTemplate, HeadParts> Cache = [];

    private HeadParts(FaceTemplate template)
    {
        var none = new float[template.VertexCount];
        float[] Region(string name) => template.Regions.TryGetValue(name, out var weights) ? weights : none;
        var (eyes, teeth, gums, mouth, sockets) = (Region("eyeballs"), Region("teeth"), Region("gums"), Region("mouth_socket"), Region("eye_sockets"));
        Wet = [.. Enumerable.Range(0, template.VertexCount).Select(i => MathF.Max(mouth[i], sockets[i]))];
        var right = RightSide(template, eyes);
        OfTriangle = new HeadPartKind[template.Triangles.Length / 3];
        for (var t = 0; t < OfTriangle.Length; t++)
        {
            var corners = template.Triangles.AsSpan(3 * t, 3);
            OfTriangle[t] = All(eyes, corners) ? right.Contains(corners[0]) ? HeadPartKind.RightEye : HeadPartKind.LeftEye
                : All(teeth, corners) ? HeadPartKind.Teeth
                : All(gums, corners) ? HeadPartKind.Gums
                : All(Wet, corners) ? HeadPartKind.Flesh
                : HeadPartKind.Skin;
        }

        int[] left = [.. Enumerable.Range(0, template.VertexCount).Where(i => eyes[i] > 0.5f && !right.Contains(i))];
        Eyes = left.Length == 0 ? [] : [new EyePart(left), new EyePart([.. right.Order()])];
    }

    public HeadPartKind[] OfTriangle { get; }

    /// <summary>How much each vertex is inside the mouth or behind the lids.</summary>
    public float[] Wet { get; }

    /// <summary>The subject's left eye (x &gt; 0), then the right; none in a template without eyeballs.</summary>
    public EyePart[] Eyes { get; }

    public static HeadParts Of(FaceTemplate template) => Cache.GetValue(template, t => new HeadParts(t));

    private static bool All(float[] region, ReadOnlySpan<int> corners) => region[corners[0]] > 0.5f && region[corners[1]] > 0.5f && region[corners[2]] > 0.5f;

    // The atlas is mirror-symmetric, but eyeballs need not lie in its halves: the mirror's order tells the sides apart. The left comes first.
    private static HashSet<int> RightSide(FaceTemplate template, float[] eyes)
    {
        var vertices = Enumerable.Range(0, template.VertexCount).Where(i => eyes[i] > 0.5f).ToArray();
        return [.. vertices.Where(i => template.Mirror[i] < i)];
    }
}

/// <summary>The vertices of one eyeball, ascending; the first is the pupil's.</summary>
internal sealed class EyePart(int[] vertices)
{
    /// <summary>Centre, radius and gaze as the mesh has them.</summary>
    public (Vector3 Centre, float Radius, Vector3 Gaze) Fit(Vector3[] positions)
    {
        // The cornea bulges; the white behind it is round. Vertices in the order of the rings: the later two thirds are white.
        var white = vertices.AsSpan(vertices.Length / 3);
        var mean = Vector3.Zero;
        foreach (var v in white)
        {
            mean += positions[v] / white.Length;
        }

        // A sphere by least squares: |p|² = 2c·p + k.
        var (xx, rhs) = (default(Matrix4x4), Vector3.Zero);
        float squares = 0;
        foreach (var v in white)
        {
            var p = positions[v] - mean;
            xx += Outer(p);
            squares += p.LengthSquared() / white.Length;
        }

        foreach (var v in white)
        {
            var p = positions[v] - mean;
            rhs += p * (0.5f * (p.LengthSquared() - squares));
        }

        xx.M44 = 1;
        var offset = Matrix4x4.Invert(xx, out var inverse) ? Vector3.TransformNormal(rhs, inverse) : Vector3.Zero;
        var centre = mean + offset;
        var radius = MathF.Sqrt(squares + offset.LengthSquared());
        return (centre, radius, Vector3.Normalize(positions[vertices[0]] - centre));
    }

    public Eye Place(Vector3[] positions, uint seed, IrisColours colours, Vector3 innerCorner)
    {
        var (centre, radius, gaze) = Fit(positions);
        return new Eye(centre, radius, gaze, seed, colours, Eye.TemplateIris, innerCorner);
    }

    private static Matrix4x4 Outer(Vector3 p) => new(
        p.X * p.X, p.X * p.Y, p.X * p.Z, 0, p.Y * p.X, p.Y * p.Y, p.Y * p.Z, 0, p.Z * p.X, p.Z * p.Y, p.Z * p.Z, 0, 0, 0, 0, 0);
}
