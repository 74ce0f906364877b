using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Graphics;
using MoSar.Learning;

namespace MoSar.Training.Synthetic;

/// <summary>
/// One head with everything on it, in the camera's frame and on the screen. Triangles are numbered: head, then its shell (hair over
/// the same triangles), then props; vertices likewise.
/// </summary>
internal sealed class Scene
{
    private readonly Material[] headMaterials;
    private readonly Props props;
    private readonly bool[] shellDrawn;

    public Scene(
        FaceTemplate template, Material[] headMaterials, Props props, Vector3[] positions, Vector3[] rest, float[] cover, Hair hair,
        IReadOnlyList<Vector3[]> lenses, HeadPose pose, Vector3[] landmarks, Vector2[] definition, int size, int oversampling)
    {
        (this.headMaterials, this.props, Template, Rest, Cover, Hair) = (headMaterials, props, template, rest, cover, hair);
        var v = template.VertexCount;
        Camera = [.. positions.Select(p => Vector3.Transform(p, pose.Rotation) + pose.Translation)];
        var all = MeshNormals.AreaWeighted(Camera.AsSpan(0, v), template.Triangles);
        var shell = MeshNormals.AreaWeighted(Camera.AsSpan(v, v), template.Triangles);
        var rest2 = MeshNormals.AreaWeighted(Camera.AsSpan(2 * v), CollectionsMarshal.AsSpan(props.Triangles));
        Normal = [.. all, .. shell, .. rest2];
        shellDrawn = new bool[headMaterials.Length];
        for (var t = 0; t < shellDrawn.Length; t++)
        {
            var c = template.Triangles.AsSpan(3 * t, 3);
            shellDrawn[t] = headMaterials[t] == Material.Skin && MathF.Max(cover[c[0]], MathF.Max(cover[c[1]], cover[c[2]])) > 0.02f;
        }

        // The picture's scale follows from the face crop of the projected landmarks.
        var jaw = VisibleJaw(template, positions, pose);
        var flat = landmarks.Select((p, i) => OnPlane(i < 17 ? jaw[i] : Vector3.Transform(p, pose.Rotation) + pose.Translation)).ToArray();
        var crop = FaceCrops.FromLandmarks(flat);
        var scale = size / (Cutout.Margin * crop.Size);
        Vector2 Place(Vector2 p) => ((p - crop.Centre) * scale) + new Vector2(size * 0.5f);
        Screen = [.. Camera.Select(p => p.Z < -25 ? new Vector3(Place(OnPlane(p)), -1 / p.Z) : new Vector3(float.NaN))];
        var (sin, cos) = MathF.SinCos(crop.Roll);
        Points = [.. flat.Select((p, i) =>
        {
            var d = definition[i] * crop.Size;
            return Place(p + new Vector2((cos * d.X) - (sin * d.Y), (sin * d.X) + (cos * d.Y))) / oversampling;
        })];
        Crop = FaceCrops.FromLandmarks(Points);
        Lenses = [.. lenses.Select(lens => lens.Select(p => Place(OnPlane(Vector3.Transform(p, pose.Rotation) + pose.Translation))).ToArray())];
        LensKeys = [.. lenses.Select(lens => lens.Max(p => -1 / (Vector3.Transform(p, pose.Rotation) + pose.Translation).Z))];
    }

    public FaceTemplate Template { get; }

    /// <summary>All vertices in the camera's frame, mm.</summary>
    public Vector3[] Camera { get; }

    /// <summary>All vertices: x, y in samples and 1/depth; NaN behind the camera.</summary>
    public Vector3[] Screen { get; }

    public Vector3[] Normal { get; }

    /// <summary>Where the vertex is on the mean head, or its coordinates on its prop: what patterns are made from.</summary>
    public Vector3[] Rest { get; }

    /// <summary>Hair on each vertex of the head.</summary>
    public float[] Cover { get; }

    public Hair Hair { get; }

    /// <summary>68 positions in pixels of the cut-out.</summary>
    public Vector2[] Points { get; }

    public FaceCrop Crop { get; }

    /// <summary>Outlines of spectacle lenses in samples, and the key (1/depth) at which each lies.</summary>
    public Vector2[][] Lenses { get; }

    public float[] LensKeys { get; }

    public int HeadTriangles => headMaterials.Length;

    public Material MaterialOf(int triangle) =>
        triangle < HeadTriangles ? headMaterials[triangle]
        : triangle < 2 * HeadTriangles ? Material.Shell
        : props.Materials[triangle - (2 * HeadTriangles)];

    /// <summary>The three vertices of a triangle.</summary>
    public (int A, int B, int C) Corners(int triangle)
    {
        var v = Template.VertexCount;
        if (triangle < 2 * HeadTriangles)
        {
            var at = 3 * (triangle % HeadTriangles);
            var shift = triangle < HeadTriangles ? 0 : v;
            return (Template.Triangles[at] + shift, Template.Triangles[at + 1] + shift, Template.Triangles[at + 2] + shift);
        }

        var p = 3 * (triangle - (2 * HeadTriangles));
        return (props.Triangles[p] + (2 * v), props.Triangles[p + 1] + (2 * v), props.Triangles[p + 2] + (2 * v));
    }

    public void Draw(TriangleBuffer buffer, ReadOnlySpan<Vector3> vertices)
    {
        var v = Template.VertexCount;
        buffer.Draw(vertices[..v], Template.Triangles, 0);

        // The shell coincides with the skin where hair has no height: a hair's breadth nearer settles the tie.
        buffer.Draw(vertices.Slice(v, v), Template.Triangles, HeadTriangles, shellDrawn, 1e-7f);
        buffer.Draw(vertices[(2 * v)..], CollectionsMarshal.AsSpan(props.Triangles), 2 * HeadTriangles);
    }

    /// <summary>The screen's plane at unit focal length: x to the right, y down.</summary>
    private static Vector2 OnPlane(Vector3 p) => new Vector2(p.X, -p.Y) / -p.Z;

    /// <summary>Of each jaw landmark's candidates the one that lies furthest out in the picture: the contour a person would click.</summary>
    private static Vector3[] VisibleJaw(FaceTemplate template, ReadOnlySpan<Vector3> positions, HeadPose pose)
    {
        var jaw = new Vector3[17];
        var right = OnPlaneDirection(Vector3.Transform(Vector3.UnitX, pose.Rotation));
        var down = OnPlaneDirection(Vector3.Transform(-Vector3.UnitY, pose.Rotation));
        right = Vector2.Normalize(new Vector2(down.Y, -down.X)) * (Vector2.Dot(new Vector2(down.Y, -down.X), right) < 0 ? -1 : 1);
        for (var j = 0; j < jaw.Length; j++)
        {
            // Outward turns from straight aside at the ears to straight down at the chin.
            var (sin, cos) = MathF.SinCos(MathF.PI * (j - 8) / 16);
            var outward = (sin * right) + (cos * Vector2.Normalize(down));
            var best = float.NegativeInfinity;
            foreach (var candidate in template.JawCandidates[j])
            {
                var p = Vector3.Transform(candidate.On(template, positions), pose.Rotation) + pose.Translation;
                var reach = Vector2.Dot(OnPlane(p), outward);
                if (reach > best)
                {
                    (best, jaw[j]) = (reach, p);
                }
            }
        }

        return jaw;
    }

    private static Vector2 OnPlaneDirection(Vector3 d) => new(d.X, -d.Y);
}
