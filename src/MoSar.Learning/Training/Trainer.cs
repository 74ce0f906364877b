using MoSar.Learning.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning.Training;

/// <param name="Name">The manifest's key.</param>
/// <param name="Weight">λ.</param>
/// <param name="Sources">Whose rows it sees; empty: all.</param>
public sealed record WeighedLoss(string Name, ILossTerm Term, double Weight, IReadOnlyList<string> Sources);

/// <param name="Total">The weighed sum.</param>
/// <param name="Losses">Each by itself, not weighed.</param>
/// <param name="GradientNorm">Before it is cut.</param>
/// <param name="LearningRate">Of the step.</param>
public sealed record StepReport(double Total, IReadOnlyList<KeyValuePair<string, double>> Losses, double GradientNorm, double LearningRate)
{
    /// <summary>False: the step was not taken, the networks are as before it.</summary>
    public bool IsFinite => double.IsFinite(Total) && double.IsFinite(GradientNorm);
}

/// <param name="Values"><c>loss</c>, every loss not weighed, and the learner's measures; means over the samples.</param>
/// <param name="Picture">Null when none was asked for or the learner shows nothing.</param>
public sealed record ValidationReport(IReadOnlyList<KeyValuePair<string, double>> Values, int Samples, Image? Picture);

/// <summary>Steps and measurements of one training, without files and loops around them.</summary>
public sealed class Trainer : IDisposable
{
    private readonly ILearner learner;
    private readonly IReadOnlyList<WeighedLoss> losses;
    private readonly TrainingRecipe recipe;
    private readonly int steps;
    private readonly int seed;

    /// <param name="steps">In all; the schedule ends there.</param>
    /// <param name="seed">Of whatever networks draw in a step.</param>
    /// <exception cref="MoSarException">As <see cref="LearningState"/>; or a loss needs what neither learner nor data can make.</exception>
    public Trainer(ILearner learner, IReadOnlyList<WeighedLoss> losses, TrainingRecipe recipe, int steps, int seed)
    {
        (this.learner, this.losses, this.recipe, this.steps, this.seed) = (learner, losses, recipe, steps, seed);
        if (recipe.ChannelsLast)
        {
            foreach (var network in learner.Networks.Values)
            {
                network.to_channels_last();
            }
        }

        // No gradient is needed for what stays as it is; a backward pass does not go through it then.
        foreach (var (name, network) in learner.Networks)
        {
            foreach (var parameter in network.parameters())
            {
                parameter.requires_grad = recipe.Optimizer.Rates.GetValueOrDefault(name, 1) > 0;
            }
        }

        State = new LearningState(learner.Networks, recipe.Optimizer, recipe.Average);
    }

    public LearningState State { get; }

    /// <summary>Learns from a batch. Where loss or gradient is not finite, nothing changes.</summary>
    /// <param name="step">Counted from 1.</param>
    public StepReport Step(int step, TrainingBatch batch)
    {
        using var scope = NewDisposeScope();

        // The generator's state is a function of the step: that is all a checkpoint has to hold of it.
        random.manual_seed(SeedOf(step));
        Mode(training: true);
        State.ClearGradients();
        var estimates = Forward(batch);
        var (total, each) = Evaluate(batch, estimates);
        if (total.requires_grad)
        {
            total.backward();
        }

        var rate = (recipe.Optimizer.LearningRate ?? learner.LearningRate) * recipe.Schedule.Factor(step, steps);
        var report = new StepReport(total.item<float>(), [.. each.Select(e => KeyValuePair.Create(e.Key, (double)e.Value.item<float>()))], State.GradientNorm(), rate);
        if (report.IsFinite)
        {
            State.Update(step, rate, report.GradientNorm);
        }

        return report;
    }

