using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace MoSar.Graphics;

/// <summary>Closest hits of N rays, structure of arrays.</summary>
/// <param name="Triangle">Index of the triangle, −1 for none.</param>
/// <param name="Distance">In lengths of the ray's direction; +∞ for none.</param>
/// <param name="U">Weight of the triangle's second corner.</param>
/// <param name="V">Weight of its third; the first has 1 − U − V.</param>
public sealed record RayHits(int[] Triangle, float[] Distance, float[] U, float[] V)
{
    public Vector3 Barycentric(int ray) => new(1 - U[ray] - V[ray], U[ray], V[ray]);
}

/// <summary>
/// Ray queries against triangles by Embree: always for many rays at once, in packets of 16, on all cores, cancellable between chunks.
/// The tree is built by one thread and sampling patterns depend on seed and point only, so that results repeat bit for bit.
/// </summary>
public sealed unsafe partial class RayScene : IDisposable
{
    // Some tenth of a millisecond of work: little enough to cancel soon, enough to hide the call.
    private const int Chunk = 2048;

    private readonly SceneHandle _handle;

    /// <param name="positions">Vertices, any unit.</param>
    /// <param name="triangles">3 indices a triangle.</param>
    /// <param name="watertight">True: no ray slips through a shared edge. False: a third faster, for statistics over many rays such as openness.</param>
    /// <param name="mixed">True: for a renderer's rays, by the narrower kernels that suit packets of which few go alike.</param>
    /// <exception cref="ArgumentException">An index is out of range or the length no multiple of 3.</exception>
    public RayScene(ReadOnlySpan<Vector3> positions, ReadOnlySpan<int> triangles, bool watertight = true, bool mixed = false)
    {
        TriangleList.Check(positions.Length, triangles);
        fixed (Vector3* p = positions)
        fixed (int* t = triangles)
        {
            _handle = Built(Create((float*)p, positions.Length, t, triangles.Length / 3, watertight ? 1 : 0, mixed ? 1 : 0));
        }
    }

    private RayScene(SceneHandle handle) => _handle = handle;

    public RayScene(Mesh mesh, bool watertight = true)
        : this(mesh.Positions, mesh.Template.Triangles, watertight)
    {
    }

    /// <summary>Hairs as ribbons that face every ray. A hit's triangle is its segment, U runs along it from the segment's first point.</summary>
    /// <param name="points">Position and half width, any unit.</param>
    /// <param name="segments">The index of the first of each segment's two points, which follow each other.</param>
    /// <exception cref="ArgumentException">A segment has no second point.</exception>
    public static RayScene Strands(ReadOnlySpan<Vector4> points, ReadOnlySpan<int> segments)
    {
        foreach (var first in segments)
        {
            if (first < 0 || first + 1 >= points.Length)
            {
                throw new ArgumentException($"Segment {first} is outside 0..{points.Length - 2}.");
            }
        }

        fixed (Vector4* p = points)
        fixed (int* s = segments)
        {
            return new RayScene(Built(CreateStrands((float*)p, points.Length, s, segments.Length)));
        }
    }

