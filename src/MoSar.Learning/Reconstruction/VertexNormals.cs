using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>
/// Unit normals of vertices, weighted by area (the sum of the triangles' cross products, which is smooth in the positions), differentiable.
/// Float32 on the CPU. Sums run over each vertex's ring in a fixed order: the same bits on any number of cores.
/// </summary>
public static class VertexNormals
{
    /// <summary>Shorter sums of cross products (mm²) have no direction; such a vertex has the normal +Y, which does not depend on the positions.</summary>
    private const float Least = 1e-12f;

    private const int VertexPiece = 2048, TrianglePiece = 4096;

    /// <param name="positions">[B, V, 3], mm.</param>
    /// <returns>[B, V, 3] unit vectors, outwards for counter-clockwise triangles.</returns>
    /// <exception cref="ArgumentException">Shape, type or device do not fit.</exception>
    public static Tensor Of(Tensor positions, MeshTopology topology)
    {
        FloatMemory.Check("positions", positions, -1, topology.VertexCount, 3);
        return NormalFunction.apply(topology, positions);
    }

    private sealed unsafe class NormalFunction : SingleTensorFunction<NormalFunction>
    {
        public override string Name => "mosar_vertex_normals";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var topology = (MeshTopology)vars[0];
            var positions = ((Tensor)vars[1]).contiguous();
            var normals = empty_like(positions);
            var inverse = empty(positions.shape[0], topology.VertexCount);
            var (p, n, l) = ((nint)FloatMemory.Of(positions), (nint)FloatMemory.Of(normals), (nint)FloatMemory.Of(inverse));
            var rows = (int)positions.shape[0];
            new RingPass(topology, rows).Run((work, row, pool) =>
            {
                var v = topology.VertexCount;
                var (points, faces) = (pool.Points, pool.Faces);
                work.Vertices((from, to) => Pad((float*)p + (3L * v * row), points, from, to));
                work.Triangles((from, to) => Cross(topology.Triangles, points, faces, from, to));
                work.Vertices((from, to) => Gather(topology, faces, (float*)n + (3L * v * row), (float*)l + ((long)v * row), from, to));
            });
            ctx.save_data("topology", topology);

            // The output shares its memory with what is saved, without being part of the graph that it would keep alive.
            ctx.save_for_backward([positions, normals.detach(), inverse]);
            return normals;
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var topology = (MeshTopology)ctx.get_data("topology");
            var saved = ctx.get_saved_variables();
            using var upstream = grad_output.contiguous();
            var gradient = empty_like(saved[0]);
            var (p, n, l) = ((nint)FloatMemory.Of(saved[0]), (nint)FloatMemory.Of(saved[1]), (nint)FloatMemory.Of(saved[2]));
            var (u, g) = ((nint)FloatMemory.Of(upstream), (nint)FloatMemory.Of(gradient));
            new RingPass(topology, (int)gradient.shape[0]).Run((work, row, pool) =>
            {
                var (v, at) = (topology.VertexCount, 3L * topology.VertexCount * row);
                var (points, faces, slopes) = (pool.Points, pool.Faces, pool.Slopes);
                work.Vertices((from, to) =>
                {
                    Pad((float*)p + at, points, from, to);
                    Reject((float*)u + at, (float*)n + at, (float*)l + ((long)v * row), slopes, from, to);
                });
                work.Triangles((from, to) => Sum(topology.Triangles, slopes, faces, from, to));
                work.Vertices((from, to) => GatherBack(topology, points, faces, (float*)g + at, from, to));
            });
            GC.KeepAlive(saved);
            return [null!, gradient];
        }

        private static void Pad(float* from, Vector128<float>[] to, int first, int last)
        {
            for (var i = first; i < last; i++)
            {
                to[i] = Vector128.Create(from[3 * i], from[(3 * i) + 1], from[(3 * i) + 2], 0);
            }
        }

        private static void Cross(int[] triangles, Vector128<float>[] points, Vector128<float>[] faces, int first, int last)
        {
            for (var t = first; t < last; t++)
            {
                var a = points[triangles[3 * t]];
                faces[t] = Cross(points[triangles[(3 * t) + 1]] - a, points[triangles[(3 * t) + 2]] - a);
            }
        }

