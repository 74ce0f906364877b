using TorchSharp;
using static TorchSharp.torch;

namespace MoSar;

/// <summary>Mixed precision.</summary>
public static class Precision
{
    /// <summary>
    /// Until disposed, convolutions and matrix products on this thread compute in <paramref name="type"/> (bfloat16) while sums,
    /// norms and losses stay in float32. TorchSharp does not bind autocast: on its packages this does nothing, and all is float32.
    /// </summary>
    public static IDisposable Autocast(ScalarType type = ScalarType.BFloat16, DeviceType device = DeviceType.CPU)
    {
#if TORCHSHARP
        return Nothing.Instance;
#else
        return new Scope((int)type, device);
#endif
    }

    /// <summary>Until disposed, everything on this thread computes in its tensors' own types: inside an <see cref="Autocast"/>, for what its few digits are not enough for.</summary>
    public static IDisposable Full(DeviceType device = DeviceType.CPU)
    {
#if TORCHSHARP
        return Nothing.Instance;
#else
        return new Scope(Off, device);
#endif
    }

#if TORCHSHARP
    private sealed class Nothing : IDisposable
    {
        internal static readonly Nothing Instance = new();

        public void Dispose()
        {
        }
    }
#else
    /// <summary>In place of a type: no autocast.</summary>
    private const int Off = -1;

    private sealed class Scope : IDisposable
    {
        private readonly int _device;
        private readonly int _was;
        private bool _left;

        internal Scope(int type, DeviceType device)
        {
            _device = device == DeviceType.CUDA ? 1 : 0;
            _was = NativeMethods.ms_autocast(_device, type, 1);
            if (_was == -2)
                throw NativeMethods.Failure("autocast");
        }

        public void Dispose()
        {
            if (!_left)
                NativeMethods.ms_autocast(_device, _was, -1);
            _left = true;
        }
    }
#endif
}