    /// <summary>As <see cref="Closest"/>, on the calling thread and into the caller's memory: for renderers with threads and tiles of their own.</summary>
    public void ClosestInto(
        ReadOnlySpan<Vector3> origins, ReadOnlySpan<Vector3> directions, Span<int> triangle, Span<float> distance, Span<float> u, Span<float> v, float near = 0, bool coherent = false)
    {
        var n = origins.Length;
        if (directions.Length < n || triangle.Length < n || distance.Length < n || u.Length < n || v.Length < n)
        {
            throw new ArgumentException($"A span is shorter than the {n} origins.");
        }

        var held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            fixed (Vector3* o = origins, d = directions)
            fixed (int* t = triangle)
            fixed (float* distances = distance, us = u, vs = v)
            {
                FindClosest(_handle.DangerousGetHandle(), (float*)o, (float*)d, n, near, float.PositiveInfinity, coherent ? 1 : 0, t, distances, us, vs);
            }
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>As <see cref="Occluded"/> without ends, on the calling thread and into the caller's memory.</summary>
    public void OccludedInto(ReadOnlySpan<Vector3> origins, ReadOnlySpan<Vector3> directions, Span<byte> occluded, float near = 0, bool coherent = false)
    {
        var n = origins.Length;
        if (directions.Length < n || occluded.Length < n)
        {
            throw new ArgumentException($"A span is shorter than the {n} origins.");
        }

        var held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            fixed (Vector3* o = origins, d = directions)
            fixed (byte* result = occluded)
            {
                FindOccluded(_handle.DangerousGetHandle(), (float*)o, (float*)d, null, n, near, coherent ? 1 : 0, result);
            }
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    /// <summary>The nearest triangle along each ray.</summary>
    /// <param name="near">Where rays begin, in lengths of the direction.</param>
    /// <param name="coherent">Neighbouring rays are alike, as a camera's.</param>
    public RayHits Closest(Vector3[] origins, Vector3[] directions, float near = 0, float far = float.PositiveInfinity, bool coherent = false, CancellationToken cancellation = default)
    {
        CheckLengths(origins, directions);
        var n = origins.Length;
        var hits = new RayHits(new int[n], new float[n], new float[n], new float[n]);
        ForChunks(n, cancellation, (scene, first, count) =>
        {
            fixed (Vector3* o = &origins[first])
            fixed (Vector3* d = &directions[first])
            fixed (int* triangle = &hits.Triangle[first])
            fixed (float* t = &hits.Distance[first])
            fixed (float* u = &hits.U[first])
            fixed (float* v = &hits.V[first])
            {
                FindClosest(scene, (float*)o, (float*)d, count, near, far, coherent ? 1 : 0, triangle, t, u, v);
            }
        });
        return hits;
    }

    /// <summary>1 where anything lies on the ray between near and far (in lengths of its direction), else 0.</summary>
    /// <param name="far">One end a ray; null: infinitely far.</param>
    public byte[] Occluded(Vector3[] origins, Vector3[] directions, float[]? far = null, float near = 0, bool coherent = false, CancellationToken cancellation = default)
    {
        CheckLengths(origins, directions);
        var result = new byte[origins.Length];
        ForChunks(origins.Length, cancellation, (scene, first, count) =>
        {
            fixed (Vector3* o = &origins[first])
            fixed (Vector3* d = &directions[first])
            fixed (float* f = far is null ? null : far.AsSpan(first))
            fixed (byte* r = &result[first])
            {
                FindOccluded(scene, (float*)o, (float*)d, f, count, near, coherent ? 1 : 0, r);
            }
        });
        return result;
    }

    /// <summary>
    /// Ambient occlusion: the fraction in [0, 1] of the cosine-weighted hemisphere over each point that is open.
    /// </summary>
    /// <param name="rays">A point; a multiple of 16 wastes none.</param>
    /// <param name="seed">Turns the sampling patterns.</param>
    /// <param name="offset">How far points are lifted along the normal, mm.</param>
    /// <param name="far">What lies farther does not occlude, mm.</param>
    /// <param name="bentNormals">Null, or as many as points: filled with the mean open directions.</param>
    public float[] Openness(
        Vector3[] points, Vector3[] normals, int rays, int seed = 1, float offset = 0.02f, float far = float.PositiveInfinity, Vector3[]? bentNormals = null, CancellationToken cancellation = default)
    {
        CheckLengths(points, normals);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rays);
        var result = new float[points.Length];
        ForChunks(points.Length, cancellation, (scene, first, count) =>
        {
            fixed (Vector3* p = &points[first])
            fixed (Vector3* n = &normals[first])
            fixed (float* r = &result[first])
            fixed (Vector3* b = bentNormals is null ? null : bentNormals.AsSpan(first))
            {
                FindOpenness(scene, (float*)p, (float*)n, first, count, rays, offset, far, (uint)seed, r, (float*)b);
            }
        });
        return result;
    }

    /// <summary>The mean way, in mm and at most <paramref name="far"/>, that rays travel inside the body before they leave it, within a cone around −normal.</summary>
    /// <param name="coneDegrees">Half angle of the cone; rays are cosine-weighted in it.</param>
    public float[] Thickness(
        Vector3[] points, Vector3[] normals, int rays, float coneDegrees, float far, int seed = 1, float offset = 0.02f, CancellationToken cancellation = default)
    {
        CheckLengths(points, normals);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rays);
        var result = new float[points.Length];
        var sine = MathF.Sin(coneDegrees * MathF.PI / 180);
        ForChunks(points.Length, cancellation, (scene, first, count) =>
        {
            fixed (Vector3* p = &points[first])
            fixed (Vector3* n = &normals[first])
            fixed (float* r = &result[first])
            {
                FindThickness(scene, (float*)p, (float*)n, first, count, rays, sine * sine, offset, far, (uint)seed, r);
            }
        });
        return result;
    }

