using System.Collections.Concurrent;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace MoSar.Graphics;

/// <summary>
/// Which point of the template's surface each texel of an R×R atlas shows. Depends on the template only, so it is made once for each
/// template and resolution and shared. Texel (i, j) is row-major index j·R + i and shows u = (i+½)/R, v = (j+½)/R.
/// </summary>
public sealed class AtlasRaster
{
    private static readonly ConditionalWeakTable<FaceTemplate, ConcurrentDictionary<int, Lazy<AtlasRaster>>> Cache = [];

    // For each triangle: place of its first corner, then u = a·dx + b·dy and v = c·dx + d·dy relative to it (texels).
    private readonly float[] _affine;

    // The gutters' sources: half of the work of filling one, and the same for every picture.
    private readonly Lazy<int[]> _nearest;

    private AtlasRaster(FaceTemplate template, int resolution)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(resolution);
        (Template, Resolution) = (template, resolution);
        Triangle = new int[checked(resolution * resolution)];
        Array.Fill(Triangle, -1);
        TriangleList.Check(template.Uvs.Length, template.TriangleUvs);
        var (x, y) = (new double[template.Uvs.Length], new double[template.Uvs.Length]);
        for (var i = 0; i < x.Length; i++)
        {
            (x[i], y[i]) = (template.Uvs[i].X * (double)resolution, template.Uvs[i].Y * (double)resolution);
        }

