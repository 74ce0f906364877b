using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.Learning.Networks;
using MoSar.Learning.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Training;

/// <summary>
/// Pre-trains the part-based autoencoder on the light stage's neutral heads (3.1, Aliari et al. 2023) and measures it beside principal components of the
/// same heads with as many coefficients. Linear ways in closed form first; then the decoder's graph on the codes these give; then both graphs together;
/// then the linear basis again, for what the graphs have left.
/// </summary>
public static class ShapeTrainer
{
    /// <summary>The results: principal components, 𝓕, and 𝓕 with its 𝒢ᵢ.</summary>
    public const string LinearFile = "linear.safetensors", DecoderFile = "part-gnn.safetensors", AutoencoderFile = "autoencoder.safetensors";

    private const int Seed = 1, HeldOutSeed = 900, Chunk = 50;

    /// <summary>Begins, or goes on where a training in the same folder was stopped.</summary>
    /// <exception cref="MoSarException">The model is missing, broken or has no levels; the folder holds another training.</exception>
    public static void Train(ShapeTrainerOptions options, Action<string> report, CancellationToken cancellation = default)
    {
        var model = FaceModel.Load(options.Model);
        var (pyramid, parts) = model.RequireLevels();
        var seen = options.Network.Seen(parts);
        if (options.Count < 2 * options.Network.Latents.Sum())
        {
            throw new MoSarException("training-data-few", $"{options.Count} heads are too few to fit {options.Network.Latents.Sum()} coefficients.", "Draw ten times as many at least.");
        }

        Directory.CreateDirectory(options.Out);
        string At(string name) => Path.Combine(options.Out, name);
        var geometry = FaceGeometry.Sha256(options.Model);
        using var scope = NewDisposeScope();
        var shapes = Shapes(model, ShapeStore.LoadOrDraw(At("shapes.f32"), model, geometry, Seed, options.Count, report, cancellation));
        var people = Shapes(model, ShapeStore.LoadOrDraw(At("held-out.f32"), model, geometry, HeldOutSeed, options.HeldOut, report, cancellation));
        var errors = new Dictionary<string, string>
        {
            ["template"] = model.Template.Id,
            ["heads"] = Text(options.Count),
            ["steps"] = $"{Text(options.DecoderSteps)} + {Text(options.Steps)} of {Text(options.Batch)}",
        };
        void Measure(string what, Func<Tensor, Tensor> reconstruct)
        {
            var (head, face) = Error(model, people, reconstruct);
            var text = string.Create(CultureInfo.InvariantCulture, $"{head:f4} mm, face {face:f4} mm");
            errors[$"held out, {what}"] = text;
            report($"{options.HeldOut} held-out heads, {what}: {text}");
        }

        random.manual_seed(Seed);
        using var linear = Components(shapes, options.Network.Latents.Sum());
        Measure("PCA", x => linear.call(linear.Encode(x)));
        linear.Save(At(LinearFile), errors);

        random.manual_seed(Seed);
        using var network = new PartGnn(pyramid, parts, options.Network);
        var start = At("start.safetensors");
        if (File.Exists(start))
        {
            network.LoadWeights(start);
        }
        else
        {
            using var fit = PartLinearFit.Of(shapes, seen, options.Network.Latents, report);
            network.Begin(fit);
            network.SaveWeights(start);
        }

        Measure("linear start", network.call);
        var weights = (tensor(model.Template.Regions["face"]) + 1).reshape(1, -1);
        weights = weights / weights.sum();
        LearnDecoder(network.Decoder, Encoded(network, shapes), shapes, weights, options, report, cancellation);
        Measure("decoder's graph learned", network.call);
        LearnTogether(network, shapes, weights, options, report, cancellation);
        Measure("both graphs learned", network.call);
        Refit(network, shapes);
        Measure("part GNN", network.call);
        Measure("part GNN without the decoder's graph", x =>
        {
            var alpha = network.Encode(x);
            return network.Decoder.call(alpha) - network.Decoder.Correction(alpha);
        });
        using (var codes = Encoded(network, shapes))
        {
            network.Decoder.Expect(codes);
        }

        network.Decoder.Save(At(DecoderFile), errors);
        network.SaveWeights(At(AutoencoderFile), errors);
        report($"wrote {At(LinearFile)}, {At(DecoderFile)}, {At(AutoencoderFile)}");
    }

