using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>
/// All that changes while networks learn: weights, statistics, Adam's moments (Kingma and Ba 2015) and the exponential average of weights and
/// statistics. Everything is one set of named tensors, so that a checkpoint of them is complete.
/// </summary>
public sealed class LearningState : IDisposable
{
    private readonly OptimizerRecipe recipe;
    private readonly double averageDecay;
    private readonly List<Slot> slots = [];
    private readonly List<(string Name, Tensor Value, Tensor Average)> buffers = [];
    private bool isAveraged;

    /// <param name="networks">By name; their parameters and buffers are changed in place and keep their layout.</param>
    /// <param name="averageDecay">0: no average is kept.</param>
    /// <exception cref="MoSarException"><c>training-rate-unknown</c>: a rate is given for a network that is not there.</exception>
    public LearningState(IReadOnlyDictionary<string, nn.Module> networks, OptimizerRecipe recipe, double averageDecay)
    {
        (this.recipe, this.averageDecay) = (recipe, averageDecay);
        if (recipe.Rates.Keys.FirstOrDefault(r => !networks.ContainsKey(r)) is { } unknown)
        {
            throw new MoSarException("training-rate-unknown", $"'rates' names '{unknown}', which is none of the learner's networks.", $"There are: {string.Join(", ", networks.Keys)}.");
        }

        using var frozen = no_grad();
        foreach (var (network, module) in networks)
        {
            var rate = recipe.Rates.GetValueOrDefault(network, 1);
            foreach (var (name, p) in module.named_parameters())
            {
                if (p.requires_grad)
                {
                    slots.Add(new Slot($"{network}.{name}", p, Keep(p.zeros_like()), Keep(p.zeros_like()), Keep(p.detach().clone()), rate));
                }
            }

            foreach (var (name, b) in module.named_buffers())
            {
                buffers.Add(($"{network}.{name}", b, Keep(b.detach().clone())));
            }
        }
    }

    /// <summary>Forgets the last step's gradients.</summary>
    public void ClearGradients()
    {
        foreach (var s in slots)
        {
            s.Value.grad = null;
        }
    }

    /// <summary>The L2 norm of all gradients together; not finite when one of them is not.</summary>
    public double GradientNorm()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var sum = 0.0;
        foreach (var s in slots.Where(s => s.Rate > 0))
        {
            if (s.Value.grad is { } gradient)
            {
                sum += gradient.square().sum().item<float>();
            }
        }

        return Math.Sqrt(sum);
    }

    /// <summary>One step of Adam along the gradients, cut to the recipe's norm.</summary>
    /// <param name="step">Counted from 1.</param>
    /// <param name="rate">The learning rate.</param>
    /// <param name="norm">As <see cref="GradientNorm"/> found it.</param>
    public void Update(int step, double rate, double norm)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var cut = Math.Min(1, recipe.GradientNorm / (norm + 1e-12));
        var (correct1, correct2) = (1 - Math.Pow(recipe.Beta1, step), 1 - Math.Pow(recipe.Beta2, step));

        // Early on the average would be mostly the random start: it forgets faster then.
        var keep = Math.Min(averageDecay, (1.0 + step) / (10.0 + step));
        foreach (var s in slots)
        {
            if (s.Rate <= 0 || s.Value.grad is not { } g)
            {
                continue;
            }

            g.mul_(cut);
            s.Mean.mul_(recipe.Beta1).add_(g, 1 - recipe.Beta1);
            s.Square.mul_(recipe.Beta2).addcmul_(g, g, 1 - recipe.Beta2);
            if (recipe.WeightDecay > 0)
            {
                s.Value.mul_(1 - (rate * s.Rate * recipe.WeightDecay));
            }

            s.Value.addcdiv_(s.Mean, (s.Square / correct2).sqrt().add_(recipe.Epsilon), -rate * s.Rate / correct1);
            s.Average.mul_(keep).add_(s.Value, 1 - keep);
        }

        foreach (var (_, value, average) in buffers)
        {
            if (average.is_floating_point())
            {
                average.mul_(keep).add_(value, 1 - keep);
            }
            else
            {
                average.copy_(value);
            }
        }
    }

    /// <summary>Puts the averages into the networks until it is disposed, which puts back, bit for bit, what was there.</summary>
    public IDisposable Averaged()
    {
        if (isAveraged)
        {
            throw new InvalidOperationException("The averages are in the networks already.");
        }

        Exchange();
        return new Undo(this);
    }

    /// <summary>Puts the averages into the networks for good.</summary>
    public void UseAverage()
    {
        using var frozen = no_grad();
        foreach (var (value, average) in slots.Select(s => ((Tensor)s.Value, s.Average)).Concat(buffers.Select(b => (b.Value, b.Average))))
        {
            value.copy_(average);
        }
    }

    /// <summary>Everything, by name. The tensors are this state's own.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors()
    {
        var tensors = new Dictionary<string, Tensor>();
        foreach (var s in slots)
        {
            tensors["value." + s.Name] = s.Value;
            tensors["mean." + s.Name] = s.Mean;
            tensors["square." + s.Name] = s.Square;
            tensors["average." + s.Name] = s.Average;
        }

        foreach (var (name, value, average) in buffers)
        {
            tensors["value." + name] = value;
            tensors["average." + name] = average;
        }

        return tensors;
    }

    /// <summary>Copies a file of what <see cref="Tensors"/> gave, of a state of the same networks.</summary>
    /// <exception cref="MoSarException"><c>checkpoint-foreign</c>: names or shapes differ; nothing was changed. Or <c>weights-…</c>: the file is missing or broken.</exception>
    public void Restore(string path)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var stored = Weights.LoadTensors(path);
        var own = Tensors();
        if (own.FirstOrDefault(t => !stored.TryGetValue(t.Key, out var s) || !s.shape.SequenceEqual(t.Value.shape)).Key is not null || stored.Count != own.Count)
        {
            throw new MoSarException("checkpoint-foreign", $"'{path}' is the checkpoint of other networks.", "Delete it or name another folder.");
        }

        foreach (var (name, tensor) in own)
        {
            tensor.copy_(stored[name]);
        }
    }

    public void Dispose()
    {
        foreach (var s in slots)
        {
            s.Mean.Dispose();
            s.Square.Dispose();
            s.Average.Dispose();
        }

        foreach (var (_, _, average) in buffers)
        {
            average.Dispose();
        }
    }

    private static Tensor Keep(Tensor t) => t.DetachFromDisposeScope();

    private void Exchange()
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        foreach (var (value, average) in slots.Select(s => ((Tensor)s.Value, s.Average)).Concat(buffers.Select(b => (b.Value, b.Average))))
        {
            var held = value.detach().clone();
            value.copy_(average);
            average.copy_(held);
        }

        isAveraged = !isAveraged;
    }

    private sealed class Undo(LearningState state) : IDisposable
    {
        public void Dispose()
        {
            if (state.isAveraged)
            {
                state.Exchange();
            }
        }
    }

    private sealed record Slot(string Name, Parameter Value, Tensor Mean, Tensor Square, Tensor Average, double Rate);
}
