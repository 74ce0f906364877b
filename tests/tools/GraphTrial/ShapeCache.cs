using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.LightStage.Subjects;

namespace MoSar.GraphTrial;

/// <summary>
/// Neutral shapes in one flat file: float32 [count, V, 3], millimetres, offsets from the model's mean. Beside it, `.done` holds how many
/// are whole, so that a stopped generation goes on.
/// </summary>
internal static class ShapeCache
{
    private const int Batch = 64;

    public static int Make(string modelPath, string file, int seed, int count)
    {
        var model = FaceModel.Load(modelPath);
        var shapes = new NeutralShapes(model, seed);
        var stride = model.Mean.Length * 3;
        var done = Done(file);
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write);
        var clock = Stopwatch.StartNew();
        var first = done;
        while (done < count)
        {
            var take = Math.Min(Batch, count - done);
            var values = new float[take * stride];
            Parallel.For(0, take, i => Offsets(shapes.Of(done + i), model.Mean).CopyTo(values.AsSpan(i * stride, stride)));
            stream.Position = (long)done * stride * sizeof(float);
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan()));
            stream.Flush();
            done += take;
            File.WriteAllText(file + ".done", done.ToString(System.Globalization.CultureInfo.InvariantCulture));
            Console.WriteLine($"{done}/{count}  {(done - first) / clock.Elapsed.TotalSeconds:f1} a second, {Process.GetCurrentProcess().TotalProcessorTime.TotalMilliseconds / (done - first):f0} ms CPU each");
        }

        return 0;
    }

    /// <summary>All shapes that the file holds, at most <paramref name="most"/>: [count · V · 3].</summary>
    public static float[] Read(string file, int vertexCount, int most)
    {
        var count = Math.Min(most, Done(file));
        var values = new float[checked(count * vertexCount * 3)];
        using var stream = File.OpenRead(file);
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }

    private static int Done(string file) =>
        File.Exists(file + ".done") ? int.Parse(File.ReadAllText(file + ".done"), System.Globalization.CultureInfo.InvariantCulture) : 0;

    private static ReadOnlySpan<float> Offsets(Vector3[] positions, Vector3[] mean)
    {
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] -= mean[i];
        }

        return MemoryMarshal.Cast<Vector3, float>(positions.AsSpan());
    }
}
