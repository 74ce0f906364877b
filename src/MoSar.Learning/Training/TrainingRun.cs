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
    private const string Network = "network";

    private readonly nn.Module module;
    private readonly TrainingOptions options;
    private readonly ScheduleRecipe schedule;
    private readonly LearningState state;
    private int step;

    /// <param name="module">In training mode; its layout (channels-last) is kept.</param>
    /// <exception cref="MoSarException">The checkpoint belongs to another network or recipe.</exception>
    public TrainingRun(nn.Module module, TrainingOptions options)
    {
        (this.module, this.options) = (module, options);
        schedule = new ScheduleRecipe { Kind = ScheduleKind.Cosine, WarmUp = options.WarmUp };
        state = new LearningState(new Dictionary<string, nn.Module> { [Network] = module }, new OptimizerRecipe { GradientNorm = options.GradientNorm }, options.AverageDecay);
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
            if (cancellation.IsCancellationRequested)
            {
                if (options.Checkpoint is not null)
                {
                    Save(options.Checkpoint);
                }

                cancellation.ThrowIfCancellationRequested();
            }

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
        state.UseAverage();
        module.eval();
    }

    public void Dispose() => state.Dispose();

    private double One(Func<int, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        state.ClearGradients();
        Tensor value;
        using (options.BFloat16 ? Precision.Autocast() : null)
        {
            value = loss(step);
        }

        value.backward();
        var result = value.item<float>();
        var norm = state.GradientNorm();
        if (!float.IsFinite(result) || !double.IsFinite(norm))
        {
            throw new MoSarException("training-diverged", $"The loss is {result}, its gradient's norm {norm} at step {step}.", "Lower the learning rate.");
        }

        state.Update(step + 1, options.LearningRate * schedule.Factor(step + 1, options.Steps), norm);
        return result;
    }

    private void Save(string path)
    {
        // SaveTensors writes beside and renames: a stop in the middle leaves the last checkpoint.
        Weights.SaveTensors(path, state.Tensors(), new Dictionary<string, string> { ["step"] = step.ToString(CultureInfo.InvariantCulture), ["recipe"] = Recipe() });
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

        state.Restore(options.Checkpoint);
    }

    /// <summary>What must agree for a checkpoint to be continued.</summary>
    private string Recipe() => string.Create(
        CultureInfo.InvariantCulture,
        $"{module.GetName()}; {state.Tensors().Count} tensors; steps {options.Steps}; rate {options.LearningRate}; warm-up {options.WarmUp}; average {options.AverageDecay}; norm {options.GradientNorm}; seed {options.Seed}; bf16 {options.BFloat16}");
}
