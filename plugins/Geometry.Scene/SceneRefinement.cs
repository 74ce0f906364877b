using MoSar.Faces;
using MoSar.Learning;
using MoSar.Learning.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Plugins.Scene;

/// <summary>What a refinement compares χ with, of B crops.</summary>
/// <param name="Images">[B, 3, S, S] linear.</param>
/// <param name="Principal">[B, 2] pixels of the crops.</param>
/// <param name="Marks">[B, 68, 2] pixels of the crops.</param>
/// <param name="Trust">[B, 68].</param>
/// <param name="Agreement">[B], what share of their weight the marks have.</param>
/// <param name="Dense">Of an encoder that knows them.</param>
internal sealed record SceneEvidence(Tensor Images, Tensor Principal, Tensor Marks, Tensor Trust, Tensor Agreement, DenseLandmarks? Dense)
{
    public SceneEvidence Only(Tensor rows) => new(
        Images.index_select(0, rows),
        Principal.index_select(0, rows),
        Marks.index_select(0, rows),
        Trust.index_select(0, rows),
        Agreement.index_select(0, rows),
        Dense is { } d ? new DenseLandmarks(d.Points.index_select(0, rows), d.LogError.index_select(0, rows), d.Spread.index_select(0, rows), d.Coarse.index_select(0, rows)) : null);
}

/// <summary>
/// The end of 3.1: Adam on χ from the encoder's word, on L_photo, L_landmark, the dense landmarks and what keeps χ probable. Many photographs at once, each as if it were alone; those that have
/// converged leave the batch.
/// </summary>
internal sealed class SceneRefinement : IDisposable
{
    // Steps between looks at whether a row still gets better.
    private const int Every = 10;
    private const double Beta1 = 0.9, Beta2 = 0.999, Epsilon = 1e-8;

    private readonly SceneOptions options;
    private readonly SceneDecoder decoder;
    private readonly LandmarkLoss landmarks;
    private readonly Tensor points;
    private readonly int side;

    /// <param name="points">The dense landmarks' vertices.</param>
    /// <param name="side">Of the crops, pixels.</param>
    public SceneRefinement(SceneOptions options, SceneDecoder decoder, FaceTemplate template, IReadOnlyList<int> points, int side)
    {
        (this.options, this.decoder, this.side) = (options, decoder, side);
        landmarks = new LandmarkLoss(template);
        this.points = tensor([.. points.Select(v => (long)v)], [points.Count]).DetachFromDisposeScope();
    }

    /// <param name="start">[B, ·], the encoder's numbers.</param>
    /// <param name="contexts">One a row; a row whose context is cancelled leaves the batch as it is.</param>
    /// <returns>[B, ·]: of each row the best that was found.</returns>
    public Tensor Run(Tensor start, SceneEvidence evidence, IReadOnlyList<StageContext> contexts)
    {
        using var scope = NewDisposeScope();
        var result = start.detach().clone();
        int[] rows = [.. Enumerable.Range(0, contexts.Count)];
        var (from, now, best) = (start.detach(), start.detach().clone(), start.detach().clone());
        var (mean, square) = (zeros_like(now), zeros_like(now));
        var lowest = full([rows.Length], float.PositiveInfinity, float32);
        var before = new float[rows.Length];
        Array.Fill(before, float.PositiveInfinity);
        for (var step = 0; step < options.Refinement && rows.Length > 0; step++)
        {
            var (losses, slope) = Losses(now, from, evidence);
            var better = losses < lowest;
            (lowest, best) = (where(better, losses, lowest), where(better.unsqueeze(1), now, best));
            if (step % Every == 0)
            {
                var value = losses.data<float>().ToArray();
                int[] kept = [.. Enumerable.Range(0, rows.Length).Where(i => value[i] <= before[i] * (1 - options.Tolerance) && !contexts[rows[i]].Cancellation.IsCancellationRequested)];
                foreach (var row in kept.Select(i => rows[i]))
                {
                    contexts[row].Progress.Report(new StageProgress((double)step / options.Refinement));
                }

                before = [.. kept.Select(i => value[i])];
                if (kept.Length < rows.Length)
                {
                    Put(result, rows, best);
                    rows = [.. kept.Select(i => rows[i])];
                    var index = tensor([.. kept.Select(i => (long)i)], [kept.Length]);
                    Tensor Only(Tensor t) => t.index_select(0, index);
                    evidence = evidence.Only(index);
                    (from, now, best, lowest, mean, square, slope) = (Only(from), Only(now), Only(best), Only(lowest), Only(mean), Only(square), Only(slope));
                }
            }

            mean = (Beta1 * mean) + ((1 - Beta1) * slope);
            square = (Beta2 * square) + ((1 - Beta2) * slope.square());
            var deviation = (square / (1 - Math.Pow(Beta2, step + 1))).sqrt() + Epsilon;
            now = now - (options.Rate / (1 - Math.Pow(Beta1, step + 1)) * mean / deviation);
        }

        Put(result, rows, best);
        return result.MoveToOuterDisposeScope();
    }

    public void Dispose() => points.Dispose();

    private static void Put(Tensor result, int[] rows, Tensor values)
    {
        for (var i = 0; i < rows.Length; i++)
        {
            result[rows[i]].copy_(values[i]);
        }
    }

    /// <returns>[B], and how each changes with its own row, [B, ·].</returns>
    private (Tensor Losses, Tensor Slope) Losses(Tensor now, Tensor start, SceneEvidence evidence)
    {
        using var scope = NewDisposeScope();
        using var numbers = nn.Parameter(now.clone());
        var scene = decoder.Decode(numbers, evidence.Principal, side);
        var samples = ImageSampling.Sample(evidence.Images, scene.Projected);
        var weights = scene.Visible * ImageSampling.Inside(scene.Projected, side, side);
        var away = (numbers - start).square();
        var losses = (options.PhotoWeight * PhotoLoss.Rows(scene.Colours, samples, weights))
            + (options.LandmarkWeight * (CropInput.Side / (double)side) * evidence.Agreement * landmarks.Rows(scene.Projected, evidence.Marks, evidence.Trust))
            + (options.PriorWeight * (away.mean([1]) + numbers.narrow(1, 0, decoder.PriorLength).square().mean([1])))
            + (options.IdentityWeight * away.narrow(1, 0, decoder.Sizes.Identity).mean([1]))
            + (options.ExpressionWeight * away.narrow(1, decoder.Sizes.Identity, decoder.Sizes.Expression).mean([1]));
        if (evidence.Dense is { } dense)
        {
            losses = losses + (options.DenseWeight * Doubted(scene.Projected / side, dense));
        }

        // No row's loss knows another row: the sum has the slopes of all.
        losses.sum().backward();
        return (losses.detach().MoveToOuterDisposeScope(), numbers.grad!.clone().MoveToOuterDisposeScope());
    }

    /// <summary>Distances from where the network saw the points, in units of its doubts: [B].</summary>
    private Tensor Doubted(Tensor projected, DenseLandmarks dense)
    {
        var there = projected.index_select(1, points) - dense.Points.narrow(2, 0, 2);
        return ((there.square().sum(2) + 1e-8).sqrt() / dense.LogError.select(2, 0).exp()).mean([1]);
    }
}