    /// <summary>Measures the averaged weights. Training goes on afterwards as if nothing had been.</summary>
    /// <param name="batches">The same at every validation.</param>
    /// <param name="pictures">Rows to show.</param>
    public ValidationReport Validate(IEnumerable<TrainingBatch> batches, int pictures)
    {
        using var averaged = State.Averaged();
        using var frozen = no_grad();
        Mode(training: false);
        random.manual_seed(seed);
        var (sums, counts) = (new Dictionary<string, double>(), new Dictionary<string, double>());
        var samples = 0;
        Image? picture = null;
        foreach (var batch in batches)
        {
            using var scope = NewDisposeScope();
            var estimates = Forward(batch);
            foreach (var loss in losses)
            {
                if (Evaluate(loss, batch, estimates) is { } evaluated)
                {
                    sums[loss.Name] = sums.GetValueOrDefault(loss.Name) + (evaluated.Rows * (double)evaluated.Value.item<float>());
                    counts[loss.Name] = counts.GetValueOrDefault(loss.Name) + evaluated.Rows;
                }
            }

            foreach (var (name, value) in learner.Measure(batch, estimates))
            {
                var rows = value.cpu().to(ScalarType.Float32).data<float>().ToArray().Where(x => !float.IsNaN(x)).ToArray();
                sums[name] = sums.GetValueOrDefault(name) + rows.Sum(x => (double)x);
                counts[name] = counts.GetValueOrDefault(name) + rows.Length;
            }

            samples += batch.Rows;
            picture ??= pictures > 0 ? learner.Show(batch, estimates) : null;
        }

        KeyValuePair<string, double>[] means = [.. sums.Where(s => counts[s.Key] > 0).Select(s => KeyValuePair.Create(s.Key, s.Value / counts[s.Key]))];
        var total = losses.Sum(l => l.Weight * means.FirstOrDefault(m => m.Key == l.Name).Value);
        return new ValidationReport([KeyValuePair.Create(ValidationRecipe.TotalLoss, total), .. means], samples, picture);
    }

    public void Dispose() => State.Dispose();

    private long SeedOf(int step) => (long)(SplitMix.Mix(SplitMix.Mix((ulong)(uint)seed) + (uint)step) >> 1);

    private void Mode(bool training)
    {
        foreach (var (name, network) in learner.Networks)
        {
            // A network that is to stay as it is keeps its statistics, too.
            network.train(training && recipe.Optimizer.Rates.GetValueOrDefault(name, 1) > 0);
        }
    }

    private IReadOnlyDictionary<string, Tensor> Forward(TrainingBatch batch)
    {
        foreach (var name in learner.Takes)
        {
            _ = batch[name];
        }

        if (recipe.Precision == TrainingPrecision.Float32)
        {
            return learner.Forward(batch);
        }

        // Losses are sums over thousands of differences: they stay in float32.
        using (Precision.Autocast())
        {
            return learner.Forward(batch).ToDictionary(e => e.Key, e => e.Value.to(ScalarType.Float32));
        }
    }

    private (Tensor Total, IReadOnlyList<KeyValuePair<string, Tensor>> Each) Evaluate(TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates)
    {
        Tensor? total = null;
        var each = new List<KeyValuePair<string, Tensor>>();
        foreach (var loss in losses)
        {
            if (Evaluate(loss, batch, estimates) is not { Value: var value })
            {
                continue;
            }

            each.Add(KeyValuePair.Create(loss.Name, value));
            var weighed = value * loss.Weight;
            total = total is null ? weighed : total + weighed;
        }

        return (total ?? throw Unseen(batch.Parts), each);
    }

    private static MoSarException Unseen(IEnumerable<BatchPart> parts) => new(
        "training-unseen",
        $"No loss sees the samples of '{string.Join("', '", parts.Select(p => p.Source))}', so there is nothing to learn from them.",
        "Name the source in 'sources:' of a loss, or take it out of training.mix.");

    /// <returns>Null when the batch has no row that the loss sees.</returns>
    private (Tensor Value, int Rows)? Evaluate(WeighedLoss loss, TrainingBatch batch, IReadOnlyDictionary<string, Tensor> estimates)
    {
        if (loss.Sources.Count > 0 && !batch.Parts.Any(p => loss.Sources.Contains(p.Source)))
        {
            return null;
        }

        var (part, values) = batch.Only(loss.Sources, estimates);
        var given = new Dictionary<string, Tensor>(values);
        foreach (var name in loss.Term.Needs.Where(n => !given.ContainsKey(n)))
        {
            given.Add(name, part.Find(name) ?? throw NotThere(loss, name, part));
        }

        return (loss.Term.Evaluate(new LossInput(given, learner.Template)), part.Rows);
    }

    private MoSarException NotThere(WeighedLoss loss, string name, TrainingBatch part)
    {
        var reason = TrainingBatch.Missing(name, part.Parts);
        return new MoSarException(
            reason.Code, $"The loss '{loss.Name}' needs '{name}'. The learner makes {string.Join(", ", learner.Makes)}. {reason.Message}", reason.Remedy);
    }
}
