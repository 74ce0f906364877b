using MoSar.Learning.Networks;
using MoSar.Testing;

namespace MoSar.Training.Tests;

/// <summary>`mosar train shapes` with a few heads and coefficients.</summary>
public sealed class ShapeTrainerTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mosar-shapes").FullName;

    [Fact]
    public void A_training_that_was_stopped_ends_as_one_that_was_not()
    {
        var (whole, halves) = (Options("whole"), Options("halves"));
        var lines = new List<string>();
        ShapeTrainer.Train(whole, lines.Add);

        // The heads take longest to draw; they are the same.
        Directory.CreateDirectory(halves.Out);
        foreach (var file in Directory.EnumerateFiles(whole.Out, "*.f32*"))
        {
            File.Copy(file, Path.Combine(halves.Out, Path.GetFileName(file)));
        }

        foreach (var word in new[] { "linear start", "decoder's graph learned" })
        {
            using var stop = new CancellationTokenSource();
            Assert.Throws<OperationCanceledException>(() => ShapeTrainer.Train(halves, line => Stop(line, word, stop), stop.Token));
        }

        ShapeTrainer.Train(halves, _ => { });
        foreach (var name in new[] { ShapeTrainer.LinearFile, ShapeTrainer.DecoderFile, ShapeTrainer.AutoencoderFile })
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Out, name)), File.ReadAllBytes(Path.Combine(halves.Out, name)));
        }

        var metadata = SafetensorsFile.Read(Path.Combine(whole.Out, ShapeTrainer.DecoderFile)).Metadata;
        Assert.Equal(("part-gnn", "40"), (metadata["shape"], metadata["heads"]));
        Assert.EndsWith(metadata["held out, part GNN"], lines.Single(l => l.Contains("part GNN:", StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_heads_are_refused_before_any_is_drawn()
    {
        var e = Assert.Throws<MoSarException>(() => ShapeTrainer.Train(Options("few") with { Count = 10 }, _ => { }));
        Assert.Equal("10 heads are too few to fit 9 coefficients.", e.Message);
        Assert.False(Directory.Exists(Path.Combine(_folder, "few")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static void Stop(string line, string word, CancellationTokenSource stop)
    {
        if (line.Contains(word, StringComparison.Ordinal))
        {
            stop.Cancel();
        }
    }

    private ShapeTrainerOptions Options(string name) => new()
    {
        Model = Repository.Folder("samples", "models", "face.safetensors"),
        Out = Path.Combine(_folder, name),
        Count = 40,
        HeldOut = 6,
        DecoderSteps = 3,
        Steps = 3,
        Batch = 8,
        Network = new PartGnnOptions { Latents = [1, 1, 1, 1, 1, 1, 1, 2], Products = 4 },
    };
}
