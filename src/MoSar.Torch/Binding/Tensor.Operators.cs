using static TorchSharp.torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Operators. As in PyTorch and TorchSharp, == compares element by element: use <c>is null</c> for null.</summary>
    public partial class Tensor
    {
        public static Tensor operator +(Tensor left, Tensor right) => Aten.add_Tensor.Call(left, right);
        public static Tensor operator +(Tensor left, Scalar right) => Aten.add_Scalar.Call(left, right);
        public static Tensor operator +(Tensor left, int right) => Aten.add_Scalar.Call(left, (long)right);
        public static Tensor operator +(Tensor left, long right) => Aten.add_Scalar.Call(left, right);
        public static Tensor operator +(Tensor left, float right) => Aten.add_Scalar.Call(left, (double)right);
        public static Tensor operator +(Tensor left, double right) => Aten.add_Scalar.Call(left, right);
        public static Tensor operator +(Scalar left, Tensor right) => Aten.add_Scalar.Call(right, left);
        public static Tensor operator +(int left, Tensor right) => Aten.add_Scalar.Call(right, (long)left);
        public static Tensor operator +(long left, Tensor right) => Aten.add_Scalar.Call(right, left);
        public static Tensor operator +(float left, Tensor right) => Aten.add_Scalar.Call(right, (double)left);
        public static Tensor operator +(double left, Tensor right) => Aten.add_Scalar.Call(right, left);
        public static Tensor operator -(Tensor left, Tensor right) => Aten.sub_Tensor.Call(left, right);
        public static Tensor operator -(Tensor left, Scalar right) => Aten.sub_Scalar.Call(left, right);
        public static Tensor operator -(Tensor left, int right) => Aten.sub_Scalar.Call(left, (long)right);
        public static Tensor operator -(Tensor left, long right) => Aten.sub_Scalar.Call(left, right);
        public static Tensor operator -(Tensor left, float right) => Aten.sub_Scalar.Call(left, (double)right);
        public static Tensor operator -(Tensor left, double right) => Aten.sub_Scalar.Call(left, right);
        public static Tensor operator -(Scalar left, Tensor right) => Aten.rsub_Scalar.Call(right, left);
        public static Tensor operator -(int left, Tensor right) => Aten.rsub_Scalar.Call(right, (long)left);
        public static Tensor operator -(long left, Tensor right) => Aten.rsub_Scalar.Call(right, left);
        public static Tensor operator -(float left, Tensor right) => Aten.rsub_Scalar.Call(right, (double)left);
        public static Tensor operator -(double left, Tensor right) => Aten.rsub_Scalar.Call(right, left);
        public static Tensor operator *(Tensor left, Tensor right) => Aten.mul_Tensor.Call(left, right);
        public static Tensor operator *(Tensor left, Scalar right) => Aten.mul_Scalar.Call(left, right);
        public static Tensor operator *(Tensor left, int right) => Aten.mul_Scalar.Call(left, (long)right);
        public static Tensor operator *(Tensor left, long right) => Aten.mul_Scalar.Call(left, right);
        public static Tensor operator *(Tensor left, float right) => Aten.mul_Scalar.Call(left, (double)right);
        public static Tensor operator *(Tensor left, double right) => Aten.mul_Scalar.Call(left, right);
        public static Tensor operator *(Scalar left, Tensor right) => Aten.mul_Scalar.Call(right, left);
        public static Tensor operator *(int left, Tensor right) => Aten.mul_Scalar.Call(right, (long)left);
        public static Tensor operator *(long left, Tensor right) => Aten.mul_Scalar.Call(right, left);
        public static Tensor operator *(float left, Tensor right) => Aten.mul_Scalar.Call(right, (double)left);
        public static Tensor operator *(double left, Tensor right) => Aten.mul_Scalar.Call(right, left);
        public static Tensor operator /(Tensor left, Tensor right) => Aten.div_Tensor.Call(left, right);
        public static Tensor operator /(Tensor left, Scalar right) => Aten.div_Scalar.Call(left, right);
        public static Tensor operator /(Tensor left, int right) => Aten.div_Scalar.Call(left, (long)right);
        public static Tensor operator /(Tensor left, long right) => Aten.div_Scalar.Call(left, right);
        public static Tensor operator /(Tensor left, float right) => Aten.div_Scalar.Call(left, (double)right);
        public static Tensor operator /(Tensor left, double right) => Aten.div_Scalar.Call(left, right);
        public static Tensor operator /(Scalar left, Tensor right) => Divided(left, right);
        public static Tensor operator /(int left, Tensor right) => Divided((long)left, right);
        public static Tensor operator /(long left, Tensor right) => Divided(left, right);
        public static Tensor operator /(float left, Tensor right) => Divided((double)left, right);
        public static Tensor operator /(double left, Tensor right) => Divided(left, right);
        public static Tensor operator %(Tensor left, Tensor right) => Aten.remainder_Tensor.Call(left, right);
        public static Tensor operator %(Tensor left, Scalar right) => Aten.remainder_Scalar.Call(left, right);
        public static Tensor operator %(Tensor left, int right) => Aten.remainder_Scalar.Call(left, (long)right);
        public static Tensor operator %(Tensor left, long right) => Aten.remainder_Scalar.Call(left, right);
        public static Tensor operator %(Tensor left, float right) => Aten.remainder_Scalar.Call(left, (double)right);
        public static Tensor operator %(Tensor left, double right) => Aten.remainder_Scalar.Call(left, right);
        public static Tensor operator -(Tensor tensor) => Aten.neg.Call(tensor);
        public static Tensor operator ~(Tensor left) => Aten.bitwise_not.Call(left);
        public static Tensor operator &(Tensor left, Tensor right) => Aten.bitwise_and_Tensor.Call(left, right);
        public static Tensor operator |(Tensor left, Tensor right) => Aten.bitwise_or_Tensor.Call(left, right);
        public static Tensor operator ^(Tensor left, Tensor right) => Aten.bitwise_xor_Tensor.Call(left, right);
        public static Tensor operator ==(Tensor left, Tensor right) => Aten.eq_Tensor.Call(left, right);
        public static Tensor operator ==(Tensor left, Scalar right) => Aten.eq_Scalar.Call(left, right);
        public static Tensor operator ==(Scalar left, Tensor right) => Aten.eq_Scalar.Call(right, left);
        public static Tensor operator !=(Tensor left, Tensor right) => Aten.ne_Tensor.Call(left, right);
        public static Tensor operator !=(Tensor left, Scalar right) => Aten.ne_Scalar.Call(left, right);
        public static Tensor operator !=(Scalar left, Tensor right) => Aten.ne_Scalar.Call(right, left);
        public static Tensor operator <(Tensor left, Tensor right) => Aten.lt_Tensor.Call(left, right);
        public static Tensor operator <(Tensor left, Scalar right) => Aten.lt_Scalar.Call(left, right);
        public static Tensor operator <(Scalar left, Tensor right) => Aten.gt_Scalar.Call(right, left);
        public static Tensor operator >(Tensor left, Tensor right) => Aten.gt_Tensor.Call(left, right);
        public static Tensor operator >(Tensor left, Scalar right) => Aten.gt_Scalar.Call(left, right);
        public static Tensor operator >(Scalar left, Tensor right) => Aten.lt_Scalar.Call(right, left);
        public static Tensor operator <=(Tensor left, Tensor right) => Aten.le_Tensor.Call(left, right);
        public static Tensor operator <=(Tensor left, Scalar right) => Aten.le_Scalar.Call(left, right);
        public static Tensor operator <=(Scalar left, Tensor right) => Aten.ge_Scalar.Call(right, left);
        public static Tensor operator >=(Tensor left, Tensor right) => Aten.ge_Tensor.Call(left, right);
        public static Tensor operator >=(Tensor left, Scalar right) => Aten.ge_Scalar.Call(left, right);
        public static Tensor operator >=(Scalar left, Tensor right) => Aten.le_Scalar.Call(right, left);
        public static explicit operator float(Tensor value) => value.ToSingle();
        public static explicit operator double(Tensor value) => value.ToDouble();
        public static explicit operator sbyte(Tensor value) => value.ToSByte();
        public static explicit operator byte(Tensor value) => value.ToByte();
        public static explicit operator short(Tensor value) => value.ToInt16();
        public static explicit operator int(Tensor value) => value.ToInt32();
        public static explicit operator long(Tensor value) => value.ToInt64();
        public static explicit operator bool(Tensor value) => value.ToBoolean();
        private static Tensor Divided(Arg left, Tensor right)
        {
            using Tensor inverse = Aten.reciprocal.Call(right);
            return Aten.mul_Scalar.Call(inverse, left);
        }
    }
}

public static partial class TensorExtensionMethods
{
    public static float ToSingle(this Tensor value) => (float)value.ToScalar().AsDouble;
    public static double ToDouble(this Tensor value) => value.ToScalar().AsDouble;
    public static sbyte ToSByte(this Tensor value) => (sbyte)value.ToScalar().AsInt64;
    public static byte ToByte(this Tensor value) => (byte)value.ToScalar().AsInt64;
    public static short ToInt16(this Tensor value) => (short)value.ToScalar().AsInt64;
    public static int ToInt32(this Tensor value) => (int)value.ToScalar().AsInt64;
    public static long ToInt64(this Tensor value) => value.ToScalar().AsInt64;
    public static bool ToBoolean(this Tensor value) => value.ToScalar().AsDouble != 0;
}
