namespace TorchSharp;

public static partial class torch
{
    /// <summary>Sums, means, extremes, orders.</summary>
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Aten.sum.Call(this, type);
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Aten.sum_dim_IntList.Call(this, dim, keepdim, type);
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => sum(dim.ToArray(), keepdim, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim }, keepdim, type);
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim0, dim1 }, keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim0, dim1, dim2 }, keepdim, type);
        public Tensor nansum() => Aten.nansum.Call(this);
        public Tensor mean() => Aten.mean.Call(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => Aten.mean_dim.Call(this, dimensions, keepdim, type);
        public Tensor var(bool unbiased = true) => Aten.var.Call(this, unbiased);
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.var_dim.Call(this, dimensions, unbiased, keepdim), type);
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var(new[] { dim }, unbiased, keepdim, type);
        public Tensor std(bool unbiased = true) => Aten.std.Call(this, unbiased);
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Cast(Aten.std_dim.Call(this, dimensions, unbiased, keepdim), type);
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std(new[] { dim }, unbiased, keepdim, type);
        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Aten.std_mean.Call2(this, unbiased);
        public (Tensor @var, Tensor mean) var_mean(bool unbiased = true) => Aten.var_mean.Call2(this, unbiased);
        public (Tensor @var, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => Aten.var_mean_dim.Call2(this, dimensions, unbiased, keepdim);
        public Tensor prod(ScalarType? type = null) => Aten.prod.Call(this, type);
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Aten.prod_dim_int.Call(this, dim, keepdim, type);
        public Tensor max() => Aten.max.Call(this);
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Aten.max_dim.Call2(this, dim, keepdim);
        public Tensor min() => Aten.min.Call(this);
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Aten.min_dim.Call2(this, dim, keepdim);
        public Tensor amax(params long[] dims) => Aten.amax.Call(this, dims);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => Out(Aten.amax.Call(this, dims, keepdim), @out);
        public Tensor amin(params long[] dims) => Aten.amin.Call(this, dims);
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => Out(Aten.amin.Call(this, dims, keepdim), @out);
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Aten.aminmax.Call2(this, dim, keepdim);
        public Tensor argmax() => Aten.argmax.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => Aten.argmax.Call(this, dim, keepdim);
        public Tensor argmin() => Aten.argmin.Call(this);
        public Tensor argmin(long dim, bool keepdim = false) => Aten.argmin.Call(this, dim, keepdim);
        public Tensor all() => Aten.all.Call(this);
        public Tensor all(long dim, bool keepdim = false) => Aten.all_dim.Call(this, dim, keepdim);
        public Tensor any() => Aten.any.Call(this);
        public Tensor any(long dim, bool keepdim = false) => Aten.any_dim.Call(this, dim, keepdim);
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => Aten.allclose.CallValue(this, target, rtol, atol, equal_nan).Bits != 0;
        public Tensor median() => Aten.median.Call(this);
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => Aten.quantile.Call(this, q, dim, keepdim);
        public Tensor logsumexp(long dim, bool keepdim = false) => Aten.logsumexp.Call(this, new[] { dim }, keepdim);
        public Tensor norm(float p = 2) => Aten.norm_Scalar.Call(this, (double)p);
        public Tensor norm(int dim, bool keepdim = false, float p = 2) => Aten.norm_ScalarOpt_dim.Call(this, (double)p, new long[] { dim }, keepdim);
        public Tensor dist(Tensor other, float p = 2) => Aten.dist.Call(this, other, (double)p);
        public Tensor cumsum(long dim, ScalarType? type = null) => Aten.cumsum.Call(this, dim, type);
        public Tensor cumprod(long dim, ScalarType? type = null) => Aten.cumprod.Call(this, dim, type);
        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) => Aten.diff.Call(this, n, dim, prepend, append);
        public Tensor trapezoid(double dx = 1, long dim = -1) => Aten.trapezoid_dx.Call(this, dx, dim);
        public Tensor count_nonzero(long[]? dims = null) => dims is null ? Aten.count_nonzero.Call(this) : Aten.count_nonzero_dim_IntList.Call(this, dims);
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Aten.histc.Call(this, bins, min, max);
        public Tensor bincount(Tensor? weights, long minlength = 0) => Aten.bincount.Call(this, weights, minlength);
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) => Aten.sort_stable.Call2(this, stable, dim, descending);
        public Tensor argsort(long dim = -1, bool descending = false) => Aten.argsort.Call(this, dim, descending);
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) => Aten.topk.Call2(this, (long)k, (long)dim, largest, sorted);
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) => dim is null ? Aten._unique2.Call3(this, sorted, return_inverse, return_counts) : Aten.unique_dim.Call3(this, (long)dim, sorted, return_inverse, return_counts);
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) => Aten.bucketize_Tensor.Call(this, boundaries, outInt32, right);
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) => Aten.isin_Tensor_Tensor.Call(this, test_elements, assumeUnique, invert);
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) => Aten.cov.Call(this, correction, fweights, aweights);
        private static Tensor Cast(Tensor t, ScalarType? type) => type is { } s ? t.to_type(s) : t;
        private static Tensor Out(Tensor value, Tensor? target) => target is null ? value : target.copy_(value);
    }
}
