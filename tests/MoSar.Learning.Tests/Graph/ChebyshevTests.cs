using MoSar.Learning.Networks;
using MoSar.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

/// <summary>The fused graph kernels against dense matrices and finite differences.</summary>
[ChecksTensorLeaks]
public sealed class ChebyshevTests
{
    // Odd sizes on purpose: tails of vectors, of blocks of eight, and an isolated vertex.
    private const int Vertices = 101;

    private static readonly SparseMatrix Laplacian = SparseMatrix.ScaledLaplacian(Vertices, RandomEdges());

    [Fact]
    public void The_scaled_Laplacian_is_that_of_the_definition()
    {
        var edges = RandomEdges();
        var adjacency = new double[Vertices, Vertices];
        for (var e = 0; e < edges.Length; e += 2)
        {
            (adjacency[edges[e], edges[e + 1]], adjacency[edges[e + 1], edges[e]]) = (1, 1);
        }

        var degree = Enumerable.Range(0, Vertices).Select(i => Enumerable.Range(0, Vertices).Sum(j => adjacency[i, j])).ToArray();
        var found = Laplacian.Entries().ToDictionary(e => (e.Row, e.Column), e => e.Value);
        for (var i = 0; i < Vertices; i++)
        {
            for (var j = 0; j < Vertices; j++)
            {
                // L = I − D^−½AD^−½, L̃ = L − I.
                var want = adjacency[i, j] == 0 ? 0 : -adjacency[i, j] / Math.Sqrt(degree[i] * degree[j]);
                Assert.Equal(want, found.GetValueOrDefault((i, j)), 1e-6);
            }
        }
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(4, 16)]
    [InlineData(16, 7)]
    public void The_sparse_product_is_the_dense_one_forward_and_backward(int batch, int channels)
    {
        using var scope = NewDisposeScope();
        var step = new MeshStep([0, 3, 5], [0, 0, 0, 0, 1, 2, 1, 2, 2, 1, 1, 1, 0, 2, 1, 2, 2, 2], [1, 0, 0, .2f, .3f, .5f, .5f, .25f, .25f, 1, 0, 0, .4f, .4f, .2f, 1, 0, 0]);
        foreach (var matrix in new[] { SparseMatrix.UpSampling(step), SparseMatrix.Selection([4, 0, 2], 9), Laplacian })
        {
            var input = randn([matrix.Columns, batch, channels], requires_grad: true);
            var weights = randn(matrix.Rows, batch, channels);
            var output = SparseProduct.Apply(matrix, input);
            (output * weights).sum().backward();
            var dense = Dense(matrix);
            Near(dense.matmul(input.detach().reshape(matrix.Columns, -1)).reshape(matrix.Rows, batch, channels), output);
            Near(dense.t().matmul(weights.reshape(matrix.Rows, -1)).reshape(matrix.Columns, batch, channels), input.grad!);
            Near(SparseProduct.ByIndex(matrix, input.detach()), output);
        }
    }

