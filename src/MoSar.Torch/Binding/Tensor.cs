using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp.Utils;
using static TorchSharp.NativeMethods;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A multi-dimensional array that LibTorch owns. Members are TorchSharp's (and so PyTorch's), by name and signature;
    /// a tensor belongs to the innermost <see cref="DisposeScope"/> of the thread that made it.
    /// </summary>
    public unsafe partial class Tensor : IDisposable
    {
        private nint _handle;

        /// <param name="handle">An owned reference to a c10::TensorImpl; 0 for an undefined tensor.</param>
        internal Tensor(nint handle)
        {
            _handle = handle;
            Scope = DisposeScope.Current;
            Scope?.Add(this);
        }

        ~Tensor() => Dispose(false);

        internal DisposeScope? Scope { get; set; }

        public nint Handle => _handle != 0 ? _handle : throw new ObjectDisposedException(nameof(Tensor), "this tensor was disposed or is undefined");

        public bool IsInvalid => _handle == 0;

        /// <summary>Tensor handles alive in this process.</summary>
        public static long TotalCount => Counts().Live;

        /// <summary>The most that were ever alive at once.</summary>
        public static long PeakCount => Counts().Peak;

        private static (long Live, long Peak) Counts()
        {
            long live, peak;
            ms_tensor_counts(&live, &peak, 0);
            return (live, peak);
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            nint handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0)
                return;
            if (disposing)
            {
                Scope?.Remove(this);
                Scope = null;
            }
            ms_tensor_release(handle);
        }

        /// <summary>Makes this object stand for another handle: how a module's parameters change type without changing identity.</summary>
        internal void Adopt(Tensor source)
        {
            Checked(ms_tensor_set_data(Handle, source.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(source);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            Scope?.Remove(this);
            Scope = other;
            other.Add(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other)
        {
            Scope?.Remove(this);
            Scope = other.Scope;
            Scope?.Add(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            Scope?.Remove(this);
            Scope = null;
            return this;
        }

        private NativeTensorInfo Info()
        {
            NativeTensorInfo info;
            Checked(ms_tensor_info(Handle, &info));
            GC.KeepAlive(this);
            return info;
        }

        public long Dimensions => Info().Dimensions;
        public long ndim => Info().Dimensions;
        public long dim() => Info().Dimensions;
        public long NumberOfElements => Info().ElementCount;
        public long numel() => Info().ElementCount;
        public long ElementSize => Info().ElementSize;
        public long element_size() => Info().ElementSize;
        public ScalarType dtype => (ScalarType)Info().Dtype;
        public DeviceType device_type => (DeviceType)Info().DeviceType;
        public int device_index => Info().DeviceIndex;
        public Device device => Info() is var i ? new Device((DeviceType)i.DeviceType, i.DeviceIndex) : CPU;
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_meta => device_type == DeviceType.META;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_leaf => Info().IsLeaf != 0;
        public bool is_floating_point() => torch.is_floating_point(dtype);
        public bool is_complex() => torch.is_complex(dtype);
        public bool is_integral() => torch.is_integral(dtype);

        public bool is_contiguous()
        {
            bool contiguous = ms_tensor_is_contiguous(Handle, 0) != 0;
            GC.KeepAlive(this);
            return contiguous;
        }

        public long[] shape => Sizes(strides: false);
        public long[] size() => Sizes(strides: false);
        public long size(int dim) => shape is var s ? s[dim < 0 ? dim + s.Length : dim] : 0;
        public long[] stride() => Sizes(strides: true);
        public long stride(int dim) => stride() is var s ? s[dim < 0 ? dim + s.Length : dim] : 0;

        public long storage_offset()
        {
            long offset = ms_tensor_storage_offset(Handle);
            GC.KeepAlive(this);
            return offset;
        }

        private long[] Sizes(bool strides)
        {
            long* buffer = stackalloc long[64];
            int n = Checked(ms_tensor_sizes(Handle, strides ? null : buffer, strides ? buffer : null));
            GC.KeepAlive(this);
            return new ReadOnlySpan<long>(buffer, n).ToArray();
        }

        public bool requires_grad
        {
            get => Info().RequiresGrad != 0;
            set => requires_grad_(value);
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            Checked(ms_tensor_set_requires_grad(Handle, requires_grad ? 1 : 0));
            GC.KeepAlive(this);
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public void retain_grad()
        {
            Checked(ms_tensor_retain_grad(Handle));
            GC.KeepAlive(this);
        }

        /// <summary>The gradient that backward left on a leaf, or null. Each read gives a new handle on the same memory.</summary>
        public Tensor? grad
        {
            get
            {
                nint g = ms_tensor_grad(Handle);
                GC.KeepAlive(this);
                return g == 0 ? null : new Tensor(g);
            }

            set
            {
                Checked(ms_tensor_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public void backward() => autograd.backward(this);

        public void backward(IList<Tensor>? grad_tensors = null, bool retain_graph = false, bool create_graph = false, IList<Tensor>? inputs = null) =>
            autograd.backward(this, grad_tensors, retain_graph, create_graph, inputs);

        /// <summary>The memory of a contiguous CPU tensor, for reading and writing in place.</summary>
        public Span<byte> bytes
        {
            get
            {
                NativeTensorInfo info = HostInfo();
                if (!is_contiguous())
                    throw new InvalidOperationException("bytes needs a contiguous tensor: call contiguous() first");
                return new Span<byte>((void*)info.Data, checked((int)(info.ElementCount * info.ElementSize)));
            }

            set
            {
                Span<byte> own = bytes;
                if (own.Length != value.Length)
                    throw new ArgumentException($"{value.Length} bytes given for a tensor of {own.Length}");
                value.CopyTo(own);
            }
        }

        /// <summary>Typed access to a CPU tensor's memory, in row-major order whatever its strides.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            NativeTensorInfo info = HostInfo();
            if (TypeOf<T>() != (ScalarType)info.Dtype)
                throw new ArgumentException($"data<{typeof(T).Name}>() of a {(ScalarType)info.Dtype} tensor");
            return new TensorAccessor<T>(this, info.Data, info.ElementCount);
        }

        internal NativeTensorInfo HostInfo()
        {
            NativeTensorInfo info = Info();
            if (info.DeviceType != (int)DeviceType.CPU)
                throw new InvalidOperationException("the tensor is not in CPU memory: call cpu() first");
            return info;
        }

        internal static ScalarType TypeOf<T>() => Type.GetTypeCode(typeof(T)) switch
        {
            TypeCode.Single => ScalarType.Float32,
            TypeCode.Double => ScalarType.Float64,
            TypeCode.Int64 => ScalarType.Int64,
            TypeCode.Int32 => ScalarType.Int32,
            TypeCode.Int16 => ScalarType.Int16,
            TypeCode.SByte => ScalarType.Int8,
            TypeCode.Byte => ScalarType.Byte,
            TypeCode.Boolean => ScalarType.Bool,
            _ when typeof(T) == typeof(Half) => ScalarType.Float16,
            _ when typeof(T) == typeof((float, float)) => ScalarType.ComplexFloat32,
            _ when typeof(T) == typeof(System.Numerics.Complex) => ScalarType.ComplexFloat64,
            _ => throw new NotImplementedException($"no tensor type holds {typeof(T)}"),
        };

        /// <summary>The value of a tensor with one element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            NativeTensorInfo info = Info();
            if (info.ElementCount != 1)
                throw new InvalidOperationException($"item() of a tensor with {info.ElementCount} elements");
            if (info.DeviceType != (int)DeviceType.CPU)
            {
                using Tensor host = cpu();
                return host.item<T>();
            }
            if (TypeOf<T>() != (ScalarType)info.Dtype)
                throw new ArgumentException($"item<{typeof(T).Name}>() of a {(ScalarType)info.Dtype} tensor");
            T value = *(T*)info.Data;
            GC.KeepAlive(this);
            return value;
        }

        public Scalar ToScalar()
        {
            NativeValue v = Aten.item.CallValue(this);
            return v.Tag switch
            {
                NativeTag.Double => BitConverter.Int64BitsToDouble(v.Bits),
                NativeTag.Bool => v.Bits != 0,
                NativeTag.Complex => new System.Numerics.Complex(BitConverter.Int64BitsToDouble(v.Bits), v.Imaginary),
                _ => v.Bits,
            };
        }

        public override bool Equals(object? obj) => ReferenceEquals(this, obj) || (obj is Tensor t && Equals(t));

        /// <summary>Whether two tensors have the same size and elements.</summary>
        public bool Equals(Tensor target) => Aten.equal.CallValue(this, target).Bits != 0;

        public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);

        public override string ToString()
        {
            if (IsInvalid)
                return "undefined";
            var text = new StringBuilder($"[{string.Join('x', shape)}], type = {dtype}, device = {device}");
            if (numel() is > 0 and <= 64 && !is_complex())
            {
                using Tensor flat = detach().cpu().to_type(ScalarType.Float64).reshape(-1);
                text.Append(", value = ").Append(string.Join(' ', flat.data<double>().ToArray().Select(v => v.ToString("g6"))));
            }
            return text.ToString();
        }
    }
}
