using System.Runtime.CompilerServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>One place of an index expression: a number, a slice, None, an ellipsis, a truth value or a tensor.</summary>
    public struct TensorIndex
    {
        internal enum Kind { None, Single, Slice, Bool, Ellipsis, Tensor }

        internal Kind Type;
        internal long? Start;
        internal long? Stop;
        internal long? Step;
        internal Tensor? Index;

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex None = new() { Type = Kind.None };
        public static TensorIndex Null = None;
        public static TensorIndex Ellipsis = new() { Type = Kind.Ellipsis };
        public static TensorIndex Colon = Slice();

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { Type = Kind.Slice, Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) => Slice(
            range.Start.IsFromEnd ? -range.Start.Value : range.Start.Value,
            range.End.IsFromEnd ? (range.End.Value == 0 ? null : -range.End.Value) : range.End.Value);

        public static TensorIndex Bool(bool value) => new() { Type = Kind.Bool, Start = value ? 1 : 0 };

        public static TensorIndex Single(long? index) => index is null ? None : new() { Type = Kind.Single, Start = index };

        public static TensorIndex Tensor(Tensor tensor) => new() { Type = Kind.Tensor, Index = tensor };

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);
        public static implicit operator TensorIndex(Range range) => Slice(range);
        public static implicit operator TensorIndex(Index index) => Single(index.IsFromEnd ? -index.Value : index.Value);
    }

    public partial class Tensor
    {
        [IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => Assign(value, indices);
        }

        [IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => Aten.index_put_.CallForEffect(this, Arg.Optionals(indices), value);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => select(0, i1);
            set => Assign(value, i1);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(i1, i2);
            set => Assign(value, i1, i2);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(i1, i2, i3);
            set => Assign(value, i1, i2, i3);
        }

        [IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3, long i4]
        {
            get => index(i1, i2, i3, i4);
            set => Assign(value, i1, i2, i3, i4);
        }

        public Tensor index(params TensorIndex[] indices)
        {
            Tensor view = View(indices, out Tensor?[] advanced);
            if (advanced.Length == 0)
                return ReferenceEquals(view, this) ? alias() : view;
            Tensor result = Aten.index_Tensor.Call(view, Arg.Optionals(advanced));
            if (!ReferenceEquals(view, this))
                view.Dispose();
            return result;
        }

        public Tensor index(params Tensor[] indices) => Aten.index_Tensor.Call(this, Arg.Optionals(indices));

        public Tensor index_put_(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, TensorIndex[] indices, bool accumulate = false)
        {
            Tensor view = View(indices, out Tensor?[] advanced);
            if (advanced.Length > 0)
                Aten.index_put_.CallForEffect(view, Arg.Optionals(advanced), value, accumulate);
            else if (accumulate)
                view.add_(value);
            else
                view.copy_(value);
            if (!ReferenceEquals(view, this))
                view.Dispose();
            return this;
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices, false);

        public Tensor index_put_(Tensor value, Tensor[] indices, bool accumulate = false) =>
            Aten.index_put_.CallInPlace(this, Arg.Optionals(indices), value, accumulate);

        public Tensor index_put_(Scalar value, params TensorIndex[] indices)
        {
            using Tensor scalar = full([], value, dtype, device);
            return index_put_(scalar, indices);
        }

        private void Assign(Tensor value, params TensorIndex[] indices) => index_put_(value, indices, false);

        /// <summary>Applies what a view can express; what is left for advanced indexing comes back beside it, by dimension.</summary>
        private Tensor View(TensorIndex[] indices, out Tensor?[] advanced)
        {
            Tensor view = this;
            var rest = new List<Tensor?>();
            int at = 0;
            long consumed = indices.Count(i => i.Type is TensorIndex.Kind.Single or TensorIndex.Kind.Slice)
                + indices.Sum(i => i.Type == TensorIndex.Kind.Tensor ? (i.Index!.dtype == ScalarType.Bool ? i.Index.dim() : 1) : 0);
            foreach (TensorIndex i in indices)
            {
                Tensor next = view;
                switch (i.Type)
                {
                    case TensorIndex.Kind.Single:
                        next = view.select(at, i.Start!.Value);
                        break;
                    case TensorIndex.Kind.Slice:
                        if (i.Start is not null || i.Stop is not null || i.Step is not null)
                            next = Aten.slice_Tensor.Call(view, (long)at, i.Start, i.Stop, i.Step ?? 1);
                        at++;
                        break;
                    case TensorIndex.Kind.None:
                        next = view.unsqueeze(at++);
                        break;
                    case TensorIndex.Kind.Ellipsis:
                        at += (int)(dim() - consumed);
                        break;
                    case TensorIndex.Kind.Bool:
                        next = view.unsqueeze(at);
                        Put(rest, at++, tensor([i.Start != 0]));
                        break;
                    case TensorIndex.Kind.Tensor:
                        Put(rest, at, i.Index!);
                        at += i.Index!.dtype == ScalarType.Bool ? (int)i.Index.dim() : 1;
                        break;
                }
                if (!ReferenceEquals(next, view) && !ReferenceEquals(view, this))
                    view.Dispose();
                view = next;
            }
            advanced = rest.ToArray();
            return view;
        }

        private static void Put(List<Tensor?> list, int at, Tensor index)
        {
            while (list.Count < at)
                list.Add(null);
            list.Add(index);
        }
    }
}
