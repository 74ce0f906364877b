namespace TorchSharp;

public static partial class torch
{
    /// <summary>Decompositions, solvers and norms, over the last two dimensions of batches.</summary>
    public static class linalg
    {
        public static Tensor solve(Tensor A, Tensor B, bool left = true) => Aten.linalg_solve.Call(A, B, left);

        public static Tensor solve_triangular(Tensor A, Tensor B, bool upper, bool left = true, bool unitriangular = false, Tensor? @out = null)
        {
            Tensor x = Aten.linalg_solve_triangular.Call(A, B, upper, left, unitriangular);
            return @out is null ? x : @out.copy_(x);
        }

        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other) => Aten.linalg_lstsq.Call4(input, other);
        public static (Tensor Solution, Tensor Residuals, Tensor Rank, Tensor SingularValues) lstsq(Tensor input, Tensor other, double rcond) => Aten.linalg_lstsq.Call4(input, other, rcond);
        public static (Tensor U, Tensor S, Tensor Vh) svd(Tensor input, bool fullMatrices = true) => Aten.linalg_svd.Call3(input, fullMatrices);
        public static Tensor svdvals(Tensor input) => Aten.linalg_svdvals.Call(input);
        public static Tensor cholesky(Tensor input) => Aten.linalg_cholesky.Call(input);
        public static (Tensor Q, Tensor R) qr(Tensor input, QRMode mode = QRMode.Reduced) => Aten.linalg_qr.Call2(input, mode.ToString().ToLowerInvariant());
        public static (Tensor, Tensor) eigh(Tensor input, char UPLO = 'L') => Aten.linalg_eigh.Call2(input, UPLO.ToString());
        public static Tensor eigvalsh(Tensor input, char UPLO = 'L') => Aten.linalg_eigvalsh.Call(input, UPLO.ToString());
        public static (Tensor, Tensor) eig(Tensor input) => Aten.linalg_eig.Call2(input);
        public static Tensor det(Tensor input) => Aten.linalg_det.Call(input);
        public static (Tensor, Tensor) slogdet(Tensor input) => Aten.linalg_slogdet.Call2(input);
        public static Tensor inv(Tensor input) => Aten.linalg_inv.Call(input);
        public static Tensor pinv(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Aten.linalg_pinv_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static Tensor matrix_rank(Tensor input, double? atol = null, double? rtol = null, bool hermitian = false) => Aten.linalg_matrix_rank_atol_rtol_float.Call(input, atol, rtol, hermitian);
        public static Tensor cross(Tensor input, Tensor other, long dim = -1) => Aten.linalg_cross.Call(input, other, dim);
        public static Tensor vecdot(Tensor x, Tensor y, long dim = -1, Tensor? @out = null)
        {
            Tensor d = Aten.linalg_vecdot.Call(x, y, dim);
            return @out is null ? d : @out.copy_(d);
        }

        public static Tensor vector_norm(Tensor input, double ord = 2, long[]? dims = null, bool keepdim = false) => Aten.linalg_vector_norm.Call(input, ord, dims, keepdim);
        public static Tensor matrix_norm(Tensor input, string ord = "fro", long[]? dims = null, bool keepdim = false) => Aten.linalg_matrix_norm_str_ord.Call(input, ord, dims ?? [-2, -1], keepdim);
        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, Arg.None, dims, keepdim);
        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, ord, dims, keepdim);
        public static Tensor norm(Tensor input, int ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm.Call(input, (double)ord, dims, keepdim);
        public static Tensor norm(Tensor input, string ord, long[]? dims = null, bool keepdim = false) => Aten.linalg_norm_ord_str.Call(input, ord, dims, keepdim);
        public static Tensor matrix_exp(Tensor input) => Aten.matrix_exp.Call(input);
        public static Tensor multi_dot(IList<Tensor> tensors) => Aten.linalg_multi_dot.Call(tensors.ToArray());

        public enum QRMode { Reduced = 0, Complete = 1, R = 2 }
    }
}
