using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.autograd;

namespace MoSar.Learning;

/// <summary>How neighbours are weighed in a mesh Laplacian.</summary>
public enum LaplacianKind
{
    /// <summary>All alike: also keeps vertices evenly spread.</summary>
    Uniform,

    /// <summary>By the cotangents of the angles opposite the edge (Pinkall and Polthier 1993), measured on a reference head: the mean curvature's direction alone.</summary>
    Cotangent,
}

/// <summary>
/// L_lap of Eq. 2: the length of δᵢ = vᵢ − Σⱼ wᵢⱼ·vⱼ, which points along the mean curvature normal. The paper says that it "minimizes the mean surface
/// curvature", so without a reference δ itself is what is small; but a nose is curved, and [21], to which it refers, asks for the
/// Laplacian of a template instead: with a reference, |δ − δ of the reference|. Differentiable; float32 on the CPU; fixed order of sums.
/// </summary>
public sealed class LaplacianLoss
{
    private const int Piece = 2048;

    private readonly MeshTopology _topology;
    private readonly float[] _weights, _transposed;
    private readonly Vector3[]? _reference;

    /// <param name="kind">Cotangent needs a shape.</param>
    /// <param name="shape">V positions, mm, on which cotangents are measured.</param>
    /// <param name="relative">Compare with the Laplacian of <paramref name="shape"/>.</param>
    /// <exception cref="ArgumentException">A shape is needed, or has another number of vertices.</exception>
    public LaplacianLoss(MeshTopology topology, LaplacianKind kind = LaplacianKind.Uniform, Vector3[]? shape = null, bool relative = false)
    {
        _topology = topology;
        if (shape is null ? kind == LaplacianKind.Cotangent || relative : shape.Length != topology.VertexCount)
        {
            throw new ArgumentException($"A shape of {topology.VertexCount} vertices is needed for {(relative ? "a relative" : "a cotangent")} Laplacian.");
        }

        _weights = new float[topology.Neighbours.Length];
        for (var v = 0; v < topology.VertexCount; v++)
        {
            var around = _weights.AsSpan(topology.NeighbourStart[v]..topology.NeighbourStart[v + 1]);
            around.Fill(1);
            if (kind == LaplacianKind.Cotangent)
            {
                AddCotangents(v, shape!, around);
            }

            float sum = 0;
            foreach (var w in around)
            {
                sum += w;
            }

            foreach (ref var w in around)
            {
                w /= sum;
            }
        }

        _transposed = Transpose();
        if (relative)
        {
            _reference = new Vector3[topology.VertexCount];
            for (var v = 0; v < _reference.Length; v++)
            {
                _reference[v] = shape![v];
                for (var k = topology.NeighbourStart[v]; k < topology.NeighbourStart[v + 1]; k++)
                {
                    _reference[v] -= _weights[k] * shape[topology.Neighbours[k]];
                }
            }
        }
    }

    /// <param name="vertices">[B, V, 3] mm.</param>
    /// <returns>Scalar, mm: the mean over rows and vertices.</returns>
    /// <exception cref="ArgumentException">Shape, type or device do not fit.</exception>
    public Tensor Of(Tensor vertices)
    {
        FloatMemory.Check("vertices", vertices, -1, _topology.VertexCount, 3);
        using var scope = NewDisposeScope();
        return LaplacianFunction.apply(this, vertices).mean().MoveToOuterDisposeScope();
    }

    /// <summary>Cotangents of the two angles opposite each edge, at least a hundredth of their typical sum: obtuse triangles would turn the smoothing around.</summary>
    private void AddCotangents(int v, Vector3[] shape, Span<float> around)
    {
        var neighbours = _topology.Neighbours.AsSpan(_topology.NeighbourStart[v]..);
        around.Clear();
        for (var r = _topology.RingStart[v]; r < _topology.RingStart[v + 1]; r++)
        {
            var (next, previous) = (_topology.RingNext[r], _topology.RingPrevious[r]);
            around[neighbours.IndexOf(next)] += Cotangent(shape[previous], shape[v], shape[next]);
            around[neighbours.IndexOf(previous)] += Cotangent(shape[next], shape[v], shape[previous]);
        }

        foreach (ref var w in around)
        {
            w = MathF.Max(w, 0.02f);
        }
    }