    [Theory]
    [InlineData(2, 3, 16, 6, false)]
    [InlineData(2, 3, 16, 6, true)]
    [InlineData(16, 16, 16, 6, true)]
    [InlineData(9, 32, 16, 6, true)]
    [InlineData(9, 16, 32, 4, true)]
    [InlineData(8, 16, 3, 6, true)]
    [InlineData(3, 5, 7, 3, true)]
    [InlineData(1, 1, 1, 1, true)]
    public void The_convolution_is_the_polynomial_of_the_dense_Laplacian_and_so_are_its_gradients(int batch, int inputs, int outputs, int order, bool wanted)
    {
        using var scope = NewDisposeScope();
        manual_seed(batch);
        using var convolution = new ChebyshevConvolution("c", Laplacian, inputs, outputs, order);
        using (no_grad())
        {
            convolution.Bias.copy_(randn(outputs));
        }

        var input = randn([Vertices, batch, inputs], requires_grad: wanted);
        var weights = randn(Vertices, batch, outputs);
        var output = convolution.call(input);
        (output * weights).sum().backward();
        var (dx, dw, db) = (input.grad?.clone(), convolution.Weight.grad!.clone(), convolution.Bias.grad!.clone());

        // The definition, in double precision with autograd's own operators.
        var (x, w, b) = (input.detach().to(float64).requires_grad_(), convolution.Weight.detach().to(float64).requires_grad_(), convolution.Bias.detach().to(float64).requires_grad_());
        var l = Dense(Laplacian).to(float64);
        var terms = new List<Tensor> { eye(Vertices, dtype: float64), l };
        while (terms.Count < order)
        {
            terms.Add((2 * l.matmul(terms[^1])) - terms[^2]);
        }

        var want = b + terms.Take(order).Select((t, k) => t.matmul(x.reshape(Vertices, -1)).reshape(Vertices, batch, inputs).matmul(w[k])).Aggregate((a, c) => a + c);
        (want * weights).sum().backward();
        Near(want, output);
        Near(w.grad!, dw);
        Near(b.grad!, db);
        Assert.Equal(wanted, dx is not null);
        if (dx is not null)
        {
            Near(x.grad!, dx);
        }

        Near(want, convolution.ByOperators(input));
    }

    [Fact]
    public void The_gradient_is_that_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var convolution = new ChebyshevConvolution("c", Laplacian, 4, 16);
        var input = randn([Vertices, 3, 4], requires_grad: true);
        var (weights, step) = (randn(Vertices, 3, 16), randn(Vertices, 3, 4));
        (convolution.call(input) * weights).sum().backward();
        using var frozen = no_grad();

        // Linear in the input: a large step costs no accuracy.
        double At(float h) => (convolution.call(input.detach() + (step * h)) * weights).to(float64).sum().item<double>();
        var want = (At(1) - At(-1)) / 2;
        Assert.Equal(want, (input.grad! * step).sum().item<float>(), 1e-3 * Math.Abs(want));
    }

    [Fact]
    public void Results_do_not_depend_on_the_number_of_cores()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using var convolution = new ChebyshevConvolution("c", Laplacian, 16, 16);
        var input = randn([Vertices, 5, 16], requires_grad: true);
        byte[] Once()
        {
            convolution.zero_grad();
            convolution.call(input).square().sum().backward();
            return convolution.Weight.grad!.bytes.ToArray();
        }

        var first = Once();
        for (var i = 0; i < 5; i++)
        {
            Assert.Equal(first, Once());
        }
    }

    [Fact]
    public void A_wrong_shape_is_named()
    {
        using var scope = NewDisposeScope();
        using var convolution = new ChebyshevConvolution("c", Laplacian, 4, 16);
        var e = Assert.Throws<ArgumentException>(() => convolution.call(zeros(2, Vertices, 4)));
        Assert.Equal($"c takes float32 [{Vertices}, B, 4], not Float32 [2, {Vertices}, 4].", e.Message);
    }

    private static void Near(Tensor want, Tensor got)
    {
        Assert.Equal(want.shape, got.shape);
        var scale = 1e-5f * (1 + want.abs().max().to(float32).item<float>());
        Assert.True((want.to(float32) - got).abs().max().item<float>() < scale * 4, $"differs by {(want.to(float32) - got).abs().max().item<float>()}");
    }

    private static Tensor Dense(SparseMatrix matrix)
    {
        var values = new float[matrix.Rows * matrix.Columns];
        foreach (var (r, c, v) in matrix.Entries())
        {
            values[(r * matrix.Columns) + c] = v;
        }

        return tensor(values).reshape(matrix.Rows, matrix.Columns);
    }

    private static int[] RandomEdges()
    {
        var random = new Random(3);
        var edges = new HashSet<(int, int)>();
        for (var k = 0; k < 3 * Vertices; k++)
        {
            var (a, b) = (random.Next(Vertices - 1), random.Next(Vertices - 1));
            if (a != b)
            {
                edges.Add((Math.Min(a, b), Math.Max(a, b)));
            }
        }

        return [.. edges.Order().SelectMany(e => (int[])[e.Item1, e.Item2])];
    }
}
