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
        return new Scope(type, device);
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
    private sealed class Scope : IDisposable
    {
        private readonly int _device;
        private readonly int _was;
        private bool _left;

        internal Scope(ScalarType type, DeviceType device)
        {
            _device = device == DeviceType.CUDA ? 1 : 0;
            _was = NativeMethods.ms_autocast(_device, (int)type, 1);
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
