using System.Diagnostics;
using System.Globalization;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <summary>How long and how fast a network learns.</summary>
public sealed record TrainingOptions
{
    public int Steps { get; init; } = 10_000;

    /// <summary>At its highest, after the warm-up; it falls to 0 along a half cosine.</summary>
    public double LearningRate { get; init; } = 2e-3;

    public int WarmUp { get; init; } = 200;

    /// <summary>Of the exponential average of the weights, which is what is saved.</summary>
    public double AverageDecay { get; init; } = 0.998;

    /// <summary>L2 norm to which a step's gradient is cut; it tames the first steps and freak batches.</summary>
    public double GradientNorm { get; init; } = 5;

    /// <summary>Seed of the initial weights; data draw from their own.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>bfloat16 autocast: faster only on processors that have such instructions (AVX512-BF16, AMX), slower on others.</summary>
    public bool BFloat16 { get; init; }

    /// <summary>Where to keep the state; null keeps none. An existing file of the same recipe is continued.</summary>
    public string? Checkpoint { get; init; }

    public int CheckpointEvery { get; init; } = 250;

    public int ReportEvery { get; init; } = 50;
}

/// <summary>
/// The loop that trains one network: Adam (Kingma and Ba 2015), learning rate with warm-up and cosine, exponential average of weights
/// and statistics, atomic checkpoints. A step's data are a function of its number, so a run that was stopped and continued ends with
/// the same weights as one that was not.
/// </summary>
public sealed class TrainingRun : IDisposable
{
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly nn.Module module;
    private readonly TrainingOptions options;
    private readonly List<Slot> slots = [];
    private readonly List<(string Name, Tensor Value, Tensor Average)> buffers = [];
    private int step;

    /// <param name="module">In training mode; its layout (channels-last) is kept.</param>
    /// <exception cref="MoSarException">The checkpoint belongs to another network or recipe.</exception>
    public TrainingRun(nn.Module module, TrainingOptions options)
    {
        (this.module, this.options) = (module, options);
        using var frozen = no_grad();
        foreach (var (name, p) in module.named_parameters())
        {
            slots.Add(new Slot(name, p, Keep(p.zeros_like()), Keep(p.zeros_like()), Keep(p.detach().clone())));
        }

        foreach (var (name, b) in module.named_buffers())
        {
            buffers.Add((name, b, Keep(b.detach().clone())));
        }

        Resume();
    }

    /// <summary>The number of steps done.</summary>
    public int Step => step;

    /// <summary>Trains to the end.</summary>
    /// <param name="loss">The loss of a step, from its number; the graph is released after it.</param>
    /// <param name="report">Gets a line now and then.</param>
    /// <param name="until">Stops earlier, after this many steps.</param>
    public void Run(Func<int, Tensor> loss, Action<string> report, CancellationToken cancellation = default, int until = int.MaxValue)
    {
        module.train();
        var clock = Stopwatch.StartNew();
        var (first, sum) = (step, 0.0);
        while (step < Math.Min(options.Steps, until))
        {
            cancellation.ThrowIfCancellationRequested();
            sum += One(loss);
            step++;
            if (step % options.ReportEvery == 0)
            {
                var seconds = clock.Elapsed.TotalSeconds / (step - first);
                var left = TimeSpan.FromSeconds(seconds * (options.Steps - step));
                report(string.Create(CultureInfo.InvariantCulture, $"step {step}/{options.Steps}  loss {sum / options.ReportEvery:f4}  {seconds:f3} s a step  {left:hh\\:mm\\:ss} left"));
                sum = 0;
            }

            if (options.Checkpoint is not null && (step % options.CheckpointEvery == 0 || step == options.Steps))
            {
                Save(options.Checkpoint);
            }
        }
    }

