using System.Reflection;

namespace MoSar.Torch.Tests;

[ChecksTensorLeaks]
public sealed class DisposeScopeTests
{
    [Fact]
    public void A_scope_frees_what_was_made_in_it_and_keeps_what_was_moved_out()
    {
        Tensor kept;
        long before = Tensor.TotalCount;
        using (var outer = NewDisposeScope())
        {
            using (var inner = NewDisposeScope())
            {
                Tensor a = ones(3), b = a + 1;
                kept = (a * b).MoveToOuterDisposeScope();
                Assert.Equal(2, inner.DisposablesCount);
            }
            Assert.False(kept.IsInvalid);
            Assert.True(outer.Contains(kept));
            Assert.Equal(1, Tensor.TotalCount - before);
        }
        Assert.True(kept.IsInvalid);
    }

    [Fact]
    public void Detached_tensors_outlive_their_scope()
    {
        Tensor kept;
        using (NewDisposeScope())
            kept = ones(2).DetachFromDisposeScope();
        using (Tensor sum = kept.sum())
            Assert.Equal(2, sum.item<float>());
        kept.Dispose();
    }

    [Fact]
    public void A_scope_can_drop_all_but_some()
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(2), b = ones(2), c = ones(2);
        scope.DisposeEverythingBut(b);
        Assert.True(a.IsInvalid && c.IsInvalid && !b.IsInvalid);
    }

    [Fact]
    public void Threads_have_scopes_of_their_own()
    {
        using var scope = NewDisposeScope();
        Tensor? other = null;
        var thread = new Thread(() => other = ones(2));
        thread.Start();
        thread.Join();
        Assert.Equal(0, scope.DisposablesCount);
        other!.Dispose();
    }

    [Fact]
    public void A_training_step_leaves_nothing()
    {
        using var scope = NewDisposeScope();
        using var net = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 1, 3));
        using var adam = optim.Adam(net.parameters());
        long[] alive = new long[3];
        for (int i = 0; i < 3; i++)
        {
            using (NewDisposeScope())
            {
                adam.zero_grad();
                nn.functional.mse_loss(net.call(ones(1, 1, 9, 9)), zeros(1, 1, 5, 5)).backward();
                adam.step();
            }
            alive[i] = Tensor.TotalCount;
        }
        Assert.Equal(alive[1], alive[2]);
    }

    [Fact]
    public void The_attribute_notices_a_leak()
    {
        var check = new ChecksTensorLeaksAttribute();
        MethodInfo self = GetType().GetMethod(nameof(The_attribute_notices_a_leak))!;
        check.Before(self);
        Tensor leaked = ones(2);
        string message = Assert.ThrowsAny<Exception>(() => check.After(self)).Message;
        Assert.Equal("DisposeScopeTests.The_attribute_notices_a_leak leaves 1 tensors alive: dispose them, or work in a NewDisposeScope()", message);
        leaked.Dispose();
        check.After(self);
    }
}
