using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using MoSar.Faces;
using MoSar.LightStage.Subjects;

namespace MoSar.Training;

/// <summary>
/// The light stage's neutral heads in one flat file: float32 [count, V, 3], millimetres, offsets from the model's mean. Beside it, `.done` holds how many
/// are whole, so that drawing goes on where it was stopped.
/// </summary>
internal static class ShapeStore
{
    private const int Chunk = 64;

    /// <summary>Draws what is missing of people 0 to <paramref name="count"/> − 1 of a seed and returns all: [count · V · 3].</summary>
    /// <param name="geometry">Names the model (<see cref="FaceGeometry"/>).</param>
    public static float[] LoadOrDraw(string file, FaceModel model, string geometry, int seed, int count, Action<string> report, CancellationToken cancellation)
    {
        var stride = model.Mean.Length * 3;
        var shapes = new NeutralShapes(model, seed);

        // Shapes of another geometry or seed are no part of these.
        var key = FormattableString.Invariant($"{geometry} {seed}");
        var values = new float[checked(count * stride)];
        using var stream = new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite);
        var done = Math.Min(count, Done(file, key));
        stream.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan(0, done * stride)));
        for (var next = done; next < count; next = done)
        {
            cancellation.ThrowIfCancellationRequested();
            var take = Math.Min(Chunk, count - next);
            Parallel.For(0, take, new ParallelOptions { CancellationToken = cancellation }, i => Offsets(shapes.Of(next + i), model.Mean).CopyTo(values.AsSpan((next + i) * stride, stride)));
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(next * stride, take * stride)));
            stream.Flush();
            done = next + take;
            File.WriteAllText(file + ".done", FormattableString.Invariant($"{key} {done}"));
            if (done % (8 * Chunk) == 0 || done == count)
            {
                report($"{done} of {count} heads drawn");
            }
        }

        return values;
    }

    private static int Done(string file, string key)
    {
        var note = File.Exists(file + ".done") ? File.ReadAllText(file + ".done") : "";
        return note.StartsWith(key + " ", StringComparison.Ordinal) && int.TryParse(note[(key.Length + 1)..], CultureInfo.InvariantCulture, out var done) ? done : 0;
    }

    private static ReadOnlySpan<float> Offsets(Vector3[] positions, Vector3[] mean)
    {
        for (var i = 0; i < positions.Length; i++)
        {
            positions[i] -= mean[i];
        }

        return MemoryMarshal.Cast<Vector3, float>(positions.AsSpan());
    }
}
