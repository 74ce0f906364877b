namespace MoSar.Torch.Tests;

/// <summary>Making, reading, indexing and converting tensors, against values known by hand.</summary>
[ChecksTensorLeaks]
public sealed class TensorTests
{
    private static float[] Of(Tensor t) => t.to(ScalarType.Float32).data<float>().ToArray();

    [Fact]
    public void Arrays_of_any_rank_become_tensors()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([2L, 3L], tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } }).shape);
        Assert.Equal(6, tensor(new float[,] { { 1, 2, 3 }, { 4, 5, 6 } })[1, 2].item<float>());
        Assert.Equal([1L, 2L, 2L], from_array(new double[1, 2, 2]).shape);
        Assert.Equal(ScalarType.Int64, tensor(new long[] { 1 }).dtype);
        Assert.Equal(ScalarType.Float16, tensor(new float[] { 1 }, ScalarType.Float16).dtype);
        Assert.Equal([2L, 2L], tensor(new List<float> { 1, 2, 3, 4 }, 2, 2).shape);
        Assert.Empty(tensor(3.5).shape);
        Assert.Throws<ArgumentException>(() => tensor(new float[5], [2, 3]));
        Assert.Throws<NotImplementedException>(() => from_array(new string[1]));
    }

    [Fact]
    public void Sizes_fills_and_ranges()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([0f, 0f], Of(zeros(2)));
        Assert.Equal([7f, 7f], Of(full(1, 2, 7)));
        Assert.Equal(ScalarType.Int64, arange(3).dtype);
        Assert.Equal([0f, 0.5f, 1f], Of(linspace(0, 1, 3)));
        Assert.Equal([1f, 3f], Of(arange(1, 5, 2)));
        Assert.Equal([1f, 0f, 0f, 1f], Of(eye(2)));
        Assert.Equal([2L, 3L, 4L], empty(2, 3, 4).shape);
        Assert.Equal(ScalarType.Float64, ones(2, 3, ScalarType.Float64).dtype);
    }

    [Fact]
    public void Memory_is_read_and_written_in_place()
    {
        using var scope = NewDisposeScope();
        Tensor t = arange(0, 6, ScalarType.Float32).reshape(2, 3);
        t.data<float>()[1, 0] = 30;
        Assert.Equal([0f, 1, 2, 30, 4, 5], Of(t));
        Tensor turned = t.t();
        Assert.False(turned.is_contiguous());
        Assert.Equal([0f, 30, 1, 4, 2, 5], turned.data<float>().ToArray());
        turned.data<float>().CopyFrom([1f, 2, 3, 4, 5, 6]);
        Assert.Equal([1f, 3, 5, 2, 4, 6], t.data<float>().ToArray());
        Assert.Equal(24, t.bytes.Length);
        t.bytes.Clear();
        Assert.Equal(0, (double)t.abs().sum());
        Assert.Throws<ArgumentException>(() => t.data<double>());
        Assert.Throws<InvalidOperationException>(() => turned.bytes.Length);
        Assert.Throws<IndexOutOfRangeException>(() => t.data<float>()[2, 0]);
    }

    [Fact]
    public void Indices_select_and_assign_as_in_Python()
    {
        using var scope = NewDisposeScope();
        Tensor t = arange(0, 24, ScalarType.Float32).reshape(2, 3, 4);
        Assert.Equal([4f, 5, 6, 7], Of(t[0, 1]));
        Assert.Equal([23f], Of(t[-1, -1, -1]));
        Assert.Equal([1f, 13f], Of(t[.., 0, 1]));
        Assert.Equal([3f, 7f, 11f], Of(t[0, TensorIndex.Ellipsis, ^1]));
        Assert.Equal([1L, 2L, 3L, 4L], t[TensorIndex.None].shape);
        Assert.Equal([2L, 3L, 2L], t[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2)].shape);
        Assert.Equal([20f, 21, 22, 23], Of(t[t.select(2, 0) > 16]));
        t[0] = zeros(3, 4);
        Assert.Equal(0, (double)t[0].sum());
        t[1, 0, ..2] = tensor(new float[] { -1, -2 });
        Assert.Equal([-1f, -2, 14, 15], Of(t[1, 0]));
        t.index_put_(5, TensorIndex.Tensor(tensor(new long[] { 1 })), TensorIndex.Tensor(tensor(new long[] { 2 })));
        Assert.Equal([5f, 5, 5, 5], Of(t[1, 2]));
    }

    [Fact]
    public void Numbers_on_either_side_of_an_operator()
    {
        using var scope = NewDisposeScope();
        Tensor t = tensor(new float[] { 1, 2, 4 });
        Assert.Equal([3f, 4, 6], Of(2 + t));
        Assert.Equal([9f, 8, 6], Of(10 - t));
        Assert.Equal([2f, 1, 0.5f], Of(2.0 / t));
        Assert.Equal([-0.5f, -1, -2], Of(-t / 2f));
        Assert.Equal([1f, 0, 0], Of(t % 2));
        Assert.Equal([0f, 1, 1], Of(1 < t));
        Assert.Equal([0f, 1, 0], Of((t > 1) & (t < 4)));
        Assert.Equal(ScalarType.Float32, (t * 2.0).dtype);
        Assert.Equal(ScalarType.Int64, (tensor(new long[] { 1 }) * 2).dtype);
        Assert.Equal(ScalarType.Float32, (tensor(new long[] { 1 }) * 2.5).dtype);
    }

    [Fact]
    public void Changes_in_place_return_the_tensor_itself()
    {
        using var scope = NewDisposeScope();
        Tensor t = ones(2);
        Assert.Same(t, t.add_(1).mul_(3).clamp_(0, 5));
        Assert.Equal([5f, 5f], Of(t));
    }

    [Fact]
    public void BFloat16_rounds_to_nearest_even()
    {
        using var scope = NewDisposeScope();
        Assert.Equal([1f, 1.0078125f, 3.140625f], Of(tensor(new float[] { 1.003f, 1.0066f, MathF.PI }).bfloat16()));
    }

    [Fact]
    public void Seeds_repeat_and_generators_are_separate_streams()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        float[] first = Of(randn(4));
        manual_seed(5);
        using var own = new Generator(9);
        float[] elsewhere = Of(rand(4, generator: own));
        Assert.Equal(first, Of(randn(4)));
        own.manual_seed(9);
        Assert.Equal(elsewhere, Of(rand(4, generator: own)));
        Assert.Equal([0f, 1, 2, 3, 4], Of(randperm(5).sort().Values));
        Assert.InRange((double)randint(3, 7, [100]).min(), 3, 6);
    }

    [Fact]
    public void A_tensor_describes_itself()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("[2], type = Float32, device = cpu, value = 1 2.5", tensor(new float[] { 1, 2.5f }).ToString());
        Assert.Equal("[100x2], type = Float64, device = cpu", zeros(100, 2, ScalarType.Float64).ToString());
    }
}