    /// <summary>Puts the averaged weights and statistics into the network.</summary>
    public void UseAverage()
    {
        using var frozen = no_grad();
        foreach (var s in slots)
        {
            s.Value.copy_(s.Average);
        }

        foreach (var (_, value, average) in buffers)
        {
            value.copy_(average);
        }

        module.eval();
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

    private double One(Func<int, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        module.zero_grad();
        Tensor value;
        using (options.BFloat16 ? Precision.Autocast() : null)
        {
            value = loss(step);
        }

        value.backward();
        var result = value.item<float>();
        using (no_grad())
        {
            Update();
        }

        return float.IsFinite(result)
            ? result
            : throw new MoSarException("training-diverged", $"The loss is {result} at step {step}.", "Lower the learning rate.");
    }

    private void Update()
    {
        var t = step + 1;
        var warm = Math.Min(1, t / (double)Math.Max(1, options.WarmUp));
        var rate = options.LearningRate * warm * 0.5 * (1 + Math.Cos(Math.PI * t / options.Steps));
        var gradients = slots.Select(s => s.Value.grad).ToArray();
        var norm = Math.Sqrt(gradients.Sum(g => g is null ? 0.0 : g.square().sum().item<float>()));
        var cut = Math.Min(1, options.GradientNorm / (norm + 1e-12));
        var (correct1, correct2) = (1 - Math.Pow(Beta1, t), 1 - Math.Pow(Beta2, t));

        // Early on the average would be mostly the random start: it forgets faster then.
        var keep = Math.Min(options.AverageDecay, (1.0 + t) / (10.0 + t));
        for (var i = 0; i < slots.Count; i++)
        {
            var (s, g) = (slots[i], gradients[i]);
            if (g is null)
            {
                continue;
            }

            g.mul_(cut);
            s.Mean.mul_(Beta1).add_(g, 1 - Beta1);
            s.Square.mul_(Beta2).addcmul_(g, g, 1 - Beta2);
            s.Value.addcdiv_(s.Mean, (s.Square / correct2).sqrt().add_(Epsilon), -rate / correct1);
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

    private void Save(string path)
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

        // SaveTensors writes beside and renames: a stop in the middle leaves the last checkpoint.
        Weights.SaveTensors(path, tensors, new Dictionary<string, string> { ["step"] = step.ToString(CultureInfo.InvariantCulture), ["recipe"] = Recipe() });
    }

    private void Resume()
    {
        if (options.Checkpoint is null || !File.Exists(options.Checkpoint))
        {
            return;
        }

        var metadata = SafetensorsFile.Read(options.Checkpoint).Metadata;
        if (metadata.GetValueOrDefault("recipe") != Recipe() || !int.TryParse(metadata.GetValueOrDefault("step"), CultureInfo.InvariantCulture, out step))
        {
            throw new MoSarException("checkpoint-foreign", $"'{options.Checkpoint}' is the checkpoint of another recipe.", "Delete it or name another file.");
        }

        var stored = Weights.LoadTensors(options.Checkpoint);
        foreach (var s in slots)
        {
            s.Value.copy_(stored["value." + s.Name]);
            s.Mean.copy_(stored["mean." + s.Name]);
            s.Square.copy_(stored["square." + s.Name]);
            s.Average.copy_(stored["average." + s.Name]);
        }

        foreach (var (name, value, average) in buffers)
        {
            value.copy_(stored["value." + name]);
            average.copy_(stored["average." + name]);
        }

        foreach (var t in stored.Values)
        {
            t.Dispose();
        }
    }

    /// <summary>What must agree for a checkpoint to be continued.</summary>
    private string Recipe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{module.GetName()}; {slots.Count} tensors; steps {options.Steps}; rate {options.LearningRate}; warm-up {options.WarmUp}; average {options.AverageDecay}; norm {options.GradientNorm}; seed {options.Seed}; bf16 {options.BFloat16}");

    private sealed record Slot(string Name, Parameter Value, Tensor Mean, Tensor Square, Tensor Average);
}
