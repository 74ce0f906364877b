using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace MoSar.Learning.Tests;

[ChecksTensorLeaks]
public sealed class PositiveDefiniteTests
{
    /// <summary>Sizes that fill vectors and that do not.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(61)]
    public void Solutions_and_inverses_are_LAPACKs(int n)
    {
        using var scope = NewDisposeScope();
        manual_seed(n);
        var half = randn(5, n, 2 * n);
        var (matrices, right) = (half.matmul(half.transpose(1, 2)), randn(5, n));
        var wanted = linalg.solve(matrices.to(ScalarType.Float64), right.unsqueeze(2).to(ScalarType.Float64)).squeeze(2).to(ScalarType.Float32);
        Assert.True(PositiveDefinite.Solve(matrices, right).allclose(wanted, 1e-5, 1e-6));
        var (solution, inverse) = PositiveDefinite.SolveAndInvert(matrices, right);
        Assert.True(solution.allclose(wanted, 1e-5, 1e-6));
        Assert.True(inverse.allclose(linalg.inv(matrices.to(ScalarType.Float64)).to(ScalarType.Float32), 1e-4, 1e-6));
    }

    [Fact]
    public void Only_the_lower_triangle_is_read_of_any_layout()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var half = randn(2, 5, 9);
        var (matrices, right) = (half.matmul(half.transpose(1, 2)), randn(2, 5));
        var upper = matrices.tril() + (2 * ones(5, 5)).triu(1);
        Assert.True(PositiveDefinite.Solve(upper.transpose(1, 2).contiguous().transpose(1, 2), right).allclose(PositiveDefinite.Solve(matrices, right)));
    }

    [Fact]
    public void A_matrix_that_is_not_positive_definite_spoils_its_own_row_only()
    {
        using var scope = NewDisposeScope();
        var solution = PositiveDefinite.Solve(stack([eye(3), -eye(3)], 0), ones(2, 3));
        Assert.Equal([1f, 1, 1, float.NaN, float.NaN, float.NaN], solution.data<float>().ToArray());
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => PositiveDefinite.Solve(ones(2, 3, 4), ones(2, 3)));
        Assert.Throws<ArgumentException>(() => PositiveDefinite.Solve(ones(2, 3, 3), ones(2, 4)));
    }
}