    public void Dispose() => _handle.Dispose();

    private void ForChunks(int count, CancellationToken cancellation, Action<nint, int, int> work)
    {
        var held = false;
        try
        {
            _handle.DangerousAddRef(ref held);
            var scene = _handle.DangerousGetHandle();
            Parallel.For(0, (count + Chunk - 1) / Chunk, new ParallelOptions { CancellationToken = cancellation }, c =>
                work(scene, c * Chunk, Math.Min(Chunk, count - (c * Chunk))));
        }
        finally
        {
            if (held)
            {
                _handle.DangerousRelease();
            }
        }
    }

    private static SceneHandle Built(nint scene) => scene != 0
        ? new SceneHandle(scene)
        : throw new InvalidOperationException("Embree could not build a scene: out of memory?");

    private static void CheckLengths(Vector3[] a, Vector3[] b)
    {
        if (a.Length != b.Length)
        {
            throw new ArgumentException($"Lengths differ: {a.Length} and {b.Length}.");
        }
    }

    private sealed class SceneHandle : SafeHandleZeroOrMinusOneIsInvalid
    {
        public SceneHandle(nint value)
            : base(ownsHandle: true) => SetHandle(value);

        protected override bool ReleaseHandle()
        {
            Free(handle);
            return true;
        }
    }

    private const string Library = "mosar_graphics";

    [LibraryImport(Library, EntryPoint = "mosar_scene_create")]
    private static partial nint Create(float* vertices, int vertexCount, int* triangles, int triangleCount, int watertight, int mixed);

    [LibraryImport(Library, EntryPoint = "mosar_scene_create_strands")]
    private static partial nint CreateStrands(float* points, int pointCount, int* segments, int segmentCount);

    [LibraryImport(Library, EntryPoint = "mosar_scene_free")]
    private static partial void Free(nint scene);

    [LibraryImport(Library, EntryPoint = "mosar_scene_closest")]
    private static partial void FindClosest(
        nint scene, float* origins, float* directions, long count, float near, float far, int coherent, int* triangle, float* distance, float* u, float* v);

    [LibraryImport(Library, EntryPoint = "mosar_scene_occluded")]
    private static partial void FindOccluded(nint scene, float* origins, float* directions, float* far, long count, float near, int coherent, byte* occluded);

    [LibraryImport(Library, EntryPoint = "mosar_scene_openness")]
    private static partial void FindOpenness(
        nint scene, float* points, float* normals, long first, long count, int rays, float offset, float far, uint seed, float* open, float* bent);

    [LibraryImport(Library, EntryPoint = "mosar_scene_thickness")]
    private static partial void FindThickness(
        nint scene, float* points, float* normals, long first, long count, int rays, float sineSquared, float offset, float far, uint seed, float* thickness);
}
