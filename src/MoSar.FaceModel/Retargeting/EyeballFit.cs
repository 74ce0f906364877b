using System.Numerics;
using MoSar.Faces.Fitting;
using MoSar.Graphics;

namespace MoSar.Faces.Retargeting;

/// <summary>
/// Eyeballs are pieces of their own and never take part in drawing skin onto skin: the template's are put where the mesh's are, by sphere to sphere, or
/// follow the lids where the mesh has none. Gaze is not turned: both look along +Z.
/// </summary>
internal static class EyeballFit
{
    private const float LargestOffset = 9;

    /// <summary>The part of each of the template's triangles.</summary>
    public static byte[] Parts(FaceTemplate template)
    {
        var eyeballs = template.Regions["eyeballs"];
        var mirrored = template.Mirror;
        var parts = new byte[template.Triangles.Length / 3];
        for (var t = 0; t < parts.Length; t++)
        {
            var v = template.Triangles[3 * t];
            parts[t] = eyeballs[v] <= 0.5f ? AtlasSide.Skin : v < mirrored[v] ? AtlasSide.EyeA : AtlasSide.EyeB;
        }

        return parts;
    }

    /// <summary>Moves the template's eyeballs, and finds the mesh's.</summary>
    /// <param name="positions">The template on the mesh; eyeballs are moved in place.</param>
    /// <param name="shape">The template before it was drawn onto the mesh, with eyeballs in their sockets.</param>
    /// <param name="isSkin">For each triangle of the mesh.</param>
    /// <returns>The part of each of the mesh's triangles.</returns>
    public static byte[] Place(FaceTemplate template, Vector3[] positions, Vector3[] shape, Mesh mesh, MeshComponents components, bool[] isSkin)
    {
        var parts = new byte[isSkin.Length];
        for (var t = 0; t < parts.Length; t++)
        {
            parts[t] = isSkin[t] ? AtlasSide.Skin : AtlasSide.None;
        }

        var own = Parts(template);
        foreach (var part in (ReadOnlySpan<byte>)[AtlasSide.EyeA, AtlasSide.EyeB])
        {
            var vertices = Enumerable.Range(0, own.Length).Where(t => own[t] == part).SelectMany(t => Enumerable.Range(3 * t, 3).Select(i => template.Triangles[i])).Distinct().ToArray();
            var (centre, radius) = Sphere([.. vertices.Select(v => shape[v])]);
            var shift = LidShift(template, positions, shape, centre);
            var scale = 1f;
            if (FindEyeball(mesh, components, isSkin, centre + shift, radius) is { } found)
            {
                (shift, scale) = (found.Centre - centre, found.Radius / radius);
                for (var t = 0; t < parts.Length; t++)
                {
                    parts[t] = found.Pieces.Contains(components.Component[mesh.Template.Triangles[3 * t]]) ? part : parts[t];
                }
            }

            foreach (var v in vertices)
            {
                positions[v] = centre + shift + (scale * (shape[v] - centre));
            }
        }

        return parts;
    }

    /// <summary>
    /// Takes away the texture coordinates of what has no counterpart, and of eyeballs that lie over the skin in the atlas: those have a texture of
    /// their own (ICT-FaceKit's, FLAME's), and the one at hand is the skin's.
    /// </summary>
    public static AtlasSide WithoutOthersTextures(Mesh mesh, byte[] parts)
    {
        const int size = 256;
        var skin = Covered(mesh, parts, AtlasSide.Skin, size);
        foreach (var part in (ReadOnlySpan<byte>)[AtlasSide.EyeA, AtlasSide.EyeB])
        {
            var eye = Covered(mesh, parts, part, size);
            var shared = eye.Intersect(skin).Count();
            for (var t = 0; t < parts.Length && shared > 0.1 * eye.Count; t++)
            {
                parts[t] = parts[t] == part ? AtlasSide.None : parts[t];
            }
        }

        return new AtlasSide(mesh with { Template = Keeping(mesh.Template, t => parts[t] != AtlasSide.None) }, parts);
    }

    private static HashSet<int> Covered(Mesh mesh, byte[] parts, byte part, int size) => [.. AtlasRaster.For(Keeping(mesh.Template, t => parts[t] == part), size).Covered];

    private static FaceTemplate Keeping(FaceTemplate template, Func<int, bool> isKept)
    {
        var nowhere = template.Uvs.Length;
        return template with
        {
            Uvs = [.. template.Uvs, ForeignMesh.NoUv],
            TriangleUvs = [.. template.TriangleUvs.Select((uv, i) => isKept(i / 3) ? uv : nowhere)],
        };
    }

    /// <summary>Pieces whose sphere lies in the socket: an eyeball may have several (white, cornea, iris).</summary>
    private static (Vector3 Centre, float Radius, HashSet<int> Pieces)? FindEyeball(Mesh mesh, MeshComponents components, bool[] isSkin, Vector3 place, float radius)
    {
        var skin = new HashSet<int>();
        for (var t = 0; t < isSkin.Length; t++)
        {
            if (isSkin[t])
            {
                skin.Add(components.Component[mesh.Template.Triangles[3 * t]]);
            }
        }

        var pieces = new HashSet<int>();
        (Vector3 Centre, float Radius) best = default;
        foreach (var piece in Enumerable.Range(0, mesh.Positions.Length).GroupBy(v => components.Component[v]).Where(g => !skin.Contains(g.Key)))
        {
            Vector3[] points = [.. piece.Select(v => mesh.Positions[v])];
            if (points.Length >= 12 && Sphere(points) is var sphere && Vector3.Distance(sphere.Centre, place) < LargestOffset && sphere.Radius > 0.6f * radius && sphere.Radius < 1.6f * radius
                && points.All(p => Vector3.Distance(p, place) < 2.5f * radius))
            {
                pieces.Add(piece.Key);
                best = sphere.Radius > best.Radius ? sphere : best;
            }
        }

        return pieces.Count > 0 ? (best.Centre, best.Radius, pieces) : null;
    }

    private static Vector3 LidShift(FaceTemplate template, Vector3[] positions, Vector3[] shape, Vector3 centre)
    {
        var lids = template.Regions["eyelids"];
        var (sum, total) = (Vector3.Zero, 1e-6f);
        for (var v = 0; v < lids.Length; v++)
        {
            if (lids[v] > 0.5f && Vector3.Distance(shape[v], centre) < 25)
            {
                (sum, total) = (sum + positions[v] - shape[v], total + 1);
            }
        }

        return sum / total;
    }

    /// <summary>The sphere of least algebraic distance.</summary>
    private static (Vector3 Centre, float Radius) Sphere(Vector3[] points)
    {
        var mean = points.Aggregate(Vector3.Zero, (a, b) => a + b) / points.Length;
        var equations = new NormalEquations(4);
        foreach (var p in points)
        {
            var q = p - mean;
            equations.AddRow([2 * q.X, 2 * q.Y, 2 * q.Z, 1], q.LengthSquared(), 1);
        }

        // A flat piece has no sphere: the ridge gives it a huge one.
        for (var k = 0; k < 4; k++)
        {
            equations.AddDiagonal(k, 1e-6, 0);
        }

        var x = equations.Solve([0, 1, 2, 3]);
        var centre = new Vector3((float)x[0], (float)x[1], (float)x[2]);
        return (mean + centre, MathF.Sqrt(MathF.Max(0, (float)x[3] + centre.LengthSquared())));
    }
}
