using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A module without parameters.</summary>
    public abstract class ParameterLessModule<T1, TResult> : Module<T1, TResult>
    {
        protected ParameterLessModule(string name)
            : base(name)
        {
        }
    }

    public sealed class ReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal ReLU(bool inplace)
            : base(nameof(ReLU)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => functional.relu(tensor, inplace);
    }

    public sealed class LeakyReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal LeakyReLU(double slope, bool inplace)
            : base(nameof(LeakyReLU))
        {
            negative_slope = slope;
            this.inplace = inplace;
        }

        public double negative_slope { get; set; }
        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => functional.leaky_relu(tensor, negative_slope, inplace);
    }

    public sealed class ELU : ParameterLessModule<Tensor, Tensor>
    {
        internal ELU(double alpha, bool inplace)
            : base(nameof(ELU))
        {
            this.alpha = alpha;
            this.inplace = inplace;
        }

        public double alpha { get; set; }
        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => functional.elu(tensor, alpha, inplace);
    }

    public sealed class Sigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal Sigmoid()
            : base(nameof(Sigmoid))
        {
        }

        public override Tensor forward(Tensor tensor) => tensor.sigmoid();
    }

    public sealed class Tanh : ParameterLessModule<Tensor, Tensor>
    {
        internal Tanh()
            : base(nameof(Tanh))
        {
        }

        public override Tensor forward(Tensor tensor) => tensor.tanh();
    }

    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        public enum Approximate { none = 0, tanh = 1 }

        internal GELU(Approximate approximate)
            : base(nameof(GELU)) => this.approximate = approximate;

        public Approximate approximate { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.gelu(approximate);
    }

    public sealed class SiLU : ParameterLessModule<Tensor, Tensor>
    {
        internal SiLU(bool inplace)
            : base(nameof(SiLU)) => this.inplace = inplace;

        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => functional.silu(tensor, inplace);
    }

    public sealed class Softplus : ParameterLessModule<Tensor, Tensor>
    {
        internal Softplus(double beta, double threshold)
            : base(nameof(Softplus))
        {
            this.beta = beta;
            this.threshold = threshold;
        }

        public double beta { get; set; }
        public double threshold { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.softplus(beta, threshold);
    }

    public sealed class Softmax : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax(long dim)
            : base(nameof(Softmax)) => this.dim = dim;

        public long dim { get; set; }

        public override Tensor forward(Tensor tensor) => tensor.softmax(dim);
    }

    public sealed class Identity : ParameterLessModule<Tensor, Tensor>
    {
        internal Identity()
            : base(nameof(Identity))
        {
        }

        public override Tensor forward(Tensor tensor) => tensor.alias();
    }

    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long start, long end)
            : base(nameof(Flatten))
        {
            start_dim = start;
            end_dim = end;
        }

        public long start_dim { get; set; }
        public long end_dim { get; set; }

        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }

    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace)
            : base(nameof(Dropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public double p { get; set; }
        public bool inplace { get; set; }

        public override Tensor forward(Tensor tensor) => functional.dropout(tensor, p, training, inplace);
    }

    public sealed class Dropout2d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout2d(double p, bool inplace)
            : base(nameof(Dropout2d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        public double p { get; set; }
        public bool inplace { get; set; }

        public override Tensor forward(Tensor input) => functional.dropout2d(input, p, training, inplace);
    }

    public sealed class MaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool2d(long[] kernel, long[]? stride, long[]? padding, long[]? dilation, bool ceil)
            : base(nameof(MaxPool2d))
        {
            kernel_size = kernel;
            this.stride = stride;
            this.padding = padding;
            this.dilation = dilation;
            ceil_mode = ceil;
        }

        public long[] kernel_size { get; set; }
        public long[]? stride { get; set; }
        public long[]? padding { get; set; }
        public long[]? dilation { get; set; }
        public bool ceil_mode { get; set; }

        public override Tensor forward(Tensor input) => functional.max_pool2d(input, kernel_size, stride, padding, dilation, ceil_mode);
    }

    public sealed class AvgPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal AvgPool2d(long[] kernel, long[]? stride, long[]? padding, bool ceil, bool countPad, long? divisor)
            : base(nameof(AvgPool2d))
        {
            kernel_size = kernel;
            this.stride = stride;
            this.padding = padding;
            ceil_mode = ceil;
            count_include_pad = countPad;
            divisor_override = divisor;
        }

        public long[] kernel_size { get; set; }
        public long[]? stride { get; set; }
        public long[]? padding { get; set; }
        public bool ceil_mode { get; set; }
        public bool count_include_pad { get; set; }
        public long? divisor_override { get; set; }

        public override Tensor forward(Tensor input) => functional.avg_pool2d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
    }

    public sealed class AdaptiveAvgPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool2d(long[] size)
            : base(nameof(AdaptiveAvgPool2d)) => output_size = size;

        public long[] output_size { get; set; }

        public override Tensor forward(Tensor input) => functional.adaptive_avg_pool2d(input, output_size);
    }

    public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
    {
        private readonly long[]? _size;
        private readonly double[]? _scale;

        internal Upsample(long[]? size, double[]? scale, UpsampleMode mode, bool? alignCorners, bool? recompute)
            : base(nameof(Upsample))
        {
            _size = size;
            _scale = scale;
            this.mode = mode;
            align_corners = alignCorners;
            recompute_scale_factor = recompute;
        }

        public UpsampleMode mode { get; }
        public bool? align_corners { get; }
        public bool? recompute_scale_factor { get; }

        public override Tensor forward(Tensor input) =>
            functional.interpolate(input, _size, _scale, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
    }

    public sealed class PixelShuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal PixelShuffle(long factor)
            : base(nameof(PixelShuffle)) => upscale_factor = factor;

        public long upscale_factor { get; set; }

        public override Tensor forward(Tensor input) => functional.pixel_shuffle(input, upscale_factor);
    }

    public sealed class PixelUnshuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal PixelUnshuffle(long factor)
            : base(nameof(PixelUnshuffle)) => downscale_factor = factor;

        public long downscale_factor { get; set; }

        public override Tensor forward(Tensor input) => functional.pixel_unshuffle(input, downscale_factor);
    }

    /// <summary>The four paddings of images; padding is left, right, top, bottom.</summary>
    public abstract class PadBase : ParameterLessModule<Tensor, Tensor>
    {
        private readonly PaddingModes _mode;

        private protected PadBase(string name, PaddingModes mode, double value, long[] padding)
            : base(name)
        {
            _mode = mode;
            this.padding = padding;
            this.value = value;
        }

        public long[] padding { get; set; }
        public double value { get; set; }

        public override Tensor forward(Tensor input) => functional.pad(input, padding, _mode, value);
    }

    public sealed class ReflectionPad2d : PadBase
    {
        internal ReflectionPad2d(params long[] padding)
            : base(nameof(ReflectionPad2d), PaddingModes.Reflect, 0, padding)
        {
        }
    }

    public sealed class ReplicationPad2d : PadBase
    {
        internal ReplicationPad2d(params long[] padding)
            : base(nameof(ReplicationPad2d), PaddingModes.Replicate, 0, padding)
        {
        }
    }

    public sealed class ZeroPad2d : PadBase
    {
        internal ZeroPad2d(params long[] padding)
            : base(nameof(ZeroPad2d), PaddingModes.Constant, 0, padding)
        {
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            public static Modules.ReLU ReLU(bool inplace = false) => new(inplace);
            public static Modules.LeakyReLU LeakyReLU(double negative_slope = 0.01, bool inplace = false) => new(negative_slope, inplace);
            public static Modules.ELU ELU(double alpha = 1, bool inplace = false) => new(alpha, inplace);
            public static Modules.Sigmoid Sigmoid() => new();
            public static Modules.Tanh Tanh() => new();
            public static Modules.GELU GELU() => new(Modules.GELU.Approximate.none);
            public static Modules.GELU GELU(Modules.GELU.Approximate approximate, bool inplace = false) => new(approximate);
            public static Modules.SiLU SiLU() => new(false);
            public static Modules.SiLU SiLU(bool inplace) => new(inplace);
            public static Modules.Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);
            public static Modules.Softmax Softmax(long dim) => new(dim);
            public static Modules.Identity Identity() => new();
            public static Modules.Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
            public static Modules.Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
            public static Modules.Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static Modules.MaxPool2d MaxPool2d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new(Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null, dilation is { } d ? Two(d) : null, ceil_mode);

            public static Modules.MaxPool2d MaxPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                new(Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null, dilation is { } d ? Two(d) : null, ceil_mode);

            public static Modules.AvgPool2d AvgPool2d(long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null, ceil_mode, count_include_pad, divisor_override);

            public static Modules.AvgPool2d AvgPool2d((long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(Two(kernel_size), stride is { } s ? Two(s) : null, padding is { } p ? Two(p) : null, ceil_mode, count_include_pad, divisor_override);

            public static Modules.AdaptiveAvgPool2d AdaptiveAvgPool2d(long[] output_size) => new(output_size);
            public static Modules.AdaptiveAvgPool2d AdaptiveAvgPool2d((long, long) output_size) => new(Two(output_size));
            public static Modules.AdaptiveAvgPool2d AdaptiveAvgPool2d(long output_size) => new(Two(output_size));

            public static Modules.Upsample Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null) =>
                new(size, scale_factor, mode, align_corners, recompute_scale_factor);

            public static Modules.PixelShuffle PixelShuffle(long upscale_factor) => new(upscale_factor);
            public static Modules.PixelUnshuffle PixelUnshuffle(long downscale_factor) => new(downscale_factor);
            public static Modules.ReflectionPad2d ReflectionPad2d(long padding) => new(padding, padding, padding, padding);
            public static Modules.ReflectionPad2d ReflectionPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);
            public static Modules.ReplicationPad2d ReplicationPad2d(long padding) => new(padding, padding, padding, padding);
            public static Modules.ReplicationPad2d ReplicationPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);
            public static Modules.ZeroPad2d ZeroPad2d(long padding) => new(padding, padding, padding, padding);
            public static Modules.ZeroPad2d ZeroPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);
        }
    }
}
