using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using MoSar.Training.Data;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Training;

/// <summary>How a shipped network is trained; what differs from network to network is given.</summary>
/// <param name="Name">Of the weights' schema and the checkpoint.</param>
/// <param name="Seed">Of the network's first weights; nothing else draws from torch's generator.</param>
/// <param name="Make">The network before training.</param>
/// <param name="Draw">What makes the sample of a number; the same number gives the same sample.</param>
/// <param name="Loss">Of a network for a step's samples; a scalar.</param>
internal sealed record NetworkTrainer<TNetwork, TSample>(
    string Name, long Seed, Func<TrainerOptions, TNetwork> Make, Func<TrainingMaterial, TrainerOptions, Func<int, TSample>> Draw, Func<TNetwork, TSample[], Tensor> Loss)
    where TNetwork : nn.Module
{
    public void Train(TrainerOptions options, Action<string> report, CancellationToken cancellation)
    {
        var material = TrainingMaterial.Load(options, report);
        var batches = new Batches<TSample>(options.Batch, Draw(material, options));
        random.manual_seed(Seed);
        using var network = Make(options);
        if (options.Begin is not null)
        {
            network.LoadWeights(options.Begin);
        }

        network.to_channels_last();
        var recipe = new TrainingOptions
        {
            Steps = options.Steps,
            LearningRate = options.LearningRate,
            BFloat16 = options.BFloat16,
            Checkpoint = options.Cache is null ? null : Path.Combine(options.Cache, $"{Name}.checkpoint.safetensors"),
        };
        using var run = new TrainingRun(network, recipe);
        run.Run(step => Loss(network, batches.Of(step)), report, cancellation);
        run.UseAverage();
        network.SaveCompact(options.Out, material.Describe($"mosar/{Name}/1", options));
        report($"wrote {options.Out}");
    }
}
