using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace MoSar.Learning;

/// <summary>What the kernels of this folder share: raw memory of tensors, checks of shapes, and work cut into pieces that never depend on the number of cores.</summary>
internal static unsafe class FloatMemory
{
    /// <summary>Of a contiguous float32 CPU tensor. Its memory does not move; the caller keeps the tensor alive.</summary>
    public static float* Of(Tensor tensor)
    {
        var values = MemoryMarshal.Cast<byte, float>(tensor.bytes);
        return values.IsEmpty ? null : (float*)Unsafe.AsPointer(ref values[0]);
    }

    /// <param name="shape">−1: any size.</param>
    /// <exception cref="ArgumentException">Shape, type or device do not fit.</exception>
    public static void Check(string name, Tensor tensor, params ReadOnlySpan<long> shape)
    {
        var own = tensor.shape;
        var fits = own.Length == shape.Length;
        for (var i = 0; fits && i < shape.Length; i++)
        {
            fits = shape[i] < 0 || own[i] == shape[i];
        }

        if (!fits)
        {
            throw new ArgumentException($"{name} must be [{string.Join(", ", shape.ToArray().Select(s => s < 0 ? "·" : $"{s}"))}], not [{string.Join(", ", own)}].");
        }

        if (tensor.dtype != ScalarType.Float32 || tensor.device_type != DeviceType.CPU)
        {
            throw new ArgumentException($"{name} must be a float32 tensor on the CPU, not {tensor.dtype} on {tensor.device_type}.");
        }
    }

    /// <summary>Rows times pieces of a row, in parallel.</summary>
    /// <param name="body">Row, number of the piece, first element and the one after the last.</param>
    public static void For(int rows, int count, int piece, Action<int, int, int, int> body)
    {
        var pieces = Pieces(count, piece);
        if (rows * pieces == 1)
        {
            body(0, 0, 0, count);
            return;
        }

        Parallel.For(0, rows * pieces, i => body(i / pieces, i % pieces, i % pieces * piece, Math.Min(count, ((i % pieces) + 1) * piece)));
    }

    public static int Pieces(int count, int piece) => Math.Max(1, (count + piece - 1) / piece);
}
