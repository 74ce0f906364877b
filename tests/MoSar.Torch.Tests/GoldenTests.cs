using TorchSharp.Modules;
using F = TorchSharp.torch.nn.functional;

namespace MoSar.Torch.Tests;

/// <summary>Values and gradients against PyTorch's own, from Golden/make_golden.py.</summary>
[ChecksTensorLeaks]
public sealed class GoldenTests
{
    private static readonly string s_folder = Path.Combine(AppContext.BaseDirectory, "Golden");
    private static readonly SafetensorsFile s_golden = SafetensorsFile.Read(Path.Combine(s_folder, "golden.safetensors"));

    private static Tensor Of(string name) => s_golden.ToTensor(name);

    private static void Near(string name, Tensor actual, double tolerance = 2e-5)
    {
        Tensor expected = Of(name);
        if (actual.is_complex())
            actual = actual.view_as_real();
        Assert.Equal(expected.shape, actual.shape);
        double difference = expected.numel() == 0 ? 0 : (expected - actual.detach()).abs().max().ToDouble();
        Assert.True(difference <= tolerance * (1 + expected.abs().max().ToDouble()), $"{name}: off by {difference}");
    }

    private static void Check(string name, Func<Tensor, Tensor> f)
    {
        Tensor x = Of($"{name}/in").requires_grad_();
        Tensor y = f(x);
        Near($"{name}/out", y);
        Tensor weights = arange(0, y.numel(), ScalarType.Float32).sin().reshape(y.shape);
        Tensor loss = y.is_complex() ? (y.real * weights + y.imag * weights).sum() : (y * weights).sum();
        loss.backward();
        Near($"{name}/grad", x.grad!, 1e-4);
    }

    public static TheoryData<string> ModuleNames() => [.. Modules().Keys];

