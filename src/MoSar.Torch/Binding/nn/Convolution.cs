using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>What convolutions share: weight, bias, stride, padding, dilation, groups.</summary>
    public abstract class Convolution : Module<Tensor, Tensor>
    {
        private protected Convolution(string name, long inChannels, long outChannels, long[] kernel, ConvolutionOptions options, bool transposed, bool hasBias, Device? device, ScalarType? dtype)
            : base(name)
        {
            if (inChannels % options.Groups != 0 || outChannels % options.Groups != 0)
                throw new ArgumentException($"{options.Groups} groups do not divide {inChannels} input and {outChannels} output channels");
            in_channels = inChannels;
            out_channels = outChannels;
            kernel_size = kernel;
            Options = options;
            this.transposed = transposed;
            long[] shape = transposed ? [inChannels, outChannels / options.Groups, .. kernel] : [outChannels, inChannels / options.Groups, .. kernel];
            using (NewDisposeScope())
            {
                weight = new Parameter(empty(shape, dtype, device));
                bias = hasBias ? new Parameter(empty(outChannels, dtype, device)) : null;
            }
            register_parameter("weight", weight);
            register_parameter("bias", bias);
            reset_parameters();
        }

        private protected ConvolutionOptions Options { get; }

        public Parameter weight { get; }
        public Parameter? bias { get; }
        public long in_channels { get; }
        public long out_channels { get; }
        public long[] kernel_size { get; }
        public bool transposed { get; }
        public long[] stride => Options.Stride;
        public long[] padding => Options.Padding;
        public long[] dilation => Options.Dilation;
        public long[] output_padding => Options.OutputPadding;
        public long groups => Options.Groups;
        public Padding? padding_type => Options.Automatic;
        public PaddingModes padding_mode => Options.Mode;

        public void reset_parameters()
        {
            init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (bias is null)
                return;
            double bound = 1 / Math.Sqrt(init.CalculateFanInAndFanOut(weight).fanIn);
            init.uniform_(bias, -bound, bound);
        }
    }

    internal sealed record ConvolutionOptions(long[] Stride, long[] Padding, long[] OutputPadding, long[] Dilation, long Groups, Padding? Automatic, PaddingModes Mode);

    public sealed class Conv2d : Convolution
    {
        internal Conv2d(long inChannels, long outChannels, long[] kernel, ConvolutionOptions options, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(Conv2d), inChannels, outChannels, kernel, options, false, hasBias, device, dtype)
        {
        }

        /// <param name="input">[N, C, H, W]</param>
        public override Tensor forward(Tensor input)
        {
            if (Options.Mode == PaddingModes.Zeros)
            {
                return Options.Automatic is { } auto
                    ? functional.conv2d_padding(input, weight, bias, stride, auto, dilation, groups)
                    : functional.conv2d(input, weight, bias, stride, padding, dilation, groups);
            }
            long[] p = Options.Automatic == Padding.Same ? [dilation[0] * (kernel_size[0] - 1) / 2, dilation[1] * (kernel_size[1] - 1) / 2] : padding;
            using Tensor padded = functional.pad(input, new[] { p[1], p[1], p[0], p[0] }, Options.Mode);
            return functional.conv2d(padded, weight, bias, stride, null, dilation, groups);
        }
    }

    public sealed class ConvTranspose2d : Convolution
    {
        internal ConvTranspose2d(long inChannels, long outChannels, long[] kernel, ConvolutionOptions options, bool hasBias, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose2d), inChannels, outChannels, kernel, options, true, hasBias, device, dtype)
        {
        }

        public override Tensor forward(Tensor input) => functional.conv_transpose2d(input, weight, bias, stride, padding, output_padding, dilation, groups);
    }

    public sealed class Linear : Module<Tensor, Tensor>
    {
        internal Linear(Parameter weight, Parameter? bias)
            : base(nameof(Linear))
        {
            this.weight = weight;
            this.bias = bias;
            register_parameter("weight", weight);
            register_parameter("bias", bias);
        }

        public Parameter weight { get; }
        public Parameter? bias { get; }
        public long in_features => weight.shape[1];
        public long out_features => weight.shape[0];

        public override Tensor forward(Tensor tensor) => functional.linear(tensor, weight, bias);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            private static long[] Two((long, long) v) => [v.Item1, v.Item2];

            private static long[] Two((long, long)? v, long otherwise) => v is { } p ? [p.Item1, p.Item2] : [otherwise, otherwise];

            private static long[] Two(long v) => [v, v];

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), new(Two(stride), Two(padding), Two(0), Two(dilation), groups, null, padding_mode), bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), new(Two(stride, 1), Two(padding, 0), Two(0), Two(dilation, 1), groups, null, padding_mode), bias, device, dtype);

            public static Modules.Conv2d Conv2d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), new(Two(stride), Two(0), Two(0), Two(dilation), groups, padding, padding_mode), bias, device, dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), new(Two(stride), Two(padding), Two(output_padding), Two(dilation), groups, null, padding_mode), bias, device, dtype);

            public static Modules.ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, Two(kernel_size), new(Two(stride, 1), Two(padding, 0), Two(output_padding, 0), Two(dilation, 1), groups, null, padding_mode), bias, device, dtype);

            public static Modules.Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null)
            {
                using DisposeScope scope = NewDisposeScope();
                var weight = new Modules.Parameter(empty(outputSize, inputSize, dtype, device));
                init.kaiming_uniform_(weight, Math.Sqrt(5));
                if (!hasBias)
                    return new(weight, null);
                double bound = 1 / Math.Sqrt(inputSize);
                var bias = new Modules.Parameter(empty(outputSize, dtype, device));
                init.uniform_(bias, -bound, bound);
                return new(weight, bias);
            }

            public static Modules.Linear Linear(Modules.Parameter weight, Modules.Parameter? bias = null) => new(weight, bias);
        }
    }
}
