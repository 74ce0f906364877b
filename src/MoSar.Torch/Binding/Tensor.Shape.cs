namespace TorchSharp;

public static partial class torch
{
    /// <summary>Views, joins, gathers, scatters.</summary>
    public partial class Tensor
    {
        public Tensor T => Aten.numpy_T.Call(this);
        public Tensor H => Aten.matrix_H.Call(this);
        public Tensor mT => Aten.mT.Call(this);
        public Tensor mH => Aten.mH.Call(this);
        public Tensor real => is_complex() ? Aten.real.Call(this) : Aten.alias.Call(this);
        public Tensor imag => Aten.imag.Call(this);
        public Tensor t() => Aten.t.Call(this);
        public Tensor alias() => Aten.alias.Call(this);
        public Tensor view(params long[] shape) => Aten.view.Call(this, shape);
        public Tensor view_as(Tensor other) => view(other.shape);
        public Tensor view_as_complex() => Aten.view_as_complex.Call(this);
        public Tensor view_as_real() => Aten.view_as_real.Call(this);
        public Tensor reshape(params long[] shape) => Aten.reshape.Call(this, shape);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Aten.flatten_using_ints.Call(this, start_dim, end_dim);
        public Tensor unflatten(long dim, params long[] sizes) => Unflattened(dim, sizes);
        public Tensor ravel() => Aten.ravel.Call(this);
        public Tensor squeeze(long? dim = null) => dim is { } d ? Aten.squeeze_dim.Call(this, d) : Aten.squeeze.Call(this);
        public Tensor squeeze_(long? dim = null) => dim is { } d ? Aten.squeeze__dim.CallInPlace(this, d) : Aten.squeeze_.CallInPlace(this);
        public Tensor unsqueeze(long dim) => Aten.unsqueeze.Call(this, dim);
        public Tensor unsqueeze_(long dim) => Aten.unsqueeze_.CallInPlace(this, dim);
        public Tensor expand(params long[] sizes) => Aten.expand.Call(this, sizes);
        public Tensor expand(long[] sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes, isImplicit);
        public Tensor expand(Size sizes, bool isImplicit = false) => Aten.expand.Call(this, sizes.Shape, isImplicit);
        public Tensor expand_as(Tensor other) => expand(other.shape);
        public Tensor broadcast_to(params long[] shape) => Aten.broadcast_to.Call(this, shape);
        public Tensor permute(params long[] permutation) => Aten.permute.Call(this, permutation);
        public Tensor transpose(long dim0, long dim1) => Aten.transpose_int.Call(this, dim0, dim1);
        public Tensor swapaxes(long dim0, long dim1) => Aten.transpose_int.Call(this, dim0, dim1);
        public Tensor swapdims(long dim0, long dim1) => Aten.transpose_int.Call(this, dim0, dim1);
        public Tensor movedim(long[] source, long[] destination) => Aten.movedim_intlist.Call(this, source, destination);
        public Tensor moveaxis(long[] source, long[] destination) => Aten.movedim_intlist.Call(this, source, destination);
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0) => Aten.as_strided.Call(this, size, strides, storageOffset);
        public Tensor unfold(long dimension, long size, long step) => Aten.unfold.Call(this, dimension, size, step);
        public Tensor contiguous() => Aten.contiguous.Call(this);
        public Tensor clone() => Aten.clone.Call(this);
        public Tensor detach() => Aten.detach.Call(this);
        public Tensor detach_() => Aten.detach_.CallInPlace(this);
        public Tensor repeat(params long[] sizes) => Aten.repeat.Call(this, sizes);
        public Tensor tile(long[] reps) => Aten.tile.Call(this, reps);
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_int.Call(this, repeats, dim, output_size);
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) => Aten.repeat_interleave_self_Tensor.Call(this, repeats, dim, output_size);
        public Tensor roll(long shifts, long? dims = null) => Aten.roll.Call(this, new[] { shifts }, dims is { } d ? new[] { d } : Array.Empty<long>());
        public Tensor roll(long[] shifts, long[] dims) => Aten.roll.Call(this, shifts, dims);
        public Tensor flip(params long[] dims) => Aten.flip.Call(this, dims);
        public Tensor fliplr() => Aten.fliplr.Call(this);
        public Tensor flipud() => Aten.flipud.Call(this);
        public Tensor rot90(long k = 1, (long, long)? dims = null) => Aten.rot90.Call(this, k, dims is { } d ? new[] { d.Item1, d.Item2 } : new long[] { 0, 1 });
        public Tensor narrow(long dim, long start, long length) => Aten.narrow.Call(this, dim, start, length);
        public Tensor select(long dim, long index) => Aten.select_int.Call(this, dim, index);
        public Tensor slice(long dim, long start, long finish, long step) => Aten.slice_Tensor.Call(this, dim, start, finish, step);
        public Tensor[] split(long size, int dim = 0) => Aten.split_Tensor.CallList(this, size, (long)dim);
        public Tensor[] split(long[] sizes, long dim = 0) => Aten.split_with_sizes.CallList(this, sizes, dim);
        public Tensor[] chunk(long chunks, long dim = 0) => Aten.chunk.CallList(this, chunks, dim);
        public Tensor[] tensor_split(long size, long dim = 0) => Aten.tensor_split_sections.CallList(this, size, dim);
        public Tensor[] unbind(long dimension = 0) => Aten.unbind_int.CallList(this, dimension);
        public Tensor index_select(long dim, Tensor index) => Aten.index_select.Call(this, dim, index);
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add.Call(this, dim, index, source, alpha);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Aten.index_add_.CallInPlace(this, dim, index, source, alpha);
        public Tensor index_copy(long dim, Tensor index, Tensor source) => Aten.index_copy.Call(this, dim, index, source);
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Aten.index_copy_.CallInPlace(this, dim, index, source);
        public Tensor index_fill(long dim, Tensor index, Scalar value) => Aten.index_fill_int_Scalar.Call(this, dim, index, value);
        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Aten.index_fill__int_Scalar.CallInPlace(this, dim, index, value);
        public Tensor gather(long dim, Tensor index) => Aten.gather.Call(this, dim, index);
        public Tensor scatter(long dim, Tensor index, Tensor src) => Aten.scatter_src.Call(this, dim, index, src);
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Aten.scatter__src.CallInPlace(this, dim, index, src);
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Aten.scatter_add.Call(this, dim, index, src);
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Aten.scatter_add_.CallInPlace(this, dim, index, src);
        public Tensor masked_select(Tensor mask) => Aten.masked_select.Call(this, mask);
        public Tensor masked_scatter(Tensor mask, Tensor value) => Aten.masked_scatter.Call(this, mask, value);
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Aten.masked_scatter_.CallInPlace(this, mask, value);
        public Tensor take(Tensor index) => Aten.take.Call(this, index);
        public Tensor take_along_dim(Tensor indices, long dim) => Aten.take_along_dim.Call(this, indices, dim);
        public Tensor nonzero() => Aten.nonzero.Call(this);
        public Tensor argwhere() => Aten.argwhere.Call(this);
        public Tensor diag(long diagonal = 0) => Aten.diag.Call(this, diagonal);
        public Tensor diag_embed(long offset = 0, long dim1 = -2, long dim2 = -1) => Aten.diag_embed.Call(this, offset, dim1, dim2);
        public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) => Aten.diagonal.Call(this, offset, dim1, dim2);
        public Tensor tril(long diagonal = 0) => Aten.tril.Call(this, diagonal);
        public Tensor triu(long diagonal = 0) => Aten.triu.Call(this, diagonal);
        public Tensor slice_scatter(Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) => Aten.slice_scatter.Call(this, src, dim, start, end, step);
        public Tensor select_scatter(Tensor src, long dim, long index) => Aten.select_scatter.Call(this, src, dim, index);
        private Tensor Unflattened(long dim, long[] sizes)
        {
            long[] s = shape;
            int at = (int)(dim < 0 ? dim + s.Length : dim);
            return reshape([.. s[..at], .. sizes, .. s[(at + 1)..]]);
        }
    }
}
