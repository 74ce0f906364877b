namespace TorchSharp;

public static partial class torch
{
    /// <summary>Products and decompositions.</summary>
    public partial class Tensor
    {
        public Tensor matmul(Tensor target) => Aten.matmul.Call(this, target);
        public Tensor mm(Tensor target) => Aten.mm.Call(this, target);
        public Tensor bmm(Tensor batch2) => Aten.bmm.Call(this, batch2);
        public Tensor mv(Tensor target) => Aten.mv.Call(this, target);
        public Tensor dot(Tensor target) => Aten.dot.Call(this, target);
        public Tensor vdot(Tensor target) => Aten.vdot.Call(this, target);
        public Tensor inner(Tensor vec2) => Aten.inner.Call(this, vec2);
        public Tensor outer(Tensor vec2) => Aten.outer.Call(this, vec2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => Aten.addmm.Call(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor addmv(Tensor mat, Tensor vec, float beta = 1, float alpha = 1) => Aten.addmv.Call(this, mat, vec, (double)beta, (double)alpha);
        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) => Aten.baddbmm.Call(this, batch1, batch2, (double)beta, (double)alpha);
        public Tensor tensordot(Tensor b, long[] dims1, long[] dims2) => Aten.tensordot.Call(this, b, dims1, dims2);
        public Tensor kron(Tensor other) => Aten.kron.Call(this, other);
        public Tensor inverse() => Aten.inverse.Call(this);
        public Tensor det() => Aten.linalg_det.Call(this);
        public Tensor logdet() => Aten.logdet.Call(this);
        public Tensor trace() => Aten.trace.Call(this);
        public Tensor cholesky_solve(Tensor input2, bool upper = false) => Aten.cholesky_solve.Call(this, input2, upper);
        public Tensor cholesky_inverse(bool upper = false) => Aten.cholesky_inverse.Call(this, upper);
        public Tensor matrix_power(int n) => Aten.matrix_power.Call(this, (long)n);
        public Tensor matrix_exp() => Aten.matrix_exp.Call(this);
        public Tensor pinverse(double rcond = 1e-15, bool hermitian = false) => Aten.pinverse.Call(this, rcond);
    }
}
