using TorchSharp.Modules;

namespace MoSar.Torch.Tests;

/// <summary>Registration, naming, conversion and schedules; what the layers compute is in GoldenTests.</summary>
[ChecksTensorLeaks]
public sealed class ModuleTests
{
    private sealed class Net : nn.Module<Tensor, Tensor>
    {
        private readonly Conv2d _conv = nn.Conv2d(1, 2, 3, bias: false);
        private readonly ModuleList<Linear> _list = nn.ModuleList(nn.Linear(2, 2), nn.Linear(2, 1));
        private readonly Parameter _scale = nn.Parameter(ones(1));
        private readonly Tensor _offset = zeros(1);

        public Net()
            : base(nameof(Net)) => RegisterComponents();

        public override Tensor forward(Tensor input) => _conv.call(input) * _scale + _offset;
    }

    [Fact]
    public void Fields_are_registered_under_their_names()
    {
        using var scope = NewDisposeScope();
        using var net = new Net();
        Assert.Equal(["_scale", "_conv.weight", "_list.0.weight", "_list.0.bias", "_list.1.weight", "_list.1.bias"], net.named_parameters().Select(p => p.name));
        Assert.Equal(["_offset"], net.named_buffers().Select(b => b.name));
        Assert.Equal(["_conv", "_list", "_list.0", "_list.1"], net.named_modules().Select(m => m.name));
        net.eval();
        Assert.All(net.modules(), m => Assert.False(m.training));
    }

    private sealed class WithProperty : nn.Module<Tensor, Tensor>
    {
        public WithProperty()
            : base(nameof(WithProperty))
        {
            using (Inner)
                RegisterComponents();
        }

        private Linear Inner { get; } = nn.Linear(1, 1);

        public override Tensor forward(Tensor input) => Inner.call(input);
    }

    [Fact]
    public void A_property_that_would_get_another_name_with_TorchSharp_is_refused() =>
        Assert.Contains("hold <Inner>k__BackingField in a plain field", Assert.Throws<InvalidOperationException>(() => new WithProperty()).Message);

    [Fact]
    public void A_module_changes_type_in_place()
    {
        using var scope = NewDisposeScope();
        using var net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2));
        Parameter first = net.parameters().First();
        net.to(ScalarType.Float64);
        Assert.Same(first, net.parameters().First());
        Assert.All(net.parameters(), p => Assert.Equal(ScalarType.Float64, p.dtype));
        Assert.Equal(ScalarType.Int64, net.named_buffers().Single(b => b.name == "1.num_batches_tracked").buffer.dtype);
        net.call(ones(1, 1, 5, 5, ScalarType.Float64)).sum().backward();
        Assert.NotNull(first.grad);
        net.zero_grad();
        Assert.Null(first.grad);
    }

    [Fact]
    public void Parameters_outlive_the_scope_they_were_made_in()
    {
        Linear linear;
        using (NewDisposeScope())
            linear = nn.Linear(2, 2);
        Assert.False(linear.weight.IsInvalid);
        linear.Dispose();
        Assert.True(linear.weight.IsInvalid);
    }

    [Fact]
    public void A_state_that_does_not_fit_is_refused_with_all_names()
    {
        using var scope = NewDisposeScope();
        using var net = nn.Linear(2, 2);
        var e = Assert.Throws<InvalidOperationException>(() => net.load_state_dict(new() { ["weight"] = ones(2, 2), ["extra"] = ones(1) }));
        Assert.Equal("the state does not fit Linear: missing [bias], unexpected [extra]", e.Message);
        (IList<string> missing, IList<string> unexpected) = net.load_state_dict(new() { ["weight"] = ones(2, 2) }, strict: false);
        Assert.Equal(["bias"], missing);
        Assert.Empty(unexpected);
        Assert.Equal(4, (double)net.weight.sum());
    }

    [Theory]
    [InlineData("step", new[] { 1, 1, 0.5, 0.5, 0.25 })]
    [InlineData("cosine", new[] { 1, 0.8535533905932737, 0.5, 0.14644660940672627, 0 })]
    [InlineData("exponential", new[] { 1, 0.5, 0.25, 0.125, 0.0625 })]
    [InlineData("milestones", new[] { 1, 0.5, 0.5, 0.25, 0.25 })]
    [InlineData("lambda", new[] { 1, 0.5, 1.0 / 3, 0.25, 0.2 })]
    public void Learning_rates_follow_their_schedule(string name, double[] expected)
    {
        using var scope = NewDisposeScope();
        using Parameter p = new(ones(1));
        using var adam = optim.Adam([p], 1);
        optim.lr_scheduler.LRScheduler schedule = name switch
        {
            "step" => optim.lr_scheduler.StepLR(adam, 2, 0.5),
            "cosine" => optim.lr_scheduler.CosineAnnealingLR(adam, 4),
            "exponential" => optim.lr_scheduler.ExponentialLR(adam, 0.5),
            "milestones" => optim.lr_scheduler.MultiStepLR(adam, [1, 3], 0.5),
            _ => optim.lr_scheduler.LambdaLR(adam, t => 1.0 / (1 + t)),
        };
        foreach (double rate in expected)
        {
            Assert.Equal(rate, adam.ParamGroups.Single().LearningRate, 12);
            schedule.step();
        }
    }
}
