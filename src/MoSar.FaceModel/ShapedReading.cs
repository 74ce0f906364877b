using System.Numerics;
using System.Runtime.InteropServices;

namespace MoSar.Faces;

/// <summary>Tensors of a weight file with the shape that the reader counts on; −1 matches any size, another shape is refused.</summary>
internal static class ShapedReading
{
    public static float[] Floats(this SafetensorsFile file, string name, params ReadOnlySpan<int> shape) => file.Expect(name, shape).Floats(name);

    public static Vector3[] Vectors(this SafetensorsFile file, string name, params ReadOnlySpan<int> shape) =>
        MemoryMarshal.Cast<float, Vector3>(file.Floats(name, shape)).ToArray();

    public static int[] Ints(this SafetensorsFile file, string name, params ReadOnlySpan<int> shape) => file.Expect(name, shape).Ints(name);

    public static ReadOnlySpan<byte> Bytes(this SafetensorsFile file, string name, params ReadOnlySpan<int> shape) => file.Expect(name, shape).Span<byte>(name);

    public static string Text(this SafetensorsFile file, string key) => file.Metadata.TryGetValue(key, out var value)
        ? value
        : throw file.Mismatch($"{file.Path}: its metadata has no '{key}'");

    private static SafetensorsFile Expect(this SafetensorsFile file, string name, ReadOnlySpan<int> shape)
    {
        var found = file.Entry(name).Shape;
        var fits = found.Count == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            fits = shape[i] < 0 || shape[i] == found[i];
        }

        return fits ? file : throw file.Mismatch($"{file.Path}: tensor '{name}' has shape [{string.Join(", ", found)}], expected [{string.Join(", ", shape.ToArray())}]");
    }
}
