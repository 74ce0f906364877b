using System.Numerics;

namespace MoSar;

/// <summary>
/// The fixed connectivity, texture coordinates and semantics that every avatar of this project shares. Lengths agree: V vertices,
/// T texture coordinates, F faces. Positions are in millimetres, right-handed, +Y up, the face looking along +Z.
/// </summary>
public sealed record FaceTemplate
{
    /// <summary>Name and version of connectivity and atlas, for example <c>mosar-head/2</c>.</summary>
    public required string Id { get; init; }

    public required int VertexCount { get; init; }

    /// <summary>4 vertex indices a face, counter-clockwise seen from outside; the last is −1 for a triangle.</summary>
    public required int[] Faces { get; init; }

    /// <summary>4 indices into <see cref="Uvs"/> a face, parallel to <see cref="Faces"/>.</summary>
    public required int[] FaceUvs { get; init; }

    /// <summary>T positions in [0, 1]², origin top left (glTF). The head's part is mirror-symmetric about u = ½.</summary>
    public required Vector2[] Uvs { get; init; }

    /// <summary>The faces as triangles: 3 vertex indices each; quads are split along a fixed diagonal.</summary>
    public required int[] Triangles { get; init; }

    /// <summary>3 indices into <see cref="Uvs"/> a triangle, parallel to <see cref="Triangles"/>.</summary>
    public required int[] TriangleUvs { get; init; }

    /// <summary>V indices: the vertex on the other side of the sagittal plane (itself on the midline).</summary>
    public required int[] Mirror { get; init; }

    /// <summary>Named soft regions over the vertices, weights in [0, 1], length V each: <c>face</c> (skin inside hairline and jaw), <c>skin</c>,
    /// <c>nose</c>, <c>lips</c>, <c>brows</c>, <c>eyelids</c>, <c>forehead</c>, <c>cheeks</c>, <c>chin</c>, <c>ears</c>, <c>scalp</c>, <c>neck</c>, <c>eyeballs</c>, <c>mouth_socket</c> …</summary>
    public required IReadOnlyDictionary<string, float[]> Regions { get; init; }

    /// <summary>68 points on the surface in Multi-PIE order (for the jaw 0–16: the frontal position).</summary>
    public required SurfacePoint[] Landmarks { get; init; }

    /// <summary>For each jaw landmark 0–16, the candidates among which the visible contour point is chosen; index 0..16.</summary>
    public required IReadOnlyList<SurfacePoint[]> JawCandidates { get; init; }

    /// <summary>Expression blendshapes, ARKit names where ARKit has one, in the order of δ.</summary>
    public required IReadOnlyList<Blendshape> Expressions { get; init; }

    /// <summary>The 68 landmarks where a head has its V positions so.</summary>
    public Vector3[] LandmarksOn(ReadOnlySpan<Vector3> positions)
    {
        var result = new Vector3[Landmarks.Length];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = Landmarks[i].On(this, positions);
        }

        return result;
    }
}

/// <summary>A point on a triangle of the template.</summary>
/// <param name="Triangle">Index into <see cref="FaceTemplate.Triangles"/> divided by 3.</param>
/// <param name="Barycentric">Weights of the triangle's three corners; sum 1.</param>
public readonly record struct SurfacePoint(int Triangle, Vector3 Barycentric)
{
    /// <summary>The point where a head has its V positions so.</summary>
    public Vector3 On(FaceTemplate template, ReadOnlySpan<Vector3> positions)
    {
        var t = template.Triangles.AsSpan(3 * Triangle, 3);
        return (Barycentric.X * positions[t[0]]) + (Barycentric.Y * positions[t[1]]) + (Barycentric.Z * positions[t[2]]);
    }
}

/// <param name="Name">ARKit's name, such as <c>jawOpen</c>.</param>
/// <param name="Offsets">V displacements in millimetres at coefficient 1.</param>
public sealed record Blendshape(string Name, Vector3[] Offsets);

/// <summary>A head in the template's topology.</summary>
/// <param name="Template">Connectivity and semantics.</param>
/// <param name="Positions">V positions, millimetres, in the head's own frame.</param>
public sealed record Mesh(FaceTemplate Template, Vector3[] Positions);

