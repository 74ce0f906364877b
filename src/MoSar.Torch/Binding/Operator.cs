using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>One argument of an operator: a C# value that converts itself, so that calls read as in Python.</summary>
internal readonly struct Arg
{
    internal readonly object? Reference;
    internal readonly long Bits;
    internal readonly NativeTag Tag;
    internal readonly int Extra;

    internal Arg(NativeTag tag, long bits, object? reference = null, int extra = 0)
    {
        Tag = tag;
        Bits = bits;
        Reference = reference;
        Extra = extra;
    }

    public static Arg None => default;

    public static implicit operator Arg(Tensor? t) => t is null ? default : new(NativeTag.Tensor, 0, t);
    public static implicit operator Arg(long v) => new(NativeTag.Int, v);
    public static implicit operator Arg(long? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(bool v) => new(NativeTag.Bool, v ? 1 : 0);
    public static implicit operator Arg(bool? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(double v) => new(NativeTag.Double, BitConverter.DoubleToInt64Bits(v));
    public static implicit operator Arg(double? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(ScalarType v) => new(NativeTag.Int, (long)v);
    public static implicit operator Arg(ScalarType? v) => v is { } x ? x : default(Arg);
    public static implicit operator Arg(Scalar? v) => v?.Argument ?? default;
    public static implicit operator Arg(Device? d) => d is null ? default : new(NativeTag.Device, (long)d.type, null, d.index);
    public static implicit operator Arg(long[]? v) => v is null ? default : new(NativeTag.Ints, 0, v);
    public static implicit operator Arg(double[]? v) => v is null ? default : new(NativeTag.Doubles, 0, v);
    public static implicit operator Arg(bool[]? v) => v is null ? default : new(NativeTag.Bools, 0, v);
    public static implicit operator Arg(Tensor?[] v) => new(NativeTag.Tensors, 0, v);
    public static implicit operator Arg(string? v) => v is null ? default : new(NativeTag.String, 0, v);
    public static implicit operator Arg(Generator? g) => g is null ? default : new(NativeTag.Generator, 0, g);

    /// <summary>A <c>Tensor?[]</c> of the schema, as advanced indexing takes.</summary>
    public static Arg Optionals(Tensor?[] v) => new(NativeTag.OptionalTensors, 0, v);
}

/// <summary>An ATen operator, found by its schema at its first call.</summary>
internal sealed unsafe class Operator
{
    private readonly string _name;
    private readonly string _overload;
    private nint _handle;

    /// <param name="schema">As in native_functions.yaml, without the arguments: <c>add.Tensor</c>.</param>
    internal Operator(string schema)
    {
        int dot = schema.IndexOf('.');
        _name = "aten::" + (dot < 0 ? schema : schema[..dot]);
        _overload = dot < 0 ? "" : schema[(dot + 1)..];
    }

    /// <summary>Arguments on the stack; no operator that works in place takes more.</summary>
    [InlineArray(8)]
    private struct Buffer
    {
        private Arg _first;
    }

    private string Schema => _overload.Length == 0 ? _name : $"{_name}.{_overload}";

    /// <summary>Calls an operator that returns one tensor.</summary>
    internal Tensor Call(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return new Tensor((nint)result.Bits);
    }

    /// <summary>Calls an operator that changes and returns its first argument.</summary>
    internal Tensor CallInPlace(Tensor self, params ReadOnlySpan<Arg> rest)
    {
        var buffer = new Buffer();
        Span<Arg> all = buffer;
        all[0] = self;
        rest.CopyTo(all[1..]);
        NativeValue result;
        if (Invoke(all[..(rest.Length + 1)], &result, 1) == 1 && result.Tag == NativeTag.Tensor)
            NativeMethods.ms_tensor_release((nint)result.Bits);
        return self;
    }

    internal void CallForEffect(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        if (Invoke(arguments, &result, 1) == 1 && result.Tag == NativeTag.Tensor)
            NativeMethods.ms_tensor_release((nint)result.Bits);
    }

    internal (Tensor, Tensor) Call2(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue* r = stackalloc NativeValue[2];
        Invoke(arguments, r, 2);
        return (new Tensor((nint)r[0].Bits), new Tensor((nint)r[1].Bits));
    }

    internal (Tensor, Tensor, Tensor) Call3(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue* r = stackalloc NativeValue[3];
        Invoke(arguments, r, 3);
        return (new Tensor((nint)r[0].Bits), new Tensor((nint)r[1].Bits), new Tensor((nint)r[2].Bits));
    }

    internal (Tensor, Tensor, Tensor, Tensor) Call4(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue* r = stackalloc NativeValue[4];
        Invoke(arguments, r, 4);
        return (new Tensor((nint)r[0].Bits), new Tensor((nint)r[1].Bits), new Tensor((nint)r[2].Bits), new Tensor((nint)r[3].Bits));
    }

    internal Tensor[] CallList(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return (Tensor[])FromNative(result)!;
    }

    /// <summary>Calls an operator that returns a number or a truth value.</summary>
    internal NativeValue CallValue(params ReadOnlySpan<Arg> arguments)
    {
        NativeValue result;
        Invoke(arguments, &result, 1);
        return result;
    }

    private int Invoke(ReadOnlySpan<Arg> arguments, NativeValue* results, int capacity)
    {
        if (_handle == 0)
            _handle = Find();
        NativeValue* values = stackalloc NativeValue[arguments.Length];
        int scratch = ScratchSize(arguments);
        int count;
        if (scratch <= 256)
        {
            long* memory = stackalloc long[scratch];
            Marshal(arguments, values, memory);
            count = NativeMethods.ms_call(_handle, values, arguments.Length, results, capacity);
        }
        else
        {
            fixed (long* memory = new long[scratch])
            {
                Marshal(arguments, values, memory);
                count = NativeMethods.ms_call(_handle, values, arguments.Length, results, capacity);
            }
        }
        // The handles are bare pointers: the tensors they came from must outlive the call.
        foreach (ref readonly Arg a in arguments)
            GC.KeepAlive(a.Reference);
        return count >= 0 ? count : throw NativeMethods.Failure(Schema);
    }

    private nint Find()
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(_name + '\0'), overload = Encoding.UTF8.GetBytes(_overload + '\0'))
        {
            nint handle = NativeMethods.ms_operator(name, overload);
            return handle != 0 ? handle : throw NativeMethods.Failure(Schema);
        }
    }

    internal static int ScratchSize(ReadOnlySpan<Arg> arguments)
    {
        int longs = 0;
        foreach (ref readonly Arg a in arguments)
        {
            longs += a.Reference switch
            {
                null or Tensor => 0,
                Array array => array.Length + 1,
                string s => Encoding.UTF8.GetMaxByteCount(s.Length) / 8 + 1,
                _ => 0,
            };
        }
        return longs;
    }

    internal static void Marshal(ReadOnlySpan<Arg> arguments, NativeValue* values, long* memory)
    {
        for (int i = 0; i < arguments.Length; i++)
        {
            ref readonly Arg a = ref arguments[i];
            NativeValue* v = values + i;
            v->Tag = a.Tag;
            v->Count = a.Extra;
            v->Bits = a.Bits;
            switch (a.Reference)
            {
                case null:
                    break;
                case Tensor t:
                    v->Bits = t.Handle;
                    break;
                case long[] ints:
                    ints.CopyTo(new Span<long>(memory, ints.Length));
                    Take(v, ref memory, ints.Length, ints.Length);
                    break;
                case double[] doubles:
                    doubles.CopyTo(new Span<double>(memory, doubles.Length));
                    Take(v, ref memory, doubles.Length, doubles.Length);
                    break;
                case Tensor?[] tensors:
                    for (int k = 0; k < tensors.Length; k++)
                        memory[k] = tensors[k]?.Handle ?? 0;
                    Take(v, ref memory, tensors.Length, tensors.Length);
                    break;
                case string s:
                    int bytes = Encoding.UTF8.GetBytes(s, new Span<byte>(memory, Encoding.UTF8.GetMaxByteCount(s.Length)));
                    Take(v, ref memory, bytes, bytes / 8 + 1);
                    break;
                case bool[] bools:
                    MemoryMarshal.AsBytes(bools.AsSpan()).CopyTo(new Span<byte>(memory, bools.Length));
                    Take(v, ref memory, bools.Length, bools.Length / 8 + 1);
                    break;
                case Generator g:
                    v->Bits = g.Handle;
                    break;
                case Scalar s:
                    v->Imaginary = s.Imaginary;
                    break;
            }
        }
    }

    private static void Take(NativeValue* value, ref long* memory, int count, int longs)
    {
        value->Count = count;
        value->Bits = (long)memory;
        memory += longs;
    }

    /// <summary>Takes over what a result holds: a Tensor, Tensor[], number, string, or object[] of these.</summary>
    internal static object? FromNative(NativeValue value)
    {
        switch (value.Tag)
        {
            case NativeTag.Tensor: return value.Bits == 0 ? null : new Tensor((nint)value.Bits);
            case NativeTag.Int: return value.Bits;
            case NativeTag.Double: return BitConverter.Int64BitsToDouble(value.Bits);
            case NativeTag.Bool: return value.Bits != 0;
            case NativeTag.Complex: return new System.Numerics.Complex(BitConverter.Int64BitsToDouble(value.Bits), value.Imaginary);
            case NativeTag.None: return null;
        }
        void* memory = (void*)value.Bits;
        try
        {
            switch (value.Tag)
            {
                case NativeTag.String:
                    return Encoding.UTF8.GetString((byte*)memory, value.Count);
                case NativeTag.Tensors:
                    Tensor[] tensors = new Tensor[value.Count];
                    for (int i = 0; i < tensors.Length; i++)
                        tensors[i] = new Tensor(((nint*)memory)[i]);
                    return tensors;
                case NativeTag.Tuple:
                    object?[] items = new object?[value.Count];
                    for (int i = 0; i < items.Length; i++)
                        items[i] = FromNative(((NativeValue*)memory)[i]);
                    return items;
                default:
                    throw new NotSupportedException($"result of kind {value.Tag}");
            }
        }
        finally
        {
            NativeMethods.ms_free_array(memory);
        }
    }
}
