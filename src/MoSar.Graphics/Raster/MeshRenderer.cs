using System.Numerics;

namespace MoSar.Graphics;

/// <summary>
/// Everything that shading needs of what a camera sees: only the samples that show the mesh, in row-major order, structure of arrays with
/// N entries each. Others shade the samples and <see cref="Resolve(ReadOnlySpan{float}, Image?)"/> averages them into pixels.
/// </summary>
public sealed class GBuffer
{
    internal GBuffer(int width, int height, int supersample, int[] samples)
    {
        (Width, Height, Supersample, Samples) = (width, height, supersample, samples);
        var n = samples.Length;
        (Triangle, Barycentric, Uv, Position, Normal, Tangent, Depth) =
            (new int[n], new Vector3[n], new Vector2[n], new Vector3[n], new Vector3[n], new Vector4[n], new float[n]);
    }

    /// <summary>Pixels of the picture.</summary>
    public int Width { get; }

    public int Height { get; }

    /// <summary>Samples along each side of a pixel.</summary>
    public int Supersample { get; }

    /// <summary>N.</summary>
    public int Count => Samples.Length;

    /// <summary>Row-major index of each sample in the Width·s × Height·s grid, ascending.</summary>
    public int[] Samples { get; }

    public int[] Triangle { get; }

    public Vector3[] Barycentric { get; }

    /// <summary>Texture coordinates, origin top left.</summary>
    public Vector2[] Uv { get; }

    /// <summary>Head space, mm.</summary>
    public Vector3[] Position { get; }

    /// <summary>Interpolated vertex normal, unit, head space.</summary>
    public Vector3[] Normal { get; }

    /// <summary>Interpolated tangent (+u), unit and orthogonal to the normal; the bitangent (−v) is cross(normal, tangent)·w.</summary>
    public Vector4[] Tangent { get; }

    /// <summary>Along the viewing axis, mm.</summary>
    public float[] Depth { get; }

    /// <summary>The fraction of each pixel that shows the mesh: Height×Width×1 in [0, 1].</summary>
    public Image Coverage()
    {
        var image = new Image(Width, Height, 1);
        var share = 1f / (Supersample * Supersample);
        foreach (var sample in Samples)
        {
            image.Pixels[Pixel(sample)] += share;
        }

        return image;
    }

    /// <summary>Averages shaded samples into pixels over a background.</summary>
    /// <param name="colours">3N linear values, interleaved.</param>
    /// <param name="background">Height×Width×3, or null for black.</param>
    public Image Resolve(ReadOnlySpan<float> colours, Image? background = null)
    {
        var result = new Image(Width, Height, 3);
        var share = 1f / (Supersample * Supersample);
        var uncovered = background is null ? null : new float[Width * Height];
        uncovered?.AsSpan().Fill(1);
        for (var k = 0; k < Samples.Length; k++)
        {
            var pixel = Pixel(Samples[k]);
            var target = result.Pixels.AsSpan(3 * pixel, 3);
            (new Vector3(target) + (new Vector3(colours.Slice(3 * k, 3)) * share)).CopyTo(target);
            if (uncovered is not null)
            {
                uncovered[pixel] -= share;
            }
        }

        for (var i = 0; uncovered is not null && i < uncovered.Length; i++)
        {
            var target = result.Pixels.AsSpan(3 * i, 3);
            (new Vector3(target) + (new Vector3(background!.Pixels.AsSpan(3 * i, 3)) * MathF.Max(0, uncovered[i]))).CopyTo(target);
        }

        return result;
    }

    /// <summary>As <see cref="Resolve(ReadOnlySpan{float}, Image?)"/>, from vectors.</summary>
    public Image Resolve(ReadOnlySpan<Vector3> colours, Image? background = null) =>
        Resolve(System.Runtime.InteropServices.MemoryMarshal.Cast<Vector3, float>(colours), background);

    private int Pixel(int sample)
    {
        var (row, column) = Math.DivRem(sample, Width * Supersample);
        return (row / Supersample * Width) + (column / Supersample);
    }
}

/// <summary>Mesh and camera → <see cref="GBuffer"/>, for previews, relighting and training pictures.</summary>
public static class MeshRenderer
{
    /// <param name="camera">In pixels of the Width × Height picture.</param>
    /// <param name="supersample">1 for speed, 2 or 3 for clean edges.</param>
    /// <param name="normals">V unit normals; null: angle-weighted.</param>
    public static GBuffer Render(
        Mesh mesh, PinholeCamera camera, int width, int height, int supersample = 2, Vector3[]? normals = null, CancellationToken cancellation = default)
    {
        var template = mesh.Template;
        var vertexNormals = normals ?? MeshNormals.Of(mesh);
        var tangents = MeshTangents.Of(mesh, vertexNormals);
        var raster = Rasterizer.Draw(camera, mesh, width, height, supersample, cancellation);
        var samples = Covered(raster.Triangle);
        var g = new GBuffer(width, height, supersample, samples);
        const int chunk = 4096;
        Parallel.For(0, (samples.Length + chunk - 1) / chunk, new ParallelOptions { CancellationToken = cancellation }, c =>
        {
            for (var k = c * chunk; k < Math.Min((c + 1) * chunk, samples.Length); k++)
            {
                var at = samples[k];
                var t = 3 * raster.Triangle[at];
                var b = raster.Barycentric(at);
                var (i0, i1, i2) = (template.Triangles[t], template.Triangles[t + 1], template.Triangles[t + 2]);
                var (t0, t1, t2) = (template.TriangleUvs[t], template.TriangleUvs[t + 1], template.TriangleUvs[t + 2]);
                var normal = Vector3.Normalize((vertexNormals[i0] * b.X) + (vertexNormals[i1] * b.Y) + (vertexNormals[i2] * b.Z));
                var tangent = ((tangents[t0] * b.X) + (tangents[t1] * b.Y) + (tangents[t2] * b.Z)).AsVector3();
                g.Triangle[k] = t / 3;
                g.Barycentric[k] = b;
                g.Uv[k] = (template.Uvs[t0] * b.X) + (template.Uvs[t1] * b.Y) + (template.Uvs[t2] * b.Z);
                g.Position[k] = (mesh.Positions[i0] * b.X) + (mesh.Positions[i1] * b.Y) + (mesh.Positions[i2] * b.Z);
                g.Normal[k] = normal;
                g.Tangent[k] = new Vector4(Vector3.Normalize(tangent - (normal * Vector3.Dot(normal, tangent))), tangents[t0].W);
                g.Depth[k] = raster.Depth[at];
            }
        });
        return g;
    }

    private static int[] Covered(int[] triangle)
    {
        var samples = new int[triangle.Length - triangle.AsSpan().Count(-1)];
        for (int i = 0, next = 0; i < triangle.Length; i++)
        {
            if (triangle[i] >= 0)
            {
                samples[next++] = i;
            }
        }

        return samples;
    }
}
