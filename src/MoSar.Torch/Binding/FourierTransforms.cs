namespace TorchSharp;

public static partial class torch
{
    /// <summary>Discrete Fourier transforms; norm names PyTorch's, so Backward scales the inverse by 1/n.</summary>
    public static class fft
    {
        private static string Name(FFTNormType norm) => norm.ToString().ToLowerInvariant();

        private static long? Length(long n) => n < 0 ? null : n;

        private static readonly long[] s_lastTwo = [-2, -1];

        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.fft_fft.Call(input, Length(n), dim, Name(norm));
        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.fft_ifft.Call(input, Length(n), dim, Name(norm));
        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.fft_rfft.Call(input, Length(n), dim, Name(norm));
        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Aten.fft_irfft.Call(input, Length(n), dim, Name(norm));
        public static Tensor fft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_fft2.Call(input, s, dim ?? s_lastTwo, Name(norm));
        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_ifft2.Call(input, s, dim ?? s_lastTwo, Name(norm));
        public static Tensor rfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_rfft2.Call(input, s, dim ?? s_lastTwo, Name(norm));
        public static Tensor irfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_irfft2.Call(input, s, dim ?? s_lastTwo, Name(norm));
        public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_fftn.Call(input, s, dim, Name(norm));
        public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_ifftn.Call(input, s, dim, Name(norm));
        public static Tensor rfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_rfftn.Call(input, s, dim, Name(norm));
        public static Tensor irfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Aten.fft_irfftn.Call(input, s, dim, Name(norm));
        public static Tensor fftshift(Tensor input, long[]? dim = null) => Aten.fft_fftshift.Call(input, dim);
        public static Tensor ifftshift(Tensor input, long[]? dim = null) => Aten.fft_ifftshift.Call(input, dim);
        public static Tensor fftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.fft_fftfreq.Call(n, d, dtype, Arg.None, device), requires_grad);
        public static Tensor rfftfreq(long n, double d = 1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) => Like(Aten.fft_rfftfreq.Call(n, d, dtype, Arg.None, device), requires_grad);
    }
}