    private static float Cotangent(Vector3 corner, Vector3 a, Vector3 b) =>
        Vector3.Dot(a - corner, b - corner) / MathF.Max(Vector3.Cross(a - corner, b - corner).Length(), 1e-9f);

    /// <summary>At the place of neighbour j of i: the weight of i in j's own sum.</summary>
    private float[] Transpose()
    {
        var result = new float[_weights.Length];
        for (var i = 0; i < _topology.VertexCount; i++)
        {
            for (var k = _topology.NeighbourStart[i]; k < _topology.NeighbourStart[i + 1]; k++)
            {
                var j = _topology.Neighbours[k];
                var theirs = _topology.Neighbours.AsSpan(_topology.NeighbourStart[j].._topology.NeighbourStart[j + 1]);
                result[k] = _weights[_topology.NeighbourStart[j] + theirs.IndexOf(i)];
            }
        }

        return result;
    }

    private sealed unsafe class LaplacianFunction : SingleTensorFunction<LaplacianFunction>
    {
        public override string Name => "mosar_laplacian";

        public override Tensor forward(AutogradContext ctx, params object[] vars)
        {
            var loss = (LaplacianLoss)vars[0];
            var vertices = ((Tensor)vars[1]).contiguous();
            var units = empty_like(vertices);
            var (rows, count) = ((int)vertices.shape[0], (int)vertices.shape[1]);
            var pieces = FloatMemory.Pieces(count, Piece);
            var partial = new double[rows * pieces];
            var (p, u) = ((nint)FloatMemory.Of(vertices), (nint)FloatMemory.Of(units));
            FloatMemory.For(rows, count, Piece, (row, piece, from, to) =>
                partial[(row * pieces) + piece] = loss.Forward((Vector3*)p + ((long)count * row), (Vector3*)u + ((long)count * row), from, to));
            GC.KeepAlive(vertices);
            ctx.save_for_backward([units]);
            ctx.save_data("loss", loss);
            var losses = new float[rows];
            for (var row = 0; row < rows; row++)
            {
                double sum = 0;
                foreach (var part in partial.AsSpan(row * pieces, pieces))
                {
                    sum += part;
                }

                losses[row] = (float)(sum / count);
            }

            return tensor(losses);
        }

        public override List<Tensor> backward(AutogradContext ctx, Tensor grad_output)
        {
            var loss = (LaplacianLoss)ctx.get_data("loss");
            var units = ctx.get_saved_variables()[0];
            using var upstream = grad_output.contiguous();
            var gradient = empty_like(units);
            var (rows, count) = ((int)units.shape[0], (int)units.shape[1]);
            var (u, g, s) = ((nint)FloatMemory.Of(units), (nint)FloatMemory.Of(gradient), (nint)FloatMemory.Of(upstream));
            FloatMemory.For(rows, count, Piece, (row, _, from, to) =>
                loss.Backward((Vector3*)u + ((long)count * row), (Vector3*)g + ((long)count * row), ((float*)s)[row] / count, from, to));
            GC.KeepAlive(units);
            return [null!, gradient];
        }
    }

    /// <summary>Sum of lengths; leaves the unit vectors.</summary>
    private unsafe double Forward(Vector3* vertices, Vector3* units, int from, int to)
    {
        double sum = 0;
        for (var i = from; i < to; i++)
        {
            var d = vertices[i];
            for (var k = _topology.NeighbourStart[i]; k < _topology.NeighbourStart[i + 1]; k++)
            {
                d -= _weights[k] * vertices[_topology.Neighbours[k]];
            }

            // Without neighbours nothing is asked.
            d = _topology.NeighbourStart[i] == _topology.NeighbourStart[i + 1] ? default : _reference is null ? d : d - _reference[i];
            var length = d.Length();
            units[i] = length > 1e-12f ? d / length : default;
            sum += length;
        }

        return sum;
    }

    private unsafe void Backward(Vector3* units, Vector3* gradient, float factor, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var d = units[i];
            for (var k = _topology.NeighbourStart[i]; k < _topology.NeighbourStart[i + 1]; k++)
            {
                d -= _transposed[k] * units[_topology.Neighbours[k]];
            }

            gradient[i] = d * factor;
        }
    }
}