        RasterKernel.Draw(new RasterKernel.Input(x, y, null, template.TriangleUvs), resolution, resolution, new First(Triangle), CancellationToken.None);
        _affine = MakeAffine(x, y, template.TriangleUvs);
        Covered = CollectCovered(Triangle);
        _nearest = new Lazy<int[]>(() => NearestCovered.Compute(Triangle, Resolution));
    }

    /// <summary>The shared raster of a template at a resolution.</summary>
    public static AtlasRaster For(FaceTemplate template, int resolution) =>
        Cache.GetOrCreateValue(template).GetOrAdd(resolution, r => new Lazy<AtlasRaster>(() => new AtlasRaster(template, r))).Value;

    public FaceTemplate Template { get; }

    /// <summary>R: texels along each side.</summary>
    public int Resolution { get; }

    /// <summary>R² indices of triangles; −1 where the atlas is empty. Only to read.</summary>
    public int[] Triangle { get; }

    /// <summary>The texels that show something, ascending. Only to read.</summary>
    public int[] Covered { get; }

    /// <summary>The weights of the three corners of <see cref="Triangle"/> at a covered texel's centre.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector3 Barycentric(int texel)
    {
        var (j, i) = Math.DivRem(texel, Resolution);
        var t = _affine.AsSpan(6 * Triangle[texel], 6);
        var (dx, dy) = (i + 0.5f - t[0], j + 0.5f - t[1]);
        var u = (t[2] * dx) + (t[3] * dy);
        var v = (t[4] * dx) + (t[5] * dy);
        return new Vector3(1 - u - v, u, v);
    }

    /// <summary>Interpolates one value a vertex. Output: one value for each of <see cref="Covered"/>, in its order.</summary>
    public Vector3[] Interpolate(Vector3[] perVertex, CancellationToken cancellation = default)
    {
        var result = new Vector3[Covered.Length];
        var triangles = Template.Triangles;
        ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var (t, b) = (3 * Triangle[Covered[k]], Barycentric(Covered[k]));
                result[k] = (perVertex[triangles[t]] * b.X) + (perVertex[triangles[t + 1]] * b.Y) + (perVertex[triangles[t + 2]] * b.Z);
            }
        });
        return result;
    }

    /// <summary>As <see cref="Interpolate(Vector3[], CancellationToken)"/>, scaled to unit length: for normals.</summary>
    public Vector3[] InterpolateUnit(Vector3[] perVertex, CancellationToken cancellation = default)
    {
        var result = Interpolate(perVertex, cancellation);
        ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                result[k] = Vector3.Normalize(result[k]);
            }
        });
        return result;
    }

    /// <summary>
    /// Points on the smooth surface that the normals describe rather than on its facets: each is moved out to the tangent planes of its
    /// triangle's corners (Hanika 2021, "Hacking the Shadow Terminator"). Rays that start there are not hidden by their own facet's
    /// neighbours towards the silhouette. Where the surface is hollow the points stay on the facets.
    /// </summary>
    /// <param name="normals">V unit normals.</param>
    public Vector3[] InterpolateSmooth(Vector3[] positions, Vector3[] normals, CancellationToken cancellation = default)
    {
        var result = new Vector3[Covered.Length];
        var triangles = Template.Triangles;
        ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var (t, b) = (3 * Triangle[Covered[k]], Barycentric(Covered[k]));
                var (i0, i1, i2) = (triangles[t], triangles[t + 1], triangles[t + 2]);
                var p = (positions[i0] * b.X) + (positions[i1] * b.Y) + (positions[i2] * b.Z);
                result[k] = p + (Rise(p, positions[i0], normals[i0]) * b.X) + (Rise(p, positions[i1], normals[i1]) * b.Y) + (Rise(p, positions[i2], normals[i2]) * b.Z);
            }
        });
        return result;

        static Vector3 Rise(Vector3 p, Vector3 corner, Vector3 normal) => normal * MathF.Max(0, Vector3.Dot(corner - p, normal));
    }

    /// <summary>Interpolates a weight a vertex, such as a region, over <see cref="Covered"/>.</summary>
    public float[] Interpolate(float[] perVertex, CancellationToken cancellation = default)
    {
        var result = new float[Covered.Length];
        var triangles = Template.Triangles;
        ForCovered(cancellation, (first, last) =>
        {
            for (var k = first; k < last; k++)
            {
                var (t, b) = (3 * Triangle[Covered[k]], Barycentric(Covered[k]));
                result[k] = (perVertex[triangles[t]] * b.X) + (perVertex[triangles[t + 1]] * b.Y) + (perVertex[triangles[t + 2]] * b.Z);
            }
        });
        return result;
    }

    /// <summary>Puts one value for each of <see cref="Covered"/> into an R×R×1 picture; 0 elsewhere.</summary>
    public Image Scatter(ReadOnlySpan<float> values)
    {
        var image = new Image(Resolution, Resolution, 1);
        for (var k = 0; k < values.Length; k++)
        {
            image.Pixels[Covered[k]] = values[k];
        }

        return image;
    }

    /// <summary>Puts one triple for each of <see cref="Covered"/> into an R×R×3 picture; 0 elsewhere.</summary>
    public Image Scatter(ReadOnlySpan<Vector3> values)
    {
        var image = new Image(Resolution, Resolution, 3);
        for (var k = 0; k < values.Length; k++)
        {
            values[k].CopyTo(image.Pixels, 3 * Covered[k]);
        }

        return image;
    }

    /// <summary>
    /// The surface's derivatives for each triangle: the change of position, mm, over one texel to the right and one texel down. Their lengths are
    /// a texel's true size, their directions the tangents of the atlas. Degenerate triangles have zeros.
    /// </summary>
    public (Vector3 Right, Vector3 Down)[] Derivatives(Vector3[] positions)
    {
        var triangles = Template.Triangles;
        var result = new (Vector3, Vector3)[triangles.Length / 3];
        for (var t = 0; t < result.Length; t++)
        {
            var p = positions[triangles[3 * t]];
            var (e1, e2) = (positions[triangles[(3 * t) + 1]] - p, positions[triangles[(3 * t) + 2]] - p);
            var a = _affine.AsSpan(6 * t, 6);
            result[t] = ((e1 * a[2]) + (e2 * a[4]), (e1 * a[3]) + (e2 * a[5]));
        }

        return result;
    }

    /// <summary>
    /// Continues the covered texels' values outwards, each empty texel taking its nearest covered one's, so that bilinear and mip-mapped lookups at
    /// a chart's border see no background. In place.
    /// </summary>
    /// <param name="image">R×R, any channels.</param>
    /// <param name="reach">How far, in texels; values beyond stay as they are.</param>
    public void FillGutter(Image image, int reach = int.MaxValue)
    {
        if (image.Width != Resolution || image.Height != Resolution)
        {
            throw new ArgumentException($"Expected {Resolution}×{Resolution}, not {image.Width}×{image.Height}.", nameof(image));
        }

        var nearest = _nearest.Value;
        var (n, limit) = (image.Channels, (long)Math.Min(reach, 2 * Resolution) * Math.Min(reach, 2 * Resolution));
        Parallel.For(0, Resolution, y =>
        {
            for (var x = 0; x < Resolution; x++)
            {
                var at = (y * Resolution) + x;
                var source = nearest[at];
                if (source == at || source < 0)
                {
                    continue;
                }

                long dx = (source % Resolution) - x, dy = (source / Resolution) - y;
                if ((dx * dx) + (dy * dy) <= limit)
                {
                    image.Pixels.AsSpan(source * n, n).CopyTo(image.Pixels.AsSpan(at * n, n));
                }
            }
        });
    }

    /// <summary>Runs over ranges of <see cref="Covered"/> in parallel: (first, last + 1).</summary>
    public void ForCovered(CancellationToken cancellation, Action<int, int> range)
    {
        const int chunk = 8192;
        Parallel.For(0, (Covered.Length + chunk - 1) / chunk, new ParallelOptions { CancellationToken = cancellation }, c =>
            range(c * chunk, Math.Min((c + 1) * chunk, Covered.Length)));
    }

    private static int[] CollectCovered(int[] triangle)
    {
        var count = 0;
        foreach (var t in triangle)
        {
            count += t >= 0 ? 1 : 0;
        }

        var covered = new int[count];
        var next = 0;
        for (var i = 0; i < triangle.Length; i++)
        {
            if (triangle[i] >= 0)
            {
                covered[next++] = i;
            }
        }

        return covered;
    }

    private static float[] MakeAffine(double[] x, double[] y, int[] indices)
    {
        var affine = new float[2 * indices.Length];
        for (var t = 0; t < indices.Length / 3; t++)
        {
            var (i, j, k) = (indices[3 * t], indices[(3 * t) + 1], indices[(3 * t) + 2]);
            var (ax, ay, bx, by) = (x[j] - x[i], y[j] - y[i], x[k] - x[i], y[k] - y[i]);
            var area = (ax * by) - (ay * bx);
            var inverse = area == 0 ? 0 : 1 / area;
            var a = affine.AsSpan(6 * t, 6);
            (a[0], a[1]) = ((float)x[i], (float)y[i]);
            (a[2], a[3]) = ((float)(by * inverse), (float)(-bx * inverse));
            (a[4], a[5]) = ((float)(-ay * inverse), (float)(ax * inverse));
        }

        return affine;
    }

    private readonly struct First(int[] triangle) : RasterKernel.ISink
    {
        public void Put(int at, int index, double b1, double b2, double inverseDepth)
        {
            if (triangle[at] < 0)
            {
                triangle[at] = index;
            }
        }
    }
}