    private static Dictionary<string, Func<nn.Module<Tensor, Tensor>>> Modules() => new()
    {
        ["conv"] = () => nn.Conv2d(4, 6, 3, stride: 2, padding: 1, groups: 2),
        ["conv_reflect"] = () => nn.Conv2d(4, 2, 3, padding: 1, padding_mode: PaddingModes.Reflect, bias: false),
        ["conv_same"] = () => nn.Conv2d(4, 2, 3, padding: Padding.Same, dilation: 2),
        ["conv_transpose"] = () => nn.ConvTranspose2d(4, 3, 3, stride: 2, padding: 1, output_padding: 1),
        ["linear"] = () => nn.Linear(5, 3),
        ["batch_norm"] = () => nn.BatchNorm2d(4),
        ["batch_norm_eval"] = () => Evaluating(nn.BatchNorm2d(4)),
        ["instance_norm"] = () => nn.InstanceNorm2d(4, affine: true),
        ["group_norm"] = () => nn.GroupNorm(2, 4),
        ["layer_norm"] = () => nn.LayerNorm(5),
        ["relu"] = () => nn.ReLU(),
        ["leaky_relu"] = () => nn.LeakyReLU(0.2),
        ["elu"] = () => nn.ELU(0.7),
        ["sigmoid"] = () => nn.Sigmoid(),
        ["tanh"] = () => nn.Tanh(),
        ["gelu"] = () => nn.GELU(),
        ["gelu_tanh"] = () => nn.GELU(GELU.Approximate.tanh),
        ["silu"] = () => nn.SiLU(),
        ["softplus"] = () => nn.Softplus(2, 3),
        ["softmax"] = () => nn.Softmax(1),
        ["nearest"] = () => nn.Upsample(scale_factor: [2, 2]),
        ["bilinear"] = () => nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bilinear, align_corners: false),
        ["bilinear_size"] = () => nn.Upsample(size: [9, 7], mode: UpsampleMode.Bilinear, align_corners: true),
        ["bicubic"] = () => nn.Upsample(scale_factor: [2, 2], mode: UpsampleMode.Bicubic, align_corners: false),
        ["pixel_shuffle"] = () => nn.PixelShuffle(2),
        ["max_pool"] = () => nn.MaxPool2d(2, stride: 1, padding: 1),
        ["avg_pool"] = () => nn.AvgPool2d(3, stride: 2, padding: 1, count_include_pad: false),
        ["adaptive_pool"] = () => nn.AdaptiveAvgPool2d((3, 2)),
        ["reflection_pad"] = () => nn.ReflectionPad2d((1, 2, 0, 3)),
    };

    private static nn.Module<Tensor, Tensor> Evaluating(nn.Module<Tensor, Tensor> module)
    {
        module.eval();
        return module;
    }

    [Theory]
    [MemberData(nameof(ModuleNames))]
    public void Modules_compute_as_PyTorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        using nn.Module<Tensor, Tensor> module = Modules()[name]();
        string prefix = $"{name}/state/";
        module.load_state_dict(s_golden.Entries.Where(e => e.Name.StartsWith(prefix)).ToDictionary(e => e.Name[prefix.Length..], e => Of(e.Name)));
        Check(name, module.call);
        foreach ((string key, Tensor buffer) in module.named_buffers())
            Near($"{name}/after/{key}", buffer);
    }

    public static TheoryData<string> FunctionNames() => [.. Functions().Keys];

    private static Dictionary<string, Func<Tensor, Tensor>> Functions() => new()
    {
        ["rfft2"] = x => fft.rfft2(x),
        ["irfft2"] = x => fft.irfft2(fft.rfft2(x) * 2, [6, 5], norm: FFTNormType.Ortho),
        ["fft"] = x => fft.fft_(x, dim: 1),
        ["area"] = x => F.interpolate(x, scale_factor: [0.5, 0.5], mode: InterpolationMode.Area),
        ["antialias"] = x => F.interpolate(x, [3, 3], mode: InterpolationMode.Bilinear, antialias: true),
        ["grid_sample_zeros"] = x => F.grid_sample(x, Of("grid"), align_corners: false),
        ["grid_sample_border"] = x => F.grid_sample(x, Of("grid"), padding_mode: GridSamplePaddingMode.Border, align_corners: true),
        ["grid_sample_reflection"] = x => F.grid_sample(x, Of("grid"), GridSampleMode.Nearest, GridSamplePaddingMode.Reflection, false),
        ["mse"] = x => F.mse_loss(x, Of("target")),
        ["l1"] = x => F.l1_loss(x, Of("target"), nn.Reduction.Sum),
        ["smooth_l1"] = x => F.smooth_l1_loss(x, Of("target"), beta: 0.5),
        ["huber"] = x => F.huber_loss(x, Of("target"), 0.5),
        ["cross_entropy"] = x => F.cross_entropy(x, Of("classes"), label_smoothing: 0.1),
        ["bce"] = x => F.binary_cross_entropy_with_logits(x, Of("target").sigmoid(), pos_weights: tensor(2f)),
        ["solve"] = x => linalg.solve(x, ones(3, 4, 1)),
        ["cholesky"] = x => linalg.cholesky(x),
        ["svdvals"] = x => linalg.svdvals(x),
        ["inv"] = x => linalg.inv(x),
        ["det"] = x => linalg.det(x),
        ["eigvalsh"] = x => linalg.eigvalsh(x),
        ["cross"] = x => linalg.cross(x[TensorIndex.Ellipsis, ..3], x[TensorIndex.Ellipsis, 1..]),
        ["norm"] = x => x.norm(1),
        ["einsum"] = x => einsum("bij,bkj->bik", x, x),
        ["cumsum"] = x => x.cumsum(1),
        ["logsumexp"] = x => x.logsumexp(2),
        ["std"] = x => x.std(1, unbiased: false),
        ["sort"] = x => x.sort(1, descending: true).Values,
        ["topk"] = x => x.topk(2, 2).values,
        ["index"] = x => x[.., TensorIndex.Tensor(tensor(new long[] { 0, 2 })), 1..3],
        ["gather"] = x => x.gather(1, tensor(new long[] { 0, 1, 2, 3 }).expand(3, 1, 4)),
        ["scatter_add"] = x => zeros(3, 2, 4).scatter_add(1, tensor(new long[] { 0, 1, 0, 1 }).reshape(1, 4, 1).expand(3, 4, 4), x),
        ["where"] = x => where(x > 0.5, x * 2, -x),
        ["clamp"] = x => x.clamp(-0.5, 0.5),
        ["atan2"] = x => atan2(x, x.transpose(1, 2) + 0.3),
        ["pow"] = x => x.abs().pow(1.5),
    };

    [Theory]
    [MemberData(nameof(FunctionNames))]
    public void Functions_compute_as_PyTorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        Check(name, Functions()[name]);
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("adam_decay")]
    [InlineData("adam_amsgrad")]
    [InlineData("adam_maximize")]
    [InlineData("adamw")]
    public void Optimisers_step_as_PyTorch(string name)
    {
        using DisposeScope scope = NewDisposeScope();
        // float64 and strided parameters take the path of separate operators, float32 the fused one.
        foreach (ScalarType type in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            using Parameter p = new(linspace(-1, 1, 7, type));
            using optim.Optimizer o = name switch
            {
                "adam_decay" => optim.Adam([p], 0.05, 0.5, 0.99, 1e-6, 0.1),
                "adam_amsgrad" => optim.Adam([p], 0.05, amsgrad: true),
                "adam_maximize" => optim.Adam([p], 0.05, maximize: true),
                "adamw" => optim.AdamW([p], 0.05, weight_decay: 0.1),
                _ => optim.Adam([p], 0.05),
            };
            for (int step = 0; step < 6; step++)
            {
                o.zero_grad();
                ((p * arange(1, 8) / 3).sin() + p.pow(2)).sum().backward();
                o.step();
                Near($"{name}/{step}", p.to(ScalarType.Float32), 1e-6);
            }
        }
    }

    [Fact]
    public void Gradients_are_clipped_as_in_PyTorch()
    {
        using DisposeScope scope = NewDisposeScope();
        using Parameter p = new(linspace(-3, 3, 5));
        p.pow(2).sum().backward();
        Assert.Equal(Of("clip/norm").item<float>(), nn.utils.clip_grad_norm_([p], 1.5), 4);
        Near("clip/grad", p.grad!);
    }

    [Fact]
    public void TorchScript_files_are_loaded_and_run()
    {
        using DisposeScope scope = NewDisposeScope();
        using jit.ScriptModule<Tensor, Tensor> script = jit.load<Tensor, Tensor>(Path.Combine(s_folder, "script.pt"));
        script.eval();
        Near("script/eval", script.call(Of("script/in")));
        Assert.Contains("linear.weight", script.named_parameters().Select(p => p.name));
        Assert.Contains("norm.running_mean", script.named_buffers().Select(p => p.name));
        object?[] pair = Assert.IsType<object?[]>(script.invoke("pair", ones(2), 3.0));
        Assert.Equal([3f, 3f], ((Tensor)pair[0]!).data<float>().ToArray());
        Assert.Equal([2f, 2f], ((Tensor[])pair[1]!)[1].data<float>().ToArray());
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => script.call(ones(4, 7)));
        using jit.ScriptModule fromBytes = jit.load(File.ReadAllBytes(Path.Combine(s_folder, "script.pt")));
        Assert.Throws<FileNotFoundException>(() => jit.load("absent.pt"));
    }
}