/// <summary>
/// A pinhole camera. A head-space point X (mm) lies at P = Rotation·X + Translation in the camera's frame (+X right, +Y up, looking
/// along −Z, so visible points have P.z &lt; 0) and projects to x = Cx + Fx·P.x/(−P.z), y = Cy − Fy·P.y/(−P.z), in input pixels.
/// </summary>
/// <param name="Rotation">3×3 row-major; applied as R·X (column vector). 9 values.</param>
/// <param name="Translation">Millimetres.</param>
public sealed record PinholeCamera(double Fx, double Fy, double Cx, double Cy, double[] Rotation, Vector3 Translation)
{
    /// <summary>From head space to the camera's frame, millimetres.</summary>
    public Vector3 ToCamera(Vector3 p)
    {
        var r = Rotation;
        return new Vector3(
            (float)((r[0] * p.X) + (r[1] * p.Y) + (r[2] * p.Z)),
            (float)((r[3] * p.X) + (r[4] * p.Y) + (r[5] * p.Z)),
            (float)((r[6] * p.X) + (r[7] * p.Y) + (r[8] * p.Z))) + Translation;
    }

    /// <summary>From head space to input pixels.</summary>
    public Vector2 Project(Vector3 p)
    {
        var q = ToCamera(p);
        return new Vector2((float)(Cx + (Fx * q.X / -q.Z)), (float)(Cy - (Fy * q.Y / -q.Z)));
    }

    /// <summary>The camera's centre in head space, millimetres: −Rᵀ·t.</summary>
    public Vector3 Centre => -RotateBack(Translation);

    /// <summary>
    /// The camera turned about its own axis, which turns its picture about the principal point: with P′ = R_z·P the offset from that point,
    /// (F·P.x, −F·P.y)/(−P.z), turns by −angle on the screen, as the content of a <see cref="FaceCrop"/> with that roll does. Of square pixels only.
    /// </summary>
    /// <param name="angle">Radians.</param>
    public PinholeCamera Rolled(double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        var r = Rotation;
        var rotation = new double[9];
        for (var c = 0; c < 3; c++)
        {
            rotation[c] = (cos * r[c]) - (sin * r[3 + c]);
            rotation[3 + c] = (sin * r[c]) + (cos * r[3 + c]);
            rotation[6 + c] = r[6 + c];
        }

        var t = Translation;
        return this with { Rotation = rotation, Translation = new Vector3((float)((cos * t.X) - (sin * t.Y)), (float)((sin * t.X) + (cos * t.Y)), t.Z) };
    }

    /// <summary>Turns a direction of the camera's frame into head space: Rᵀ·d.</summary>
    public Vector3 RotateBack(Vector3 d)
    {
        var r = Rotation;
        return new Vector3(
            (float)((r[0] * d.X) + (r[3] * d.Y) + (r[6] * d.Z)),
            (float)((r[1] * d.X) + (r[4] * d.Y) + (r[7] * d.Z)),
            (float)((r[2] * d.X) + (r[5] * d.Y) + (r[8] * d.Z)));
    }
}

/// <summary>
/// Incident radiance as real orthonormal spherical harmonics, index l·l+l+m without the Condon–Shortley sign, over directions of the
/// head's frame (+Y up, +Z out of the face), one linear Rec.709 triple a coefficient.
/// </summary>
/// <param name="Coefficients">(Bands+1)² triples.</param>
public sealed record ShLight(Vector3[] Coefficients)
{
    /// <summary>The highest band l: 2 for 9 coefficients, 8 for 81.</summary>
    public int Bands => (int)Math.Round(Math.Sqrt(Coefficients.Length)) - 1;

    /// <summary>White light from everywhere with radiance 1/π, so that a white Lambertian surface has colour 1.</summary>
    public static ShLight Uniform { get; } = MakeUniform();

    private static ShLight MakeUniform()
    {
        var c = new Vector3[9];

        // ∫ L·Y₀₀ dω with L = 1/π: 4π · (1/π) · 1/(2√π) = 2/√π.
        c[0] = new Vector3(2f / MathF.Sqrt(MathF.PI));
        return new ShLight(c);
    }
}
