using System.Collections;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>A CPU tensor's elements, in row-major order whatever its strides, without a copy of them.</summary>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T>
    where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly T* _data;
    private readonly bool _contiguous;
    private readonly long[] _shape;
    private readonly long[] _strides;

    internal TensorAccessor(Tensor tensor, nint data, long count)
    {
        _tensor = tensor;
        _data = (T*)data;
        Count = count;
        _contiguous = tensor.is_contiguous();
        _shape = tensor.shape;
        _strides = tensor.stride();
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public T this[params long[] indices]
    {
        get => _data[Offset(indices)];
        set => _data[Offset(indices)] = value;
    }

    private long Offset(long[] indices)
    {
        if (indices.Length != _shape.Length)
            throw new ArgumentException($"{indices.Length} indices into a tensor with {_shape.Length} dimensions");
        long offset = 0;
        for (int d = 0; d < indices.Length; d++)
        {
            if ((ulong)indices[d] >= (ulong)_shape[d])
                throw new IndexOutOfRangeException($"index {indices[d]} in dimension {d} of size {_shape[d]}");
            offset += indices[d] * _strides[d];
        }
        return offset;
    }

    private long LinearOffset(long index)
    {
        if (_contiguous)
            return index;
        long offset = 0;
        for (int d = _shape.Length - 1; d >= 0; d--)
        {
            index = Math.DivRem(index, _shape[d], out long at);
            offset += at * _strides[d];
        }
        return offset;
    }

    public T[] ToArray()
    {
        T[] result = GC.AllocateUninitializedArray<T>(checked((int)Count));
        CopyTo(result);
        return result;
    }

    public Array ToNDArray()
    {
        if (_shape.Length == 0)
            return ToArray();
        Array result = Array.CreateInstance(typeof(T), _shape);
        T[] flat = ToArray();
        Buffer.BlockCopy(flat, 0, result, 0, Buffer.ByteLength(flat));
        return result;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int n = checked((int)Math.Min(Count - tensorIndex, array.Length - arrayIndex));
        if (_contiguous)
        {
            new ReadOnlySpan<T>(_data + tensorIndex, n).CopyTo(array[arrayIndex..]);
        }
        else
        {
            for (int i = 0; i < n; i++)
                array[arrayIndex + i] = _data[LinearOffset(tensorIndex + i)];
        }
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom((ReadOnlySpan<T>)array, arrayIndex, tensorIndex);

    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        int n = checked((int)Math.Min(Count - tensorIndex, array.Length - arrayIndex));
        if (_contiguous)
        {
            array.Slice(arrayIndex, n).CopyTo(new Span<T>(_data + tensorIndex, n));
        }
        else
        {
            for (int i = 0; i < n; i++)
                _data[LinearOffset(tensorIndex + i)] = array[arrayIndex + i];
        }
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator()
    {
        for (long i = 0; i < Count; i++)
            yield return At(i);
    }

    private T At(long index) => _data[LinearOffset(index)];

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Frees nothing: the tensor stays its owner's.</summary>
    public void Dispose()
    {
    }
}