        private static void Gather(MeshTopology topology, Vector128<float>[] faces, float* normals, float* inverse, int first, int last)
        {
            var (start, ring) = (topology.RingStart, topology.RingTriangle);
            for (var i = first; i < last; i++)
            {
                var sum = Vector128<float>.Zero;
                for (var k = start[i]; k < start[i + 1]; k++)
                {
                    sum += faces[ring[k]];
                }

                var length = MathF.Sqrt(Vector128.Dot(sum, sum));
                inverse[i] = length > Least ? 1 / length : 0;
                var n = length > Least ? sum * inverse[i] : Vector128.Create(0f, 1, 0, 0);
                (normals[3 * i], normals[(3 * i) + 1], normals[(3 * i) + 2]) = (n[0], n[1], n[2]);
            }
        }

        /// <summary>From ∂L/∂ unit normal to ∂L/∂ sum: (g − n (n·g)) / |sum|.</summary>
        private static void Reject(float* upstream, float* normals, float* inverse, Vector128<float>[] slopes, int first, int last)
        {
            for (var i = first; i < last; i++)
            {
                var g = Vector128.Create(upstream[3 * i], upstream[(3 * i) + 1], upstream[(3 * i) + 2], 0);
                var n = Vector128.Create(normals[3 * i], normals[(3 * i) + 1], normals[(3 * i) + 2], 0);
                slopes[i] = (g - (n * Vector128.Dot(n, g))) * inverse[i];
            }
        }

        private static void Sum(int[] triangles, Vector128<float>[] slopes, Vector128<float>[] faces, int first, int last)
        {
            for (var t = first; t < last; t++)
            {
                faces[t] = slopes[triangles[3 * t]] + slopes[triangles[(3 * t) + 1]] + slopes[triangles[(3 * t) + 2]];
            }
        }

        /// <summary>With G the gradient of a triangle's cross product (b − a) × (c − a): ∂/∂a = (b − c) × G, and so on around.</summary>
        private static void GatherBack(MeshTopology topology, Vector128<float>[] points, Vector128<float>[] faces, float* gradient, int first, int last)
        {
            var (start, ring, next, previous) = (topology.RingStart, topology.RingTriangle, topology.RingNext, topology.RingPrevious);
            for (var i = first; i < last; i++)
            {
                var sum = Vector128<float>.Zero;
                for (var k = start[i]; k < start[i + 1]; k++)
                {
                    sum += Cross(points[next[k]] - points[previous[k]], faces[ring[k]]);
                }

                (gradient[3 * i], gradient[(3 * i) + 1], gradient[(3 * i) + 2]) = (sum[0], sum[1], sum[2]);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static Vector128<float> Cross(Vector128<float> a, Vector128<float> b)
        {
            var order = Vector128.Create(1, 2, 0, 3);
            return Vector128.Shuffle((a * Vector128.Shuffle(b, order)) - (Vector128.Shuffle(a, order) * b), order);
        }
    }

    /// <summary>Heads side by side while there are enough for all cores, so that each stays in one core's cache; else each head cut into pieces.</summary>
    private sealed class RingPass(MeshTopology topology, int rows)
    {
        public void Run(Action<RingPass, int, Buffers> body)
        {
            if (rows < Environment.ProcessorCount)
            {
                using var buffers = new Buffers(topology);
                for (var row = 0; row < rows; row++)
                {
                    body(this, row, buffers);
                }
            }
            else
            {
                Parallel.For(0, rows, () => new Buffers(topology), (row, _, buffers) => { body(this, row, buffers); return buffers; }, buffers => buffers.Dispose());
            }
        }

        public void Vertices(Action<int, int> body) => Cut(topology.VertexCount, VertexPiece, body);

        public void Triangles(Action<int, int> body) => Cut(topology.TriangleCount, TrianglePiece, body);

        private void Cut(int count, int piece, Action<int, int> body)
        {
            if (rows < Environment.ProcessorCount)
            {
                FloatMemory.For(1, count, piece, (_, _, from, to) => body(from, to));
            }
            else
            {
                body(0, count);
            }
        }
    }

    private sealed class Buffers(MeshTopology topology) : IDisposable
    {
        private static readonly ArrayPool<Vector128<float>> s_pool = ArrayPool<Vector128<float>>.Shared;

        public Vector128<float>[] Points { get; } = s_pool.Rent(topology.VertexCount);

        public Vector128<float>[] Slopes { get; } = s_pool.Rent(topology.VertexCount);

        public Vector128<float>[] Faces { get; } = s_pool.Rent(topology.TriangleCount);

        public void Dispose()
        {
            s_pool.Return(Points);
            s_pool.Return(Slopes);
            s_pool.Return(Faces);
        }
    }
}
