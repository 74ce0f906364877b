using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.GraphTrial;

/// <summary>The part-based autoencoder on kept neutral shapes, beside principal components of the same shapes with as many coefficients.</summary>
internal static class ShapeTraining
{
    private const int HeldOut = 300, Chunk = 50;

    public static int Run(string modelPath, string train, string held, string folder, int steps, int batch, int[]? latents)
    {
        Directory.CreateDirectory(folder);
        var model = FaceModel.Load(modelPath);
        var (pyramid, parts) = model.RequireLevels();
        var options = latents is null ? new PartGnnOptions() : new PartGnnOptions { Latents = latents };
        using var scope = NewDisposeScope();
        manual_seed(1);
        var (shapes, people) = (Shapes(model, train, int.MaxValue), Shapes(model, held, HeldOut));
        Say($"{shapes.shape[0]} shapes to learn from, {people.shape[0]} held out, K = {options.Latents.Sum()}");
        var network = new PartGnn(pyramid, parts, options);
        var checkpoint = Path.Combine(folder, "checkpoint.safetensors");
        if (!File.Exists(checkpoint))
        {
            var pca = Components(shapes, options.Latents.Sum(), out var mean);
            Report("PCA", model, people, x => (x - mean).reshape(x.shape[0], -1).matmul(pca).matmul(pca.t()).reshape(x.shape) + mean);
            using var fit = PartLinearFit.Of(shapes, parts, options.Latents, Say);
            network.Begin(fit);
            Report("linear start", model, people, x => network.call(x));
        }

        using var run = new TrainingRun(network, new TrainingOptions
        {
            Steps = steps, LearningRate = 1e-3, WarmUp = 50, AverageDecay = 0.995, GradientNorm = 1, Checkpoint = checkpoint, CheckpointEvery = 100, ReportEvery = 25,
        });
        var skin = tensor(model.Template.Regions["face"]).reshape(1, -1) + 1;
        var clock = Stopwatch.StartNew();
        for (var until = run.Step + 300; run.Step < steps; until += 300)
        {
            run.Run(step => Loss(network, Rows(shapes, step, batch), skin), Say, until: until);
            Report($"step {run.Step} ({clock.Elapsed.TotalMinutes:f1} min)", model, people, x => network.call(x));
        }

        run.UseAverage();
        Report("average of the weights", model, people, x => network.call(x));
        Report("without the decoder's graph", model, people, x =>
        {
            var alpha = network.Encode(x);
            return network.Decode(alpha) - network.Correction(alpha);
        });
        network.SaveWeights(Path.Combine(folder, "part-gnn.safetensors"), new Dictionary<string, string> { ["latents"] = string.Join(',', options.Latents), ["steps"] = $"{steps}" });
        return 0;
    }

    /// <summary>Mean distance of vertices in mm, the face's counted twice.</summary>
    private static Tensor Loss(PartGnn network, Tensor positions, Tensor weights)
    {
        var distance = ((network.call(positions) - positions).square().sum([2]) + 1e-4).sqrt();
        return (distance * weights).sum() / (weights.sum() * positions.shape[0]);
    }

    /// <summary>A step's people: a permutation a round, from the step's number alone.</summary>
    private static Tensor Rows(Tensor shapes, int step, int batch)
    {
        var a_round = (int)(shapes.shape[0] / batch);
        var order = new int[shapes.shape[0]];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        new Random(step / a_round).Shuffle(order);
        return shapes.index_select(0, tensor([.. order.AsSpan(step % a_round * batch, batch).ToArray().Select(i => (long)i)]));
    }

    private static Tensor Components(Tensor shapes, int count, out Tensor mean)
    {
        mean = shapes.mean([0]);
        using var flat = (shapes - mean).reshape(shapes.shape[0], -1);
        return PartLinearFit.PrincipalComponents(flat, count);
    }

    private static Tensor Shapes(FaceModel model, string file, int most)
    {
        var offsets = ShapeCache.Read(file, model.Mean.Length, most);
        var shapes = empty(offsets.Length / (3 * model.Mean.Length), model.Mean.Length, 3);
        MemoryMarshal.AsBytes(offsets.AsSpan()).CopyTo(shapes.bytes);
        return shapes.add_(tensor(MemoryMarshal.Cast<System.Numerics.Vector3, float>(model.Mean.AsSpan()).ToArray()).reshape(-1, 3));
    }

    private static void Report(string what, FaceModel model, Tensor people, Func<Tensor, Tensor> reconstruct)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var distances = new List<Tensor>();
        for (var at = 0L; at < people.shape[0]; at += Chunk)
        {
            var x = people.narrow(0, at, Math.Min(Chunk, people.shape[0] - at));
            distances.Add((reconstruct(x) - x).square().sum([2]).sqrt());
        }

        var all = cat(distances, 0);
        var face = tensor(model.Template.Regions["face"]).gt(0.5).to(float32);
        var skin = (all * face).sum() / (face.sum() * all.shape[0]);
        Say(string.Create(CultureInfo.InvariantCulture, $"held out, {what}: {all.mean().item<float>():f4} mm, face {skin.item<float>():f4} mm"));
    }

    private static void Say(string line) => Console.WriteLine($"{DateTime.UtcNow:HH:mm:ss} {line}");
}
