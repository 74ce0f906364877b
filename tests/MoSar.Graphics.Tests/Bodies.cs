using System.Numerics;

namespace MoSar.Graphics.Tests;

/// <summary>Small bodies with the conventions of a head: mm, +Y up, the front along +Z, quads, a texture seam at the back.</summary>
internal static class Bodies
{
    /// <summary>An ellipsoid with a nose that hides a part of its side; u = ½ is the front, v = 0 the top.</summary>
    public static Mesh Head(int rings = 40, int sectors = 64)
    {
        var positions = new List<Vector3> { new(0, 120, 0) };
        var uvs = new List<Vector2>();
        for (var r = 1; r < rings; r++)
        {
            for (var s = 0; s < sectors; s++)
            {
                positions.Add(Surface(r / (float)rings, s / (float)sectors));
            }
        }

        positions.Add(new Vector3(0, -120, 0));
        for (var r = 0; r <= rings; r++)
        {
            for (var s = 0; s <= sectors; s++)
            {
                uvs.Add(new Vector2(0.02f + (0.96f * s / sectors), 0.02f + (0.96f * r / rings)));
            }
        }

        int Vertex(int r, int s) => r == 0 ? 0 : r == rings ? positions.Count - 1 : 1 + ((r - 1) * sectors) + (s % sectors);
        int Uv(int r, int s) => (r * (sectors + 1)) + s;
        var (faces, faceUvs, triangles, triangleUvs) = (new List<int>(), new List<int>(), new List<int>(), new List<int>());
        for (var r = 0; r < rings; r++)
        {
            for (var s = 0; s < sectors; s++)
            {
                int[] q = [Vertex(r, s), Vertex(r + 1, s), Vertex(r + 1, s + 1), Vertex(r, s + 1)];
                int[] t = [Uv(r, s), Uv(r + 1, s), Uv(r + 1, s + 1), Uv(r, s + 1)];
                if (r == 0)
                {
                    (q, t) = ([q[0], q[1], q[2], -1], [t[0], t[1], t[2], -1]);
                }
                else if (r == rings - 1)
                {
                    (q, t) = ([q[0], q[1], q[3], -1], [t[0], t[1], t[3], -1]);
                }

                faces.AddRange(q);
                faceUvs.AddRange(t);
                triangles.AddRange(q[..3]);
                triangleUvs.AddRange(t[..3]);
                if (q[3] >= 0)
                {
                    triangles.AddRange([q[0], q[2], q[3]]);
                    triangleUvs.AddRange([t[0], t[2], t[3]]);
                }
            }
        }

        var jaw = new Vector3[positions.Count];
        for (var i = 0; i < jaw.Length; i++)
        {
            jaw[i] = new Vector3(0, positions[i].Y < -40 && positions[i].Z > 20 ? -8 : 0, 0);
        }

        var template = new FaceTemplate
        {
            Id = "test-head/1",
            VertexCount = positions.Count,
            Faces = [.. faces],
            FaceUvs = [.. faceUvs],
            Uvs = [.. uvs],
            Triangles = [.. triangles],
            TriangleUvs = [.. triangleUvs],
            Mirror = new int[positions.Count],
            Regions = new Dictionary<string, float[]>(),
            Landmarks = [],
            JawCandidates = [],
            Expressions = [new Blendshape("jawOpen", jaw), new Blendshape("rest", new Vector3[positions.Count])],
        };
        return new Mesh(template, [.. positions]);
    }

    /// <summary>A camera before the head, turned a little, that sees all of it in a square picture.</summary>
    public static PinholeCamera Camera(int size, double yaw = 0.35, double pitch = -0.2, double roll = 0.1)
    {
        var f = 2.4 * size;
        return new PinholeCamera(f, f, size * 0.51, size * 0.485, Lights.Rotation(pitch, yaw, roll), new Vector3(4, -6, -800));
    }

    // u = ½ looks along +Z; u grows to the picture's right as the head is seen from outside, which is +X.
    private static Vector3 Surface(float v, float u)
    {
        var (phi, theta) = ((u - 0.5f) * 2 * MathF.PI, v * MathF.PI);
        var n = new Vector3(MathF.Sin(theta) * MathF.Sin(phi), MathF.Cos(theta), MathF.Sin(theta) * MathF.Cos(phi));
        var nose = 60 * MathF.Exp(-110 * ((phi * phi * 0.5f) + ((v - 0.55f) * (v - 0.55f) * 6)));
        return (n * new Vector3(80, 120, 95)) + new Vector3(0, 0, nose);
    }
}
