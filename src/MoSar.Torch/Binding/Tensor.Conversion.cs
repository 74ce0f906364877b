namespace TorchSharp;

public static partial class torch
{
    /// <summary>Types, devices, copies, fills.</summary>
    public partial class Tensor
    {
        public Tensor to_type(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => After(Aten.to_dtype.Call(this, type, non_blocking, copy), disposeAfter);
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to_type(type, copy, disposeAfter, non_blocking);
        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => After(Aten.to_device.Call(this, device, type, non_blocking, copy), disposeAfter);
        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => After(Aten.to_device.Call(this, device, dtype, non_blocking, copy), disposeAfter);
        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(deviceType, deviceIndex), copy, disposeAfter, non_blocking);
        public Tensor to(string device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) => to(new Device(device), copy, disposeAfter, non_blocking);
        public Tensor to(Tensor other, bool non_blocking = false) => Aten.to_other.Call(this, other, non_blocking);
        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);
        public Tensor type(ScalarType dtype) => to_type(dtype);
        public Tensor cpu() => to(torch.CPU);
        public Tensor cuda(Device? device = null, bool non_blocking = false) => to(device ?? CUDA, non_blocking: non_blocking);
        public Tensor @bool() => to_type(ScalarType.Bool);
        public Tensor @byte() => to_type(ScalarType.Byte);
        public Tensor @char() => to_type(ScalarType.Int8);
        public Tensor @short() => to_type(ScalarType.Int16);
        public Tensor @int() => to_type(ScalarType.Int32);
        public Tensor @long() => to_type(ScalarType.Int64);
        public Tensor half() => to_type(ScalarType.Float16);
        public Tensor bfloat16() => to_type(ScalarType.BFloat16);
        public Tensor @float() => to_type(ScalarType.Float32);
        public Tensor @double() => to_type(ScalarType.Float64);
        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);
        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => Aten.copy_.CallInPlace(this, source, nonBlocking);
        public Tensor fill_(Scalar value) => Aten.fill__Scalar.CallInPlace(this, value);
        public Tensor zero_() => Aten.zero_.CallInPlace(this);
        public Tensor set_(Tensor source) => Aten.set__source_Tensor.CallInPlace(this, source);
        public Tensor uniform_(double from, double to, Generator? generator = null) => Aten.uniform_.CallInPlace(this, from, to, generator);
        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) => Aten.normal_.CallInPlace(this, mean, std, generator);
        public Tensor random_(double from, double to, Generator? generator = null) => Aten.random__from.CallInPlace(this, (long)from, (long)to, generator);
        public Tensor bernoulli(Generator? generator = null) => Aten.bernoulli.Call(this, generator);
        public Tensor bernoulli_(double p = 0.5, Generator? generator = null) => Aten.bernoulli__float.CallInPlace(this, p, generator);
        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) => Aten.multinomial.Call(this, num_samples, replacement, generator);
        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.zeros_like.Call(this, dtype, Arg.None, device), requires_grad);
        public Tensor ones_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.ones_like.Call(this, dtype, Arg.None, device), requires_grad);
        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.empty_like.Call(this, dtype, Arg.None, device), requires_grad);
        public Tensor rand_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.rand_like.Call(this, dtype, Arg.None, device), requires_grad);
        public Tensor randn_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.randn_like.Call(this, dtype, Arg.None, device), requires_grad);
        public Tensor full_like(Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.full_like.Call(this, value, dtype, Arg.None, device), requires_grad);
        public Tensor new_zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.new_zeros.Call(this, size, dtype, Arg.None, device), requires_grad);
        public Tensor new_empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.new_empty.Call(this, size, dtype, Arg.None, device), requires_grad);
        public Tensor new_full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.new_full.Call(this, size, value, dtype, Arg.None, device), requires_grad);
        private Tensor After(Tensor result, bool disposeAfter)
        {
            if (disposeAfter)
                Dispose();
            return result;
        }
        private static Tensor Like(Tensor t, bool requires_grad) => requires_grad ? t.requires_grad_() : t;
    }
}
