using System.Diagnostics;
using System.Numerics;
using MoSar.Training.Synthetic;

namespace MoSar.Training.Data;

/// <summary>Many cut-outs, kept in a file between runs because making them takes minutes.</summary>
internal static class CutoutBank
{
    private const int Magic = 0x4D435431;

    /// <summary>Reads the bank, or makes and writes it.</summary>
    /// <param name="path">The file; null keeps nothing.</param>
    /// <param name="key">What the cut-outs depend on; a file with another key is made again.</param>
    public static IReadOnlyList<Cutout> LoadOrRender(string? path, int key, int count, Func<SyntheticRenderer> renderer, Action<string> report)
    {
        if (path is not null && File.Exists(path) && Read(path, key, count) is { } stored)
        {
            report($"{count} cut-outs from {path}");
            return stored;
        }

        var clock = Stopwatch.StartNew();
        var render = renderer();
        var cutouts = new Cutout[count];
        var done = 0;
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            cutouts[i] = render.Render(i);
            var n = Interlocked.Increment(ref done);
            if (n % 500 == 0)
            {
                report($"{n}/{count} cut-outs, {clock.Elapsed.TotalSeconds:f0} s");
            }
        });
        if (path is not null)
        {
            Write(path, key, cutouts);
        }

        return cutouts;
    }

    private static Cutout[]? Read(string path, int key, int count)
    {
        using var reader = new BinaryReader(new BufferedStream(File.OpenRead(path), 1 << 20));
        if (reader.ReadInt32() != Magic || reader.ReadInt32() != key || reader.ReadInt32() != count)
        {
            return null;
        }

        var cutouts = new Cutout[count];
        for (var i = 0; i < count; i++)
        {
            var points = new Vector2[Landmarks.Count];
            for (var k = 0; k < points.Length; k++)
            {
                points[k] = new Vector2(reader.ReadSingle(), reader.ReadSingle());
            }

            var crop = new FaceCrop(new Vector2(reader.ReadSingle(), reader.ReadSingle()), reader.ReadSingle(), reader.ReadSingle());
            cutouts[i] = new Cutout(reader.ReadBytes(Cutout.Side * Cutout.Side * 4), points, crop);
        }

        return cutouts;
    }

    private static void Write(string path, int key, Cutout[] cutouts)
    {
        var beside = path + ".part";
        using (var writer = new BinaryWriter(new BufferedStream(File.Create(beside), 1 << 20)))
        {
            writer.Write(Magic);
            writer.Write(key);
            writer.Write(cutouts.Length);
            foreach (var c in cutouts)
            {
                foreach (var p in c.Points)
                {
                    writer.Write(p.X);
                    writer.Write(p.Y);
                }

                writer.Write(c.Crop.Centre.X);
                writer.Write(c.Crop.Centre.Y);
                writer.Write(c.Crop.Size);
                writer.Write(c.Crop.Roll);
                writer.Write(c.Rgba);
            }
        }

        File.Move(beside, path, overwrite: true);
    }
}