    /// <summary>The graph alone: what it is to add is a function of the codes, and these stand still.</summary>
    private static void LearnDecoder(
        PartDecoder decoder, Tensor codes, Tensor shapes, Tensor weights, ShapeTrainerOptions options, Action<string> report, CancellationToken cancellation)
    {
        Freeze(decoder, name => name == "basis");
        using var run = new TrainingRun(decoder, Recipe(options, "decoder", options.DecoderSteps, rate: 7e-3, warmUp: 30));
        run.Run(step => Distance(decoder.call(Rows(codes, step, options.Batch)), Rows(shapes, step, options.Batch), weights), report, cancellation);
        run.UseAverage();
    }

    /// <summary>The linear ways stay: at any rate that teaches the graphs, thousands of their weights together shake every code.</summary>
    private static void LearnTogether(PartGnn network, Tensor shapes, Tensor weights, ShapeTrainerOptions options, Action<string> report, CancellationToken cancellation)
    {
        Freeze(network, name => name == "decoder.basis" || name.StartsWith("filters", StringComparison.Ordinal));
        using var run = new TrainingRun(network, Recipe(options, "together", options.Steps, rate: 1e-3, warmUp: 50));
        run.Run(
            step =>
            {
                var x = Rows(shapes, step, options.Batch);
                return Distance(network.call(x), x, weights);
            },
            report,
            cancellation);
        run.UseAverage();
    }

    private static void Refit(PartGnn network, Tensor shapes)
    {
        using var frozen = no_grad();
        network.Decoder.Refit(Chunks(shapes).Select(x => (network.Encode(x), x)));
    }

    private static TrainingOptions Recipe(ShapeTrainerOptions options, string name, int steps, double rate, int warmUp) => new()
    {
        Steps = steps,
        LearningRate = rate,
        WarmUp = Math.Min(warmUp, steps),
        AverageDecay = 0.99,
        GradientNorm = 1,
        Seed = Seed,
        Checkpoint = Path.Combine(options.Out, name + ".checkpoint.safetensors"),
        CheckpointEvery = 100,
    };

    private static void Freeze(nn.Module module, Func<string, bool> isFrozen)
    {
        foreach (var (name, parameter) in module.named_parameters())
        {
            parameter.requires_grad = !isFrozen(name);
        }
    }

    /// <summary>Mean distance of vertices, mm, weighed.</summary>
    private static Tensor Distance(Tensor made, Tensor wanted, Tensor weights) => (((made - wanted).square().sum([2]) + 1e-4).sqrt() * weights).sum() / made.shape[0];

    /// <summary>A step's people: a permutation a round, from the step's number alone.</summary>
    private static Tensor Rows(Tensor shapes, int step, int batch)
    {
        var round = Math.Max(1, (int)(shapes.shape[0] / batch));
        var order = Enumerable.Range(0, (int)shapes.shape[0]).ToArray();
        new Random(step / round).Shuffle(order);
        return shapes.index_select(0, tensor([.. order.Skip(step % round * batch).Take(batch).Select(i => (long)i)]));
    }

    private static Tensor Encoded(PartGnn network, Tensor shapes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return cat([.. Chunks(shapes).Select(network.Encode)], 0).MoveToOuterDisposeScope();
    }

    private static LinearShape Components(Tensor shapes, int count)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var mean = shapes.mean([0]);
        using var flat = (shapes - mean).reshape(shapes.shape[0], -1);
        var directions = PartLinearFit.PrincipalComponents(flat, count);
        var deviations = flat.matmul(directions).square().mean([0]).sqrt();
        return new LinearShape(mean, (directions * deviations).t().contiguous());
    }

    private static Tensor Shapes(FaceModel model, float[] offsets)
    {
        var shapes = empty(offsets.Length / (3 * model.Mean.Length), model.Mean.Length, 3);
        MemoryMarshal.AsBytes(offsets.AsSpan()).CopyTo(shapes.bytes);
        using var mean = tensor(MemoryMarshal.Cast<Vector3, float>(model.Mean.AsSpan()).ToArray()).reshape(-1, 3);
        return shapes.add_(mean);
    }

    private static IEnumerable<Tensor> Chunks(Tensor rows)
    {
        for (var at = 0L; at < rows.shape[0]; at += Chunk)
        {
            yield return rows.narrow(0, at, Math.Min(Chunk, rows.shape[0] - at));
        }
    }

    /// <summary>Mean vertex distances in mm: of the whole head and of the face.</summary>
    private static (float Head, float Face) Error(FaceModel model, Tensor people, Func<Tensor, Tensor> reconstruct)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var all = cat([.. Chunks(people).Select(x => (reconstruct(x) - x).square().sum([2]).sqrt())], 0);
        var face = tensor(model.Template.Regions["face"]).gt(0.5).to(float32);
        return (all.mean().item<float>(), ((all * face).sum() / (face.sum() * all.shape[0])).item<float>());
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
