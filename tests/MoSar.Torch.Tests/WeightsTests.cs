namespace MoSar.Torch.Tests;

/// <summary>Tensors and networks in files; the files themselves are tested in MoSar.Safetensors.Tests.</summary>
public sealed class WeightsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string PathOf(string name) => Path.Combine(_folder, name);

    [Fact]
    public void Networks_are_saved_and_loaded_and_all_misfits_are_listed_at_once()
    {
        using var scope = NewDisposeScope();
        var net = nn.Sequential(("conv", nn.Conv2d(2, 3, 3)), ("norm", nn.BatchNorm2d(3)));
        string path = PathOf("net.safetensors");
        net.SaveWeights(path, new Dictionary<string, string> { ["seed"] = "7" });
        var other = nn.Sequential(("conv", nn.Conv2d(2, 3, 3)), ("norm", nn.BatchNorm2d(3)));
        Assert.Equal("7", other.LoadWeights(path)["seed"]);
        foreach (((string name, Tensor a), (_, Tensor b)) in net.state_dict().Zip(other.state_dict()))
            Assert.True(a.allclose(b, 0, 0), name);

        var different = nn.Sequential(("conv", nn.Conv2d(2, 4, 3)), ("last", nn.Linear(1, 1)));
        Tensor before = different.parameters().First().clone();
        MoSarException e = Assert.Throws<MoSarException>(() => different.LoadWeights(path));
        Assert.Equal("weights-mismatch", e.Code);
        Assert.Equal(
            $"{path} does not fit Sequential: missing from the file: last.bias, last.weight; "
            + "not part of the network: norm.bias, norm.num_batches_tracked, norm.running_mean, norm.running_var, norm.weight; "
            + "of another shape: conv.bias (file [3], network [4]), conv.weight (file [3, 2, 3, 3], network [4, 2, 3, 3])",
            e.Message);
        Assert.True(before.allclose(different.parameters().First(), 0, 0));
    }

    [Fact]
    public void Tensors_of_every_type_and_layout_come_back()
    {
        using var scope = NewDisposeScope();
        string path = PathOf("t.safetensors");
        var tensors = new[] { ScalarType.Bool, ScalarType.Byte, ScalarType.Int8, ScalarType.Int16, ScalarType.Int32, ScalarType.Int64, ScalarType.Float16, ScalarType.BFloat16, ScalarType.Float32, ScalarType.Float64 }
            .ToDictionary(t => t.ToString(), t => arange(0, 24).reshape(2, 3, 4).transpose(0, 2).to_type(t));
        Weights.SaveTensors(path, tensors);
        Dictionary<string, Tensor> back = Weights.LoadTensors(path);
        foreach ((string name, Tensor t) in tensors)
        {
            Assert.Equal(t.dtype, back[name].dtype);
            Assert.True(t.Equals(back[name]), name);
        }
    }
}
