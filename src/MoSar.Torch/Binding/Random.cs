using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A stream of random numbers with a state of its own (CPU).</summary>
    public class Generator : IDisposable
    {
        private nint _handle;

        public Generator(ulong seed = 0, Device? device = null)
        {
            if (device is not null && device.type != DeviceType.CPU)
                throw new NotSupportedException("generators are on the CPU here");
            _handle = CheckedHandle(ms_generator(seed, 0));
        }

        private Generator() => _handle = CheckedHandle(ms_generator(0, 1));

        ~Generator() => Dispose(false);

        public static Generator Default { get; } = new();

        public nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Generator));

        public Device device => CPU;

        public Generator manual_seed(long seed)
        {
            Checked(ms_generator_seed(Handle, unchecked((ulong)seed)));
            return this;
        }

        public long initial_seed() => unchecked((long)ms_generator_initial_seed(Handle));

        public Tensor get_state() => new(CheckedHandle(ms_generator_state(Handle, 0)));

        public void set_state(Tensor value)
        {
            ms_generator_state(Handle, value.Handle);
            GC.KeepAlive(value);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            nint handle = Interlocked.Exchange(ref _handle, 0);
            if (handle != 0)
                ms_generator_drop(handle);
        }
    }

    /// <summary>Seeds every device's default stream of random numbers.</summary>
    public static Generator manual_seed(long seed)
    {
        Checked(ms_manual_seed(unchecked((ulong)seed)));
        return Generator.Default;
    }

    public static Tensor get_rng_state() => Generator.Default.get_state();

    public static void set_rng_state(Tensor new_state) => Generator.Default.set_state(new_state);

    public static long initial_seed() => Generator.Default.initial_seed();

    public static class random
    {
        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static Tensor get_rng_state() => torch.get_rng_state();

        public static void set_rng_state(Tensor new_state) => torch.set_rng_state(new_state);

        public static long initial_seed() => torch.initial_seed();
    }
}
