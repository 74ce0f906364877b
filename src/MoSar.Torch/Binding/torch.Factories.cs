using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Ranges, grids, random integers, tensors from arrays of any rank, joins and what else is not a method of a tensor.</summary>
public static partial class torch
{
    internal static unsafe Tensor From<T>(ReadOnlySpan<T> data, long[] shape, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        long count = 1;
        foreach (long s in shape)
            count = checked(count * s);
        if (count != data.Length)
            throw new ArgumentException($"{data.Length} elements do not fill a tensor of shape [{string.Join(", ", shape)}]");
        Tensor t = Aten.empty_memory_format.Call(shape, Tensor.TypeOf<T>(), Arg.None, CPU);
        data.CopyTo(new Span<T>((void*)t.HostInfo().Data, data.Length));
        ScalarType wanted = dtype ?? Tensor.TypeOf<T>();
        if (wanted != Tensor.TypeOf<T>())
            t = t.to_type(wanted, disposeAfter: true);
        if (device is not null && device.type != DeviceType.CPU)
            t = t.to(device, disposeAfter: true);
        return Like(t, requires_grad);
    }

    private static unsafe Tensor FromArray<T>(Array array, ScalarType? dtype, Device? device, bool requires_grad)
        where T : unmanaged
    {
        long[] shape = new long[array.Rank];
        for (int d = 0; d < shape.Length; d++)
            shape[d] = array.GetLength(d);
        ref byte start = ref MemoryMarshal.GetArrayDataReference(array);
        ReadOnlySpan<T> data = MemoryMarshal.CreateReadOnlySpan(ref System.Runtime.CompilerServices.Unsafe.As<byte, T>(ref start), array.Length);
        return From(data, shape, dtype, device, requires_grad);
    }

    public static Tensor from_array(Array rawArray, Device? device = null) => from_array(rawArray, null, device);

    public static Tensor from_array(Array rawArray, ScalarType? dtype, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        rawArray.GetType().GetElementType() switch
        {
            var t when t == typeof(float) => FromArray<float>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(double) => FromArray<double>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(long) => FromArray<long>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(int) => FromArray<int>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(short) => FromArray<short>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(sbyte) => FromArray<sbyte>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(byte) => FromArray<byte>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(bool) => FromArray<bool>(rawArray, dtype, device, requires_grad),
            var t when t == typeof(Half) => FromArray<Half>(rawArray, dtype, device, requires_grad),
            var t => throw new NotImplementedException($"no tensor type holds {t}"),
        };

    public static Tensor arange(Scalar start, Scalar stop, Scalar step, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Like(Aten.arange_start_step.Call(start, stop, step, dtype, Arg.None, device), requires_grad);

    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Like(Aten.arange_start.Call(start, stop, dtype, Arg.None, device), requires_grad);

    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Like(Aten.arange.Call(stop, dtype, Arg.None, device), requires_grad);

    public static Tensor linspace(double start, double end, long steps, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Like(Aten.linspace.Call(start, end, steps, dtype, Arg.None, device), requires_grad);

    public static Tensor logspace(double start, double end, long steps, double @base = 10, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Like(Aten.logspace.Call(start, end, steps, @base, dtype, Arg.None, device), requires_grad);

    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Like(Aten.eye_m.Call(rows, columns < 0 ? rows : columns, dtype, Arg.None, device), requires_grad);

    public static Tensor complex(Tensor real, Tensor imag) => Aten.complex.Call(real, imag);

    public static Tensor polar(Tensor abs, Tensor angle) => Aten.polar.Call(abs, angle);

    public static Tensor real(Tensor input) => input.real;

    public static Tensor imag(Tensor input) => input.imag;

    public static Tensor empty_strided(long[] size, long[] strides, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Like(Aten.empty_strided.Call(size, strides, dtype, Arg.None, device), requires_grad);

    public static Tensor zeros_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        input.zeros_like(dtype, device, requires_grad);

    public static Tensor ones_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        input.ones_like(dtype, device, requires_grad);

    public static Tensor empty_like(Tensor input, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        input.empty_like(dtype, device, requires_grad);

    public static Tensor full_like(Tensor input, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        input.full_like(value, dtype, device, requires_grad);

    public static Tensor randint(long low, long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Like(Aten.randint_low_generator.Call(low, high, size, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    public static Tensor randint(long high, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        randint(0, high, size, dtype, device, requires_grad, generator);

    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Like(Aten.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Arg.None, device), requires_grad);

    public static Tensor normal(double mean, double std, ReadOnlySpan<long> size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null, string[]? names = null) =>
        Like(Aten.normal_float_float.Call(mean, std, size.ToArray(), generator, dtype, Arg.None, device), requires_grad);

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => Aten.cat.Call(tensors.ToArray(), dim);

    public static Tensor cat(Tensor[] tensors, long dim = 0) => Aten.cat.Call(tensors, dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Aten.stack.Call(tensors.ToArray(), dim);

    public static Tensor hstack(params Tensor[] tensors) => Aten.hstack.Call(tensors);

    public static Tensor hstack(IList<Tensor> tensors) => Aten.hstack.Call(tensors.ToArray());

    public static Tensor vstack(Tensor[] tensors) => Aten.vstack.Call(tensors);

    public static Tensor vstack(IList<Tensor> tensors) => Aten.vstack.Call(tensors.ToArray());

    public static Tensor column_stack(params Tensor[] tensors) => Aten.column_stack.Call(tensors);

    public static Tensor block_diag(params Tensor[] tensors) => Aten.block_diag.Call(tensors);

    public static Tensor einsum(string equation, params Tensor[] tensors) => Aten.einsum.Call(equation, tensors);

    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Aten.where_self.Call(condition, x, y);

    public static Tensor[] where(Tensor condition) => Aten.where.CallList(condition);

    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") => Aten.meshgrid_indexing.CallList(tensors.ToArray(), indexing);

    public static IList<Tensor> broadcast_tensors(params Tensor[] tensors) => Aten.broadcast_tensors.CallList(tensors);

    public static Tensor searchsorted(Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Aten.searchsorted_Tensor.Call(sorted_sequence, values, out_int32, right, Arg.None, sorter);

    public static Tensor softmax(Tensor input, int dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

    public static Tensor moveaxis(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) => input.bincount(weights, minlength);

    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0) => input.take_along_dim(indices, dim);

    public static Tensor norm(Tensor input) => input.norm();

    public static bool is_tensor(object obj) => obj is Tensor;

    public static bool is_floating_point(Tensor input) => is_floating_point(input.dtype);

    public static int get_num_threads() => NativeMethods.Checked(NativeMethods.ms_threads(0, 0));

    public static void set_num_threads(int num) => NativeMethods.Checked(NativeMethods.ms_threads(num, 0));

    public static int get_num_interop_threads() => NativeMethods.Checked(NativeMethods.ms_threads(0, 1));

    public static void set_num_interop_threads(int num) => NativeMethods.Checked(NativeMethods.ms_threads(num, 1));
}
