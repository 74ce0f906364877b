namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Fills for parameters, in place and without gradient.</summary>
        public static class init
        {
            public enum FanInOut { FanIn, FanOut }

            public enum NonlinearityType
            {
                Linear, Conv1D, Conv2D, Conv3D, ConvTranspose1D, ConvTranspose2D, ConvTranspose3D, Sigmoid, Tanh, ReLU, LeakyReLU
            }

            public static double calculate_gain(NonlinearityType nonlinearity, double param = 0) => nonlinearity switch
            {
                NonlinearityType.Tanh => 5.0 / 3,
                NonlinearityType.ReLU => Math.Sqrt(2),
                NonlinearityType.LeakyReLU => Math.Sqrt(2 / (1 + param * param)),
                _ => 1,
            };

            public static (long fanIn, long fanOut) CalculateFanInAndFanOut(Tensor tensor)
            {
                long[] s = tensor.shape;
                if (s.Length < 2)
                    throw new ArgumentException("fan in and out need at least two dimensions");
                long field = s.Skip(2).Aggregate(1L, (a, b) => a * b);
                return (s[1] * field, s[0] * field);
            }

            private static Tensor Frozen(Func<Tensor> fill)
            {
                using IDisposable frozen = no_grad();
                return fill();
            }

            public static Tensor constant_(Tensor tensor, Scalar val) => Frozen(() => tensor.fill_(val));

            public static Tensor ones_(Tensor tensor) => Frozen(() => tensor.fill_(1));

            public static Tensor zeros_(Tensor tensor) => Frozen(() => tensor.zero_());

            public static Tensor uniform_(Tensor tensor, double low = 0, double high = 1, Generator? generator = null) => Frozen(() => tensor.uniform_(low, high, generator));

            public static Tensor normal_(Tensor tensor, double mean = 0, double std = 1, Generator? generator = null) => Frozen(() => tensor.normal_(mean, std, generator));

            public static Tensor kaiming_uniform_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU)
            {
                double bound = Math.Sqrt(3) * KaimingDeviation(tensor, a, mode, nonlinearity);
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor kaiming_normal_(Tensor tensor, double a = 0, FanInOut mode = FanInOut.FanIn, NonlinearityType nonlinearity = NonlinearityType.LeakyReLU) =>
                normal_(tensor, 0, KaimingDeviation(tensor, a, mode, nonlinearity));

            private static double KaimingDeviation(Tensor tensor, double a, FanInOut mode, NonlinearityType nonlinearity)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                return calculate_gain(nonlinearity, a) / Math.Sqrt(mode == FanInOut.FanIn ? fanIn : fanOut);
            }

            public static Tensor xavier_uniform_(Tensor tensor, double gain = 1)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                double bound = gain * Math.Sqrt(6.0 / (fanIn + fanOut));
                return uniform_(tensor, -bound, bound);
            }

            public static Tensor xavier_normal_(Tensor tensor, double gain = 1)
            {
                (long fanIn, long fanOut) = CalculateFanInAndFanOut(tensor);
                return normal_(tensor, 0, gain * Math.Sqrt(2.0 / (fanIn + fanOut)));
            }
        }
    }
}
