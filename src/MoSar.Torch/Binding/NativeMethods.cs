using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MoSar;

namespace TorchSharp;

/// <summary>What an argument or result of an operator is; the order is mosar_torch.cpp's <c>Tag</c>.</summary>
internal enum NativeTag
{
    None, Tensor, Int, Double, Bool, Ints, Doubles, Bools, Tensors, OptionalTensors, String, Device, Generator, Complex, Tuple
}

/// <summary>One argument or result as mosar_torch.cpp sees it: 24 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    public NativeTag Tag;
    public int Count;
    public long Bits;
    public double Imaginary;
}

[StructLayout(LayoutKind.Sequential)]
internal struct NativeTensorInfo
{
    public long ElementCount;
    public nint Data;
    public int Dtype, DeviceType, DeviceIndex, Dimensions;
    public int RequiresGrad, IsLeaf, ElementSize, HasStorage;
}

/// <summary>Apart from the functions, so that asking does not load anything.</summary>
internal static class NativeLibraryState
{
    internal static volatile bool IsLoaded;
}

/// <summary>The C interface of native/mosar_torch.cpp. Nothing here is loaded before the first tensor is made.</summary>
internal static unsafe partial class NativeMethods
{
    private const string Library = "mosar_torch";

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
            return 0;
        string beside = Path.Combine(Path.GetDirectoryName(assembly.Location) ?? AppContext.BaseDirectory, $"lib{Library}.so");
        if (!File.Exists(beside))
            beside = Path.Combine(AppContext.BaseDirectory, $"lib{Library}.so");
        try
        {
            nint library = NativeLibrary.Load(beside);
            // LibTorch's own default counts physical cores, and on a virtual machine finds one.
            if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OMP_NUM_THREADS")))
                ((delegate* unmanaged<int, int, int>)NativeLibrary.GetExport(library, nameof(ms_threads)))(Environment.ProcessorCount, 0);
            NativeLibraryState.IsLoaded = true;
            return library;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new MoSarException(
                "torch-not-loaded",
                $"the tensor engine could not be loaded from {beside}: {e.Message.Split('\n')[0]}",
                "run: apt-get install libtorch-dev libopenblas0-pthread (./mosar doctor shows what is missing)",
                e);
        }
    }

    [DllImport(Library)] public static extern byte* ms_last_error();
    [DllImport(Library)] public static extern void ms_free_array(void* p);
    [DllImport(Library)] public static extern nint ms_operator(byte* name, byte* overload);
    [DllImport(Library)] public static extern int ms_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity);
    [DllImport(Library)] public static extern int ms_tensor_info(nint handle, NativeTensorInfo* info);
    [DllImport(Library), SuppressGCTransition] public static extern int ms_tensor_sizes(nint handle, long* sizes, long* strides);
    [DllImport(Library)] public static extern int ms_tensor_is_contiguous(nint handle, int format);
    [DllImport(Library)] public static extern long ms_tensor_storage_offset(nint handle);
    [DllImport(Library)] public static extern void ms_tensor_release(nint handle);
    [DllImport(Library)] public static extern nint ms_tensor_retain(nint handle);
    [DllImport(Library)] public static extern void ms_tensor_give(nint handle);
    [DllImport(Library)] public static extern void ms_tensor_counts(long* live, long* peak, int resetPeak);
    [DllImport(Library)] public static extern int ms_tensor_set_requires_grad(nint handle, int value);
    [DllImport(Library)] public static extern int ms_tensor_retain_grad(nint handle);
    [DllImport(Library)] public static extern nint ms_tensor_grad(nint handle);
    [DllImport(Library)] public static extern int ms_tensor_set_grad(nint handle, nint gradient);
    [DllImport(Library)] public static extern int ms_tensor_set_data(nint handle, nint source);
    [DllImport(Library)] public static extern int ms_backward(nint* tensors, int count, nint* gradients, int retain, int create, nint* inputs, int inputCount);
    [DllImport(Library)] public static extern int ms_grad(nint* outputs, int count, nint* inputs, int inputCount, nint* gradients, int retain, int create, int allowUnused, nint* results);
    [DllImport(Library)] public static extern int ms_grad_mode(int set);
    [DllImport(Library)] public static extern int ms_inference_mode(int change);
    [DllImport(Library)] public static extern int ms_autocast(int device, int dtype, int nest);
    [DllImport(Library)] public static extern nint ms_function(void* managed, delegate* unmanaged<void*, nint*, int, nint*, int, int> apply, delegate* unmanaged<void*, void> release, byte* name, int materialize, nint* inputs, int inputCount, nint* outputs, int* roles, int outputCount, nint* saved, int savedCount);
    [DllImport(Library)] public static extern void ms_function_drop(nint node);
    [DllImport(Library)] public static extern nint ms_function_address(nint node);
    [DllImport(Library)] public static extern int ms_function_saved(nint address, nint* results, int capacity);
    [DllImport(Library)] public static extern int ms_manual_seed(ulong seed);
    [DllImport(Library)] public static extern nint ms_generator(ulong seed, int useDefault);
    [DllImport(Library)] public static extern void ms_generator_drop(nint generator);
    [DllImport(Library)] public static extern int ms_generator_seed(nint generator, ulong seed);
    [DllImport(Library)] public static extern ulong ms_generator_initial_seed(nint generator);
    [DllImport(Library)] public static extern nint ms_generator_state(nint generator, nint set);
    [DllImport(Library)] public static extern nint ms_jit_load(byte* path, byte* bytes, long count, int deviceType, int deviceIndex);
    [DllImport(Library)] public static extern void ms_jit_drop(nint module);
    [DllImport(Library)] public static extern void ms_jit_train(nint module, int on);
    [DllImport(Library)] public static extern int ms_jit_is_training(nint module);
    [DllImport(Library)] public static extern int ms_jit_to(nint module, int deviceType, int deviceIndex, int dtype);
    [DllImport(Library)] public static extern int ms_jit_call(nint module, byte* method, NativeValue* arguments, int count, NativeValue* result);
    [DllImport(Library)] public static extern int ms_jit_tensors(nint module, void* state, delegate* unmanaged<void*, int, byte*, nint, void> visit);
    [DllImport(Library)] public static extern int ms_adam(nint parameter, nint gradient, nint mean, nint square, long step, double lr, double beta1, double beta2, double eps, double weightDecay, int decoupled, int maximize);
    [DllImport(Library)] public static extern int ms_threads(int set, int interop);
    [DllImport(Library)] public static extern int ms_describe(int what, byte* text, int capacity);

    /// <summary>The reason the last call on this thread failed, as an exception that names the operator or function.</summary>
    internal static Exception Failure(string during)
    {
        string reason = Marshal.PtrToStringUTF8((nint)ms_last_error()) ?? "";
        Exception? inner = torch.autograd.TakeCallbackException();
        return new ExternalException($"{during}: {reason.Trim()}", inner);
    }

    internal static int Checked(int result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result >= 0 ? result : throw Failure(NameOf(call));

    internal static nint CheckedHandle(nint result, [CallerArgumentExpression(nameof(result))] string call = "") =>
        result != 0 ? result : throw Failure(NameOf(call));

    private static string NameOf(string call) => call.Split('(')[0].Replace("NativeMethods.", "").Replace("ms_", "").Replace('_', ' ');

    internal static string Describe(int what)
    {
        byte[] text = new byte[1 << 16];
        fixed (byte* p = text)
            return System.Text.Encoding.UTF8.GetString(p, Math.Min(text.Length - 1, Checked(ms_describe(what, p, text.Length))));
    }
}
