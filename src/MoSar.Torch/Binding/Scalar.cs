using System.Numerics;
using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>A number of Python's kind: integer, float, complex or bool, whose type an operator promotes by PyTorch's rules.</summary>
public sealed class Scalar : IDisposable
{
    internal Arg Argument { get; }
    internal double Imaginary { get; }

    private Scalar(Arg argument, ScalarType type)
    {
        Argument = argument;
        Type = type;
    }

    private Scalar(Complex value)
    {
        Imaginary = value.Imaginary;
        Argument = new Arg(NativeTag.Complex, BitConverter.DoubleToInt64Bits(value.Real), this);
        Type = ScalarType.ComplexFloat64;
    }

    public ScalarType Type { get; }

    internal double AsDouble => Argument.Tag is NativeTag.Double or NativeTag.Complex
        ? BitConverter.Int64BitsToDouble(Argument.Bits)
        : Argument.Bits;

    internal long AsInt64 => Argument.Tag is NativeTag.Double or NativeTag.Complex ? (long)AsDouble : Argument.Bits;

    public static implicit operator Scalar(byte value) => new((long)value, ScalarType.Byte);
    public static implicit operator Scalar(sbyte value) => new((long)value, ScalarType.Int8);
    public static implicit operator Scalar(short value) => new((long)value, ScalarType.Int16);
    public static implicit operator Scalar(int value) => new((long)value, ScalarType.Int32);
    public static implicit operator Scalar(long value) => new(value, ScalarType.Int64);
    public static implicit operator Scalar(Half value) => new((double)value, ScalarType.Float16);
    public static implicit operator Scalar(float value) => new((double)value, ScalarType.Float32);
    public static implicit operator Scalar(double value) => new(value, ScalarType.Float64);
    public static implicit operator Scalar(bool value) => new(value, ScalarType.Bool);
    public static implicit operator Scalar((float, float) value) => new(new Complex(value.Item1, value.Item2));
    public static implicit operator Scalar(Complex value) => new(value);

    /// <summary>Nothing to free here; TorchSharp's scalars have a native half.</summary>
    public void Dispose()
    {
    }
}

public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this byte value) => value;
    public static Scalar ToScalar(this short value) => value;
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;
    public static float ToSingle(this Scalar value) => (float)value.AsDouble;
    public static double ToDouble(this Scalar value) => value.AsDouble;
    public static int ToInt32(this Scalar value) => checked((int)value.AsInt64);
    public static long ToInt64(this Scalar value) => value.AsInt64;
    public static bool ToBoolean(this Scalar value) => value.AsDouble != 0;
    public static byte ToByte(this Scalar value) => checked((byte)value.AsInt64);
    public static Complex ToComplexFloat64(this Scalar value) => new(value.AsDouble, value.Imaginary);
}
